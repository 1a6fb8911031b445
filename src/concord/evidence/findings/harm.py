"""Counts weighted by harm, with how much hangs on few events. Pure.

Source: Sherman, Neyroud and Neyroud (2016) for weighing crime by harm; compound Poisson for the interval. The weights
themselves are licensed or belong to their makers: a partnership loads its own, with source and licence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from concord.evidence.findings.quantiles import normal
from concord.kernel.measures import Estimate, Interval


@dataclass(frozen=True, slots=True)
class Harm:
    """`total` in the unit of the weights; `top_share`: the share of the single weightiest event; `unweighted` events
    had no weight and are not in the total."""

    total: Estimate
    top_share: float
    unweighted: int


def weighted(counts: Mapping[str, int], weights: Mapping[str, float], *, unit: str, level: float = 0.95) -> Harm:
    """Sum of counts times weights; the variance is the sum of n times the square of the weight."""
    known = {code: n for code, n in counts.items() if code in weights and n > 0}
    total = sum(n * weights[code] for code, n in known.items())
    reach = normal((1 + level) / 2) * math.sqrt(sum(n * weights[code] ** 2 for code, n in known.items()))
    estimate = Estimate(total, unit, Interval(max(0.0, total - reach), total + reach, level), "compound Poisson")
    top = max((weights[code] for code in known), default=0.0)
    return Harm(estimate, top / total if total else 0.0, sum(counts.values()) - sum(known.values()))
