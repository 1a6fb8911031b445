"""How much more often something happens to one group than to another, and how far the unknowns could move that. Pure.

Sources: Uhrig (2016) and OJJDP for the relative rate index (the denominator is the stage before); Rothman for log-Wald
intervals; Garwood's limits, conditioned on the total (Clopper and Pearson 1934), for small counts; the Race Disparity
Unit on treating “not stated” as missing. Ethnicity stands here as what is measured, never as what anyone is judged by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from concord.evidence.findings.quantiles import normal
from concord.evidence.findings.statistics import rate_ratio
from concord.kernel.measures import Estimate, Interval

EXACT_BELOW = 10


def relative_rate(
    events: int, base: float, reference_events: int, reference_base: float, level: float = 0.95
) -> Estimate | None:
    """Rate of a group over that of the reference group. Exact limits where either count is below ten.

    None where the reference has no events, so that there is nothing to compare with.
    """
    if not reference_events or base <= 0 or reference_base <= 0:
        return None
    if min(events, reference_events) >= EXACT_BELOW:
        return rate_ratio(events, base, reference_events, reference_base, level)
    low, high = exact_limits(events, reference_events, level)
    scale = reference_base / base
    return Estimate(
        events / reference_events * scale, "ratio", Interval(low * scale, high * scale, level), "exact, given the total"
    )


def exact_limits(one: int, other: int, level: float = 0.95) -> tuple[float, float]:
    """Limits of the ratio of two Poisson means: those of one's share of the total, as odds."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(one, other + 1, tail)) if one else 0.0
    high = float(betaincinv(one + 1, other, 1 - tail))
    return low / (1 - low), high / (1 - high) if high < 1 else math.inf


def relative_share(
    found: int, searched: int, reference_found: int, reference_searched: int, level: float = 0.95
) -> Estimate | None:
    """Ratio of two shares (find rates): log-Wald, with binomial variance. None where either share is nought.

    Raises ValueError where more was found than searched.
    """
    if found > searched or reference_found > reference_searched:
        raise ValueError("more was found than searched")
    if not found or not reference_found:
        return None
    value = (found / searched) / (reference_found / reference_searched)
    error = math.sqrt(1 / found - 1 / searched + 1 / reference_found - 1 / reference_searched)
    step = math.exp(normal((1 + level) / 2) * error)
    return Estimate(value, "ratio", Interval(value / step, value * step, level), "log-Wald")


@dataclass(frozen=True, slots=True)
class Bounds:
    """`stated`: the ratio among those whose group is stated. `low` and `high`: the ratio if all the unstated belonged
    to the reference group, or all to this group: nothing that the unstated can be lies outside."""

    stated: float
    low: float
    high: float
    unstated_share: float


def bounds(events: int, base: float, reference_events: int, reference_base: float, unstated: int, all_events: int) -> (
    Bounds | None
):  # fmt: skip
    """How far events of nobody's stated group could move a ratio. None where the reference could have no events."""
    if not reference_events or base <= 0 or reference_base <= 0 or not all_events:
        return None

    def ratio(one: float, other: float) -> float:
        return (one / base) / (other / reference_base)

    return Bounds(
        ratio(events, reference_events),
        ratio(events, reference_events + unstated),
        ratio(events + unstated, reference_events),
        unstated / all_events,
    )
