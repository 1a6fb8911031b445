"""What else to hide in large tables: for each small count the cheapest cube of cells that can all move together.

Pick another category in each dimension; the cells at every combination of the old and the new categories can go up and
down in turn by the same number without changing a margin, the total being one category more. Hiding them all protects
the small count. Method: Repsilber (1994), the hypercube method of tau-ARGUS. It looks at one table at a time and hides
more than a search over all margins would; what it leaves exposed elsewhere the attacker finds, and the search repairs.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from concord.evidence.findings.model import TOTAL, Table

Floats = NDArray[np.float64]


def cubes(
    table: Table,
    numbers: dict[tuple[str, ...], int],
    small: Collection[int],
    *,
    cost: Floats,
    room: Floats,
    hidden: NDArray[np.bool_],
    barred: NDArray[np.bool_],
    level: float,
) -> set[int]:
    """Further cells of an additive `table` to hide, so that each of `small` can move by `level` with its margins kept.

    `cost` of hiding, `room` to go down, `hidden` already and `barred` from being hidden are by cell number. `hidden` is
    marked with what is chosen. Cells that no cube protects are left for others to see to.
    """
    shape = tuple(len(dimension.categories) for dimension in table.dimensions)
    place = np.empty(shape, dtype=np.int64)
    for at in itertools.product(*(range(size) for size in shape)):
        key = tuple(d.categories[i] for d, i in zip(table.dimensions, at, strict=True))
        place[at] = numbers[key]
    total = [d.categories.index(TOTAL) if TOTAL in d.categories else -1 for d in table.dimensions]
    # A dimension without a total holds nothing together, so nothing has to move along it.
    moving = [axis for axis, at in enumerate(total) if at >= 0]
    if not moving:
        return set()
    wanted = set(small)
    price = np.where(hidden[place], 1e-3, cost[place] + 1.0)
    price[barred[place] & ~hidden[place]] = np.inf
    able = room[place] >= level
    done = np.zeros(shape, dtype=bool)
    chosen: set[int] = set()
    positions = [tuple(at) for at in np.argwhere(np.isin(place, list(wanted)))]
    for at in sorted(positions, key=lambda one: (-float(cost[place[one]]), one)):
        if done[at]:
            continue
        corners = _cheapest(at, moving, total, price, able)
        if corners is None:
            continue
        done[corners] = True
        fresh = place[corners][~hidden[place[corners]]]
        chosen.update(fresh.tolist())
        hidden[place[corners]] = True
        price[corners] = 1e-3
    return chosen


def _cheapest(
    at: tuple[int, ...], moving: list[int], total: list[int], price: Floats, able: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], ...] | None:
    """The corners of the cheapest cube through `at` in which every cell that must go down has room to; None if none."""
    sizes = [price.shape[axis] for axis in moving]
    signs = []
    for axis in moving:
        sign = np.full(price.shape[axis], -1.0)
        # A part and its total go the same way; two parts of one total go opposite ways.
        if at[axis] == total[axis]:
            sign[:] = 1.0
        else:
            sign[total[axis]] = 1.0
        signs.append(sign)
    spent = np.zeros(sizes)
    up, down = np.ones(sizes, dtype=bool), np.full(sizes, bool(able[at]))
    for changed in itertools.product((False, True), repeat=len(moving)):
        if not any(changed):
            continue
        index: list[object] = list(at)
        for axis, moves in zip(moving, changed, strict=True):
            if moves:
                index[axis] = slice(None)
        spread = tuple(slice(None) if moves else None for moves in changed)
        sign = np.ones([1] * len(moving))
        for axis, moves in enumerate(changed):
            if moves:
                reach = [1] * len(moving)
                reach[axis] = sizes[axis]
                sign = sign * signs[axis].reshape(reach)
        spent = spent + price[tuple(index)][spread]  # type: ignore[index]
        has_room = able[tuple(index)][spread]  # type: ignore[index]
        up &= has_room | (sign > 0)
        down &= has_room | (sign < 0)
    spent = np.where(up | down, spent, np.inf)
    for axis, position in enumerate(moving):  # the other category must be another
        index = [slice(None)] * len(moving)
        index[axis] = at[position]
        spent[tuple(index)] = np.inf  # type: ignore[index]
    best = int(np.argmin(spent))
    if not np.isfinite(spent.flat[best]):
        return None
    other = np.unravel_index(best, sizes)
    sides: list[tuple[int, ...]] = [(value,) for value in at]
    for axis, position in enumerate(moving):
        sides[position] = (at[position], int(other[axis]))
    return tuple(np.array(axis) for axis in zip(*itertools.product(*sides), strict=True))
