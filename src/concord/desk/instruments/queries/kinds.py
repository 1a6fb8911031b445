"""The instruments themselves: which there are, who may use them, with whose wording, by when they are due."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer, known_as
from concord.desk.instruments.rules import Given, NotUsable, Wording, fits_age
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy import wording
from concord.strategy.shapes.instrument import Ground, Instrument


def instrument(key: str) -> Instrument:
    """One instrument with the wording it has here. Raises NotUsable naming the nearest where there is none."""
    found = known_as(key, "instrument", accounts.partnership().instruments, NotUsable)
    return wording.worded(found, wording_of(key))


def wording_of(key: str) -> wording.Loaded | None:
    """The borough's wording for an instrument; None where none was loaded."""
    return wording.held(Path(settings.CONCORD_HOME), key)


def usable(viewer: Viewer) -> tuple[Instrument, ...]:
    """The instruments this viewer may begin, by name: active, for one of their roles, on a ground they act for."""
    if not accounts.may(viewer, "assessment.write"):
        return ()
    held = accounts.partnership().instruments.values()
    return tuple(sorted((each for each in held if _fits(viewer, each)), key=lambda one: one.name))


def usable_about(viewer: Viewer, age: int | None, role: str = "") -> tuple[Instrument, ...]:
    """Those of them that are for somebody of this age, in full years (an unknown age fits all), and of this role in a
    referral or a case."""
    return tuple(each for each in usable(viewer) if fits_age(each, age) and role not in each.not_about)


def usable_one(viewer: Viewer, key: str) -> tuple[Instrument, tuple[Ground, ...]]:
    """One instrument and the grounds on which this viewer may begin it.

    Raises NotUsable, in the same words whether there is none of that key or it is not for them.
    """
    if key not in {each.key for each in usable(viewer)}:
        raise NotUsable(
            "You cannot begin this assessment.",
            why="It is not in use here, or it is not for your role.",
            next_step="Choose one from your list.",
        )
    found = instrument(key)
    return found, tuple(each for each in found.ground if each.purpose in viewer.acting_for)


def _fits(viewer: Viewer, one: Instrument) -> bool:
    grounds = {each.purpose for each in one.ground}
    return one.status == "active" and bool(viewer.roles & set(one.used_by)) and bool(grounds & viewer.acting_for)


def words() -> tuple[Wording, ...]:
    """The partnership's list of words that blame the person harmed, with what to write instead."""
    rows = accounts.partnership().codelists.get("blaming_words", ())
    return tuple(Wording(row["phrase"], row["instead"], row["why"]) for row in rows)


def due_day(of: Instrument, values: dict[str, Given], eligible: bool | None, begun_at: datetime) -> date | None:
    """The day by which an assessment is due: for the eligible, where the instrument has a deadline."""
    if of.deadline is None or (of.eligible is not None and not eligible):
        return None
    starts = values.get(of.deadline.starts) if of.deadline.starts else None
    day = date.fromisoformat(starts) if isinstance(starts, str) else begun_at.astimezone(LONDON).date()
    hours = WorkingTime(closed_on=_closed(accounts.partnership().folder, of.deadline.holidays))
    return hours.add_working_days(datetime.combine(day, time(9), LONDON), of.deadline.working_days).date()


@lru_cache(maxsize=8)
def _closed(_folder: Path, codelist: str) -> frozenset[date]:
    rows = accounts.partnership().codelists.get(codelist, ())
    return frozenset(date.fromisoformat(str(row["date"])) for row in rows)
