"""How much neither of two sources sees: police and hospital records of the same violence. Pure.

Source: Chapman (1951) and Seber (1970). It rests on the two seeing independently, on the same place and time, and on
knowing which records are of one event; where little overlaps, the only honest answer is that it cannot be estimated.
"""

from __future__ import annotations

import math

from concord.evidence.findings.quantiles import normal
from concord.kernel.measures import Estimate, Interval

LEAST_OVERLAP = 7
"""Below this many events in both, Chapman's estimate is biased (Robson and Regier 1964) and is not given."""


def unseen(first: int, second: int, both: int, level: float = 0.95) -> Estimate | None:
    """All events, seen or not, from those in each source and in both; None where it cannot be estimated.

    Limits are log-normal on what neither saw, so that they never fall below what was seen.
    Raises ValueError where more were in both than in either.
    """
    if both > min(first, second) or both < 0:
        raise ValueError("there cannot be more in both than in either")
    if both < LEAST_OVERLAP:
        return None
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    seen = first + second - both
    hidden = total - seen
    if hidden <= 0 or variance == 0:
        return Estimate(total, "events", Interval(float(seen), max(total, float(seen)), level), "Chapman")
    step = math.exp(normal((1 + level) / 2) * math.sqrt(math.log(1 + variance / hidden**2)))
    return Estimate(
        total, "events", Interval(seen + hidden / step, seen + hidden * step, level), "Chapman, log-normal limits"
    )
