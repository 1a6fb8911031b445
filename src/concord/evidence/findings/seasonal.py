"""Monthly series taken apart into trend, season and rest: one, or several hundred at once. Pure.

Source: Cleveland, Cleveland, McRae and Terpenning (1990), with the settings of R's `stl`. Without robustness weights
each smoothing is a weighted sum of the values, whatever they are, so that the whole procedure is two matrices that
depend on the length alone. They are worked out once for a length; every series of that length then costs one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LEAST_A_MONTH = 5
"""Below this mean count, smoothing takes noise for season."""
_INNER = 2
"""Times that season and trend are smoothed in turn, as in R where nothing is weighted down."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """Three series (or tables of series, one a row) of the shape of the data that add up to it."""

    trend: Floats
    season: Floats
    rest: Floats


def taken_apart(values: Sequence[float] | Floats, *, period: int = 12, season_over: int = 21) -> Parts:
    """Seasonal-trend decomposition by loess of one series, or of every row of a table of them.

    `season_over`: years whose season is smoothed together (odd). Raises ValueError below two whole periods.
    """
    y = np.asarray(values, dtype=float)
    if y.shape[-1] < 2 * period:
        raise ValueError(f"a season of {period} needs at least {2 * period} points")
    trend_of, season_of = _operators(y.shape[-1], period, season_over)
    trend, season = y @ trend_of.T, y @ season_of.T
    return Parts(trend, season, y - trend - season)


def worth_taking_apart(values: Sequence[float], *, period: int = 12) -> bool:
    """Whether there are two whole periods and enough events a month."""
    return len(values) >= 2 * period and float(np.mean(values)) >= LEAST_A_MONTH


@lru_cache(maxsize=32)
def _operators(n: int, period: int, season_over: int) -> tuple[Floats, Floats]:
    """What makes the trend and the season of a series of `n` values: two matrices of n x n."""
    trend_over = int(np.ceil(1.5 * period / (1 - 1.5 / season_over)))
    trend_over += (trend_over + 1) % 2
    low = period + 1 - period % 2
    cycles = _cycles(n, period, season_over)
    averaged = _average(n + 2, 3) @ _average(n + period + 1, period) @ _average(n + 2 * period, period)
    passed = _loess(n, low, 1) @ averaged
    smooth = _loess(n, trend_over, 1)
    whole, trend, season = np.eye(n), np.zeros((n, n)), np.zeros((n, n))
    for _ in range(_INNER):
        cycle = cycles @ (whole - trend)
        season = cycle[period : period + n] - passed @ cycle
        trend = smooth @ (whole - season)
    for made in (trend, season):
        made.setflags(write=False)
    return trend, season


def _cycles(n: int, period: int, season_over: int) -> Floats:
    """Smooths all Januaries, all Februaries and so on, each carried one period beyond both ends."""
    made = np.zeros((n + 2 * period, n))
    for month in range(period):
        own = np.arange(month, n, period)
        k = len(own)
        smooth = np.zeros((k + 2, k))
        smooth[1:-1] = _loess(k, season_over, 0)
        before = _weights(k, season_over, 0, 0, 1, min(season_over, k))
        after = _weights(k, season_over, 0, k + 1, max(1, k - season_over + 1), k)
        smooth[0] = smooth[1] if before is None else before
        smooth[-1] = smooth[-2] if after is None else after
        made[np.ix_(month + period * np.arange(k + 2), own)] = smooth
    return made


def _average(n: int, over: int) -> Floats:
    """Moving averages of `over` values: one row for each place where the window fits."""
    made = np.zeros((n - over + 1, n))
    for place in range(n - over + 1):
        made[place, place : place + over] = 1 / over
    return made


def _loess(n: int, span: int, degree: int) -> Floats:
    """Locally weighted regression at each of n equally spaced places.

    Fitted at every tenth of the span and joined by straight lines between, as the authors' program does.
    """
    jump = min(int(np.ceil(span / 10)), n - 1)
    if n < 2:
        return np.eye(n)
    made = np.zeros((n, n))
    places = list(range(1, n + 1, jump))
    half = (span + 1) // 2
    left, right = 1, min(span, n)
    for place in places:
        if span < n:
            left = min(max(place - half + 1, 1), n - span + 1)
            if place >= n - half + 1 and jump > 1:
                left = n - span + 1
            right = left + span - 1
        made[place - 1] = _fitted(n, span, degree, place, left, right)
    if jump > 1:
        if places[-1] != n:
            places.append(n)
            made[n - 1] = _fitted(n, span, degree, n, left, right)
        for one, other in pairwise(places):
            for place in range(one + 1, other):
                share = (place - one) / (other - one)
                made[place - 1] = (1 - share) * made[one - 1] + share * made[other - 1]
    return made


def _fitted(n: int, span: int, degree: int, at: int, left: int, right: int) -> Floats:
    found = _weights(n, span, degree, at, left, right)
    if found is None:
        found = np.zeros(n)
        found[at - 1] = 1.0
    return found


def _weights(n: int, span: int, degree: int, at: int, left: int, right: int) -> Floats | None:
    """What each value contributes to the smooth at place `at` (1 to n, or one beyond), from `left` to `right`.

    None where no value is near enough.
    """
    reach = max(at - left, right - at) + (max(0, span - n) // 2)
    place = np.arange(left, right + 1, dtype=float)
    distance = np.abs(place - at)
    weight = np.where(distance <= 0.001 * reach, 1.0, (1 - (distance / reach) ** 3) ** 3) if reach else distance + 1
    weight = np.where(distance <= 0.999 * reach, weight, 0.0) if reach else weight
    if weight.sum() <= 0:
        return None
    weight = weight / weight.sum()
    if degree and reach:
        centre = float(weight @ place)
        spread = float(weight @ (place - centre) ** 2)
        if np.sqrt(spread) > 0.001 * (n - 1):
            weight = weight * ((at - centre) / spread * (place - centre) + 1)
    made = np.zeros(n)
    made[left - 1 : right] = weight
    return made
