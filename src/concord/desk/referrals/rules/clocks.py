"""The clocks of a pathway, in the receiving team's working hours or on day and night."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from concord.desk.referrals.rules.views import ClockView
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.pathway import Clock, Hours, Pathway

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=16)
def working_time(hours: Hours, closed_on: frozenset[date]) -> WorkingTime:
    days = frozenset(DAYS.index(day) for day in hours.days)
    return WorkingTime(opens=hours.opens, closes=hours.closes, days=days, closed_on=closed_on)


def due(clock: Clock, received_at: datetime, working: WorkingTime) -> datetime:
    """When the clock runs out.

    Working days end at close of business; something received out of hours counts from the next opening. A clock
    in `hours` runs on day and night.
    """
    if clock.working_days is not None:
        return working.add_working_days(received_at, clock.working_days)
    if clock.working_hours is not None:
        return working.add(received_at, timedelta(hours=clock.working_hours))
    assert clock.elapsed is not None  # noqa: S101 - the shape allows exactly one of the three
    return received_at + clock.elapsed


def day_of(working: WorkingTime) -> timedelta:
    """How long the team's working day is."""
    opens, closes = working.opens, working.closes
    return timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)


def clock_named(pathway: Pathway, rag: str | None) -> Clock | None:
    """The pathway's clock for a rating; `None` asks for the one that runs for every contact."""
    return next((clock for clock in pathway.clock if clock.rag == rag), None)


def look_at(
    clock: Clock,
    received_at: datetime,
    working: WorkingTime,
    *,
    now: datetime,
    stopped_at: datetime | None,
    since: str = "receipt",
) -> ClockView:
    """A clock as a screen shows it. `since` says what it runs from, where that is not receipt."""
    due_at = due(clock, received_at, working)
    runs_on = clock.hours is not None
    until = stopped_at or now
    left = timedelta()
    if until < due_at:
        left = due_at - until if runs_on else working.between(until, due_at)
    if runs_on:
        why = f"{clock.hours:g} hours from {since}, day and night. {clock.basis}."
    else:
        length = (
            f"{clock.working_days} working day" if clock.working_days is not None else f"{clock.working_hours:g} hours"
        )
        plural = "s" if clock.working_days not in (None, 1) else ""
        why = (
            f"{length}{plural} from {since}. It stands still outside {working.opens:%H:%M} to {working.closes:%H:%M}, "
            f"at weekends and on bank holidays. {clock.basis}."
        )
    return ClockView(
        key=clock.key,
        name=clock.name,
        due_at=due_at.astimezone(LONDON),
        overdue=stopped_at is None and now > due_at,
        stopped_at=stopped_at,
        met=None if stopped_at is None else stopped_at <= due_at,
        left=left,
        runs_on=runs_on,
        why=why,
        day=day_of(working),
    )
