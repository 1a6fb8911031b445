"""The months and whole quarters of one run, and how agencies cut what they send by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from concord.synthetic.calendar import day_of, epoch


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end` (excluded), counted from 1 January 1970.

    A quarterly sender sends a quarter when it is over: `quarters` are those that end within the span, the first of
    them cut where the span starts; `until` is the day after the last of them (`start` where there is none).
    """

    start: int
    end: int

    @cached_property
    def months(self) -> tuple[date, ...]:
        first, last = day_of(self.start), day_of(self.end - 1)
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        return tuple(_month(first.year, first.month - 1 + k) for k in range(count))

    @cached_property
    def quarters(self) -> tuple[date, ...]:
        """The first day of each whole quarter that is sent."""
        starts = sorted({_month(each.year, 3 * ((each.month - 1) // 3)) for each in self.months})
        return tuple(each for each in starts if epoch(_month(each.year, each.month + 2)) <= self.end)

    @cached_property
    def until(self) -> int:
        if not self.quarters:
            return self.start
        return epoch(_month(self.quarters[-1].year, self.quarters[-1].month + 2))

    @property
    def quarterly_years(self) -> float:
        return (self.until - self.start) / 365.25

    def month_of(self, day: np.ndarray) -> np.ndarray:
        """The position of each day's month in `months`."""
        return np.searchsorted(np.array([epoch(each) for each in self.months]), day, side="right") - 1

    def quarter_of(self, day: np.ndarray) -> np.ndarray:
        """The position of each day's quarter in `quarters`."""
        return np.searchsorted(np.array([epoch(each) for each in self.quarters]), day, side="right") - 1

    def days(self) -> np.ndarray:
        """Every day of the whole quarters."""
        return np.arange(self.start, self.until)


def quarter_name(first: date) -> str:
    """As file names have it: 2026-Q3."""
    return f"{first.year}-Q{(first.month + 2) // 3}"


def _month(year: int, months_after_january: int) -> date:
    return date(year + months_after_january // 12, months_after_january % 12 + 1, 1)
