"""What a reader who has every release can work out about a number that is hidden: its lowest and highest value.

Method: minimise and maximise each hidden cell subject to the margins, the shown numbers and the rule itself, which is
public. Source: Fischetti and Salazar (2000), "Models and algorithms for optimizing cell suppression in tabular data
with linear constraints", Journal of the American Statistical Association 95 (the attacker's problem). Counts are
whole, so small groups of cells are attacked in whole numbers and larger ones by linear programming, whose interval
can only be wider than the whole-number one after its ends are rounded inwards. Before any programme is asked, what
single equations say is worked out (`propagating.py`), and what is left falls into groups that no equation joins; a
group that was attacked before, with the same numbers, is not attacked again.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from scipy.sparse.linalg import lsqr

from concord.evidence.disclosure.linear import Infeasible, OutOfTime, Programme
from concord.evidence.disclosure.propagating import TINY, Contradiction, Group, known_by_propagation
from concord.evidence.disclosure.system import System, bounds_of

__all__ = ["Contradiction", "Range", "feasible", "ranges"]

_WHOLE_UP_TO = 60
"""Cells in a group beyond which whole-number attacks are left to linear programming."""
_REMEMBERED = 4_096
_SCREENS = 16
"""How often a large group is pushed, up and down in turn, before the cells that did not move are attacked singly."""
_PAIRS, _WORTH = 3, 10
"""After two pushes each way, one that settles fewer than a cell in ten takes longer than asking each of the rest."""
_SUMS = 40
"""How often the cells that have not moved are asked about together before each is asked about by itself."""
_FEW = 4
_STILL = 1e-7
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest whole number a cell can be, given everything shown. `high` may be infinite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


_Attacked = dict[int, tuple[float, float]]
_before: OrderedDict[bytes, _Attacked] = OrderedDict()


def ranges(
    system: System,
    targets: Iterable[int],
    *,
    at_least: float | Mapping[int, float],
    enough: float = math.inf,
    exactly: Collection[int] | None = None,
) -> dict[int, Range]:
    """The range of every cell and piece in `targets`.

    `at_least` is what the rule tells about a hidden cell: 1 where noughts are always shown, else 0; a mapping gives it
    cell by cell. A cell seen to move by `enough` on the way is not attacked by itself: its range is then at least as
    wide as given. In groups small enough for whole numbers those in `exactly` (all unless given) are attacked all the
    same. Raises Contradiction where the shown numbers cannot be true together.
    """
    matrix = system.matrix()
    low, high = bounds_of(system, at_least)
    groups = known_by_propagation(matrix, low, high)
    wanted = np.zeros(system.size, dtype=bool)
    wanted[list(targets)] = True
    exact = wanted if exactly is None else np.isin(np.arange(system.size), list(exactly))
    found = {
        number: Range(math.ceil(low[number] - TINY), math.floor(high[number] + TINY))
        for number in np.flatnonzero(wanted & (low == high)).tolist()
    }
    for group in groups:
        chosen = np.flatnonzero(wanted[group.columns])
        if group.alone:
            spans = dict(zip(chosen.tolist(), zip(*group.alone_ranges(chosen), strict=True), strict=True))
        else:
            spans = _attack(group, chosen.tolist(), enough, exact[group.columns])
        for place, (least, most) in spans.items():
            found[int(group.columns[place])] = Range(
                math.ceil(least - TINY), math.floor(most + TINY) if math.isfinite(most) else math.inf
            )
    return found


def _attack(group: Group, chosen: Sequence[int], enough: float, exact: NDArray[np.bool_]) -> _Attacked:
    mark = hashlib.sha256()
    parts = (group.matrix.indptr, group.matrix.indices, group.matrix.data, group.right, group.low, group.high)
    for part in (*parts, np.asarray(chosen, dtype=np.int64), exact, np.array([enough])):
        mark.update(np.ascontiguousarray(part).tobytes())
    key = mark.digest()
    if key in _before:
        _before.move_to_end(key)
        return _before[key]
    found = _Attack(group).spans(chosen, enough, exact)
    _before[key] = found
    if len(_before) > _REMEMBERED:
        _before.popitem(last=False)
    return found


class _Attack:
    """Cells that equations join, with what is known of each."""

    def __init__(self, group: Group) -> None:
        self._size = group.matrix.shape[1]
        self._ceiling = max(1e6, 10.0 * float(np.max(np.abs(group.right), initial=0.0)))
        self._whole = self._size <= _WHOLE_UP_TO
        self._group = group
        self._upper = np.minimum(group.high, self._ceiling)
        self._relaxed = Programme(group.matrix, group.right, group.low, self._upper)
        self._counted: Programme | None = None
        self._lowest = np.full(self._size, np.inf)
        self._highest = np.full(self._size, -np.inf)

    def spans(self, chosen: Sequence[int], enough: float, exact: NDArray[np.bool_]) -> _Attacked:
        """The range of every chosen cell. Raises Contradiction where there are no values at all."""
        try:
            self._best(np.zeros(self._size))
        except OutOfTime:
            raise Contradiction from None
        left = [place for place in chosen if not (self._whole and exact[place])]
        if len(left) > _FEW and math.isfinite(enough):
            settled = _settled(self._group.matrix)
            self._screen(np.array([place for place in left if not settled[place]], dtype=np.intp), enough + 1)
            fixed = {place for place in left if settled[place]}
            fixed |= self._still([place for place in left if place not in fixed])
        else:
            fixed = set()
        return {
            place: (float(self._lowest[place]),) * 2
            if place in fixed
            else self._span(place, enough, bool(exact[place]))
            for place in chosen
        }

    def _screen(self, chosen: NDArray[np.intp], far: float) -> None:
        """Push many cells at once: most are seen to move `far`, and need no attack of their own.

        Each is split into a part that counts and a part that does not, so that a push gains nothing from moving one
        cell further than needed, and moves many instead.
        """
        if not len(chosen):
            return
        group = self._group
        doubled = hstack([group.matrix, group.matrix[:, chosen]], format="csr")
        low = np.concatenate([group.low, np.zeros(len(chosen))])
        high = np.concatenate([self._upper, np.maximum(self._upper[chosen] - group.low[chosen], 0.0)])
        push = Programme(doubled, group.right, low, high)
        for turn in range(_SCREENS):
            left = self._highest[chosen] - self._lowest[chosen] < far
            if not left.any():
                return
            ends, cost = high.copy(), np.zeros(len(low))
            if turn % 2:  # down: what is above `far` below the highest seen costs
                ends[chosen] = np.maximum(group.low[chosen], self._highest[chosen] - far)
                cost[self._size :] = left
            else:  # up: what is below `far` above the lowest seen gains
                ends[chosen] = np.minimum(self._upper[chosen], self._lowest[chosen] + far)
                cost[chosen] = -left.astype(float)
            push.bounds(low, ends)
            try:
                found = push.least(cost)
            except (Infeasible, OutOfTime):
                return
            values = found[: self._size].copy()
            values[chosen] += found[self._size :]
            if (values > self._upper + TINY).any():
                continue
            before = left.sum()
            self._lowest = np.minimum(self._lowest, values)
            self._highest = np.maximum(self._highest, values)
            after = (self._highest[chosen] - self._lowest[chosen] < far).sum()
            if turn >= _PAIRS and _WORTH * (before - after) < before:
                return

    def _still(self, places: Sequence[int]) -> set[int]:
        """Those of `places` that nothing moves, told together.

        A sum with random weights that is the same at its least and at its greatest is a sum of numbers that are each
        the same: the weights for which others cancel out are none that chance draws. Where the two differ, something
        moved, and the sum is asked again of what has not.
        """
        random = np.random.default_rng(self._size)
        still = np.array(places, dtype=np.intp)
        for _ in range(_SUMS):
            still = still[self._highest[still] - self._lowest[still] < _STILL]
            if len(still) <= _FEW:
                break
            weights = np.zeros(self._size)
            weights[still] = random.uniform(0.5, 1.5, len(still)) * random.choice([-1.0, 1.0], len(still))
            try:
                ends = self._relaxed_best(weights), self._relaxed_best(-weights)
            except OutOfTime:
                break
            for end in ends:
                self._lowest, self._highest = np.minimum(self._lowest, end), np.maximum(self._highest, end)
            if abs(float(weights @ (ends[1] - ends[0]))) < _STILL:
                return set(still.tolist())
        return set()

    def _span(self, place: int, enough: float, exact: bool) -> tuple[float, float]:
        moved = self._highest[place] - self._lowest[place] >= enough + 1
        if moved and not (self._whole and exact):
            return float(self._lowest[place]), float(self._highest[place])
        objective = np.zeros(self._size)
        objective[place] = 1.0
        try:
            low = self._best(objective)
            high = -self._best(-objective)
        except OutOfTime:  # no wider than what was seen, so that it counts as exposed rather than as safe
            return float(self._lowest[place]), float(self._highest[place])
        return low, math.inf if high >= self._ceiling - TINY else high

    def _best(self, objective: Floats) -> float:
        """The least value of `objective` that a search reaches; a search out of time gives a value that exists,
        so an interval is never reported wider than it certainly is."""
        relaxed = self._relaxed_best(objective)
        value = float(objective @ relaxed)
        if not self._whole:
            found = relaxed
        elif abs(relaxed - np.rint(relaxed)).max(initial=0.0) < TINY:
            found = np.rint(relaxed)  # already whole: no whole numbers do better
        else:
            if self._counted is None:
                group = self._group
                self._counted = Programme(group.matrix, group.right, group.low, self._upper, whole=True)
            try:
                found = self._asked(self._counted, objective)
            except OutOfTime:
                return value
        self._lowest = np.minimum(self._lowest, found)
        self._highest = np.maximum(self._highest, found)
        return float(objective @ found)

    @staticmethod
    def _asked(programme: Programme, objective: Floats) -> Floats:
        try:
            return programme.least(objective)
        except Infeasible:
            raise Contradiction from None

    def _relaxed_best(self, objective: Floats) -> Floats:
        return self._asked(self._relaxed, objective)


def _settled(matrix: csr_array) -> NDArray[np.bool_]:
    """Cells that the equations alone settle: nothing that the equations allow moves them.

    Two random moves are made as close to the equations' free directions as can be; what stays still in both is settled.
    """
    random = np.random.default_rng(matrix.shape[1])
    still = np.ones(matrix.shape[1], dtype=bool)
    across = matrix.T.tocsr()
    for _ in range(2):
        push = random.uniform(0.5, 1.5, matrix.shape[1]) * random.choice([-1.0, 1.0], matrix.shape[1])
        held = lsqr(across, push, atol=1e-12, btol=1e-12, iter_lim=4 * sum(matrix.shape))[0]
        still &= abs(push - across @ held) < _STILL
    return still


def feasible(system: System, at_least: float | Mapping[int, float]) -> Floats | None:
    """Some value for every cell and piece that agrees with all that is shown; None where there is none.

    Pieces that nothing settles are given values away from their limits where that costs little, so that a search for
    complements finds room to move.
    """
    low, high = bounds_of(system, at_least)
    try:
        groups = known_by_propagation(system.matrix(), low, high)
        values = low.copy()
        for group in groups:
            values[group.columns] = _inside(group)
    except Contradiction:
        return None
    return values


def _inside(group: Group) -> Floats:
    """A point of the group: the middle of a few corners."""
    if group.alone and not np.isfinite(group.high).any():
        return group.alone_point()
    ceiling = max(1e6, 10.0 * float(np.max(np.abs(group.right), initial=0.0)))
    programme = Programme(group.matrix, group.right, group.low, np.minimum(group.high, ceiling))
    random = np.random.default_rng(group.matrix.shape[1])
    corners = []
    for _ in range(4):
        try:
            corners.append(programme.least(random.uniform(0.1, 1.0, group.matrix.shape[1])))
        except (Infeasible, OutOfTime):
            raise Contradiction from None
    return np.mean(corners, axis=0)
