"""Work that the calendar does, and the quarterly review of who keeps their access. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.calendar import Job

RUNS = {"running": "Running", "done": "Done", "failed": "Failed", "broken_off": "Broken off"}
VERDICTS = {"keep": "Keeps it", "end": "Ends"}


class NotReviewed(Refused):
    """A review of access that says nothing, or of what is not the viewer's to review."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One time a piece of work was done: what it did, or why it failed."""

    job: str
    due_at: datetime
    began_at: datetime
    ended_at: datetime | None
    state: str
    did: Mapping[str, Any]
    said: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A piece of work of the calendar, how it last went and when it is next due."""

    key: str
    name: str
    does: str
    last: RunLine | None
    next_at: datetime
    late: bool
    """It should have been done by now and was not: the worker does not run, or the work fails."""


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Somebody's access in one part (a role, or a seat in a forum) and what was said about it this quarter."""

    user_id: UUID
    name: str
    agency: str
    part: str
    verdict: str
    why: str
    by: str
    at: datetime | None
    mine: bool
    """The viewer's own: a second person says whether they keep it."""


def last_due(job: Job, at: datetime) -> datetime:
    """The last moment, at or before `at`, at which a piece of work was due: by London's clock, whatever the season."""
    local = at.astimezone(LONDON)
    hour, minute = (int(part) for part in job.at.split(":"))
    day = local.date()
    if (local.hour, local.minute) < (hour, minute):
        day -= timedelta(days=1)
    while not _falls(job, day):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def next_due(job: Job, at: datetime) -> datetime:
    """The next moment after `at` at which it is due."""
    day = at.astimezone(LONDON).date()
    hour, minute = (int(part) for part in job.at.split(":"))
    for ahead in range(100):
        on = day + timedelta(days=ahead)
        due = datetime(on.year, on.month, on.day, hour, minute, tzinfo=LONDON)
        if _falls(job, on) and due > at:
            return due
    raise AssertionError("unreachable: every calendar comes round within a quarter")


def waiting(jobs: Iterable[Job], done: Mapping[str, datetime], at: datetime) -> tuple[tuple[Job, datetime], ...]:
    """What is due and not done, in the calendar's order. A piece of work missed several times is done once."""
    due = ((job, last_due(job, at)) for job in jobs)
    return tuple((job, when) for job, when in due if job.key not in done or done[job.key] < when)


def quarter_of(day: date) -> str:
    """The calendar quarter of a day, as "2026-Q2"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _falls(job: Job, day: date) -> bool:
    if job.every == "week":
        return day.weekday() == 0
    if job.every == "month":
        return day.day == 1
    if job.every == "quarter":
        return day.day == 1 and day.month in (1, 4, 7, 10)
    return True
