"""Released tables as grids: in words for a page, in numbers for a spreadsheet or a machine.

Both hold what is shown and no more: a number in a spreadsheet is rounded as it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from concord.evidence.disclosure.model import ReleasedCell, ReleasedTable
from concord.evidence.publications import tables, words


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is printed: the first column of every row is its header."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 0
    """How many columns at the end hold words, not numbers."""
    names: int = 1
    """How many columns at the start say what a row is about."""


def grid(table: ReleasedTable) -> Grid:
    """One row a category; two dimensions as a cross table of counts; more as a list."""
    if len(table.dimensions) == 2 and all(cell.estimate is None for cell in table.cells):
        return _cross(table)
    cells = list(tables.rows(table))
    columns = [dimension.label for dimension in table.dimensions]
    changes = any(cell.estimate is not None and words.is_change(cell.estimate) for cell in cells)
    counts: tuple[str, Callable[[ReleasedCell], str]] = (table.unit[:1].upper() + table.unit[1:], _count)
    parts = [] if table.published else [counts]
    if any(cell.base is not None for cell in cells):
        parts.append(
            (
                "A year before" if changes else "Out of",
                lambda cell: "" if cell.base is None else words.number(cell.base),
            )
        )
    if any(cell.population is not None for cell in cells):
        parts.append(("Population", lambda cell: "" if cell.population is None else words.number(cell.population)))
    units = list(dict.fromkeys(cell.estimate.unit for cell in cells if cell.estimate is not None))
    if units:
        heading = {"%": "Share", "% change": "Change"}.get(units[0]) or units[0][:1].upper() + units[0][1:]
        # Rows that are measured in different things each say in what: one heading would be true of the first alone.
        say = words.value if len(units) == 1 else words.measured_plainly
        heading = heading if len(units) == 1 else "Value"
        parts.append((heading, lambda cell: say(cell.estimate) if cell.estimate is not None else _blank(cell)))
        if any(cell.estimate is not None and cell.estimate.interval is not None for cell in cells):
            level = next(c.estimate.interval.level for c in cells if c.estimate is not None and c.estimate.interval)
            parts.append((f"{level:.0%} interval", _spread))
    if any(cell.label for cell in cells):
        parts.append(("Note", lambda cell: cell.label[:1].upper() + cell.label[1:]))
    body = tuple((*(words.category(part) for part in cell.key), *(write(cell) for _, write in parts)) for cell in cells)
    noted = int(any(cell.label for cell in cells))
    return Grid(table.title, (*columns, *(heading for heading, _ in parts)), body, noted, len(columns))


def _blank(cell: ReleasedCell) -> str:
    return words.mark(cell.hidden) if cell.hidden else ""


def _count(cell: ReleasedCell) -> str:
    if cell.hidden or cell.count is None:
        return _blank(cell)
    return words.number(cell.count)


def _spread(cell: ReleasedCell) -> str:
    if cell.estimate is None or cell.estimate.interval is None:
        return _blank(cell)
    return words.span(cell.estimate)


def _cross(table: ReleasedTable) -> Grid:
    down, across = table.dimensions
    by_key = {cell.key: cell for cell in table.cells}
    body = []
    for row in down.categories:
        found = [by_key.get((row, column)) for column in across.categories]
        if any(found):
            body.append((words.category(row), *("" if cell is None else _count(cell) for cell in found)))
    return Grid(table.title, (down.label, *(words.category(c) for c in across.categories)), tuple(body))


Value = str | int | float | None
"""A word, a number as it is shown, or nothing. A mark (`[c]`) stands where a number is not shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is for machines: lower case, unique in its sheet. `places` are the decimals shown, for numbers."""

    name: str
    title: str
    kind: Literal["text", "number"]
    places: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A released table in numbers."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


def sheet(table: ReleasedTable) -> Sheet:
    """As a reader opens it: counts of two dimensions crossed, everything else a row a cell, in display words."""
    if _crosses(table):
        down, across = table.dimensions
        by_key = {cell.key: cell for cell in table.cells}
        body: list[tuple[Value, ...]] = []
        for row in down.categories:
            found = [by_key.get((row, column)) for column in across.categories]
            if any(found):
                body.append((words.category(row), *(None if cell is None else _number(cell) for cell in found)))
        names = _names(across.categories)
        columns = (
            Column(_name(down.name), down.label, "text"),
            *(Column(name, words.category(c), "number") for name, c in zip(names, across.categories, strict=True)),
        )
        return Sheet(table.code, table.title, columns, tuple(body))
    return _listed(table, words.category)


def tidy(table: ReleasedTable) -> Sheet:
    """As a machine reads it: a row for each cell, categories as they are."""
    return _listed(table, str)


def _crosses(table: ReleasedTable) -> bool:
    return len(table.dimensions) == 2 and all(cell.estimate is None for cell in table.cells)


def _listed(table: ReleasedTable, say: Callable[[str], str]) -> Sheet:
    cells = list(tables.rows(table))
    columns = [Column(_name(dimension.name), dimension.label, "text") for dimension in table.dimensions]
    parts: list[tuple[Column, Callable[[ReleasedCell], Value]]] = []
    unit = table.unit[:1].upper() + table.unit[1:]
    estimates = [cell.estimate for cell in cells if cell.estimate is not None]
    changes = any(words.is_change(estimate) for estimate in estimates)
    if not table.published:
        parts.append((Column("count", unit, "number"), _number))
    if any(cell.base is not None for cell in cells):
        parts.append(
            (Column("base", "A year before" if changes else "Out of", "number"), lambda cell: _or_mark(cell, cell.base))
        )
    if any(cell.population is not None for cell in cells):
        parts.append((Column("population", "Population", "number"), _population))
    if estimates:
        places = max(words.places(estimate) for estimate in estimates)
        parts.append((Column("value", _heading(estimates[0].unit), "number", places), _value))
        level = next((estimate.interval.level for estimate in estimates if estimate.interval), None)
        if level is not None:
            lower, upper = (f"{side} limit of the {level:.0%} interval" for side in ("Lower", "Upper"))
            parts.append((Column("lower", lower, "number", places), lambda cell: _limit(cell, 0)))
            parts.append((Column("upper", upper, "number", places), lambda cell: _limit(cell, 1)))
    if any(cell.label for cell in cells):
        parts.append((Column("note", "Note", "text"), lambda cell: cell.label))
    rows = tuple((*(say(part) for part in cell.key), *(write(cell) for _, write in parts)) for cell in cells)
    return Sheet(table.code, table.title, (*columns, *(column for column, _ in parts)), rows)


def _heading(unit: str) -> str:
    return {"%": "Share (%)", "% change": "Change (%)"}.get(unit) or unit[:1].upper() + unit[1:]


def _number(cell: ReleasedCell) -> Value:
    return _or_mark(cell, None if cell.hidden else cell.count)


def _population(cell: ReleasedCell) -> Value:
    return _or_mark(cell, None if cell.population is None else words.as_shown(cell.population))


def _value(cell: ReleasedCell) -> Value:
    return _or_mark(cell, None if cell.estimate is None else words.rounded(cell.estimate))


def _limit(cell: ReleasedCell, side: int) -> Value:
    return _or_mark(cell, None if cell.estimate is None else words.limits(cell.estimate)[side])


def _or_mark(cell: ReleasedCell, value: float | int | None) -> Value:
    """A table for machines has no blank cells: a number, or the mark that says why there is none."""
    if value is not None:
        return value
    return words.mark(cell.hidden) if cell.hidden else words.NOT_APPLICABLE


def _name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "column"


def _names(texts: Sequence[str]) -> list[str]:
    """Machine names, made unique where two texts give the same."""
    made: list[str] = []
    for text in texts:
        name = _name(text)
        made.append(name if name not in made else f"{name}_{len(made)}")
    return made
