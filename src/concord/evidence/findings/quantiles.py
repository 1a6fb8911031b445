"""Quantiles and tails of the distributions behind the intervals.

From `scipy.special` rather than `scipy.stats`: the same values, without a second and a half of import before the
first page or command.
"""

from __future__ import annotations

from scipy.special import chdtrc, gammaincinv, ndtr, ndtri, stdtr, stdtrit


def normal(probability: float) -> float:
    """Quantile of the standard normal distribution."""
    return float(ndtri(probability))


def normal_tail(value: float) -> float:
    """Probability of a standard normal value at least this large."""
    return float(ndtr(-value))


def chi_squared(probability: float, freedom: float) -> float:
    """Quantile of the chi-squared distribution with `freedom` degrees of freedom (above nought)."""
    return 2.0 * float(gammaincinv(freedom / 2.0, probability))


def chi_squared_tail(value: float, freedom: float) -> float:
    """Probability of a chi-squared value at least this large."""
    return float(chdtrc(freedom, value))


def student(probability: float, freedom: float) -> float:
    """Quantile of Student's t distribution."""
    return float(stdtrit(freedom, probability))


def student_two_sided(value: float, freedom: float) -> float:
    """Probability of a t at least this far from nought, either way."""
    return 2.0 * float(stdtr(freedom, -abs(value)))
