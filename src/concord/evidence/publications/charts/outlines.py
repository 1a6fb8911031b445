"""Boundaries as a sheet of paper: matched to a table's areas, laid out in points, simplified to what an eye can see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord.evidence.publications.charts.layers import LETTER
from concord.evidence.publications.drawing import Spec
from concord.evidence.publications.tables import Point
from concord.kernel.errors import BadInput

TOLERANCE = 0.7
"""Detail below this, in points, is left out. Neighbours keep their common edge."""
TALLEST = 1.1
"""Greatest height of a map as a share of its width."""
_LINE = 13.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: `x`, `y` is where its label stands, `across` and `down` how much room there is at that place."""

    name: str
    point: Point | None
    outline: Spec
    x: float
    y: float
    across: float
    down: float
    geometry: Any

    def holds(self, text: str, lines: int) -> bool:
        """Whether so many lines, of which this is one, fit inside."""
        return len(text) * LETTER * 0.86 <= self.across and lines * _LINE <= self.down


@dataclass(frozen=True, slots=True)
class Sheet:
    """Areas of the table's level, and outlines of larger areas for a reader to find them by."""

    shapes: tuple[Shape, ...]
    larger: tuple[Shape, ...]
    width: float
    height: float

    @property
    def context(self) -> list[Spec]:
        return [shape.outline for shape in self.larger]

    def holder(self, shape: Shape) -> Shape | None:
        """The larger area that the label of `shape` lies in."""
        import shapely

        place = shapely.Point(shape.x, shape.y)
        return next((one for one in self.larger if one.geometry.covers(place)), None)


def known(points: Sequence[Point], shapes: Mapping[str, Any]) -> bool:
    """Whether any of the points has a boundary."""
    names = {point.category: point for point in points}
    return any(_point_of(feature, names) is not None for feature in shapes["features"])


def laid_out(points: Sequence[Point], shapes: Mapping[str, Any], width: float) -> Sheet:
    """The features that the points name (by any of their properties), `width` wide.

    Where the file holds several levels (`level` in a feature's properties), the one that names most points is drawn,
    and levels with fewer and larger areas lend their outlines. Raises BadInput where no feature names any point.
    """
    by_level: dict[str, list[Mapping[str, Any]]] = {}
    for feature in shapes["features"]:
        by_level.setdefault(str(feature["properties"].get("level", "")), []).append(feature)
    names = {point.category: point for point in points}
    hits = {
        level: sum(_point_of(feature, names) is not None for feature in features)
        for level, features in by_level.items()
    }
    chosen = max(hits, key=lambda level: (hits[level], level), default="")
    if not hits.get(chosen):
        raise BadInput(
            "None of the areas in the table has a boundary to draw",
            why=f"The table has {', '.join(list(names)[:3])} and so on; no boundary has those names or codes.",
            next_step="Give boundaries of the same areas and vintage in `areas.geojson`, or draw it as `rates`.",
        )
    drawn = by_level[chosen]
    larger = [
        feature for level, some in by_level.items() if level != chosen and len(some) < len(drawn) for feature in some
    ]
    return _sheet(drawn, larger, names, width)


def _point_of(feature: Mapping[str, Any], names: Mapping[str, Point]) -> Point | None:
    """The point that a feature's properties name, by any of its names or codes."""
    return next((names[str(value)] for value in feature["properties"].values() if str(value) in names), None)


def _title(feature: Mapping[str, Any]) -> str:
    properties = feature["properties"]
    for key in ("name", "ward_name", "code", "ward_code"):
        if properties.get(key):
            return str(properties[key])
    return ""


def _sheet(
    drawn: Sequence[Mapping[str, Any]],
    larger: Sequence[Mapping[str, Any]],
    names: Mapping[str, Point],
    width: float,
) -> Sheet:
    import numpy as np
    import shapely

    geometries = np.array([shapely.geometry.shape(f["geometry"]) for f in (*drawn, *larger)], dtype=object)
    west, south, east, north = shapely.total_bounds(geometries[: len(drawn)])
    narrowing = math.cos(math.radians((south + north) / 2))  # a degree of longitude, over one borough
    across, down = (east - west) * narrowing, north - south
    scale = min(width / across, width * TALLEST / down)

    def on_paper(coordinates: Any) -> Any:
        return np.column_stack([(coordinates[:, 0] - west) * narrowing * scale, (north - coordinates[:, 1]) * scale])

    flat = shapely.normalize(shapely.transform(geometries, on_paper))
    inner = shapely.coverage_simplify(flat[: len(drawn)], TOLERANCE)
    outer = shapely.coverage_simplify(flat[len(drawn) :], TOLERANCE) if larger else []
    shapes = tuple(
        _shape(_title(feature), _point_of(feature, names), geometry)
        for feature, geometry in zip(drawn, inner, strict=True)
    )
    context = tuple(_shape(_title(feature), None, geometry) for feature, geometry in zip(larger, outer, strict=True))
    return Sheet(shapes, context, round(across * scale, 1), round(down * scale, 1))


def _shape(name: str, point: Point | None, geometry: Any) -> Shape:
    import shapely

    body = max(shapely.get_parts(geometry), key=lambda part: part.area)
    middle = shapely.maximum_inscribed_circle(body, tolerance=1.0)
    x, y = middle.coords[0]
    west, north, east, south = body.bounds
    level = shapely.LineString([(west - 1, y), (east + 1, y)]).intersection(body)
    plumb = shapely.LineString([(x, north - 1), (x, south + 1)]).intersection(body)
    return Shape(
        name,
        point,
        _outline(geometry),
        round(x, 1),
        round(y, 1),
        _through(level, x, 0),
        _through(plumb, y, 1),
        geometry,
    )


def _through(line: Any, at: float, axis: int) -> float:
    """Twice the distance from the label to the nearer side: what a centred word may take."""
    import shapely

    for part in shapely.get_parts(line):
        ends = sorted(place[axis] for place in part.coords)
        if len(ends) > 1 and ends[0] <= at <= ends[-1]:
            return float(2 * min(at - ends[0], ends[-1] - at))
    return 0.0


def _outline(geometry: Any) -> Spec:
    """As GeoJSON in tenths of a point, the coordinates of a flat page."""
    import shapely

    polygons = [
        [[[round(x, 1), round(y, 1)] for x, y in ring.coords] for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(geometry)
        if part.area > TOLERANCE
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}
