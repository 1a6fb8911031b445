"""Reading a released table: find a cell, a margin, a series. Knows hidden cells and never guesses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from concord.evidence.disclosure.model import ReleasedCell, ReleasedTable
from concord.evidence.publications import words
from concord.kernel.errors import BadInput, Where
from concord.kernel.measures import Estimate
from concord.kernel.names import did_you_mean

TOTAL = "Total"
"""As in the findings, which this room may not import; a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Point:
    """One category of the dimension that is drawn, with its cell."""

    category: str
    cell: ReleasedCell

    @property
    def shown(self) -> bool:
        return self.cell.hidden is None

    @property
    def mark(self) -> str:
        """What stands in place of its value."""
        return words.mark(self.cell.hidden)


def dimension_index(table: ReleasedTable, names: tuple[str, ...]) -> int | None:
    """Position of the first dimension called one of `names`, or None."""
    return next((i for i, dimension in enumerate(table.dimensions) if dimension.name in names), None)


def drawn(table: ReleasedTable, by: str, margin: Mapping[str, str]) -> int:
    """Position of the dimension called `by`, or of the first that `margin` does not hold.

    Raises BadInput where the table has no such dimension.
    """
    if not by:
        return next((i for i, dimension in enumerate(table.dimensions) if dimension.name not in margin), 0)
    found = dimension_index(table, (by,))
    if found is None:
        raise BadInput(
            f"Table “{table.name}” has no dimension “{by}”",
            where=Where(key="by"),
            next_step=did_you_mean(by, [dimension.name for dimension in table.dimensions]),
        )
    return found


def lookup(table: ReleasedTable, key: tuple[str, ...]) -> ReleasedCell | None:
    return next((cell for cell in table.cells if cell.key == key), None)


def total(table: ReleasedTable) -> ReleasedCell | None:
    """The cell over everything, if the table carries its margins."""
    return lookup(table, tuple(TOTAL for _ in table.dimensions))


def series(table: ReleasedTable, drawn: int = 0, margin: Mapping[str, str] | None = None) -> list[Point]:
    """Categories of dimension `drawn` in display order, the others held at `margin` or their total.

    Raises BadInput where the table has no cell there, naming what it has.
    """
    wanted = margin or {}
    held = []
    for position, dimension in enumerate(table.dimensions):
        choice = wanted.get(dimension.name, TOTAL)
        if position != drawn and choice not in dimension.categories:
            raise BadInput(
                f"Table “{table.name}” has no category “{choice}” of {dimension.label}",
                where=Where(key=f"margin.{dimension.name}"),
                next_step=did_you_mean(choice, dimension.categories),
            )
        held.append(choice)
    points = []
    for name in table.dimensions[drawn].categories:
        if name != TOTAL:
            key = tuple(name if position == drawn else choice for position, choice in enumerate(held))
            cell = lookup(table, key)
            if cell is not None:
                points.append(Point(name, cell))
    return points


def rows(table: ReleasedTable) -> Iterator[ReleasedCell]:
    """Cells in display order of the dimensions."""
    order = [{name: i for i, name in enumerate(dimension.categories)} for dimension in table.dimensions]
    yield from sorted(table.cells, key=lambda cell: [order[i].get(part, 10**6) for i, part in enumerate(cell.key)])


@dataclass(frozen=True, slots=True)
class Ranked:
    """A category that shows an estimate."""

    category: str
    cell: ReleasedCell
    estimate: Estimate


def ranked(points: Iterable[Point]) -> list[Ranked]:
    """Categories whose estimate is shown, highest first, ties by name."""
    found = [
        Ranked(point.category, point.cell, point.cell.estimate)
        for point in points
        if point.shown and point.cell.estimate is not None
    ]
    return sorted(found, key=lambda one: (-one.estimate.value, one.category))


def hidden(table: ReleasedTable, reason: str | None = None) -> list[ReleasedCell]:
    return [cell for cell in table.cells if cell.hidden and reason in (None, cell.hidden)]
