"""Whether an offence is followed by others close by and soon after, more often than chance would have it. Pure.

Source: Knox (1964); as in Ratcliffe's Near Repeat Calculator. Distances between true places only: on snapped points the
answer would be about the grid of points, so callers ask first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Knox:
    """Pairs of events by distance band (rows) and time band (columns).

    `expected` follows in closed form from the bands' totals: no simulation stands behind the ratio. `p` is the share of
    shuffled histories with as many pairs or more, the observed one included.
    """

    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    p: NDArray[np.float64]
    times: int

    @property
    def ratio(self) -> NDArray[np.float64]:
        """Observed over expected; NaN where nothing is expected."""
        return np.divide(
            self.observed, self.expected, out=np.full(self.expected.shape, np.nan), where=self.expected > 0
        )


def knox(
    x: Sequence[float],
    y: Sequence[float],
    day: Sequence[float],
    *,
    within: Sequence[float],
    days: Sequence[float],
    distance: Literal["euclidean", "manhattan"] = "euclidean",
    times: int = 999,
    seed: int = 1,
) -> Knox:
    """The Knox table. Bands are half-open, from nought: `within` [0, w1), [w1, w2)…, and one beyond the last; likewise
    `days`. A first limit that is tiny (0.001 m) makes a band of repeats at the same place.

    Raises ValueError with fewer than two events or limits that do not rise. Time grows with the near pairs.
    """
    place = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    when = np.asarray(day, dtype=float)
    if len(when) < 2 or any(b <= a for limits in (within, days) for a, b in pairwise(limits)):
        raise ValueError("near repeats need two events, and limits that rise")
    from scipy.spatial import cKDTree

    # Only near pairs are looked at one by one; how many are far apart follows from the totals, which no shuffling of
    # dates changes.
    norm = {"euclidean": 2.0, "manhattan": 1.0}[distance]
    pairs = cKDTree(place).query_pairs(within[-1], p=norm, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    apart = np.abs(place[first] - place[second])
    metres = np.hypot(apart[:, 0], apart[:, 1]) if distance == "euclidean" else apart.sum(axis=1)
    near = np.searchsorted(np.asarray(within, dtype=float), metres, side="right")
    rows, columns = len(within) + 1, len(days) + 1
    limits = np.asarray(days, dtype=float)
    soon_in_all = _pairs_by_days(when, limits)

    def table(moments: NDArray[np.float64]) -> NDArray[np.int64]:
        soon = np.searchsorted(limits, np.abs(moments[first] - moments[second]), side="right")
        found = np.bincount(near * columns + soon, minlength=rows * columns).reshape(rows, columns)
        found[-1] = soon_in_all - found[:-1].sum(axis=0)
        return found

    observed = table(when)
    as_many = np.ones((rows, columns))
    rng = np.random.default_rng(seed)
    for _ in range(times):
        as_many += table(rng.permutation(when)) >= observed
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    return Knox(observed, expected, as_many / (times + 1), times)


def _pairs_by_days(when: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of all pairs of events lie in each band of days, and beyond the last."""
    ordered, n = np.sort(when), len(when)
    after = np.arange(1, n + 1)
    under = [int((np.searchsorted(ordered, ordered + limit, side="left") - after).sum()) for limit in limits]
    return np.diff([0, *under, n * (n - 1) // 2])


def repeats(person: Sequence[object], day: Sequence[float], window: float = 365.0) -> tuple[int, int]:
    """Victims with an event that has another within `window` days after it, and all victims with a whole window.

    A moving window would count late events as never repeated: only first events that are followed by a whole window
    of observation are judged. Events on one day count as one.
    """
    last = max(day, default=0.0)
    by_person: dict[object, list[float]] = {}
    for who, when in zip(person, day, strict=True):
        by_person.setdefault(who, []).append(when)
    judged = again = 0
    for moments in by_person.values():
        ordered = sorted(set(moments))
        if ordered[0] + window > last:
            continue
        judged += 1
        again += any(ordered[0] < later <= ordered[0] + window for later in ordered[1:])
    return again, judged
