"""Everything an attacker is given, as one system of linear equations over non-negative whole numbers.

Tables are linked by identity (`identity.py`). On top of the margins that each table shows, overlapping periods and
overlapping selections of categories are cut into the pieces they have in common, so that a difference between two
releases is a variable that can be attacked like any cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from concord.evidence.disclosure.identity import CellId, identities, sums
from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.findings.model import Table
from concord.kernel.periods import Period

ELSEWHERE = "(elsewhere)"
"""The category for what a total holds beyond the selections that were ever shown."""
_ROUNDS = 6
_MOST_CELLS = 6_000
"""Cutting stops here: pieces of pieces of a very large system would cost more than they could show."""


_Place = tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]


def _overlapping(places: list[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Pairs of places that hold the same dimensions to sets that meet, one of them to several categories."""
    alike: dict[tuple[str, tuple[str, ...]], list[_Place]] = defaultdict(list)
    for place in places:
        alike[place[0], tuple(name for name, _ in place[1])].append(place)
    for group in alike.values():
        for place in group:
            if any(len(values) > 1 for _, values in place[1]):
                for other in group:
                    meets = all(
                        not set(mine).isdisjoint(theirs)
                        for (_, mine), (_, theirs) in zip(place[1], other[1], strict=True)
                    )
                    if other != place and meets:
                        yield place, other


@dataclass(frozen=True, slots=True)
class Parts:
    """Within `whole`, the categories `parts` of `dimension` are all there is: a table showed them adding up."""

    whole: CellId
    dimension: str
    parts: tuple[tuple[str, ...], ...]

    def hold(self, cell: CellId) -> bool:
        """Whether they are all there is of `cell` too: it lies within, and is not cut by the dimension itself."""
        at = dict(cell.at)
        return (
            cell.universe == self.whole.universe
            and self.whole.start <= cell.start
            and cell.end <= self.whole.end
            and self.dimension not in at
            and all(name in at and set(at[name]) <= set(values) for name, values in self.whole.at)
        )

    def of(self, cell: CellId) -> list[CellId]:
        return [
            CellId(cell.universe, cell.start, cell.end, tuple(sorted((*cell.at, (self.dimension, part)))))
            for part in self.parts
        ]


@dataclass(slots=True)
class System:
    """Cells by number, what is known of each, and equations Σ coefficient × cell = 0.

    `shown` maps a cell to the lowest and highest value that its published figure allows (equal when exact).
    """

    index: dict[CellId, int] = field(default_factory=dict)
    cells: list[CellId] = field(default_factory=list)
    rows: list[dict[int, float]] = field(default_factory=list)
    shown: dict[int, tuple[float, float]] = field(default_factory=dict)
    implied: set[int] = field(default_factory=set)
    """Cells in no table: the pieces that differences between releases are made of."""
    partitions: set[Parts] = field(default_factory=set)

    def number(self, cell: CellId, *, implied: bool = False) -> int:
        if cell not in self.index:
            self.index[cell] = len(self.cells)
            self.cells.append(cell)
            if implied:
                self.implied.add(self.index[cell])
        elif not implied:
            self.implied.discard(self.index[cell])
        return self.index[cell]

    def copy(self) -> System:
        return System(
            dict(self.index),
            list(self.cells),
            list(self.rows),
            dict(self.shown),
            set(self.implied),
            set(self.partitions),
        )

    def add_table(self, table: Table | ReleasedTable, period: Period, finding: str) -> dict[tuple[str, ...], int]:
        """Number the cells of `table` and add its margins. Returns the number of every key."""
        numbers = {key: self.number(cell) for key, cell in identities(table, period, finding).items()}
        for total, parts in sums(table):
            self.equate(numbers[total], (numbers[part] for part in parts))
            self._remember(numbers[total], [numbers[part] for part in parts])
        return numbers

    def _remember(self, total: int, parts: list[int]) -> None:
        """Keep that the parts are all there is, where they are categories of one dimension that the total lacks."""
        whole = self.cells[total]
        names = {name for number in parts for name, _ in set(self.cells[number].at) - set(whole.at)}
        if len(names) == 1 and names.isdisjoint(dict(whole.at)):
            name = names.pop()
            values = tuple(sorted(dict(self.cells[number].at)[name] for number in parts))
            self.partitions.add(Parts(whole, name, values))

    def equate(self, whole: int, parts: Iterable[int]) -> None:
        """Add “the cell numbered `whole` is the sum of `parts`”."""
        row: dict[int, float] = defaultdict(float)
        row[whole] += 1.0
        for part in parts:
            row[part] -= 1.0
        row = {number: value for number, value in row.items() if value}
        if row:
            self.rows.append(row)

    def cut_overlaps(self) -> None:
        """Add the pieces common to overlapping periods and selections, and the equations that hold them together.

        Repeated until nothing is new: a piece by time may overlap another by place.
        """
        for _ in range(_ROUNDS):
            before = len(self.cells)
            self._cut_periods()
            self._cut_selections()
            self._split_pieces()
            if len(self.cells) == before or len(self.cells) > _MOST_CELLS:
                break

    def _split_pieces(self) -> None:
        """What adds up in a table adds up in every piece of it that is known in part."""
        # Most partitions meet few cells: only those cut by the dimensions that the whole is cut by, and not by its own.
        shapes: dict[tuple[str, frozenset[str]], list[CellId]] = defaultdict(list)
        sorted_up_to = 0
        for known in sorted(self.partitions, key=lambda each: (each.whole, each.dimension, each.parts)):
            for cell in self.cells[sorted_up_to:]:
                shapes[cell.universe, frozenset(name for name, _ in cell.at)].append(cell)
            sorted_up_to = len(self.cells)
            needed = {name for name, _ in known.whole.at}
            for (universe, names), cells in list(shapes.items()):
                if universe != known.whole.universe or known.dimension in names or not needed <= names:
                    continue
                for cell in cells:
                    if known.hold(cell):
                        parts = known.of(cell)
                        if any(part in self.index for part in parts):
                            self.equate(self.index[cell], [self.number(part, implied=True) for part in parts])

    def _cut_periods(self) -> None:
        alike: dict[_Place, list[CellId]] = defaultdict(list)
        for cell in self.cells:
            alike[cell.universe, cell.at].append(cell)
        day = timedelta(days=1)
        own = {place: {c.start for c in cells} | {c.end + day for c in cells} for place, cells in alike.items()}
        edges = {place: set(days) for place, days in own.items()}
        # A selection of several categories is cut where its categories are, and they where it is.
        for place, other in _overlapping(list(alike)):
            edges[place] |= own[other]
            edges[other] |= own[place]
        for place, cells in alike.items():
            if len(edges[place]) < 3:
                continue
            ordered = sorted(edges[place])
            for cell in sorted(cells):
                within = [edge for edge in ordered if cell.start <= edge <= cell.end + day]
                if len(within) > 2:
                    pieces = [
                        self.number(CellId(cell.universe, start, end - day, cell.at), implied=True)
                        for start, end in pairwise(within)
                    ]
                    self.equate(self.index[cell], pieces)

    def _cut_selections(self) -> None:
        """Cut where a dimension is held to several categories at once in some cell, and to others elsewhere."""
        several = {name for cell in self.cells for name, values in cell.at if len(values) > 1}
        for name in sorted(several):
            alike: dict[object, dict[CellId, frozenset[str] | None]] = defaultdict(dict)
            for cell in self.cells:
                at = dict(cell.at)
                values = at.pop(name, None)
                if values is not None and values[0].startswith(ELSEWHERE):
                    continue
                alike[cell.universe, cell.start, cell.end, tuple(sorted(at.items()))][cell] = (
                    frozenset(values) if values is not None else None
                )
            for selections in alike.values():
                if len(selections) > 1 and any(chosen and len(chosen) > 1 for chosen in selections.values()):
                    self._cut_dimension(name, selections)

    def _cut_dimension(self, name: str, selections: dict[CellId, frozenset[str] | None]) -> None:
        chosen = [values for values in selections.values() if values is not None]
        everything = frozenset().union(*chosen)
        classes: dict[tuple[bool, ...], set[str]] = defaultdict(set)
        for label in everything:
            classes[tuple(label in values for values in chosen)].add(label)
        model = min(selections)
        rest = tuple(pair for pair in model.at if pair[0] != name)

        def piece(labels: Iterable[str]) -> int:
            at = tuple(sorted((*rest, (name, tuple(sorted(labels))))))
            return self.number(CellId(model.universe, model.start, model.end, at), implied=True)

        for cell, values in sorted(selections.items()):
            parts = [labels for labels in classes.values() if values is None or labels <= values]
            numbers = [piece(labels) for labels in sorted(parts, key=sorted)]
            if values is None:
                numbers.append(piece((f"{ELSEWHERE} than {', '.join(sorted(everything))}",)))
            if numbers != [self.index[cell]]:
                self.equate(self.index[cell], numbers)

    def matrix(self) -> csr_array:
        """Equations as rows, cells as columns; each distinct equation once."""
        distinct = {tuple(sorted(row.items())): None for row in self.rows}
        entries = [(r, c, v) for r, row in enumerate(distinct) for c, v in row]
        if not entries:
            return csr_array((0, len(self.cells)))
        r, c, v = zip(*entries, strict=True)
        return coo_array((v, (r, c)), shape=(len(distinct), len(self.cells))).tocsr()


def pieces(matrix: csr_array, unknown: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Split the unknown columns into groups that no equation joins: (rows, columns) of each group."""
    sub = matrix[:, unknown]
    rows, columns = sub.shape
    joined = block_array([[None, sub], [sub.T, None]]).tocsr() if rows else csr_array((columns, columns))
    if joined.shape[0] != rows + columns:
        joined = csr_array((rows + columns, rows + columns))
    _, label = connected_components(abs(joined), directed=False)
    groups: dict[int, list[int]] = defaultdict(list)
    for position in range(columns):
        groups[int(label[rows + position])].append(position)
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row in range(rows):
        rows_of[int(label[row])].append(row)
    return [
        (np.asarray(rows_of.get(name, []), dtype=np.intp), unknown[np.asarray(positions, dtype=np.intp)])
        for name, positions in groups.items()
    ]
