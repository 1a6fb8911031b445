"""Comparing areas with the whole, and counts over time. Pure; scipy only.

Sources: Spiegelhalter (2005) for funnels, with exact Poisson limits and the labels of PHEindicatormethods (UKHSA);
McCullagh and Nelder (1989) for the quasi-Poisson trend.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from concord.evidence.findings.quantiles import chi_squared, chi_squared_tail, student, student_two_sided
from concord.kernel.measures import Estimate, Interval


def funnel_label(observed: float, expected: float) -> str:
    """`high`/`low` beyond 95% limits (0.025 each side), with `far` beyond 99.8% (0.001), else empty.

    An observed count is high where its own exact lower limit is above what was expected.
    """
    for tail, word in ((0.001, "far "), (0.025, "")):
        if observed > 0 and chi_squared(tail, 2 * observed) / 2 > expected:
            return f"{word}above the borough"
        if chi_squared(1 - tail, 2 * observed + 2) / 2 < expected:
            return f"{word}below the borough"
    return ""


def trend(counts: Sequence[float], exposure: Sequence[float], level: float = 0.95) -> tuple[Estimate, float] | None:
    """Average change per year, in per cent, over equally spaced months, with the two-sided p-value.

    Quasi-Poisson regression of counts on time with the log of exposure as offset; the dispersion is never taken
    below one. None with fewer than twelve months or nothing counted.
    """
    y = np.asarray(counts, dtype=float)
    days = np.asarray(exposure, dtype=float)
    if len(y) < 12 or not y.sum():
        return None
    x = np.column_stack([np.ones(len(y)), np.arange(len(y)) / 12.0])
    beta = np.array([np.log(y.sum() / days.sum()), 0.0])
    for _ in range(50):
        mean = days * np.exp(x @ beta)
        information = x.T @ (x * mean[:, None])
        step = np.linalg.solve(information, x.T @ (y - mean))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    mean = days * np.exp(x @ beta)
    free = len(y) - 2
    dispersion = max(1.0, float((((y - mean) ** 2) / mean).sum()) / free)
    error = float(np.sqrt(dispersion * np.linalg.inv(x.T @ (x * mean[:, None]))[1, 1]))
    reach = student((1 + level) / 2, free) * error
    low, value, high = (100 * (float(np.exp(beta[1] + move)) - 1) for move in (-reach, 0.0, reach))
    p = student_two_sided(float(beta[1]) / error, free)
    return Estimate(value, "% change a year", Interval(low, high, level), "quasi-Poisson trend"), p


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
