"""What a forum's file asks of a sitting: a quorum, a cut-off, its own outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord.desk.panels.rules.lifecycles import NotNow
from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum, Outcome


class NoQuorum(Refused):
    """Too few of the core agencies are here to decide."""


class Tampered(Refused):
    """Signed minutes that are not the ones the chair signed."""


@dataclass(frozen=True, slots=True)
class Quorum:
    met: bool
    present: tuple[str, ...]
    missing: tuple[str, ...]
    """Names of core seats that must be there and are not."""
    needed: int
    said: str


def quorum(forum: Forum, seats_present: Iterable[str]) -> Quorum:
    """Whether enough core seats are filled: `minimum` of them, and each that must be there."""
    names = {seat.key: seat.name for seat in forum.seat}
    here = {seat for seat in seats_present if seat in names}
    missing = tuple(names[seat] for seat in forum.quorum.must_have if seat not in here)
    met = not missing and len(here) >= forum.quorum.minimum
    said = f"{len(here)} of the core agencies here; {forum.quorum.minimum} needed."
    if missing:
        said += f" Missing: {', '.join(missing)}."
    return Quorum(met, tuple(names[seat] for seat in sorted(here)), missing, forum.quorum.minimum, said)


def require_quorum(forum: Forum, seats_present: Iterable[str]) -> None:
    """Raises NoQuorum, naming who is missing."""
    found = quorum(forum, seats_present)
    if not found.met:
        raise NoQuorum(
            f"{forum.abbreviation} has no quorum, so nothing can be decided.",
            why=found.said,
            next_step="Record who is here, wait for them, or carry the case over.",
        )


def require_to_come(starts_at: datetime, at: datetime) -> None:
    """Raises NotNow for a meeting on a day that is over."""
    if starts_at.astimezone(LONDON).date() < at.astimezone(LONDON).date():
        raise NotNow(
            f"{starts_at.day} {starts_at:%B %Y} is over.",
            why="A meeting is planned for today or a day to come.",
            next_step="Check the day, the month and the year.",
        )


def cut_off(forum: Forum, starts_at: datetime) -> datetime:
    """When research closes."""
    return starts_at - timedelta(hours=forum.research.cut_off_hours)


def outcomes_of(forum: Forum, kind: str) -> tuple[Outcome, ...]:
    """How such an item may end here."""
    return tuple(each for each in forum.outcome if not each.kinds or kind in each.kinds)


def outcome_named(forum: Forum, key: str, kind: str) -> Outcome:
    """Raises NotNow for an outcome this forum does not use, or not for such an item."""
    outcomes = {each.key: each for each in outcomes_of(forum, kind)}
    if key not in outcomes:
        raise NotNow(f"{forum.abbreviation} has no outcome “{key}”.", next_step=did_you_mean(key, outcomes))
    return outcomes[key]
