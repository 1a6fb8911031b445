"""When schools are open: half terms, the days within them that are closed to pupils, and the hours of a school day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from concord.kernel.periods import Period


class SchoolDay(StrEnum):
    """What a day is to a pupil. Weekends come first: a bank holiday on a Saturday is a Saturday."""

    OPEN = "school day"
    WEEKEND = "weekend"
    BANK_HOLIDAY = "bank holiday"
    CLOSED = "closed to pupils"
    HALF_TERM = "half-term holiday"
    HOLIDAY = "school holiday"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, order=True)
class HalfTerm:
    """Part of a term, from its first to its last school day."""

    days: Period
    term: str
    year: str


@dataclass(frozen=True)
class SchoolCalendar:
    """The terms that schools keep. Days before the first term listed and after the last are not known.

    A gap within a term is its half-term holiday, a gap between terms a school holiday. `closed` are days in term on
    which pupils stay at home (staff training, or by order). Raises ValueError where half terms overlap.
    """

    terms: tuple[HalfTerm, ...]
    closed: frozenset[date] = field(default_factory=frozenset)
    bank_holidays: frozenset[date] = field(default_factory=frozenset)
    opens: time = time(8)
    closes: time = time(16)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.terms))
        for before, after in pairwise(ordered):
            if after.days.start <= before.days.end:
                raise ValueError(
                    f"the half terms {before.term} ({before.days.label}) and {after.term} ({after.days.label}) overlap"
                )
        object.__setattr__(self, "terms", ordered)
        object.__setattr__(self, "_starts", [each.days.start for each in ordered])

    @property
    def covers(self) -> Period | None:
        """First to last day that the calendar knows about; None where it has no terms."""
        return Period(self.terms[0].days.start, self.terms[-1].days.end) if self.terms else None

    def knows(self, period: Period) -> bool:
        """Whether every day of `period` is known."""
        covered = self.covers
        return covered is not None and covered.start <= period.start and period.end <= covered.end

    def what(self, day: date) -> SchoolDay:
        """What `day` is to a pupil."""
        covered = self.covers
        if covered is None or day not in covered:
            return SchoolDay.NOT_KNOWN
        if day.weekday() > 4:
            return SchoolDay.WEEKEND
        if day in self.bank_holidays:
            return SchoolDay.BANK_HOLIDAY
        place: int = bisect_right(self._starts, day) - 1  # type: ignore[attr-defined]
        last = self.terms[place]
        if day in last.days:
            return SchoolDay.CLOSED if day in self.closed else SchoolDay.OPEN
        following = self.terms[place + 1]
        return SchoolDay.HALF_TERM if (last.year, last.term) == (following.year, following.term) else SchoolDay.HOLIDAY

    def in_school_hours(self, local: datetime) -> bool | None:
        """Whether schools are open at a local time; None on a day that is not known."""
        what = self.what(local.date())
        if what is SchoolDay.NOT_KNOWN:
            return None
        return what is SchoolDay.OPEN and self.opens <= local.time() < self.closes

    def days(self, period: Period) -> Iterator[tuple[date, SchoolDay]]:
        """Every day of `period` with what it is."""
        day = period.start
        while day <= period.end:
            yield day, self.what(day)
            day += timedelta(days=1)
