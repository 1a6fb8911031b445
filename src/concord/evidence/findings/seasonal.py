"""A monthly series taken apart into trend, season and rest. Pure.

Source: Cleveland, Cleveland, McRae and Terpenning (1990), by statsmodels with the settings of R's `stl`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_A_MONTH = 5
"""Below this mean count, smoothing takes noise for season."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Three series of the length of the data that add up to it."""

    trend: NDArray[np.float64]
    season: NDArray[np.float64]
    rest: NDArray[np.float64]


def taken_apart(values: Sequence[float], *, period: int = 12, season_over: int = 21) -> Parts:
    """Seasonal-trend decomposition by loess. `season_over`: years whose season is smoothed together (odd).

    Raises ValueError below two whole periods.
    """
    y = np.asarray(values, dtype=float)
    if len(y) < 2 * period:
        raise ValueError(f"a season of {period} needs at least {2 * period} points")
    from statsmodels.tsa.seasonal import STL

    trend_over = int(np.ceil(1.5 * period / (1 - 1.5 / season_over)))
    trend_over += (trend_over + 1) % 2
    low = period + 1 - period % 2
    found = STL(
        y, period=period, seasonal=season_over, trend=trend_over, low_pass=low, seasonal_deg=0, trend_deg=1,
        low_pass_deg=1, seasonal_jump=int(np.ceil(season_over / 10)), trend_jump=int(np.ceil(trend_over / 10)),
        low_pass_jump=int(np.ceil(low / 10)),
    ).fit(inner_iter=2, outer_iter=0)  # fmt: skip
    return Parts(np.asarray(found.trend), np.asarray(found.seasonal), np.asarray(found.resid))


def worth_taking_apart(values: Sequence[float], *, period: int = 12) -> bool:
    """Whether there are two whole periods and enough events a month."""
    return len(values) >= 2 * period and float(np.mean(values)) >= LEAST_A_MONTH
