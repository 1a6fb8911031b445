"""A small map of points, drawn by the server: north is up, a bar says how far things are apart. The table beside it
says the same. It holds no streets: Concord asks no map service anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from concord.desk.referrals.rules import SubjectLine

WIDTH, HEIGHT, MARGIN = 640, 320, 40
METRES_A_DEGREE = 111_320
"""Of latitude, on a sphere of the earth's mean radius: near enough for a drawing."""
NEAREST = 400.0
"""Metres across below which the map is not drawn closer: one point alone still has a bar that means something."""


@dataclass(frozen=True, slots=True)
class Mark:
    number: int
    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Drawing:
    marks: tuple[Mark, ...]
    bar: float
    """Length of the bar in the drawing's units."""
    bar_words: str
    width: int = WIDTH
    height: int = HEIGHT


def drawn(subjects: Iterable[SubjectLine]) -> Drawing | None:
    """Those with a point, numbered in their order; None where there is none."""
    known = [(each, each.latitude, each.longitude) for each in subjects]
    points = [(each, lat, lon) for each, lat, lon in known if lat is not None and lon is not None]
    if not points:
        return None
    middle = sum(lat for _, lat, _ in points) / len(points)
    east = METRES_A_DEGREE * math.cos(math.radians(middle))
    xs, ys = [lon * east for _, _, lon in points], [lat * METRES_A_DEGREE for _, lat, _ in points]
    across = max(max(xs) - min(xs), NEAREST)
    up = max(max(ys) - min(ys), NEAREST / 2)
    scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / up)
    centre = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    marks = tuple(
        Mark(
            number,
            round(WIDTH / 2 + (x - centre[0]) * scale, 1),
            round(HEIGHT / 2 - (y - centre[1]) * scale, 1),
            each.name,
        )
        for number, ((each, _, _), x, y) in enumerate(zip(points, xs, ys, strict=True), start=1)
    )
    metres = _round(120 / scale)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return Drawing(marks, round(metres * scale, 1), words)


def _round(metres: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not more."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(each * power for each in (1, 2, 5) if each * power <= metres)
