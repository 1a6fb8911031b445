"""Charts of released tables as SVG, drawn without a browser: Vega-Lite declarations, compiled by vl-convert.

House rules: shape or words carry every meaning that colour carries; labels stand beside what they name; axes of
counts and rates start at nought; a hidden cell is hatched or says `[c]`. Colours are the Analysis Function's
accessible palette (analysisfunction.civilservice.gov.uk, "Data visualisation: colours in charts").
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.readings import Position
from concord.evidence.publications.tables import Point

FONTS = Path(__file__).parent / "fonts"
FONT = "Inter"

INK, MUTED, RULE, BAND = "#0b0c0c", "#505a5f", "#b1b4b6", "#e8ecef"
BLUE, PINK, PALE = "#12436d", "#801650", "#ffffff"
RAMP = ("#e3edf6", "#b3cfe8", "#6bace6", "#2073bc", "#12436d")
_HATCH = "#fdfcfb"  # never drawn as it is: replaced by a hatching after compilation

WIDTH = 640
Spec = dict[str, Any]
Row = dict[str, Any]


def _config() -> Spec:
    axis = {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": MUTED,
        "domainColor": RULE,
        "tickColor": RULE,
        "gridColor": "#eef0f1",
    }
    return {
        "font": FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "text": {"fontSize": 13, "color": INK},
        "legend": {"labelFontSize": 13, "titleFontSize": 13},
    }


def _values(rows: Sequence[Mapping[str, Any]]) -> Spec:
    return {"values": [dict(row) for row in rows]}


def _nice_top(value: float) -> float:
    """The end of an axis that holds `value` with room for its label."""
    if value <= 0:
        return 1
    step = 10.0 ** math.floor(math.log10(value))
    return next(step * k for k in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * k >= value)


def trend(points: Sequence[Point], limits: readings.Limits | None) -> Spec:
    """Months as a line, with the usual range as a band; months outside it are marked and named."""
    shown = [(i, p) for i, p in enumerate(points) if p.shown]
    marked = set(limits.outside) if limits else set()
    data: list[Row] = [
        {"i": i, "n": p.cell.count, "out": p.category in marked, "name": words.month_short(p.category)}
        for i, p in shown
    ]
    top = _nice_top(max([d["n"] for d in data if d["n"] is not None] + [limits.high if limits else 0] + [1]) * 1.05)
    every = max(1, math.ceil(len(points) / 8))
    names = {i: words.month_short(p.category) for i, p in enumerate(points) if i % every == 0}
    x = {
        "field": "i",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(points) - 0.5], "nice": False},
        "axis": {
            "title": None,
            "grid": False,
            "values": list(names),
            "labelAngle": 0,
            "labelExpr": f"{json.dumps(list(_spread(names, len(points))))}[datum.value]",
        },
    }
    y = {"field": "n", "type": "quantitative", "scale": {"domain": [0, top]}, "axis": {"title": None, "tickCount": 5}}
    layers: list[Spec] = []
    if limits:
        right = len(points) - 0.5
        layers += [
            {
                "data": _values([{"a": -0.5, "b": right, "lo": limits.low, "hi": limits.high}]),
                "mark": {"type": "rect", "color": BAND},
                "encoding": {
                    "x": {"field": "a", "type": "quantitative"},
                    "x2": {"field": "b"},
                    "y": {"field": "lo", "type": "quantitative"},
                    "y2": {"field": "hi"},
                },
            },
            {
                "data": _values([{"m": limits.mean}]),
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 4]},
                "encoding": {"y": {"field": "m", "type": "quantitative"}},
            },
            {
                "data": _values(
                    [
                        {"x": right, "y": limits.mean, "t": f"Average {words.number(round(limits.mean))}"},
                        {"x": right, "y": limits.high, "t": f"Usually below {words.number(round(limits.high))}"},
                        {"x": right, "y": limits.low, "t": f"Usually above {words.number(round(limits.low))}"},
                    ]
                ),
                "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED, "baseline": "middle"},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative"},
                    "y": {"field": "y", "type": "quantitative"},
                    "text": {"field": "t"},
                },
            },
        ]
    layers += [
        {
            "data": _values(_with_gaps(data, len(points))),
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": _values([d for d in data if not d["out"]]),
            "mark": {"type": "point", "filled": True, "color": BLUE, "size": 42, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": _values([d for d in data if d["out"]]),
            "mark": {"type": "point", "filled": True, "shape": "diamond", "color": PINK, "size": 170, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": _values([{**d, "t": f"{d['name']}: {words.number(d['n'])}"} for d in data if d["out"]]),
            "mark": {"type": "text", "dy": -15, "fontWeight": "bold"},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
        {
            "data": _values([{"i": i, "n": 0, "t": words.NOT_SHOWN} for i, p in enumerate(points) if not p.shown]),
            "mark": {"type": "text", "dy": -8, "color": MUTED, "fontSize": 12},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
    ]
    return {"width": WIDTH - 170, "height": 260, "layer": layers, "config": _config()}


def _spread(names: Mapping[int, str], length: int) -> list[str]:
    return [names.get(i, "") for i in range(length)]


def _with_gaps(data: Sequence[Mapping[str, Any]], length: int) -> list[dict[str, Any]]:
    """A row for every month, so that the line breaks where a month is not shown."""
    by_index = {d["i"]: d["n"] for d in data}
    return [{"i": i, "n": by_index.get(i)} for i in range(length)]


_SHAPES = {Position.ABOVE: "circle", Position.BELOW: "triangle-down", Position.SAME: "circle"}


def rates(points: Sequence[Point], whole: float | None, whole_label: str, noun: str) -> Spec:
    """Areas sorted by rate with their intervals; filled where the interval lies wholly to one side of the whole."""
    estimated = tables.ranked(points)
    names = [p.category for p in estimated]
    absent = [p.category for p in points if p.category not in names]
    order = names + absent
    data: list[Row] = []
    for p in estimated:
        estimate = p.estimate
        spread = estimate.interval
        data.append(
            {
                "name": p.category,
                "v": estimate.value,
                "lo": spread.low if spread else estimate.value,
                "hi": spread.high if spread else estimate.value,
                "t": words.value(estimate),
                "where": readings.position(estimate, whole).value,
            }
        )
    top = _nice_top(max([d["hi"] for d in data] + [whole or 0, 0.001]))
    x = {"type": "quantitative", "scale": {"domain": [0, top]}, "axis": {"title": noun, "tickCount": 6}}
    y = {
        "field": "name",
        "type": "nominal",
        "sort": order,
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 190, "labelPadding": 8},
    }
    layers: list[Spec] = []
    if whole is not None:
        layers += [
            {
                "data": _values([{"v": whole}]),
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 4]},
                "encoding": {"x": {"field": "v", **x}},
            },
            {
                "data": _values([{"v": whole, "t": whole_label}]),
                "mark": {"type": "text", "color": MUTED, "dy": -10, "baseline": "bottom"},
                "encoding": {"x": {"field": "v", **x}, "y": {"value": 0}, "text": {"field": "t"}},
            },
        ]
    layers.append(
        {
            "data": _values(data),
            "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {"field": "lo", **x}, "x2": {"field": "hi"}, "y": y},
        }
    )
    for where in Position:
        some = [d for d in data if d["where"] == where.value]
        colour = {Position.ABOVE: PINK, Position.BELOW: BLUE, Position.SAME: BLUE}[where]
        layers.append(
            {
                "data": _values(some),
                "mark": {
                    "type": "point",
                    "shape": _SHAPES[where],
                    "size": 110,
                    "opacity": 1,
                    "filled": True,
                    "fill": PALE if where is Position.SAME else colour,
                    "stroke": colour,
                    "strokeWidth": 2,
                },
                "encoding": {"x": {"field": "v", **x}, "y": y},
            }
        )
    layers.append(
        {
            "data": _values(data),
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": {"field": "hi", **x}, "y": y, "text": {"field": "t"}},
        }
    )
    layers.append(
        {
            "data": _values([{"name": name, "v": 0, "t": words.NOT_SHOWN} for name in absent]),
            "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED},
            "encoding": {"x": {"field": "v", **x}, "y": y, "text": {"field": "t"}},
        }
    )
    return {"width": WIDTH - 220, "height": {"step": 25}, "layer": layers, "config": _config()}


def areas(points: Sequence[Point], shapes: Mapping[str, Any], noun: str) -> Spec:
    """Areas shaded by rate in at most five equal classes, each named and numbered; hidden areas hatched."""
    by_name = {p.category: p for p in points}
    scale = readings.classes(
        [words.rounded(p.cell.estimate) for p in points if p.cell.estimate is not None and p.shown]
    )
    features: list[Row] = []
    labels: list[Row] = []
    for feature in shapes["features"]:
        properties = feature["properties"]
        name = str(properties.get("ward_name") or properties.get("name") or properties.get("ward_code"))
        point = by_name.get(name) or by_name.get(str(properties.get("ward_code")))
        estimate = point.cell.estimate if point is not None and point.shown else None
        band = scale.band(words.rounded(estimate)) if estimate is not None else None
        lon, lat = _middle(feature["geometry"])
        features.append(
            {
                "type": "Feature",
                "geometry": _clockwise(feature["geometry"]),
                "properties": {"fill": _HATCH if band is None else RAMP[band]},
            }
        )
        dark = band is not None and band >= 3
        labels += [
            {"lon": lon, "lat": lat, "t": line, "dark": dark, "dy": dy, "bold": bold}
            for line, dy, bold in _stack(name, words.value(estimate) if estimate is not None else words.NOT_SHOWN)
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
                            "data": _values(chosen),
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
    keys = [{"label": text, "fill": RAMP[i]} for i, text in enumerate(scale.labels)]
    if any(feature["properties"]["fill"] == _HATCH for feature in features):
        keys.append({"label": f"{words.NOT_SHOWN} not shown", "fill": _HATCH})
    legend = {
        "width": WIDTH,
        "height": 18,
        "title": {"text": noun, "anchor": "start", "fontSize": 13, "color": MUTED, "fontWeight": "normal"},
        "layer": [
            {
                "mark": {"type": "rect", "stroke": RULE, "strokeWidth": 0.5},
                "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {
                    "text": {"field": "label"},
                    "color": {
                        "condition": {"test": f"datum.fill=='{RAMP[3]}'||datum.fill=='{RAMP[4]}'", "value": PALE},
                        "value": INK,
                    },
                },
            },
        ],
        "data": _values(keys),
        "encoding": {
            "x": {
                "field": "label",
                "type": "nominal",
                "sort": [k["label"] for k in keys],
                "axis": None,
                "scale": {"paddingInner": 0.04},
            }
        },
    }
    return {
        "vconcat": [legend, {"width": WIDTH, "height": 420, "projection": projection, "layer": layers}],
        "spacing": 14,
        "config": _config(),
    }


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
    for g in grid:
        g["fill"] = RAMP[scale.band(float(g["n"]))] if g["shown"] else _HATCH
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
            "data": _values(grid),
            "mark": {"type": "rect"},
            "encoding": {"x": x, "y": y, "color": {"field": "fill", "type": "nominal", "scale": None}},
        }
    ]
    if best is not None:
        dark = best["fill"] in RAMP[3:]
        layers += [
            {
                "data": _values([best]),
                "mark": {"type": "rect", "fillOpacity": 0, "stroke": PINK, "strokeWidth": 3},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": _values([best]),
                "mark": {"type": "text", "fontWeight": "bold", "fontSize": 12, "color": PALE if dark else INK},
                "encoding": {"x": x, "y": y, "text": {"field": "n"}},
            },
        ]
    keys = [{"label": text, "fill": RAMP[i]} for i, text in enumerate(scale.labels)]
    if any(not g["shown"] for g in grid):
        keys.append({"label": f"{words.NOT_SHOWN} not shown", "fill": _HATCH})
    legend = {
        "width": WIDTH - 40,
        "height": 18,
        "data": _values(keys),
        "title": {"text": noun, "anchor": "start", "fontSize": 13, "color": MUTED, "fontWeight": "normal"},
        "encoding": {
            "x": {
                "field": "label",
                "type": "nominal",
                "sort": [k["label"] for k in keys],
                "axis": None,
                "scale": {"paddingInner": 0.04},
            }
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": RULE, "strokeWidth": 0.5},
                "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {
                    "text": {"field": "label"},
                    "color": {
                        "condition": {"test": f"datum.fill=='{RAMP[3]}'||datum.fill=='{RAMP[4]}'", "value": PALE},
                        "value": INK,
                    },
                },
            },
        ],
    }
    return {
        "vconcat": [legend, {"width": WIDTH - 40, "height": 210, "layer": layers}],
        "spacing": 14,
        "config": _config(),
    }


def bars(points: Sequence[Point], noun: str) -> Spec:
    """A bar for each category with its value beside it, and its interval as a whisker where it has one."""
    data: list[Row] = []
    top = 0.0
    for p in points:
        estimate = p.cell.estimate if p.shown else None
        size = estimate.value if estimate is not None else p.cell.count
        spread = estimate.interval if estimate is not None else None
        row: Row = {
            "name": p.category,
            "v": size if p.shown else 0,
            "shown": p.shown,
            "end": spread.high if spread else (size or 0),
            "lo": spread.low if spread else None,
            "hi": spread.high if spread else None,
            "t": words.NOT_SHOWN
            if not p.shown
            else words.value(estimate)
            if estimate is not None
            else words.number(size or 0),
        }
        if estimate is not None and p.cell.count is not None:
            row["t"] += f"  ({words.number(p.cell.count)})"
        top = max(top, float(row["end"] or 0))
        data.append(row)
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, _nice_top(top * 1.3)]},
        "axis": {"title": noun, "tickCount": 5, "grid": False},
    }
    y = {
        "field": "name",
        "type": "nominal",
        "sort": [d["name"] for d in data],
        "scale": {"paddingInner": 0.3},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 210, "labelPadding": 8},
    }
    spreads = [d for d in data if d["lo"] is not None]
    layers: list[Spec] = [
        {
            "data": _values(data),
            "mark": {"type": "bar", "color": "#6bace6"},
            "encoding": {"x": {"field": "v", **x}, "y": y},
        },
        {
            "data": _values(spreads),
            "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
            "encoding": {"x": {"field": "lo", **x}, "x2": {"field": "hi"}, "y": y},
        },
        {
            "data": _values(data),
            "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": "bold"},
            "encoding": {"x": {"field": "end", **x}, "y": y, "text": {"field": "t"}},
        },
    ]
    return {"width": WIDTH - 260, "height": {"step": 34}, "layer": layers, "config": _config()}


@cache
def _fonts_registered() -> bool:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return True


def svg(spec: Mapping[str, Any], prefix: str) -> str:
    """The chart as one SVG element, the same bytes for the same specification.

    Names inside are made unique by `prefix`, so that several charts can stand on one page. What Vega adds for
    screen readers mark by mark is taken away: the page gives the chart one description and a table.
    """
    import vl_convert

    _fonts_registered()
    full = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "padding": 4, **spec}
    drawn: str = vl_convert.vegalite_to_svg(full, vl_version="6.4", allowed_base_urls=[])
    drawn = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", drawn)
    drawn = _renamed(drawn, prefix)
    return _hatched(drawn, prefix)


def _renamed(drawn: str, prefix: str) -> str:
    for position, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn))):
        new = f"{prefix}-{position}"
        drawn = drawn.replace(f'id="{name}"', f'id="{new}"').replace(f"url(#{name})", f"url(#{new})")
        drawn = drawn.replace(f'href="#{name}"', f'href="#{new}"')
    return drawn


def _hatched(drawn: str, prefix: str) -> str:
    if _HATCH not in drawn:
        return drawn
    pattern = (
        f'<defs><pattern id="{prefix}-hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="#ffffff"/><path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="{RULE}" '
        f'stroke-width="1"/></pattern></defs>'
    )
    drawn = drawn.replace(_HATCH, f"url(#{prefix}-hatch)")
    return re.sub(r"(<svg[^>]*>)", lambda m: m[1] + pattern, drawn, count=1)


def width(drawn: str) -> float:
    """The natural width of an SVG made here; 0 for none."""
    found = re.search(r'<svg[^>]*\swidth="([\d.]+)"', drawn)
    return float(found[1]) if found else 0.0
