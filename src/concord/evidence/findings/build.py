"""Tables with their margins, and periods as tables need them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from concord.evidence.findings.model import TOTAL, Cell, Dimension, Table
from concord.evidence.findings.statistics import share
from concord.kernel.periods import Period

Key = tuple[str, ...]
Where = tuple[tuple[str, tuple[str, ...]], ...]
Dress = Callable[[Key, int], Cell]


def added_up(counts: Mapping[Key, int], dimensions: tuple[Dimension, ...]) -> dict[Key, int]:
    """Counts for every key of the product of `dimensions`, totals included; nought where nothing was counted."""
    found: dict[Key, int] = dict.fromkeys(itertools.product(*(d.categories for d in dimensions)), 0)
    for inner, count in counts.items():
        choices = [
            (part, TOTAL) if TOTAL in dimension.categories else (part,)
            for part, dimension in zip(inner, dimensions, strict=True)
        ]
        for key in itertools.product(*choices):
            found[key] += count
    return found


def additive(
    name: str,
    title: str,
    unit: str,
    dimensions: tuple[Dimension, ...],
    counts: Mapping[Key, int],
    *,
    dress: Dress = Cell,
    per: float | None = None,
    universe: str = "",
    where: Where = (),
    period: Period | None = None,
) -> Table:
    """A complete table; `dress` turns a key and its count into a cell with whatever else it shows."""
    cells = tuple(dress(key, count) for key, count in added_up(counts, dimensions).items())
    return Table(name, title, unit, dimensions, cells, True, per, universe, where, period)


def of_whole(table: str, whole: int) -> Dress:
    """Every cell of `table` as a share of all that it counts, which it rests on; the total itself as a bare count."""

    def dress(key: Key, n: int) -> Cell:
        top = (TOTAL,) * len(key)
        if key == top or not whole:
            return Cell(key, n)
        return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=((table, top),))

    return dress


def with_total(name: str, label: str, categories: tuple[str, ...]) -> Dimension:
    return Dimension(name, label, (*categories, TOTAL))


def last_months(period: Period, months: int) -> Period:
    """The last `months` months of `period`, or all of it where it is shorter."""
    end = period.end + timedelta(days=1)
    back = end.year * 12 + end.month - 1 - months
    start = date(back // 12, back % 12 + 1, end.day)
    return Period(max(start, period.start), period.end)


def year_before(period: Period) -> Period:
    """The same days of the year before, as far as the calendar has them."""
    end = period.end + timedelta(days=1)
    return Period(_back(period.start), _back(end) - timedelta(days=1))


def _back(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


def month_keys(period: Period) -> tuple[str, ...]:
    return tuple(f"{month.start:%Y-%m}" for month in period.months())
