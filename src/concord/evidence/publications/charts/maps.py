"""Shaded charts of released tables: areas on a map, hours of the week; hidden cells are hatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.publications import readings, words
from concord.evidence.publications.charts.layers import key
from concord.evidence.publications.drawing import (
    HATCH,
    INK,
    MUTED,
    PALE,
    PATTERNS,
    PINK,
    RAMP,
    RULE,
    WIDTH,
    Row,
    Spec,
    config,
    shades,
    values,
)
from concord.evidence.publications.tables import Point


def areas(points: Sequence[Point], shapes: Mapping[str, Any], noun: str) -> Spec:
    """Areas shaded by rate in at most five equal classes, each named and numbered; hidden areas hatched."""
    by_name = {p.category: p for p in points}
    scale = readings.classes(
        [words.rounded(p.cell.estimate) for p in points if p.cell.estimate is not None and p.shown]
    )
    ramp = shades(len(scale.labels))
    features: list[Row] = []
    labels: list[Row] = []
    for feature in shapes["features"]:
        properties = feature["properties"]
        name = str(properties.get("ward_name") or properties.get("name") or properties.get("ward_code"))
        point = by_name.get(name) or by_name.get(str(properties.get("ward_code")))
        estimate = point.cell.estimate if point is not None and point.shown else None
        mark = point.mark if point is not None else words.mark("not_published")
        band = scale.band(words.rounded(estimate)) if estimate is not None else None
        lon, lat = _middle(feature["geometry"])
        features.append(
            {
                "type": "Feature",
                "geometry": _clockwise(feature["geometry"]),
                "properties": {"fill": HATCH if band is None else ramp[band]},
            }
        )
        dark = band is not None and ramp[band] in RAMP[3:]
        labels += [
            {"lon": lon, "lat": lat, "t": line, "dark": dark, "dy": dy, "bold": bold}
            for line, dy, bold in _stack(name, words.value(estimate) if estimate is not None else mark)
        ]
    projection = {"type": "mercator"}  # over one borough its scale does not change to the eye
    geo = {"longitude": {"field": "lon", "type": "quantitative"}, "latitude": {"field": "lat", "type": "quantitative"}}
    layers: list[Spec] = [
        {
            "data": {"values": {"type": "FeatureCollection", "features": features}, "format": {"property": "features"}},
            "mark": {"type": "geoshape", "stroke": PALE, "strokeWidth": 1.5},
            "encoding": {"color": {"field": "properties.fill", "type": "nominal", "scale": None}},
        }
    ]
    for dark in (False, True):
        for dy in sorted({label["dy"] for label in labels}):
            some = [label for label in labels if label["dark"] is dark and label["dy"] == dy]
            for bold in (False, True):
                chosen = [label for label in some if label["bold"] is bold]
                if chosen:
                    layers.append(
                        {
                            "data": values(chosen),
                            "mark": {
                                "type": "text",
                                "fontSize": 11,
                                "dy": dy,
                                "fontWeight": "bold" if bold else "normal",
                                "color": PALE if dark else INK,
                            },
                            "encoding": {**geo, "text": {"field": "t"}},
                        }
                    )
    hidden = any(feature["properties"]["fill"] == HATCH for feature in features)
    panel = {"width": WIDTH, "height": 420, "projection": projection, "layer": layers}
    return _with_key(panel, noun, scale, hidden=hidden)


def classes(points: Sequence[Point], shapes: Mapping[str, Any], width: int = WIDTH) -> Spec:
    """Areas in named classes, each with its own shade and pattern; hidden areas hatched."""
    found = readings.classed(points)
    fills = dict(zip(found, PATTERNS, strict=False))
    by_name = {p.category: p for p in points}
    features: list[Row] = []
    for feature in shapes["features"]:
        point = _point_of(feature["properties"], by_name)
        shown = point is not None and point.shown
        fill = fills.get((point.cell.label or readings.STRENGTH[-1]), RAMP[0]) if shown and point else HATCH
        features.append({
            "type": "Feature", "geometry": _clockwise(feature["geometry"]), "properties": {"fill": fill},
        })  # fmt: skip
    panel: Spec = {
        "width": width - 20,
        "height": 420,
        "projection": {"type": "mercator"},
        "layer": [
            {
                "data": {"values": {"type": "FeatureCollection", "features": features},
                         "format": {"property": "features"}},
                "mark": {"type": "geoshape", "stroke": MUTED, "strokeWidth": 0.75},
                "encoding": {"color": {"field": "properties.fill", "type": "nominal", "scale": None}},
            }
        ],
    }  # fmt: skip
    entries = [{"label": name, "fill": fill} for name, fill in fills.items()]
    if any(feature["properties"]["fill"] == HATCH for feature in features):
        entries.append({"label": "not shown", "fill": HATCH})
    return {"vconcat": [key(entries, width - 20, most=4 if width >= WIDTH else 2), panel], "spacing": 14,
            "config": config()}  # fmt: skip


def _point_of(properties: Mapping[str, Any], by_name: Mapping[str, Point]) -> Point | None:
    """The point that an area's properties name, by any of its names or codes."""
    return next((by_name[str(value)] for value in properties.values() if str(value) in by_name), None)


def _stack(name: str, figure: str) -> list[tuple[str, int, bool]]:
    """An area's label as lines: its name, broken at a space where long, and its figure in bold beneath."""
    parts = name.split(" ")
    cut = max(1, len(parts) // 2)
    lines = [name] if len(name) <= 11 or len(parts) == 1 else [" ".join(parts[:cut]), " ".join(parts[cut:])]
    heights = range(-7 * len(lines), 100, 13)
    return [(text, dy, False) for text, dy in zip(lines, heights, strict=False)] + [(figure, heights[len(lines)], True)]


def _rings(geometry: Mapping[str, Any]) -> list[list[list[list[float]]]]:
    polygons: list[list[list[list[float]]]] = (
        [geometry["coordinates"]] if geometry["type"] == "Polygon" else list(geometry["coordinates"])
    )
    return polygons


def _area(ring: Sequence[Sequence[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _clockwise(geometry: Mapping[str, Any]) -> Spec:
    """d3 reads outer rings clockwise (the reverse of RFC 7946); a ring the other way would fill the whole globe."""
    turned = [
        [ring if (_area(ring) < 0) is (n == 0) else ring[::-1] for n, ring in enumerate(polygon)]
        for polygon in _rings(geometry)
    ]
    return {"type": "MultiPolygon", "coordinates": turned}


def _middle(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """The centroid of the largest outer ring."""
    ring = max((polygon[0] for polygon in _rings(geometry)), key=lambda r: abs(_area(r)))
    size = _area(ring)
    if not size:
        return ring[0][0], ring[0][1]
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * size)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (6 * size)
    return x, y


def heat(table: ReleasedTable, hour_at: int, day_at: int, noun: str) -> Spec:
    """Hours across, weekdays down, darker for more; the busiest cell carries its number, hidden cells are hatched."""
    hours = [c for c in table.dimensions[hour_at].categories if readings.hour_of(c) is not None]
    days = [c for c in table.dimensions[day_at].categories if c != "Total"]
    grid: list[Row] = []
    for cell in table.cells:
        hour, day = cell.key[hour_at], cell.key[day_at]
        if hour in hours and day in days:
            grid.append({"h": readings.hour_of(hour), "d": day, "n": cell.count, "shown": cell.hidden is None})
    scale = readings.classes([float(g["n"]) for g in grid if g["shown"]], counts=True)
    ramp = shades(len(scale.labels))
    for g in grid:
        g["fill"] = ramp[scale.band(float(g["n"]))] if g["shown"] else HATCH
    place = readings.busiest({(g["h"], g["d"]): g["n"] for g in grid if g["shown"]})
    best = next((g for g in grid if (g["h"], g["d"]) == place), None)
    x = {
        "field": "h",
        "type": "ordinal",
        "axis": {
            "title": "Hour of the day, starting",
            "labelAngle": 0,
            "domain": False,
            "ticks": False,
            "labelExpr": "datum.value % 3 == 0 ? (datum.value < 10 ? '0' : '') + datum.value + ':00' : ''",
            "labelOverlap": False,
        },
        "scale": {"domain": list(range(24)), "paddingInner": 0.05},
    }
    y = {
        "field": "d",
        "type": "nominal",
        "sort": days,
        "axis": {"title": None, "domain": False, "ticks": False, "labelExpr": "slice(datum.label, 0, 3)"},
        "scale": {"paddingInner": 0.05},
    }
    layers: list[Spec] = [
        {
            "data": values(grid),
            "mark": {"type": "rect"},
            "encoding": {"x": x, "y": y, "color": {"field": "fill", "type": "nominal", "scale": None}},
        }
    ]
    if best is not None:
        dark = best["fill"] in RAMP[3:]
        layers += [
            {
                "data": values([best]),
                "mark": {"type": "rect", "fillOpacity": 0, "stroke": PINK, "strokeWidth": 3},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": values([best]),
                "mark": {"type": "text", "fontWeight": "bold", "fontSize": 12, "color": PALE if dark else INK},
                "encoding": {"x": x, "y": y, "text": {"field": "n"}},
            },
        ]
    panel = {"width": WIDTH - 40, "height": 210, "layer": layers}
    return _with_key(panel, noun, scale, hidden=any(not g["shown"] for g in grid))


def _with_key(panel: Spec, noun: str, scale: readings.Classes, *, hidden: bool) -> Spec:
    """The panel under a key of its classes, which says in words what each shade and the hatching mean."""
    ramp = shades(len(scale.labels))
    keys = [{"label": text, "fill": ramp[i]} for i, text in enumerate(scale.labels)]
    if hidden:
        keys.append({"label": "not shown", "fill": HATCH})
    dark = " || ".join(f"datum.fill == '{shade}'" for shade in RAMP[3:])
    swatch = {
        "mark": {"type": "rect", "stroke": RULE, "strokeWidth": 0.5},
        "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
    }
    text = {
        "mark": {"type": "text", "fontSize": 12},
        "encoding": {
            "text": {"field": "label"},
            "color": {"condition": {"test": dark, "value": PALE}, "value": INK},
        },
    }
    order = [key["label"] for key in keys]
    across = {"field": "label", "type": "nominal", "sort": order, "axis": None, "scale": {"paddingInner": 0.04}}
    key = {
        "width": panel["width"],
        "height": 18,
        "data": values(keys),
        "title": {"text": noun, "anchor": "start", "fontSize": 13, "color": MUTED, "fontWeight": "normal"},
        "encoding": {"x": across},
        "layer": [swatch, text],
    }
    return {"vconcat": [key, panel], "spacing": 14, "config": config()}
