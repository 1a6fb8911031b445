"""The clock of any feed that has one: which periods were owed, when each was due, when it came, how late.

Pure: receipts and the day are arguments. A period has come when every month of it has; a file that came before the
period had ended cannot hold all of it and does not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from concord.kernel.periods import Period
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.feed import Due, Feed

RECEIVED, RECEIVED_LATE, DUE, OVERDUE = "received", "received late", "due", "overdue"
State = Literal["received", "received late", "due", "overdue"]


class Covering(Protocol):
    """As much of a receipt as the clock needs: `when` it came (aware), and the partitions it filled."""

    @property
    def status(self) -> str: ...
    @property
    def partitions(self) -> Mapping[str, str]: ...
    @property
    def when(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Expected:
    """One period of one feed. `days_late` counts to the day it came, or to today where it has not.

    `state` is `received`, `received late`, `due` (the period has ended, its day has not passed) or `overdue`.
    """

    period: Period
    due_on: date
    received_on: date | None
    days_late: int
    state: State


@dataclass(frozen=True, slots=True)
class Standing:
    """A feed's last periods, oldest first. `never_received` is true where nothing of it ever came."""

    feed: str
    title: str
    supplier: str | None
    periods: tuple[Expected, ...]
    never_received: bool

    @property
    def overdue(self) -> tuple[Expected, ...]:
        return tuple(each for each in self.periods if each.state == OVERDUE)


def period_of(every: str, day: date) -> Period:
    """The month, calendar quarter or financial year that `day` lies in."""
    if every == "quarter":
        return Period.quarter(day.year, (day.month + 2) // 3)
    if every == "year":
        return Period.financial_year(day.year if day.month >= 4 else day.year - 1)
    return Period.month(day.year, day.month)


def following(every: str, period: Period) -> Period:
    return period_of(every, period.end + timedelta(days=1))


def preceding(every: str, period: Period) -> Period:
    return period_of(every, period.start - timedelta(days=1))


def due_on(due: Due, period: Period) -> date:
    """The last day on which what covers `period` is on time."""
    if due.by == "end of next period":
        return following(due.every, period).end
    return period.end + timedelta(days=due.days)


def months_of(partitions: Iterable[str]) -> list[date]:
    """The first days of the months that partitions speak of: `month=2026-07`, `quarter=2026-Q3`, `year=2025-26`."""
    found: list[date] = []
    for partition in partitions:
        for piece in partition.split("/"):
            name, _, value = piece.partition("=")
            if name in _SPOKEN and (covered := _SPOKEN[name](value)) is not None:
                found += [month.start for month in covered.months()]
    return found


def _stated(pattern: str, made: Callable[..., Period]) -> Callable[[str], Period | None]:
    def read(value: str) -> Period | None:
        match = re.fullmatch(pattern, value)
        return made(*map(int, match.groups())) if match else None  # a partition may also be "unknown"

    return read


_SPOKEN = {
    "month": _stated(r"(\d{4})-(0[1-9]|1[0-2])", Period.month),
    "quarter": _stated(r"(\d{4})-Q([1-4])", Period.quarter),
    "year": _stated(r"(\d{4})(?:-\d{2})?", Period.financial_year),
}


def standing(feed: Feed, receipts: Iterable[Covering], today: date, *, last: int = 8) -> Standing:
    """How `feed` kept its clock over the `last` periods that have ended. A feed without a clock has no periods.

    Nothing is owed before `due.first`. Where a contract does not say when it begins and something has come, nothing is
    owed before the first period that came; and where the first delivery held several, it is the last of them that was
    owed: a supplier who begins by sending years of history is not late with each.
    """
    came: dict[date, list[date]] = {}
    for receipt in receipts:
        if receipt.status == "loaded":
            day = receipt.when.astimezone(LONDON).date()
            for month in months_of(receipt.partitions):
                came.setdefault(month, []).append(day)
    periods: list[Expected] = []
    if feed.due.every != "once":
        first = feed.due.first or min(came, default=date.min)
        began = min((min(days) for days in came.values()), default=date.min)
        if not feed.due.first and came:
            first = period_of(feed.due.every, max(month for month, days in came.items() if min(days) == began)).start
        period = preceding(feed.due.every, period_of(feed.due.every, today))
        while len(periods) < last and period.end >= first:
            periods.append(_expected(feed.due, period, came, today))
            period = preceding(feed.due.every, period)
    return Standing(feed.key, feed.title, feed.owner, tuple(reversed(periods)), not came)


def _expected(due: Due, period: Period, came: Mapping[date, list[date]], today: date) -> Expected:
    due_day = due_on(due, period)
    whole = [min((d for d in came.get(m.start, []) if d > period.end), default=None) for m in period.months()]
    received = max(day for day in whole if day) if all(whole) else None
    late = max(0, ((received or today) - due_day).days)
    state: State = (RECEIVED_LATE if late else RECEIVED) if received else (OVERDUE if late else DUE)
    return Expected(period, due_day, received, late, state)


def exchange(
    feeds: Iterable[Feed], receipts: Mapping[str, Iterable[Covering]], today: date, *, last: int = 8
) -> dict[str | None, tuple[Standing, ...]]:
    """Every feed's standing by supplier, in the order of `feeds`; under None those whose supplier is not yet named."""
    made: dict[str | None, list[Standing]] = {}
    for feed in feeds:
        found = standing(feed, receipts.get(feed.key, ()), today, last=last)
        made.setdefault(found.supplier, []).append(found)
    return {supplier: tuple(each) for supplier, each in made.items()}
