"""Whether this week is higher than earlier years lead one to expect, learning from every week of them. Pure.

Method: Noufaily and others (2013), as `farringtonFlexible` of R's surveillance package: every week of the last years
but the most recent half year, in ten stretches of the year as factors, a trend where it is significant and does not
run away, earlier outbreaks down-weighted beyond 2.58 standard deviations, the quantile of a negative binomial as limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concord.evidence.findings.alerts import FEW, FURTHEST, LATELY, TREND_BELOW, Alert, quasi_poisson
from concord.evidence.findings.quantiles import student_two_sided

Floats = NDArray[np.float64]
STRETCHES = 10
NOT_INCLUDED = 26
"""The latest weeks, from which nothing is learnt: an outbreak that builds up would make itself expected."""
OUTBREAK = 2.58
LEAST_YEARS = 3


def farrington_flexible(
    counts: Sequence[int],
    at: int,
    *,
    per_year: int = 52,
    years: int = 4,
    either_side: int = 3,
    alpha: float = 0.01,
) -> Alert | None:
    """The verdict on week `at` (from 0); None where fewer than `years` years of history stand before it.

    `alpha` is of one side: 0.01 puts the limit at the 99th percentile. Raises ValueError below three years, of which
    too little could be learnt.
    """
    if years < LEAST_YEARS:
        raise ValueError(f"stretches of the year need at least {LEAST_YEARS} years of history")
    y = np.asarray(counts, dtype=float)
    if at - years * per_year - either_side < 0:
        return None
    stretch = stretches(at, per_year=per_year, years=years, either_side=either_side)
    stretch[max(0, at - NOT_INCLUDED) :] = -1
    weeks = np.flatnonzero(stretch >= 0)
    history = y[weeks]
    fitted = _fit(history, weeks.astype(float), stretch[weeks], trend=True)
    trend = fitted.p < TREND_BELOW and fitted.predict(float(at)) <= history.max()
    if not trend:
        fitted = _fit(history, weeks.astype(float), stretch[weeks], trend=False)
    mean = fitted.predict(float(at))
    upper = limit(mean, fitted.dispersion, alpha)
    recent = y[max(0, at - LATELY + 1) : at + 1].sum()
    return Alert(int(y[at]), mean, upper, bool(y[at] > upper and recent >= FEW), bool(trend))


def limit(mean: float, dispersion: float, alpha: float) -> float:
    """The quantile 1 - `alpha` of a count of this mean and dispersion: negative binomial, Poisson at one."""
    from scipy.stats import nbinom, poisson

    if dispersion > 1:
        return float(nbinom.ppf(1 - alpha, mean / (dispersion - 1), 1 / dispersion))
    return float(poisson.ppf(1 - alpha, mean))


def stretches(at: int, *, per_year: int, years: int, either_side: int) -> NDArray[np.int64]:
    """For each week up to `at`, its stretch of the year: 0 the same weeks as now, 1 to 9 those between; -1 none."""
    found = np.full(at + 1, -1)
    found[at - either_side :] = 0
    for year in range(1, years + 1):
        middle = at - year * per_year
        found[middle - either_side : middle + either_side + 1] = 0
        between = np.arange(middle + either_side + 1, middle + per_year - either_side)
        # Shared out as evenly as whole weeks allow, the first stretches longer.
        size, over = divmod(len(between), STRETCHES - 1)
        lengths = [size + (number < over) for number in range(STRETCHES - 1)]
        found[between] = np.repeat(np.arange(1, STRETCHES), lengths)
    return found


@dataclass(frozen=True, slots=True)
class _Fitted:
    level: float
    slope: float
    dispersion: float
    p: float

    def predict(self, week: float) -> float:
        """Of the same weeks of the year (stretch 0)."""
        return math.exp(min(self.level + self.slope * week, FURTHEST))


def _fit(y: Floats, week: Floats, stretch: NDArray[np.int64], *, trend: bool) -> _Fitted:
    columns = [np.ones(len(y)), *((stretch == number).astype(float) for number in range(1, STRETCHES))]
    middle = float(week.mean())
    if trend:
        columns.append((week - middle) / 52.0)
    design = np.column_stack(columns)
    beta, mean, covariance, dispersion = quasi_poisson(y, design, np.ones(len(y)))
    hat = np.clip((design @ covariance * design).sum(axis=1) * mean, 0.0, 0.999)
    residual = 1.5 * (y ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean)) / np.sqrt(dispersion * (1 - hat))
    weight = np.where(residual > OUTBREAK, np.maximum(residual, 1e-9) ** -2.0, 1.0)
    beta, mean, covariance, dispersion = quasi_poisson(y, design, weight * len(y) / weight.sum())
    slope, p = 0.0, 1.0
    if trend:
        slope = float(beta[-1]) / 52.0
        error = math.sqrt(dispersion * float(covariance[-1, -1]))
        p = student_two_sided(abs(float(beta[-1])) / error, len(y) - design.shape[1]) if error > 0 else 1.0
    return _Fitted(float(beta[0]) - slope * middle, slope, dispersion, p)
