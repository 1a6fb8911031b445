"""Intervals and rates as public health uses them. Every function is pure and returns an `Estimate` or plain numbers.

Sources: APHO Technical Briefing 3 (2008) and the Fingertips technical guidance for rates and shares; Breslow and Day
(1987) for Byar's approximation; Garwood (1936); Wilson (1927); Rothman's log-Wald interval for ratios.
"""

from __future__ import annotations

import math

from concord.evidence.findings.quantiles import chi_squared, normal
from concord.kernel.intervals import wilson
from concord.kernel.measures import Estimate, Interval

EXACT_BELOW = 10
"""Fingertips: exact limits under ten events, Byar's at ten or more."""


def _z(level: float) -> float:
    return normal((1 + level) / 2)


def garwood(events: float, level: float = 0.95) -> tuple[float, float]:
    """Exact Poisson limits of a count; nought events have a lower limit of nought."""
    tail = (1 - level) / 2
    low = chi_squared(tail, 2 * events) / 2 if events > 0 else 0.0
    return low, chi_squared(1 - tail, 2 * events + 2) / 2


def byar(events: float, level: float = 0.95) -> tuple[float, float]:
    """Byar's approximation to the Poisson limits of a count. The lower limit is never under nought."""
    z = _z(level)
    low = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3 if events > 0 else 0.0
    more = events + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3


def poisson_limits(events: float, level: float = 0.95) -> tuple[float, float, str]:
    """Limits of a count, and the name of the method: exact under ten events, else Byar's."""
    if events < EXACT_BELOW:
        return *garwood(events, level), "exact Poisson (Garwood)"
    return *byar(events, level), "Byar's approximation"


def rate(
    events: float, population: float, *, per: float = 1_000.0, level: float = 0.95, of: str = "residents"
) -> Estimate:
    """Events per `per` of the population, with its interval.

    Raises ValueError where the population is not above nought.
    """
    if population <= 0:
        raise ValueError(f"a rate needs a population above nought, not {population}")
    low, high, method = poisson_limits(events, level)
    scale = per / population
    return Estimate(events * scale, f"per {per:,.0f} {of}", Interval(low * scale, high * scale, level), method)


def share(part: float, whole: float, level: float = 0.95) -> Estimate:
    """A percentage with its Wilson interval."""
    low, high = wilson(part, whole, level)
    return Estimate(100 * part / whole, "%", Interval(100 * low, 100 * high, level), "Wilson score")


def rate_ratio(
    events: float, exposure: float, other: float, other_exposure: float, level: float = 0.95
) -> Estimate | None:
    """The ratio of two rates, with the log-Wald interval √(1/a + 1/b); None where either count is nought."""
    if not (events and other and exposure and other_exposure):
        return None
    value = (events / exposure) / (other / other_exposure)
    step = math.exp(_z(level) * math.sqrt(1 / events + 1 / other))
    return Estimate(value, "ratio", Interval(value / step, value * step, level), "log-Wald")


def percent_change(
    now: float, before: float, *, days_now: float = 1.0, days_before: float = 1.0, level: float = 0.95
) -> Estimate | None:
    """Change from `before` to `now` in per cent, for periods of these lengths; None where either is nought."""
    ratio = rate_ratio(now, days_now, before, days_before, level)
    if ratio is None or ratio.interval is None:
        return None
    low, high = (100 * (limit - 1) for limit in (ratio.interval.low, ratio.interval.high))
    return Estimate(100 * (ratio.value - 1), "% change", Interval(low, high, level), "ratio of two counts, log-Wald")
