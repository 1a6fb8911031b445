"""Which further numbers to hide, so that no small one comes back by subtraction, at the least loss.

Method: Fischetti and Salazar (2000): for each small cell a deviation that keeps every margin, moves only hidden cells
and moves the small cell by the protection level; the set of hidden cells is the cheapest that allows all of them.
Solved exactly with scipy's MILP where the table is small enough to finish in the time the rule gives; first, and
alone for large tables, cell by cell (Kelly, Golden and Assad 1992; Castro's shortest-path heuristics are the same
idea), then thinned. Either way `attacker.py` has the last word.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_array, eye_array, hstack, vstack

from concord.evidence.disclosure.linear import Infeasible, OutOfTime, Programme

_TINY = 1e-7
_NODES = 50
"""Branches after which the exact model gives what it has: a limit that, unlike time, is the same on every machine."""
_EXACT_UP_TO = 6_000
"""Deviation variables beyond which the exact model is not tried."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`matrix` @ counts = 0; `values` the counts; `floor` what the rule tells of a hidden count.

    `small` must be protected by `level` events; `hidden` are hidden whatever happens (small ones included);
    `fixed` are known to the attacker already and cannot be hidden any more.
    """

    matrix: csr_array
    values: NDArray[np.float64]
    floor: NDArray[np.float64]
    small: tuple[int, ...]
    hidden: frozenset[int]
    fixed: frozenset[int]
    level: float
    seconds: float

    @property
    def size(self) -> int:
        """How large a search would be: cells to protect times cells that may move."""
        return len(self.small) * len(self.values)

    @property
    def cost(self) -> NDArray[np.float64]:
        """What hiding a cell loses: its count, and one so that an empty cell is not free."""
        return self.values + 1.0


def complements(problem: Problem, clock: Callable[[], float] = time.monotonic) -> tuple[frozenset[int], str]:
    """Every cell to hide (the given ones included), and the name of the method that chose them.

    Cells that nothing can protect are left to the audit to report.
    """
    if not problem.small:
        return problem.hidden, "nothing small"
    ends = clock() + problem.seconds
    deviations = _Deviations(problem)
    chosen = _thinned(problem, deviations, *_one_by_one(problem, deviations), ends=ends, clock=clock)
    size = 2 * problem.size
    left = ends - clock()
    if chosen != problem.hidden and size <= _EXACT_UP_TO and left > 0.5:
        exact = _exact(problem, deviations, left)
        if exact is not None and _loss(problem, exact) < _loss(problem, chosen):
            return exact, "optimal (mixed-integer programme)"
        return chosen, "cell by cell, confirmed by the mixed-integer programme" if exact is not None else "cell by cell"
    return chosen, "cell by cell"


def _loss(problem: Problem, hidden: Collection[int]) -> float:
    return float(problem.cost[sorted(hidden)].sum())


class _Deviations:
    """The programme that moves one cell at the least cost, kept in the solver from question to question."""

    def __init__(self, problem: Problem) -> None:
        self._size = len(problem.values)
        self._level = problem.level
        self._room = np.maximum(problem.values - problem.floor, 0.0)
        nothing = np.zeros(2 * self._size)
        both = hstack([problem.matrix, -problem.matrix], format="csr")
        self._programme = Programme(both, np.zeros(problem.matrix.shape[0]), nothing, nothing, seconds=30.0)

    def of(
        self, cell: int, cost: NDArray[np.float64], frozen: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], float] | None:
        """The cheapest move of other cells that lets `cell` move by the level without changing any margin.

        Moves up first; a cell that cannot go up (a known total above it) may go down, or partly both.
        """
        size = self._size
        doubled = np.concatenate([cost, cost])
        best: tuple[NDArray[np.float64], float] | None = None
        for sign in (1.0, -1.0):
            if sign < 0 and self._room[cell] < self._level:
                continue
            upper = np.concatenate([np.where(frozen, 0.0, np.inf), np.where(frozen, 0.0, self._room)])
            lower = np.zeros(2 * size)
            target = cell if sign > 0 else size + cell
            lower[target] = upper[target] = self._level
            upper[size + cell if sign > 0 else cell] = 0.0
            self._programme.bounds(lower, upper)
            try:
                found = self._programme.least(doubled)
            except (Infeasible, OutOfTime):
                continue
            spent = float(doubled @ found)
            if best is None or spent < best[1] - _TINY:
                best = found[:size] - found[size:], spent
        return best


def _one_by_one(problem: Problem, deviations: _Deviations) -> tuple[set[int], dict[int, NDArray[np.float64]]]:
    """Protect small cells in turn, hardest first, counting what is hidden already as free."""
    hidden = set(problem.hidden)
    witnesses: dict[int, NDArray[np.float64]] = {}
    frozen = np.zeros(len(problem.values), dtype=bool)
    frozen[list(problem.fixed)] = True
    for cell in sorted(problem.small, key=lambda n: (-problem.values[n], n)):
        moved = next((w for w in witnesses.values() if abs(w[cell]) >= problem.level - _TINY), None)
        if moved is not None:  # what protects another protects this one
            witnesses[cell] = moved
            continue
        cost = problem.cost.copy()
        cost[sorted(hidden)] = 1e-3
        found = deviations.of(cell, cost, frozen)
        if found is not None:
            witnesses[cell] = found[0]
            hidden |= set(np.flatnonzero(abs(found[0]) > _TINY).tolist())
    return hidden, witnesses


def _thinned(
    problem: Problem,
    deviations: _Deviations,
    hidden: set[int],
    witnesses: dict[int, NDArray[np.float64]],
    *,
    ends: float,
    clock: Callable[[], float],
) -> frozenset[int]:
    """Show again, dearest first, every complement that the small cells can do without."""
    cost = np.full(len(problem.values), 1e-3)
    for candidate in sorted(hidden - problem.hidden, key=lambda n: (-problem.cost[n], n)):
        if clock() > ends:
            break
        frozen = np.ones(len(problem.values), dtype=bool)
        frozen[sorted(hidden - {candidate})] = False
        renewed: dict[int, NDArray[np.float64]] = {}
        for cell, witness in witnesses.items():
            if abs(witness[candidate]) > _TINY:
                found = deviations.of(cell, cost, frozen)
                if found is None:
                    break
                renewed[cell] = found[0]
        else:
            witnesses.update(renewed)
            hidden.discard(candidate)
    return frozenset(hidden)


def _exact(problem: Problem, deviations: _Deviations, seconds: float) -> frozenset[int] | None:
    """The cheapest set of cells to hide, or None where the time ran out before one was proved.

    Variables: y (hidden or not) for every cell, then an upward and a downward deviation per small cell. Cells that
    could not be protected at all are left out, so that they do not make the rest infeasible.
    """
    size = len(problem.values)
    frozen = np.zeros(size, dtype=bool)
    frozen[list(problem.fixed)] = True
    small = [n for n in problem.small if deviations.of(n, problem.cost, frozen) is not None]
    if not small:
        return None
    room = np.maximum(problem.values - problem.floor, 0.0)
    reach = 8.0 * problem.level
    count = 2 * len(small)
    identity = eye_array(size, format="csr")
    deviations = eye_array(count * size, format="csr")
    repeat = vstack([identity] * count, format="csr")
    blocks, low, high = [], [], []
    if problem.matrix.shape[0]:
        margins = block_diag([problem.matrix] * count, format="csr")
        blocks.append(hstack([csr_array((margins.shape[0], size)), margins]))
        low.append(np.zeros(margins.shape[0]))
        high.append(np.zeros(margins.shape[0]))
    # A deviation may leave zero only where its cell is hidden, and never below what the rule tells of the cell.
    blocks.append(hstack([-reach * repeat, deviations]))
    low.append(np.full(count * size, -np.inf))
    high.append(np.zeros(count * size))
    blocks.append(hstack([repeat.multiply(np.tile(np.minimum(room, reach), count)[:, None]).tocsr(), deviations]))
    low.append(np.zeros(count * size))
    high.append(np.full(count * size, np.inf))
    # The interval of a small cell, up and down together, is at least the level wide.
    wide = csr_array((len(small), size + count * size)).tolil()
    for row, cell in enumerate(small):
        wide[row, size + (2 * row) * size + cell] = 1.0
        wide[row, size + (2 * row + 1) * size + cell] = -1.0
    blocks.append(wide.tocsr())
    low.append(np.full(len(small), problem.level))
    high.append(np.full(len(small), np.inf))

    y_low, y_high = np.zeros(size), np.ones(size)
    y_low[sorted(problem.hidden)] = 1.0
    y_high[sorted(problem.fixed)] = 0.0
    y_low = np.minimum(y_low, y_high)
    limit = np.full(count * size, reach)
    result = milp(
        np.concatenate([problem.cost, np.zeros(count * size)]),
        constraints=LinearConstraint(vstack(blocks).tocsr(), np.concatenate(low), np.concatenate(high)),
        bounds=Bounds(np.concatenate([y_low, -limit]), np.concatenate([y_high, limit])),
        integrality=np.concatenate([np.ones(size), np.zeros(count * size)]),
        options={"time_limit": seconds, "node_limit": _NODES, "mip_rel_gap": 1e-3},
    )
    if result.x is None:
        return None
    return frozenset(np.flatnonzero(result.x[:size] > 0.5).tolist()) | problem.hidden
