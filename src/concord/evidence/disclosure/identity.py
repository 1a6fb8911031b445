"""What a cell counts, in words that are the same in every table: how linked tables are recognised.

Two cells with one identity hold one number, in whichever table, finding or month they were released.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.findings.model import TOTAL, Dimension, Table
from concord.kernel.periods import Period

_TIME = frozenset({"day", "week", "month", "quarter", "year", "financial_year"})


@dataclass(frozen=True, slots=True, order=True)
class CellId:
    """`universe` counted from `start` to `end`, where each dimension in `at` is one of the categories given."""

    universe: str
    start: date
    end: date
    at: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        where = ", ".join(f"{name} {_listed(values)}" for name, values in self.at)
        return f"{self.universe}, {Period(self.start, self.end).label}" + (f", {where}" if where else "")


def _listed(values: tuple[str, ...]) -> str:
    return " or ".join(values) if len(values) <= 4 else f"{values[0]} to {values[-1]} ({len(values)} categories)"


def period_of(category: str) -> Period | None:
    """What a category names: `2024-04-01`, `2024-W14`, `2024-04`, `2024-Q2`, `2024` or `2024/25`; else None."""
    if found := re.fullmatch(r"(\d{4})/(\d{2})", category):
        year = int(found[1])
        return Period.financial_year(year) if (year + 1) % 100 == int(found[2]) else None
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", category):
        first = 3 * int(found[2]) - 2
        return Period(date(int(found[1]), first, 1), Period.month(int(found[1]), first + 2).end)
    if (found := re.fullmatch(r"(\d{4})-W(\d{2})", category)) and 1 <= int(found[2]) <= 52 + _long(int(found[1])):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Period(monday, monday + timedelta(days=6))
    if re.fullmatch(r"\d{4}", category):
        return Period(date(int(category), 1, 1), date(int(category), 12, 31))
    if (found := re.fullmatch(r"(\d{4})-(\d{2})", category)) and 1 <= int(found[2]) <= 12:
        return Period.month(int(found[1]), int(found[2]))
    try:
        day = date.fromisoformat(category)
    except ValueError:
        return None
    return Period(day, day)


def _long(year: int) -> bool:
    """Whether the year has 53 weeks (ISO 8601): its 28 December is always in the last."""
    return date(year, 12, 28).isocalendar().week == 53


def _time_of(dimension: Dimension) -> dict[str, Period] | None:
    """A period for every category of a time dimension, the total spanning them; None for other dimensions."""
    if dimension.name not in _TIME:
        return None
    periods = {name: found for name in dimension.categories if name != TOTAL and (found := period_of(name))}
    if len(periods) != len([name for name in dimension.categories if name != TOTAL]) or not periods:
        return None
    ordered = sorted(periods.values())
    if TOTAL in dimension.categories:
        contiguous = all(b.start == a.end + timedelta(days=1) for a, b in pairwise(ordered))
        if not contiguous:
            return None
        periods[TOTAL] = Period(ordered[0].start, ordered[-1].end)
    return periods


def identities(table: Table | ReleasedTable, period: Period, finding: str) -> dict[tuple[str, ...], CellId]:
    """The identity of every key of `table`.

    A total is everything in the universe, or everything within `table.where` when the table is confined there.
    """
    period = table.period or period
    universe = table.universe or f"{finding}: {table.name}: {table.unit}"
    confined = dict(table.where)
    times = [_time_of(dimension) for dimension in table.dimensions]
    shown = {dimension.name for dimension in table.dimensions}
    outside = {name: tuple(sorted(values)) for name, values in confined.items() if name not in shown}
    found: dict[tuple[str, ...], CellId] = {}
    for cell in table.cells:
        span = period
        at = dict(outside)
        for dimension, time, category in zip(table.dimensions, times, cell.key, strict=True):
            if time is not None:
                span = time[category]
            elif category != TOTAL and dimension.of:
                at[dimension.of] = tuple(sorted(dict(dimension.groups)[category]))
            elif category != TOTAL:
                at[dimension.name] = (category,)
            elif dimension.name in confined:  # the total of a selection is not the total of everything
                at[dimension.name] = tuple(sorted(confined[dimension.name]))
        found[cell.key] = CellId(universe, span.start, span.end, tuple(sorted(at.items())))
    return found


def sums(table: Table | ReleasedTable) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """Every equation “this total is the sum of these cells” of an additive table, as keys.

    The table must hold every key of the product of its dimensions.
    """
    if not table.additive:
        return
    for position, dimension in enumerate(table.dimensions):
        if TOTAL not in dimension.categories:
            continue
        parts = [name for name in dimension.categories if name != TOTAL]
        if not parts:
            continue
        for cell in table.cells:
            if cell.key[position] == TOTAL:
                yield cell.key, tuple((*cell.key[:position], name, *cell.key[position + 1 :]) for name in parts)
