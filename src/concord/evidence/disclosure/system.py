"""Everything an attacker is given, as one system of linear equations over non-negative whole numbers.

Tables are linked by identity (`identity.py`). On top of the margins that each table shows, overlapping periods and
overlapping selections of categories are cut into the pieces they have in common (`grids.py`), so that a difference
between two releases is a variable that can be attacked like any cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from concord.evidence.disclosure.grids import Complete, Cut, Universe
from concord.evidence.disclosure.identity import CellId, identities, sums
from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.findings.model import Table
from concord.kernel.periods import Period

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table says of itself, ready to be joined to a system: the cell of every key, sums, and complete lists."""

    cells: dict[tuple[str, ...], CellId]
    sums: tuple[tuple[CellId, tuple[CellId, ...]], ...]
    complete: frozenset[Complete]


def facts_of(table: Table | ReleasedTable, period: Period, finding: str) -> Facts:
    """The facts of one table; the period and finding are those it was made for."""
    cells = identities(table, period, finding)
    found = tuple((cells[total], tuple(cells[part] for part in parts)) for total, parts in sums(table))
    whole: dict[tuple[str, frozenset[str]], CellId] = {}
    complete = set()
    for total, parts in sorted(found, key=lambda pair: len(pair[0].at)):
        names = {name for part in parts for name, _ in part.at} - {name for name, _ in total.at}
        if len(names) == 1:
            (name,) = names
            labels = frozenset(label for part in parts for own, values in part.at if own == name for label in values)
            widest = whole.setdefault((name, labels), total)
            # What is all there is of the whole is all there is of its parts.
            if widest == total or not _within(total, widest):
                complete.add(Complete(total, name, labels))
    return Facts(cells, found, frozenset(complete))


def _within(cell: CellId, whole: CellId) -> bool:
    at = dict(cell.at)
    return (
        whole.start <= cell.start
        and cell.end <= whole.end
        and all(name in at and set(at[name]) <= set(values) for name, values in whole.at)
    )


@dataclass(slots=True)
class System:
    """Cells by number, what is known of each, and equations Σ coefficient × cell = 0.

    Numbers from `len(cells)` on are the pieces that differences between releases are made of (`implied`); `name` says
    what they count. `shown` maps a cell to the lowest and highest value that its published figure allows (equal when
    exact).
    """

    index: dict[CellId, int] = field(default_factory=dict)
    cells: list[CellId] = field(default_factory=list)
    shown: dict[int, Span] = field(default_factory=dict)
    complete: set[Complete] = field(default_factory=set)
    circles: tuple[str, ...] = ()
    _sums: dict[tuple[int, tuple[int, ...]], None] = field(default_factory=dict)
    _pieces: list[Callable[[], CellId]] = field(default_factory=list)
    _matrix: csr_array | None = None

    @property
    def size(self) -> int:
        """Cells and pieces together."""
        return len(self.cells) + len(self._pieces)

    @property
    def implied(self) -> frozenset[int]:
        """Cells in no table."""
        return frozenset(range(len(self.cells), self.size))

    def name(self, number: int) -> str:
        """What the cell or piece counts, in words."""
        own = len(self.cells)
        return str(self.cells[number] if number < own else self._pieces[number - own]())

    def number(self, cell: CellId) -> int:
        """The number of `cell`, which is made known if it was not."""
        found = self.index.setdefault(cell, len(self.cells))
        if found == len(self.cells):
            self.cells.append(cell)
        return found

    def knowing(self, shown: Mapping[int, Span]) -> System:
        """The same cells and equations with other figures shown."""
        return replace(self, shown=dict(shown))

    def copy(self) -> System:
        """A system that can be added to without changing this one."""
        return System(
            dict(self.index), list(self.cells), dict(self.shown), set(self.complete), self.circles, dict(self._sums)
        )

    def add(self, facts: Facts) -> dict[tuple[str, ...], int]:
        """Number the cells of a table and add its margins. Returns the number of every key."""
        for total, parts in facts.sums:
            self._sums[self.number(total), tuple(self.number(part) for part in parts)] = None
        self.complete |= facts.complete
        return {key: self.number(cell) for key, cell in facts.cells.items()}

    def cut(self) -> System:
        """Finish the system, and return it: cut overlapping cells into pieces. Nothing can be added to it afterwards.

        Raises TooFine where the pieces are too many to attack.
        """
        self._matrix = self._equations()
        return self

    def _equations(self) -> csr_array:
        by_universe: dict[str, dict[int, CellId]] = defaultdict(dict)
        for number, cell in enumerate(self.cells):
            by_universe[cell.universe][number] = cell
        complete: dict[str, list[Complete]] = defaultdict(list)
        for known in self.complete:
            complete[known.whole.universe].append(known)
        made = Cut(len(self.cells))
        for universe, cells in by_universe.items():
            Universe(cells, complete[universe]).cut(made)
        self._pieces = made.pieces
        self.circles = tuple(made.circles)
        rows = dict.fromkeys(((total,), parts) for total, parts in self._sums)
        rows.update(dict.fromkeys((tuple(left), tuple(right)) for left, right in made.rows))
        return _matrix(list(rows), self.size)

    def matrix(self) -> csr_array:
        """Equations as rows, cells and pieces as columns."""
        if self._matrix is None:
            self._matrix = self._equations()
        return self._matrix


def _matrix(rows: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], size: int) -> csr_array:
    lengths = [len(left) + len(right) for left, right in rows]
    columns = np.fromiter((n for left, right in rows for n in (*left, *right)), np.int64, sum(lengths))
    values = np.fromiter(
        (v for left, right in rows for v in (*(1.0,) * len(left), *(-1.0,) * len(right))), np.float64, sum(lengths)
    )
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    found = csr_array((values, columns, starts), shape=(len(rows), size))
    found.sum_duplicates()
    found.eliminate_zeros()
    return found


def bounds_of(
    system: System, floors: float | Mapping[int, float] = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest value of every cell and piece: what is shown, else from its floor (0 unless given) up."""
    low, high = np.zeros(system.size), np.full(system.size, np.inf)
    if isinstance(floors, Mapping):
        for number, floor in floors.items():
            low[number] = floor
    else:
        low[: len(system.cells)] = floors
    for number, (least, most) in system.shown.items():
        low[number], high[number] = least, most
    return low, high
