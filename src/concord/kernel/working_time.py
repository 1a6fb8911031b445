"""Clocks that run only in working hours, as statutory and local time limits do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Opening hours of a team, in its local time. Days are 0 (Monday) to 6 (Sunday).

    All instants given and returned are timezone-aware; a naive one raises ValueError.
    """

    opens: time = time(9)
    closes: time = time(17)
    days: frozenset[int] = frozenset(range(5))
    closed_on: frozenset[date] = field(default_factory=frozenset)
    zone: ZoneInfo = LONDON

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.closed_on

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.date()
        while True:
            if self.is_working_day(day):
                opens = datetime.combine(day, self.opens, self.zone)
                closes = datetime.combine(day, self.closes, self.zone)
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def _local(self, instant: datetime) -> datetime:
        if instant.tzinfo is None:
            raise ValueError("working time needs an instant with a time zone")
        return instant.astimezone(self.zone)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The instant when `amount` of working time has passed since `start`."""
        left = amount
        for opens, closes in self._windows(self._local(start)):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise AssertionError("unreachable: working windows never end")

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Close of business `days` working days after the day `start` counts for.

        Something received out of hours counts as received when the team next opens.
        """
        counted = next(self._windows(self._local(start)))[0].date()
        while days:
            counted += timedelta(days=1)
            if self.is_working_day(counted):
                days -= 1
        return datetime.combine(counted, self.closes, self.zone)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time that passed from `start` to `end`; zero where `end` is not after it."""
        start, end = self._local(start), self._local(end)
        total = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                return total
            total += min(closes, end) - opens
        raise AssertionError("unreachable: working windows never end")
