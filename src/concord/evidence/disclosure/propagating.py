"""What equations say one by one, before any search: numbers that follow at once, and the groups that are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

TINY = 1e-6
Floats = NDArray[np.float64]


class Contradiction(Exception):
    """The shown numbers cannot all be true together, so nothing can be said about the hidden ones."""


@dataclass(frozen=True, slots=True)
class Group:
    """Unknown `columns` that equations join: `matrix` x = `right`, `low` <= x <= `high`."""

    columns: NDArray[np.intp]
    matrix: csr_array
    right: Floats
    low: Floats
    high: Floats

    @property
    def alone(self) -> bool:
        """Whether at most one equation holds the group, so that its ranges need no search."""
        return self.matrix.shape[0] <= 1

    def alone_ranges(self, chosen: NDArray[np.intp]) -> tuple[list[float], list[float]]:
        """Lowest and highest of the chosen columns, by what one equation leaves to each when the others do their most.

        Raises Contradiction where the equation cannot hold.
        """
        if self.matrix.shape[0] == 0:
            return self.low[chosen].tolist(), self.high[chosen].tolist()
        factor = np.zeros(len(self.columns))
        factor[self.matrix.indices] = self.matrix.data
        least = np.where(factor > 0, factor * self.low, factor * self.high)
        most = np.where(factor > 0, factor * self.high, factor * self.low)
        if least.sum() > self.right[0] + TINY or most.sum() < self.right[0] - TINY:
            raise Contradiction
        # What the others leave: with an infinite one among them, only that one is bounded.
        others_least, others_most = _without_each(least), _without_each(most)
        ends = np.stack([self.right[0] - others_most, self.right[0] - others_least]) / factor
        low, high = np.maximum(self.low, ends.min(axis=0)), np.minimum(self.high, ends.max(axis=0))
        return low[chosen].tolist(), high[chosen].tolist()

    def alone_point(self) -> Floats:
        """A point with what is over spread evenly; for groups without upper limits."""
        if self.matrix.shape[0] == 0:
            return self.low.copy()
        factor = np.zeros(len(self.columns))
        factor[self.matrix.indices] = self.matrix.data
        over = self.right[0] - factor @ self.low
        able = factor > 0 if over > 0 else factor < 0
        if abs(over) > TINY and not able.any():
            raise Contradiction
        point = self.low.copy()
        if abs(over) > TINY:
            point[able] += over / factor[able].sum()
        return point


def _without_each(terms: Floats) -> Floats:
    """For every term the sum of all the others."""
    infinite = ~np.isfinite(terms)
    finite = np.where(infinite, 0.0, terms)
    count = infinite.sum()
    sign = terms[infinite][0] if count else 0.0
    rest = finite.sum() - finite
    return np.where(count - infinite > 0, sign, rest)


def known_by_propagation(matrix: csr_array, low: Floats, high: Floats) -> list[Group]:
    """Narrow `low` and `high` in place to what follows from single equations, and give the groups still open.

    A number follows where it is the only unknown of an equation, or where an equation holds only if every unknown in
    it is at its limit (parts of nought are nought). Raises Contradiction where no values can be true together.
    """
    positive, negative = matrix.maximum(0).tocsr(), (-matrix).maximum(0).tocsr()
    both = abs(matrix)
    entries = matrix.tocoo()
    rows, columns, data = entries.row, entries.col, entries.data
    live = np.ones(len(rows), dtype=bool)
    while True:
        known = high - low <= 0
        if (low > high + TINY).any():
            raise Contradiction
        live &= ~known[columns]
        open_rows = np.bincount(rows[live], minlength=matrix.shape[0])
        settled = np.where(known, low, 0.0)
        right = -(matrix @ settled)
        if (np.abs(right[open_rows == 0]) > TINY).any():
            raise Contradiction
        if not live.any():
            break
        changed = _singles(rows, columns, data, live & (open_rows[rows] == 1), right, low, high)
        changed |= _at_limits(positive, negative, both, known, right, open_rows, low, high)
        if not changed:
            break
    return _groups(matrix, known, right, low, high, rows, columns, live)


def _singles(rows, columns, data, alone, right, low, high) -> bool:  # type: ignore[no-untyped-def]
    if not alone.any():
        return False
    value = right[rows[alone]] / data[alone]
    column = columns[alone]
    if (value < low[column] - TINY).any() or (value > high[column] + TINY).any():
        raise Contradiction
    value = np.where(abs(value - np.rint(value)) < TINY, np.rint(value), value)
    low[column] = high[column] = value
    if (abs(low[column] - value) > TINY).any():  # two equations that say different things of one number
        raise Contradiction
    return True


def _at_limits(positive, negative, both, known, right, open_rows, low, high) -> bool:  # type: ignore[no-untyped-def]
    unknown = ~known
    infinite = np.where(unknown & ~np.isfinite(high), 1.0, 0.0)
    top = np.where(unknown & np.isfinite(high), high, 0.0)
    bottom = np.where(unknown, low, 0.0)
    changed = False
    for up, down in ((positive, negative), (negative, positive)):
        # The least that the row's unknowns can add up to, where that is bounded.
        least = up @ bottom - down @ top
        bounded = (down @ infinite) == 0
        target = right if up is positive else -right
        if (bounded & (least > target + TINY)).any():
            raise Contradiction
        tight = bounded & (open_rows > 1) & (abs(least - target) <= TINY)
        if tight.any():
            mark = tight.astype(float)
            at_low = unknown & ((up.T @ mark) > 0)
            at_high = unknown & ((down.T @ mark) > 0)
            if (at_low & at_high & (high - low > TINY)).any():
                raise Contradiction
            high[at_low] = low[at_low]
            low[at_high] = high[at_high]
            return True
    return changed


def _groups(matrix, known, right, low, high, rows, columns, live) -> list[Group]:  # type: ignore[no-untyped-def]
    size = matrix.shape[0]
    unknown = np.flatnonzero(~known)
    if not len(unknown):
        return []
    place = np.full(matrix.shape[1], -1)
    place[unknown] = np.arange(len(unknown))
    joined = coo_array(
        (np.ones(live.sum()), (rows[live], size + place[columns[live]])), shape=(size + len(unknown),) * 2
    )
    _, label = connected_components(joined.tocsr(), directed=False)
    sub = matrix[:, unknown].tocsr()
    sub.eliminate_zeros()
    column_label, row_label = label[size:], label[:size]
    used = np.diff(sub.indptr) > 0
    order, row_order = np.argsort(column_label, kind="stable"), np.flatnonzero(used)
    row_order = row_order[np.argsort(row_label[row_order], kind="stable")]
    names, starts = np.unique(column_label[order], return_index=True)
    ends = [*starts[1:], len(order)]
    row_starts = np.searchsorted(row_label[row_order], names)
    row_ends = np.searchsorted(row_label[row_order], names, side="right")
    found = []
    for start, end, row_start, row_end in zip(starts, ends, row_starts, row_ends, strict=True):
        mine, its_rows = order[start:end], row_order[row_start:row_end]
        chosen = unknown[mine]
        part = sub[its_rows]
        local = np.empty(len(unknown), dtype=np.int64)
        local[mine] = np.arange(len(mine))
        block = csr_array((part.data, local[part.indices], part.indptr), shape=(len(its_rows), len(mine)))
        found.append(Group(chosen, block, right[its_rows], low[chosen], high[chosen]))
    return found
