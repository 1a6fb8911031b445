"""Comparing areas with the whole, and counts over time. Pure; scipy only.

Sources: Spiegelhalter (2005) for funnels, with exact Poisson limits and the labels of PHEindicatormethods (UKHSA);
McCullagh and Nelder (1989) for the quasi-Poisson trend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from concord.evidence.findings.quantiles import chi_squared, chi_squared_tail, normal, student, student_two_sided
from concord.kernel.measures import Estimate, Interval


def funnel_label(observed: float, expected: float, whole: str = "the borough") -> str:
    """`above`/`below` `whole` beyond 95% limits (0.025 each side), with `far` beyond 99.8% (0.001), else empty.

    An observed count is above where its own exact lower limit is above what was expected.
    """
    for tail, word in ((0.001, "far "), (0.025, "")):
        if observed > 0 and chi_squared(tail, 2 * observed) / 2 > expected:
            return f"{word}above {whole}"
        if chi_squared(1 - tail, 2 * observed + 2) / 2 < expected:
            return f"{word}below {whole}"
    return ""


def trend(counts: Sequence[float], exposure: Sequence[float], level: float = 0.95) -> tuple[Estimate, float] | None:
    """Average change per year, in per cent, over equally spaced months, with the two-sided p-value.

    Quasi-Poisson regression of counts on time with the log of exposure as offset; the dispersion is never taken
    below one. None with fewer than twelve months or nothing counted.
    """
    y = np.asarray(counts, dtype=float)
    if len(y) < 12 or not y.sum():
        return None
    slope, error, pearson = _log_linear(y, np.asarray(exposure, dtype=float), np.arange(len(y)) / 12.0)
    free = len(y) - 2
    error *= math.sqrt(max(1.0, pearson / free))
    estimate = _yearly(slope, student((1 + level) / 2, free) * error, level, "quasi-Poisson trend")
    return estimate, student_two_sided(slope / error, free)


CALLED_AT = 0.002
"""A trend over five years is called at 99.8%, as Fingertips does: so many measures are looked at."""
ANNUAL_POINTS = 5


def annual_trend(counts: Sequence[float], exposure: Sequence[float]) -> tuple[Estimate, float, str] | None:
    """Average change a year in a yearly rate, the p of the test for a linear trend in rates, and what to call it.

    Poisson regression on time with exposure as offset, 95% limits; the test is the score test for a trend (Armitage),
    called at 99.8% on five points (`rising`, `falling`, else `no clear trend`). With three or four points nothing is
    called; None with fewer, or where nothing was counted.
    """
    y, n = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    if len(y) < 3 or not y.sum():
        return None
    slope, error, _ = _log_linear(y, n, np.arange(len(y), dtype=float))
    time = np.arange(len(y)) - (n * np.arange(len(y))).sum() / n.sum()
    rate = y.sum() / n.sum()
    score = float((time * y).sum() / math.sqrt(rate * (n * time * time).sum()))
    p = chi_squared_tail(score * score, 1)
    word = (
        "" if len(y) < ANNUAL_POINTS else "no clear trend" if p >= CALLED_AT else "rising" if slope > 0 else "falling"
    )
    return _yearly(slope, normal(0.975) * error, 0.95, "Poisson trend over years"), p, word


def _yearly(slope: float, reach: float, level: float, method: str) -> Estimate:
    low, value, high = (100 * (math.exp(slope + move) - 1) for move in (-reach, 0.0, reach))
    return Estimate(value, "% change a year", Interval(low, high, level), method)


def _log_linear(y: np.ndarray, exposure: np.ndarray, time: np.ndarray) -> tuple[float, float, float]:
    """Slope, its standard error without overdispersion, and Pearson's χ² of a log-linear fit with an offset."""
    x = np.column_stack([np.ones(len(y)), time])
    beta = np.array([np.log(y.sum() / exposure.sum()), 0.0])
    for _ in range(50):
        mean = exposure * np.exp(x @ beta)
        step = np.linalg.solve(x.T @ (x * mean[:, None]), x.T @ (y - mean))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    mean = exposure * np.exp(x @ beta)
    error = float(np.sqrt(np.linalg.inv(x.T @ (x * mean[:, None]))[1, 1]))
    return float(beta[1]), error, float((((y - mean) ** 2) / mean).sum())


def trend_test(parts: Sequence[float], wholes: Sequence[float]) -> tuple[float, float]:
    """χ² for a linear trend in proportions, with its p-value (Armitage, as R's prop.trend.test).

    Raises ValueError where fewer than three proportions are given.
    """
    x, n = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    if len(x) < 3:
        raise ValueError("a trend needs at least three proportions")
    score = np.arange(1, len(x) + 1)
    whole = x.sum() / n.sum()
    centre = (n * score).sum() / n.sum()
    top = (x * (score - centre)).sum() ** 2
    bottom = whole * (1 - whole) * (n * (score - centre) ** 2).sum()
    value = float(top / bottom)
    return value, chi_squared_tail(value, 1)
