"""Ways of drawing that give a known share: exact counts where a property is promised, chance elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from concord.synthetic.population import FEMALE, MALE, Population


def objects(values: Sequence[object]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def apportion(shares: Sequence[float] | np.ndarray, total: int) -> np.ndarray:
    """Whole numbers as near to `shares` as can be that add up to `total` (largest remainders)."""
    weights = np.asarray(shares, float)
    exact = weights / weights.sum() * total
    counts = np.floor(exact).astype(np.int64)
    largest = np.argsort(-(exact - counts), kind="stable")[: total - int(counts.sum())]
    counts[largest] += 1
    return counts


def dealt(rng: np.random.Generator, values: Sequence[object], shares: Sequence[float], total: int) -> np.ndarray:
    """`total` values in random order, each as often as its share says, to the nearest whole number."""
    return rng.permutation(np.repeat(objects(values), apportion(shares, total)))


def exactly(rng: np.random.Generator, share: float, total: int) -> np.ndarray:
    """A mask over `total`, true for `share` of it to the nearest whole number."""
    mask = np.zeros(total, dtype=bool)
    mask[rng.permutation(total)[: round(share * total)]] = True
    return mask


def count(yearly: float, size: float, years: float) -> int:
    return int(yearly * size * years + 0.5)


def residents(
    rng: np.random.Generator, people: Population, day: np.ndarray, low: float, high: float, male_share: float
) -> np.ndarray:
    """Someone between two ages on each day; exactly the share of them male. Ages in years, `high` excluded."""
    sex = np.where(exactly(rng, male_share, len(day)), MALE, FEMALE)
    age = rng.uniform(low + 0.15, high - 0.15, len(day))
    return people.nearest(rng, sex, (day - age * 365.2425).astype(np.int64))


def flags(mask: np.ndarray) -> np.ndarray:
    return np.where(mask, "Y", "N").astype(object)


def references(prefix: str, total: int) -> np.ndarray:
    return objects([f"{prefix}-{number:06d}-SYN" for number in range(1, total + 1)])
