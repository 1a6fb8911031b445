"""Whether this week or month is higher than the same time of earlier years leads one to expect. Pure.

Method: Farrington, Andrews, Beale and Catchpole (1996), as in R's surveillance package (`farrington`): quasi-Poisson
regression on the same weeks of earlier years, down-weighting earlier outbreaks, a trend kept only where it is
significant and does not run away, and a limit on the scale of the 2/3 power.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concord.evidence.findings.quantiles import normal, student_two_sided

TREND_BELOW = 0.05
FURTHEST = 25.0
"""No mean is taken to be smaller than exp of minus this, nor larger than exp of it."""
FEW, LATELY = 5, 4
"""No alert unless at least `FEW` events fell in the last `LATELY` periods, the present one included."""


@dataclass(frozen=True, slots=True)
class Alert:
    """`upper`: the most that ordinary variation reaches. `alarm`: more came, and enough to mean anything."""

    observed: int
    expected: float
    upper: float
    alarm: bool
    trend: bool


def farrington(
    counts: Sequence[int],
    at: int,
    *,
    per_year: int = 52,
    years: int = 4,
    either_side: int = 3,
    alpha: float = 0.05,
    reweight: bool = True,
    with_trend: bool = True,
) -> Alert | None:
    """The verdict on period `at` (from 0); None where fewer than `years` years of history stand before it.

    `alpha` is split over two sides, as in the original: 0.05 puts the limit at the 97.5th percentile.
    """
    y = np.asarray(counts, dtype=float)
    if at - years * per_year - either_side < 0:
        return None
    times = np.array(
        [at - year * per_year + shift for year in range(years, 0, -1) for shift in range(-either_side, either_side + 1)]
    )
    history, clock = y[times], times - times[0] + 1.0
    now = at - times[0] + 1.0
    fitted = _fit(history, clock if with_trend else None, reweight)
    trend = fitted.slope is not None and fitted.p < TREND_BELOW and years >= 3
    if trend and fitted.predict(now) > history.max():
        trend = False
    if with_trend and not trend:
        fitted = _fit(history, None, reweight)
    mean = fitted.predict(now)
    if mean <= 0:
        upper = 0.0
    else:
        # var(y0 - mu0) = phi mu0 + var(mu0), carried to the 2/3 power by the delta method.
        relative = math.sqrt((fitted.dispersion * mean + fitted.variance(now) * mean**2) / mean**2)
        upper = mean * max(0.0, 1 + 2 / 3 * normal(1 - alpha / 2) * relative) ** 1.5
    recent = y[max(0, at - LATELY + 1) : at + 1].sum()
    return Alert(int(y[at]), mean, upper, bool(y[at] > upper and recent >= FEW), trend)


@dataclass(frozen=True, slots=True)
class _Fitted:
    level: float
    slope: float | None
    covariance: np.ndarray
    dispersion: float
    p: float

    def predict(self, time: float) -> float:
        return math.exp(min(self.level + (self.slope or 0.0) * time, FURTHEST))

    def variance(self, time: float) -> float:
        """Of the linear predictor."""
        x = np.array([1.0]) if self.slope is None else np.array([1.0, time])
        return float(x @ self.covariance @ x)


def _fit(y: np.ndarray, clock: np.ndarray | None, reweight: bool) -> _Fitted:
    design = np.ones((len(y), 1)) if clock is None else np.column_stack([np.ones(len(y)), clock])
    beta, mean, covariance, dispersion = quasi_poisson(y, design, np.ones(len(y)))
    if reweight:
        hat = (design @ covariance * design).sum(axis=1) * mean
        # Anscombe residuals; an earlier outbreak counts for less, the further out it lies.
        residual = (
            1.5 * (y ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean)) / np.sqrt(dispersion * np.maximum(1 - hat, 1e-9))
        )
        weight = np.maximum(residual, 1.0) ** -2.0
        beta, mean, covariance, dispersion = quasi_poisson(y, design, weight * len(y) / weight.sum())
    error = np.sqrt(dispersion * np.diag(covariance))
    p = 1.0
    if clock is not None:
        p = student_two_sided(abs(float(beta[1] / error[1])), len(y) - 2) if error[1] > 0 else 1.0
    slope = None if clock is None else float(beta[1])
    return _Fitted(float(beta[0]), slope, dispersion * covariance, dispersion, p)


def quasi_poisson(
    y: np.ndarray, design: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Coefficients, means, unscaled covariance and dispersion (never below one) of a weighted log-linear fit.

    Where a column's events are all noughts its mean runs towards nought; it is kept from running for ever.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(max(float(y.mean()), 0.1))
    for _ in range(100):
        mean = np.exp(np.clip(design @ beta, -FURTHEST, FURTHEST))
        information = design.T @ (design * (weights * mean)[:, None])
        step = np.linalg.lstsq(information, design.T @ (weights * (y - mean)), rcond=None)[0]
        beta = np.clip(beta + step, -FURTHEST, FURTHEST)
        if np.abs(step).max() < 1e-10:
            break
    mean = np.exp(np.clip(design @ beta, -FURTHEST, FURTHEST))
    covariance = np.linalg.pinv(design.T @ (design * (weights * mean)[:, None]))
    pearson = float((weights * (y - mean) ** 2 / mean).sum())
    return beta, mean, covariance, max(1.0, pearson / (len(y) - design.shape[1]))


def false_alarm_rate(counts: Sequence[int], **settings: int | float | bool) -> tuple[int, int]:
    """Alarms, and periods judged, over the whole history: how often the rule would have called before."""
    found = [farrington(counts, at, **settings) for at in range(len(counts))]  # type: ignore[arg-type]
    judged = [each for each in found if each is not None]
    return sum(each.alarm for each in judged), len(judged)
