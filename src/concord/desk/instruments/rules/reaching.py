"""Whom an instrument is for, who is due it, and how much of it may go where. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal

from concord.desk.instruments.rules.answers import NotUsable
from concord.desk.instruments.rules.scoring import months_between
from concord.strategy.shapes.instrument import Instrument, Trigger

Part = Literal["whole", "result", "nothing"]


def fits_age(of: Instrument, age: int | None) -> bool:
    """Whether the instrument is for somebody of this age, in full years; an unknown age fits."""
    low, high = of.from_age, of.to_age
    return age is None or ((low is None or age >= low) and (high is None or age <= high))


def require_age(of: Instrument, born_on: date | None, day: date) -> None:
    """Raises NotUsable, in words, where the date of birth says that the instrument is for somebody else."""
    age = None if born_on is None else months_between(born_on, day) // 12
    if not fits_age(of, age):
        low, high = of.from_age, of.to_age
        span = f"of {low} to {high}" if low is not None and high is not None else (
            f"of {low} or over" if low is not None else f"of {high} or under"
        )  # fmt: skip
        raise NotUsable(
            f"“{of.name}” is for people {span}.",
            why=f"By the date of birth, this person is {age}.",
            next_step="Check the date of birth. If it is right, choose another assessment.",
        )


def triggered(of: Instrument, pathway: str, role: str, ground: str) -> Trigger | None:
    """The trigger by which somebody in this role of such a referral is due the assessment; None without one."""
    for each in of.trigger:
        if (each.pathway, each.role) == (pathway, role) and each.ground in ("", ground):
            return each
    return None


def is_due(of: Instrument, trigger: Trigger, years: int | None, known_on: date) -> bool:
    """Whether a referral of that day makes it due: not before the partnership began to assess, nor beyond the trigger's
    age on that day. An unknown age does, so that nobody is missed."""
    if of.due_from is not None and known_on < of.due_from:
        return False
    return trigger.under_age is None or years is None or years < trigger.under_age


def goes(information: Collection[str], *, by_health: bool, covered: Collection[str]) -> Part:
    """How much of an assessment may go where an agreement covers these classes of information.

    What a health body writes of somebody is patient information, and so is what is derived from it: where that is not
    covered, not even the result goes.
    """
    held = {*information, "patient"} if by_health else set(information)
    if held <= set(covered):
        return "whole"
    if "personal" not in covered or ("patient" in held and "patient" not in covered):
        return "nothing"
    return "result"
