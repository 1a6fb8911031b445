"""What an attack says of many cells at once is what asking each by itself would say, held against another solver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from concord.evidence.disclosure import attacker
from concord.evidence.disclosure.propagating import Group

ENOUGH = 3.0


def table_with_stuck_cells(seed: int) -> Group:
    """A 9 by 9 table whose margins are known. Whole blocks are stuck at nought, but only by several margins together:
    two rows have no more between them than the columns they share need elsewhere."""
    random = np.random.default_rng(seed)
    rows, columns = 9, 9
    counts = random.integers(1, 12, (rows, columns)).astype(float)
    stuck = random.choice(rows, 3, replace=False)
    counts[np.ix_(stuck, random.choice(columns, 6, replace=False))] = 0.0
    number = np.arange(rows * columns).reshape(rows, columns)
    lines = [*number, *number.T]
    matrix = np.zeros((len(lines) + 1, rows * columns))
    for row, line in enumerate(lines):
        matrix[row, line] = 1.0
    # What the stuck cells add up to was shown: nought. No margin by itself says it of any of them.
    gone = number[counts == 0.0]
    matrix[-1, gone] = 1.0
    right = matrix @ counts.ravel()
    low, high = np.zeros(rows * columns), np.full(rows * columns, np.inf)
    return Group(np.arange(rows * columns), csr_array(matrix), right, low, high)


def alone(group: Group, place: int) -> tuple[float, float]:
    objective = np.zeros(len(group.columns))
    objective[place] = 1.0
    bounds = list(zip(group.low, [None] * len(group.columns), strict=True))
    ends = [
        linprog(sign * objective, A_eq=group.matrix.toarray(), b_eq=group.right, bounds=bounds).fun * sign
        for sign in (1.0, -1.0)
    ]
    return ends[0], ends[1]


@pytest.mark.parametrize("seed", range(6))
def test_cells_told_together_are_told_as_each_by_itself(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    group = table_with_stuck_cells(seed)
    assert len(group.columns) > attacker._WHOLE_UP_TO, "the group is one that is attacked by linear programmes"
    asked: list[int] = []
    singly = attacker._Attack._span

    def counted(self: attacker._Attack, place: int, enough: float, exact: bool) -> tuple[float, float]:
        if not self._highest[place] - self._lowest[place] >= enough + 1:
            asked.append(place)
        return singly(self, place, enough, exact)

    monkeypatch.setattr(attacker._Attack, "_span", counted)
    chosen = list(range(len(group.columns)))
    found = attacker._Attack(group).spans(chosen, ENOUGH, np.zeros(len(chosen), dtype=bool))
    stuck = 0
    for place in chosen:
        low, high = alone(group, place)
        told_low, told_high = found[place]
        assert low - 1e-6 <= told_low <= told_high <= high + 1e-6, place
        assert told_high - told_low >= min(high - low, ENOUGH + 1) - 1e-6, place
        stuck += high - low < 1e-6
    assert stuck >= 10 and len(asked) < stuck, "cells that nothing moves are not asked about one by one"
