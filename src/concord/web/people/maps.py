"""A small map of points over the outlines of the wards, drawn by the server: north is up, a bar says how far things are
apart. The table beside it says the same. It holds no streets: Concord asks no map service anything."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings

from concord.desk.referrals.rules import SubjectLine
from concord.web.shared import partnership

Ring = tuple[str, Sequence[tuple[float, float]]]

WIDTH, HEIGHT, MARGIN = 640, 320, 40
METRES_A_DEGREE = 111_320
"""Of latitude, on a sphere of the earth's mean radius: near enough for a drawing."""
NEAREST = 400.0
"""Metres across below which the map is not drawn closer: one point alone still has a bar that means something."""
NEAREST_WARD = 1600.0
"""The same where wards are drawn: a place is found by what lies around it."""


@dataclass(frozen=True, slots=True)
class Mark:
    number: int
    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A ward: its path in the drawing, and where its name stands (nowhere, if its middle lies outside)."""

    path: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    marks: tuple[Mark, ...]
    outlines: tuple[Outline, ...]
    bar: float
    """Length of the bar in the drawing's units."""
    bar_words: str
    width: int = WIDTH
    height: int = HEIGHT


def of(subjects: Iterable[SubjectLine]) -> Drawing | None:
    """The map of those with a point, over the wards of this partnership where their boundaries are known."""
    found = list(subjects)
    if all(each.latitude is None for each in found):
        return None
    outlines = import_module(settings.CONCORD_OUTLINES)
    return drawn(found, outlines.wards(Path(settings.CONCORD_HOME), partnership.current()))


def drawn(subjects: Iterable[SubjectLine], wards: Iterable[Ring] = ()) -> Drawing | None:
    """Those with a point, numbered in their order; None where there is none. `wards` are names with their outlines, in
    degrees."""
    known = [(each, each.latitude, each.longitude) for each in subjects]
    points = [(each, lat, lon) for each, lat, lon in known if lat is not None and lon is not None]
    if not points:
        return None
    middle = sum(lat for _, lat, _ in points) / len(points)
    east = METRES_A_DEGREE * math.cos(math.radians(middle))
    xs, ys = [lon * east for _, _, lon in points], [lat * METRES_A_DEGREE for _, lat, _ in points]
    wards = tuple(wards)
    nearest = NEAREST_WARD if wards else NEAREST
    across = max(max(xs) - min(xs), nearest)
    up = max(max(ys) - min(ys), nearest / 2)
    scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / up)
    centre = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)

    def placed(x: float, y: float) -> tuple[float, float]:
        return round(WIDTH / 2 + (x - centre[0]) * scale, 1), round(HEIGHT / 2 - (y - centre[1]) * scale, 1)

    marks = tuple(
        Mark(number, *placed(x, y), each.name)
        for number, ((each, _, _), x, y) in enumerate(zip(points, xs, ys, strict=True), start=1)
    )
    lines = [(name, [placed(lon * east, lat * METRES_A_DEGREE) for lon, lat in ring]) for name, ring in wards]
    metres = _round(120 / scale)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return Drawing(marks, tuple(each for line in lines for each in _outline(*line)), round(metres * scale, 1), words)


def _outline(name: str, ring: list[tuple[float, float]]) -> Iterator[Outline]:
    """The ward in the drawing, if any of it may be there."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    if max(xs) < 0 or min(xs) > WIDTH or max(ys) < 0 or min(ys) > HEIGHT:
        return
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in ring) + " Z"
    # The name stands in the middle of what is seen of the ward, where that is wide enough to hold it.
    left, right = max(min(xs), 0.0), min(max(xs), WIDTH)
    top, bottom = max(min(ys), 0.0), min(max(ys), HEIGHT)
    holds = right - left > 9 * len(name) and bottom - top > 30
    yield Outline(path, name if holds else "", round((left + right) / 2, 1), round((top + bottom) / 2, 1))


def _round(metres: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not more."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(each * power for each in (1, 2, 5) if each * power <= metres)
