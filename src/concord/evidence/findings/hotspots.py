"""Where events gather: local statistics on areas or grid cells, smoothing, concentration, and honest evaluation. Pure.

Sources: Getis and Ord (1992), Ord and Getis (1995) for Gi*; Anselin (1995) for local Moran; Benjamini and Hochberg
(1995) for many tests at once; the quartic kernel as in sfhotspot and SpatialKDE; Bernasco and Steenbeek (2017) for the
Gini of few events over many places; Chainey, Tompson and Uhlig (2008) and Hunt (2016) for PAI and PEI.

Kernels and distances need true places. Whoever calls them asks first whether points are snapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who is next to whom among `size` areas: pairs (first, second), both ways, nobody their own neighbour."""

    size: int
    first: Ints
    second: Ints

    @classmethod
    def of_points(cls, x: Floats, y: Floats, within: float) -> Neighbours:
        """Areas whose centres lie within a distance (cell side x sqrt 2 makes queen neighbours on a grid)."""
        from scipy.spatial import cKDTree

        pairs = cKDTree(np.column_stack([x, y])).query_pairs(within, output_type="ndarray")
        return cls(len(x), np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]])

    @classmethod
    def of_areas(cls, geometries: Sequence[object]) -> Neighbours:
        """Areas that touch, at an edge or a corner (queen contiguity)."""
        import shapely

        tree = shapely.STRtree(geometries)
        first, second = tree.query(geometries, predicate="intersects")
        other = first != second
        return cls(len(geometries), first[other], second[other])

    def sums(self, values: Floats) -> Floats:
        """For each area, the sum of `values` over its neighbours."""
        return np.bincount(self.first, weights=values[self.second], minlength=self.size)

    @property
    def number(self) -> Floats:
        return np.bincount(self.first, minlength=self.size).astype(float)


def gi_star(counts: Sequence[float], neighbours: Neighbours) -> tuple[Floats, Floats]:
    """Gi* as a z score for each area (itself and its neighbours, weights of one), and its two-sided normal p.

    Sparse counts are not normal: below a mean of about one event an area, use `permuted`.
    """
    x = np.asarray(counts, dtype=float)
    n, weight = len(x), neighbours.number + 1
    deviation = np.sqrt((x * x).mean() - x.mean() ** 2)
    spread = deviation * np.sqrt((n * weight - weight * weight) / (n - 1))
    z = np.divide(neighbours.sums(x) + x - x.mean() * weight, spread, out=np.zeros(n), where=spread > 0)
    from scipy.special import ndtr

    return z, 2 * ndtr(-np.abs(z))


def local_moran(values: Sequence[float], neighbours: Neighbours) -> Floats:
    """Local Moran's I with row-standardised weights and the variance over n (spdep's form); 0 without neighbours."""
    z = np.asarray(values, dtype=float)
    z = z - z.mean()
    number = neighbours.number
    lag = np.divide(neighbours.sums(z), number, out=np.zeros(len(z)), where=number > 0)
    found: Floats = z * lag / (z * z).mean()
    return found


def moran(values: Sequence[float], neighbours: Neighbours) -> float:
    """Global Moran's I with row-standardised weights: the mean of the local ones."""
    return float(local_moran(values, neighbours)[neighbours.number > 0].mean())


def permuted(
    values: Sequence[float],
    neighbours: Neighbours,
    *,
    statistic: Literal["gi_star", "local_moran"],
    times: int = 999,
    seed: int = 1,
) -> Floats:
    """One-sided conditional permutation p of each area: (1 + as extreme or more) / (times + 1).

    Each area keeps its own value while its neighbours' are drawn, without putting back, from all the others. The same
    draws serve every area, as in Anselin (1995): one that was drawn to be its own neighbour gives way to the next in
    line, so that what it is compared with is a draw from the others still. Both statistics rise or fall with the sum
    over the neighbours alone, so their p differ only where an area stands at the mean: its local Moran is nought
    whoever its neighbours are, and its p is 1.
    """
    x = np.asarray(values, dtype=float)
    n, number = len(x), neighbours.number.astype(int)
    most = int(number.max(initial=0))
    if most == 0 or n < 3:
        return np.ones(n)
    observed = neighbours.sums(x)
    drawn = _draws(np.random.default_rng(seed), times, n, most + 1)
    taken = x[drawn]
    sums = np.cumsum(taken, axis=1)
    fewer = np.zeros(n, dtype=np.int64)
    place = np.full(n, -1)
    for k in np.unique(number[number > 0]):
        areas = np.flatnonzero(number == k)
        place[:] = -1
        place[areas] = np.arange(len(areas))
        target, sampled = observed[areas], sums[:, k - 1]
        ordered = np.sort(sampled)
        at_least = times - np.searchsorted(ordered, target, "left")
        at_most = np.searchsorted(ordered, target, "right")
        row, column = np.nonzero(place[drawn[:, :k]] >= 0)
        own = place[drawn[row, column]]
        before, after = sampled[row], sampled[row] - taken[row, column] + taken[row, k]
        at_least += _change(own, after >= target[own], before >= target[own], len(areas))
        at_most += _change(own, after <= target[own], before <= target[own], len(areas))
        fewer[areas] = np.minimum(at_least, at_most)
    p: Floats = (fewer + 1) / (times + 1)
    alone = number == 0
    if statistic == "local_moran":
        alone |= x == x.mean()
    p[alone] = 1.0
    return p


def _change(own: Ints, now: NDArray[np.bool_], then: NDArray[np.bool_], size: int) -> Ints:
    """By how much a count over draws changes for each area, when its own draws are replaced."""
    moved = now.astype(np.int64) - then
    return np.bincount(own, weights=moved, minlength=size).astype(np.int64)


def _draws(rng: np.random.Generator, times: int, of: int, most: int) -> Ints:
    """Rows of `most` different numbers below `of`, in an order that says nothing."""
    if of < 3 * most:
        return rng.permuted(np.tile(np.arange(of), (times, 1)), axis=1)[:, :most]
    drawn = rng.integers(0, of, (times, most))
    while True:  # with this many areas few rows repeat one, and those are drawn again
        ordered = np.sort(drawn, axis=1)
        repeated = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeated.any():
            return drawn
        drawn[repeated] = rng.integers(0, of, (int(repeated.sum()), most))


def false_discovery(p: Sequence[float]) -> Floats:
    """p values adjusted so that calling those below 5% makes one false call in twenty, not one area in twenty.

    Benjamini and Hochberg's, as scipy's `false_discovery_control`, whose import takes longer than all the rest.
    """
    given = np.asarray(p, dtype=float)
    order = np.argsort(given)
    n = len(given)
    stepped = np.minimum.accumulate((given[order] * n / np.arange(1, n + 1))[::-1])[::-1]
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def bandwidth(x: Floats, y: Floats) -> float:
    """A rule of thumb for the quartic kernel: the mean over both axes of 4 x 1.06 min(sd, IQR/1.34) n^(-1/5)."""
    return float(np.mean([_bandwidth(np.asarray(axis, dtype=float)) for axis in (x, y)]))


def _bandwidth(values: Floats) -> float:
    low, high = np.quantile(values, [0.25, 0.75])
    spread = min(values.std(ddof=1), (high - low) / 1.34)
    return float(4 * 1.06 * spread * len(values) ** -0.2)


def kernel(x: Floats, y: Floats, at_x: Floats, at_y: Floats, reach: float) -> Floats:
    """Unscaled quartic kernel at some places: the sum of (1 - (d/reach)^2)^2 over events within `reach`. No density."""
    from scipy.spatial import cKDTree

    near = cKDTree(np.column_stack([at_x, at_y])).sparse_distance_matrix(
        cKDTree(np.column_stack([x, y])), reach, output_type="coo_matrix"
    )
    weight = (1 - (near.data / reach) ** 2) ** 2
    found: Floats = np.bincount(near.row, weights=weight, minlength=len(at_x))
    return found


Pattern = Literal["persistent", "emerging", "former", "intermittent", "no pattern"]


def classify(
    significant: NDArray[np.bool_], *, hot: float = 0.1, lasting: float = 0.8, recent: float = 0.2
) -> list[Pattern]:
    """Each area's pattern, from whether it was a hot spot in each period (areas x periods, oldest first).

    A hot spot was one in at least `hot` of all periods. Persistent: in `lasting` of all; emerging: in `lasting` of the
    most recent share `recent` of periods; former: in none of those; intermittent: any other.
    """
    flags = np.asarray(significant, dtype=bool)
    periods = flags.shape[1]
    last = max(1, round(periods * recent))
    share, lately = flags.mean(axis=1), flags[:, -last:].mean(axis=1)
    patterns: list[Pattern] = []
    for whole, late in zip(share, lately, strict=True):
        if whole < hot or whole == 0:
            patterns.append("no pattern")
        elif whole >= lasting:
            patterns.append("persistent")
        elif late >= lasting:
            patterns.append("emerging")
        elif late == 0:
            patterns.append("former")
        else:
            patterns.append("intermittent")
    return patterns


@dataclass(frozen=True, slots=True)
class Concentration:
    """`places`: the fewest places that hold `share` of the events, of `of`; `gini` runs from 0 (even) to 1.

    Where there are fewer events than places, the Gini is measured against the most even spread that is possible.
    """

    places: int
    of: int
    share: float
    gini: float


def concentration(counts: Sequence[float], share: float = 0.5) -> Concentration | None:
    """How few places hold `share` of the events; None where nothing happened."""
    x = np.sort(np.asarray(counts, dtype=float))[::-1]
    total, n = x.sum(), len(x)
    if total <= 0:
        return None
    places = int(np.searchsorted(np.cumsum(x), share * total - 1e-9) + 1)
    ranked = float(np.arange(n, 0, -1) @ x / total)
    gini = max(1 / total, 1 / n) * (2 * ranked - n - 1) - max(n / total, 1.0) + 1
    return Concentration(places, n, share, max(0.0, gini))


@dataclass(frozen=True, slots=True)
class Hit:
    """How well places chosen beforehand caught what came after. `pai`: hit rate over share of area; `pei`: PAI over the
    best that anyone could have chosen for the same number of places; `hit_rate`: share of events caught."""

    places: int
    hit_rate: float
    pai: float
    pei: float


def accuracy(
    chosen_by: Sequence[float], came: Sequence[float], places: int, area: Sequence[float] | None = None
) -> Hit:
    """Places ranked by `chosen_by` (known before), judged on `came` (after). Ties count against the ranking: where the
    ranking cannot tell places apart, those where least came are taken first. Raises ValueError if nothing came."""
    score, after = np.asarray(chosen_by, dtype=float), np.asarray(came, dtype=float)
    size = np.ones(len(after)) if area is None else np.asarray(area, dtype=float)
    if after.sum() <= 0 or not 0 < places <= len(after):
        raise ValueError("accuracy needs events afterwards, and at least one place")
    picked = np.lexsort((after, -score))[:places]
    best = np.argsort(-after, kind="stable")[:places]
    caught = after[picked].sum() / after.sum()
    ground = size[picked].sum() / size.sum()
    ideal = after[best].sum() / after.sum() / (size[best].sum() / size.sum())
    return Hit(places, float(caught), float(caught / ground), float(caught / ground / ideal))
