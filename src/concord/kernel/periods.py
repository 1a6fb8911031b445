"""Periods of time, first day to last day, both included, always with a label a reader knows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` to `end`, both included.

    Raises ValueError when the end is before the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls(date(year, month, 1), date(year, month, monthrange(year, month)[1]))

    @classmethod
    def quarter(cls, year: int, number: int) -> Period:
        """Calendar quarter 1 to 4 of a year."""
        return cls(date(year, 3 * number - 2, 1), cls.month(year, 3 * number).end)

    @classmethod
    def financial_year(cls, starts_in: int) -> Period:
        """1 April to 31 March, the year police and councils report by."""
        return cls(date(starts_in, 4, 1), date(starts_in + 1, 3, 31))

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """Length in years of 365.25 days, for rates per person-year."""
        return self.days / 365.25

    @property
    def label(self) -> str:
        if self == Period.month(self.start.year, self.start.month):
            return f"{self.start:%B %Y}"
        if self == Period.financial_year(self.start.year):
            return f"{self.start.year}/{(self.start.year + 1) % 100:02d} (April to March)"
        if self == Period.quarter(self.start.year, (self.start.month + 2) // 3):
            return f"{self.start:%B} to {self.end:%B %Y}"
        return f"{self.start.day} {self.start:%B %Y} to {self.end.day} {self.end:%B %Y}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def months(self) -> Iterator[Period]:
        """Whole calendar months touched by the period, in order."""
        day = self.start.replace(day=1)
        while day <= self.end:
            month = Period.month(day.year, day.month)
            yield month
            day = month.end + timedelta(days=1)
