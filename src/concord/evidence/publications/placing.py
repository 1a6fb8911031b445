"""Areas on a map: what they are called in a table, their classes, and which of many are told apart by a number."""

from __future__ import annotations

from collections.abc import Sequence

from concord.evidence.publications import tables
from concord.evidence.publications.tables import Point

AREAS = ("ward", "area", "neighbourhood", "lsoa", "msoa", "borough", "cell")
STRENGTH = ("persistent", "emerging", "intermittent", "former", "no pattern")
"""The order of known classes of hot spots, strongest first; others come after, rarest first."""


def classed(points: Sequence[Point]) -> dict[str, tuple[str, ...]]:
    """Shown areas by their class (the cell's word), strongest class first; those without a word are “no pattern”."""
    found: dict[str, list[str]] = {}
    for p in points:
        if p.shown:
            found.setdefault(p.cell.label or STRENGTH[-1], []).append(p.category)

    def rank(name: str) -> tuple[int, int, str]:
        words_of = name.lower()
        for place, known in enumerate(STRENGTH):
            if known in words_of:
                return (place, 0, name)
        return (len(STRENGTH) - 1, len(found[name]), name) if words_of else (99, 0, name)

    return {name: tuple(found[name]) for name in sorted(found, key=rank)}


FEW = 45
"""Up to so many areas each carries its name on a map; beyond, those that matter are numbered and told in words."""
MATTER = 5


def numbered(points: Sequence[Point]) -> list[str]:
    """The areas with the highest rates, in the order of their numbers on a map of many areas."""
    return [one.category for one in tables.ranked(points)[:MATTER]] if len(points) > FEW else []


def numbered_classes(points: Sequence[Point]) -> list[str]:
    """The areas of the strongest classes, in the order of their numbers on a map of many areas."""
    found = [name for label, names in classed(points).items() if label != STRENGTH[-1] for name in names]
    return found[:MATTER] if len(points) > FEW else []
