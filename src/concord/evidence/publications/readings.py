"""What a released table says, worked out only from what it shows: limits, positions, classes, busiest hours."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from concord.evidence.publications.tables import Point, Ranked
from concord.kernel.measures import Estimate


class Position(Enum):
    """Where an interval lies against a value. Overlap means “cannot be told apart”, never “the same”."""

    ABOVE = "above"
    SAME = "same"
    BELOW = "below"


def position(estimate: Estimate, whole: float | None, label: str = "") -> Position:
    """By the finding's own test where it made one (`label`), else by whether the interval leaves `whole` out."""
    if label:
        return Position.ABOVE if "above" in label else Position.BELOW if "below" in label else Position.SAME
    if whole is None or estimate.interval is None:
        return Position.SAME
    if estimate.interval.low > whole:
        return Position.ABOVE
    return Position.BELOW if estimate.interval.high < whole else Position.SAME


def positions(ranked: Sequence[Ranked], whole: float | None) -> dict[str, Position]:
    """Each category's place against `whole`; a finding that marked any category judged them all."""
    judged = any(one.cell.label for one in ranked)
    return {one.category: position(one.estimate, None if judged else whole, one.cell.label) for one in ranked}


@dataclass(frozen=True, slots=True)
class Limits:
    """The usual range of a monthly series, and the months outside it (category names, in order)."""

    mean: float
    low: float
    high: float
    outside: tuple[str, ...]
    trial: bool
    """Fewer than twelve points: the limits may still move."""
    runs: tuple[tuple[str, str], ...] = ()
    """Other signs of change that the finding marked, as (last month, words), one for each run."""


def limits(points: Sequence[Point], facts: Mapping[str, float]) -> Limits | None:
    """XmR limits that the finding published as facts (`mean`, `lower_limit`, `upper_limit`), if it did."""
    try:
        mean, low, high = (facts[name] for name in ("mean", "lower_limit", "upper_limit"))
    except KeyError:
        return None
    shown = [p for p in points if p.shown and p.cell.count is not None]
    outside = tuple(p.category for p in shown if not low <= (p.cell.count or 0) <= high)
    return Limits(mean, max(0.0, low), high, outside, len(shown) < 12, _runs(shown))


def _runs(shown: Sequence[Point]) -> tuple[tuple[str, str], ...]:
    """The end of each stretch of months under one mark, limits aside."""
    found = []
    for place, point in enumerate(shown):
        mark = point.cell.label
        ends = place + 1 == len(shown) or shown[place + 1].cell.label != mark
        if mark and "range" not in mark and ends:
            found.append((point.category, mark))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Classes:
    """Equal steps from nought for shading: `edges` are upper ends, the last holding the largest value."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]

    def band(self, value: float) -> int:
        return next((i for i, edge in enumerate(self.edges) if value <= edge), len(self.edges) - 1)


def classes(values: Sequence[float], *, counts: bool = False, most: int = 5) -> Classes:
    """At most `most` classes with round ends, from nought to the largest value.

    Counts get whole, non-overlapping classes (“0 to 4”, “5 to 9”); rates get “under 2”, “2 to under 4”.
    """
    top = max(values, default=0.0)
    if top < 1e-9:
        return Classes((top,), ("0",))
    if counts:
        step = max(1.0, math.ceil((top + 1) / most))
        count = math.ceil((top + 1) / step)
        edges = tuple(step * (i + 1) - 1 for i in range(count))
        labels = tuple(
            f"{int(step * i)} to {int(step * (i + 1) - 1)}" if step > 1 else f"{int(step * i)}" for i in range(count)
        )
        return Classes(edges, labels)
    scale = 10 ** math.floor(math.log10(top / most))
    step = next(scale * k for k in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12) if scale * k * most > top)
    count = math.floor(top / step) + 1
    edges = tuple(math.nextafter(step * (i + 1), 0) for i in range(count))
    text = [f"{step * i:g}" for i in range(count + 1)]
    labels = tuple(f"under {text[i + 1]}" if i == 0 else f"{text[i]} to under {text[i + 1]}" for i in range(count))
    return Classes(edges, labels)


def hour_of(category: str) -> int | None:
    """The hour that a category starts at: “18”, “18:00”, “18:00–18:59”; None for anything else."""
    found = re.match(r"(\d{1,2})(?::\d{2}|$)", category)
    return int(found[1]) if found and int(found[1]) < 24 else None


def busiest(counts: Mapping[tuple[int, str], int]) -> tuple[int, str] | None:
    """The hour and day with the most; the first in the mapping's order where several tie."""
    return max(counts, key=lambda place: counts[place], default=None)
