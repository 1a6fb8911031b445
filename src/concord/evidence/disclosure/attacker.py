"""What a reader who has every release can work out about a number that is hidden: its lowest and highest value.

Method: minimise and maximise each hidden cell subject to the margins, the shown numbers and the rule itself, which is
public. Source: Fischetti and Salazar (2000), "Models and algorithms for optimizing cell suppression in tabular data
with linear constraints", Journal of the American Statistical Association 95 (the attacker's problem). Counts are
whole, so small groups of cells are attacked in whole numbers and larger ones by linear programming, whose interval
can only be wider than the whole-number one after its ends are rounded inwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from concord.evidence.disclosure.linear import Infeasible, OutOfTime, Programme
from concord.evidence.disclosure.system import System, pieces

_WHOLE_UP_TO = 60
"""Cells in a group beyond which whole-number attacks are left to linear programming."""
_TINY = 1e-6


class Contradiction(Exception):
    """The shown numbers cannot all be true together, so nothing can be said about the hidden ones."""


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest whole number a cell can be, given everything shown. `high` may be infinite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def ranges(
    system: System,
    targets: Iterable[int],
    *,
    at_least: float | Mapping[int, float],
    enough: float = math.inf,
) -> dict[int, Range]:
    """The range of every cell in `targets` (and of implied pieces, whose floor is nought).

    `at_least` is what the rule tells about a hidden cell: 1 where noughts are always shown, else 0; a mapping gives it
    cell by cell. In groups too large for whole numbers, a cell seen to move by `enough` on the way is not attacked by
    itself: its range is then at least as wide as given. Raises Contradiction where the shown numbers cannot be true
    together.
    """
    matrix = system.matrix()
    size = len(system.cells)

    def floor(number: int) -> float:
        if number in system.implied:
            return 0.0
        return at_least.get(number, 0.0) if isinstance(at_least, Mapping) else at_least

    low = np.array([system.shown[n][0] if n in system.shown else floor(n) for n in range(size)])
    high = np.array([system.shown[n][1] if n in system.shown else np.inf for n in range(size)])
    known = low == high
    right = -(matrix[:, np.flatnonzero(known)] @ low[known]) if known.any() else np.zeros(matrix.shape[0])
    _check_known_rows(matrix, known, right)
    wanted = set(targets)
    found = {number: Range(float(low[number]), float(low[number])) for number in wanted if known[number]}
    for rows, columns in pieces(matrix, np.flatnonzero(~known)):
        chosen = [number for number in columns.tolist() if number in wanted]
        group = _Group(matrix[rows][:, columns].tocsr(), right[rows], low[columns], high[columns])
        if not chosen:
            group.check()
        place = {number: position for position, number in enumerate(columns.tolist())}
        for number in chosen:
            found[number] = group.range_of(place[number], enough)
    return found


def _check_known_rows(matrix, known, right) -> None:  # type: ignore[no-untyped-def]
    unknown = np.flatnonzero(~known)
    empty = np.asarray(abs(matrix[:, unknown]).sum(axis=1)).ravel() == 0 if matrix.shape[0] else np.zeros(0, bool)
    if (abs(right[empty]) > _TINY).any():
        raise Contradiction


class _Group:
    """Cells that equations join, with what is known of each."""

    def __init__(self, matrix: csr_array, right: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self._size = matrix.shape[1]
        self._ceiling = max(1e6, 10.0 * float(np.max(np.abs(right), initial=0.0)))
        self._whole = self._size <= _WHOLE_UP_TO
        upper = np.minimum(high, self._ceiling)
        self._relaxed = Programme(matrix, right, low, upper)
        self._counted = Programme(matrix, right, low, upper, whole=True) if self._whole else None
        self._lowest = np.full(self._size, np.inf)
        self._highest = np.full(self._size, -np.inf)

    def _best(self, objective: np.ndarray) -> float:
        """The least value of `objective` that a search reaches; a search out of time gives a value that exists,
        so an interval is never reported wider than it certainly is."""
        relaxed = self._relaxed_best(objective)
        value = float(objective @ relaxed)
        if self._counted is None:
            found = relaxed
        elif abs(relaxed - np.rint(relaxed)).max(initial=0.0) < _TINY:
            found = np.rint(relaxed)  # already whole: no whole numbers do better
        else:
            try:
                found = self._asked(self._counted, objective)
            except OutOfTime:
                return value
        self._lowest = np.minimum(self._lowest, found)
        self._highest = np.maximum(self._highest, found)
        return float(objective @ found)

    @staticmethod
    def _asked(programme: Programme, objective: np.ndarray) -> np.ndarray:
        try:
            return programme.least(objective)
        except Infeasible:
            raise Contradiction from None

    def _relaxed_best(self, objective: np.ndarray) -> np.ndarray:
        try:
            return self._asked(self._relaxed, objective)
        except OutOfTime:
            raise Contradiction from None

    def check(self) -> None:
        self._best(np.zeros(self._size))

    def range_of(self, position: int, enough: float) -> Range:
        if not self._whole and self._highest[position] - self._lowest[position] >= enough + 1:
            return Range(math.ceil(self._lowest[position] - _TINY), math.floor(self._highest[position] + _TINY))
        objective = np.zeros(self._size)
        objective[position] = 1.0
        low = self._best(objective)
        high = -self._best(-objective)
        unbounded = high >= self._ceiling - _TINY
        return Range(math.ceil(low - _TINY), math.inf if unbounded else math.floor(high + _TINY))


def feasible(system: System, at_least: float | Mapping[int, float]) -> dict[int, float] | None:
    """Some values for every cell that agree with all that is shown; None where there are none."""
    if not system.cells:
        return {}
    matrix = system.matrix()
    size = len(system.cells)
    floors = at_least if isinstance(at_least, Mapping) else {}
    base = 0.0 if isinstance(at_least, Mapping) else at_least
    low = np.array(
        [
            system.shown[n][0] if n in system.shown else 0.0 if n in system.implied else floors.get(n, base)
            for n in range(size)
        ]
    )
    high = np.array([system.shown[n][1] if n in system.shown else np.inf for n in range(size)])
    zero = np.zeros(matrix.shape[0])
    constraints = [LinearConstraint(matrix, zero, zero)] if matrix.shape[0] else []
    result = milp(np.zeros(size), constraints=constraints, bounds=Bounds(low, high), options={"time_limit": 30.0})
    return dict(enumerate(map(float, result.x))) if result.x is not None else None
