"""Wilson's interval of a proportion, wherever a share is stated."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(part: float, whole: float, level: float = 0.95) -> tuple[float, float]:
    """Score limits of `part` of `whole`, between 0 and 1. Source: Wilson (1927).

    Raises ValueError where `part` is not within `whole`.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is not a proportion")
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = 2 * part + z * z
    spread = z * math.sqrt(z * z + 4 * part * (1 - part / whole))
    low, high = ((centre + sign * spread) / (2 * (whole + z * z)) for sign in (-1, 1))
    return max(low, 0.0) if part else 0.0, min(high, 1.0) if part < whole else 1.0
