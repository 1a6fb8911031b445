"""Areas on a map: shaded by rate or in named classes; hidden areas are hatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from concord.evidence.publications import placing, readings, words
from concord.evidence.publications.charts import layers, outlines
from concord.evidence.publications.charts.layers import WIDTH, layer
from concord.evidence.publications.charts.outlines import Shape, Sheet
from concord.evidence.publications.drawing import (
    DARK,
    HATCH,
    INK,
    MUTED,
    PALE,
    PATTERNS,
    Row,
    Spec,
    config,
    shades,
    values,
)
from concord.evidence.publications.tables import Point

_AT = {
    "longitude": {"field": "x", "type": "quantitative"},
    "latitude": {"field": "y", "type": "quantitative"},
    "text": {"field": "t"},
}


def areas(points: Sequence[Point], shapes: Mapping[str, Any], noun: str, width: int = WIDTH) -> Spec:
    """Areas shaded by rate in at most five equal classes, named and numbered where there is room; hidden hatched."""
    sheet = outlines.laid_out(points, shapes, width - 20)
    scale = readings.classes(
        [words.rounded(p.cell.estimate) for p in points if p.cell.estimate is not None and p.shown]
    )
    ramp = shades(len(scale.labels))
    fills = []
    for shape in sheet.shapes:
        estimate = shape.point.cell.estimate if shape.point is not None and shape.point.shown else None
        fills.append(HATCH if estimate is None else ramp[scale.band(words.rounded(estimate))])
    if len(sheet.shapes) <= placing.FEW:
        labels = [
            label
            for shape, fill in zip(sheet.shapes, fills, strict=True)
            for label in _label(shape, _figure(shape.point), fill)
        ]
    else:
        labels = _named(sheet, placing.numbered(points))
    entries = [{"label": text, "fill": ramp[i]} for i, text in enumerate(scale.labels)]
    return _page(sheet, fills, labels, entries, noun, width)


def classes(points: Sequence[Point], shapes: Mapping[str, Any], width: int = WIDTH) -> Spec:
    """Areas in named classes, each with its own shade and pattern, the areas in a class named; hidden hatched."""
    sheet = outlines.laid_out(points, shapes, width - 20)
    found = placing.classed(points)
    plain = [name for name in found if name == placing.STRENGTH[-1]]
    fills_of = dict(zip([name for name in found if name not in plain], PATTERNS[:-1], strict=False))
    fills_of |= dict.fromkeys(plain, PATTERNS[-1])
    class_of = {name: label for label, names in found.items() for name in names}
    fills, labels = [], []
    for shape in sheet.shapes:
        label = class_of.get(shape.point.category) if shape.point is not None else None
        fills.append(HATCH if label is None else fills_of.get(label, PATTERNS[-1]))
    marked = [name for name, label in class_of.items() if label not in plain]
    if len(sheet.shapes) <= placing.FEW:
        for shape in sheet.shapes:
            if shape.point is not None and shape.point.category in marked:
                labels += _label(shape, "", "")
    else:
        labels = _named(sheet, placing.numbered_classes(points))
    entries = [{"label": name, "fill": fills_of.get(name, PATTERNS[-1])} for name in found]
    return _page(sheet, fills, labels, entries, "", width)


def _page(sheet: Sheet, fills: Sequence[str], labels: Sequence[Row], entries: list[Row], noun: str, width: int) -> Spec:
    """The map beneath its key, which says in words what each shade and the hatching mean."""
    if HATCH in fills:
        entries = [*entries, {"label": "not shown", "fill": HATCH}]
    many = len(sheet.shapes) > placing.FEW
    line = {"stroke": PALE, "strokeWidth": 1.5} if not many and noun else {"stroke": MUTED, "strokeWidth": 0.5}
    features = [
        {"type": "Feature", "geometry": shape.outline, "properties": {"fill": fill}}
        for shape, fill in zip(sheet.shapes, fills, strict=True)
    ]
    parts: list[Spec] = [
        {
            "data": {"values": {"type": "FeatureCollection", "features": features}, "format": {"property": "features"}},
            "mark": {"type": "geoshape", **line},
            "encoding": {"color": {"field": "properties.fill", "type": "nominal", "scale": None}},
        }
    ]
    if sheet.context:
        lines = [{"type": "Feature", "geometry": line, "properties": {}} for line in sheet.context]
        parts.append(
            {
                "data": {
                    "values": {"type": "FeatureCollection", "features": lines},
                    "format": {"property": "features"},
                },
                "mark": {"type": "geoshape", "filled": False, "stroke": INK, "strokeWidth": 1},
            }
        )
    for look in sorted({(row["ink"], row["dy"], row["bold"], row["edge"]) for row in labels}):
        ink, dy, bold, edge = look
        some = [row for row in labels if (row["ink"], row["dy"], row["bold"], row["edge"]) == look]
        style = {"fontSize": 11, "dy": dy, "fontWeight": "bold" if bold else "normal", "color": ink}
        parts += layers.worded(some, _AT, **style) if edge else [layer(some, "text", _AT, **style)]
    panel: Spec = {
        "width": sheet.width,
        "height": sheet.height,
        "projection": {"type": "identity"},
        "layer": parts,
        "data": values([]),
    }
    return {"vconcat": [layers.key(entries, width - 20, noun), panel], "spacing": 12, "config": config()}


def _figure(point: Point | None) -> str:
    if point is None:
        return words.mark("not_published")
    return words.value(point.cell.estimate) if point.shown and point.cell.estimate is not None else point.mark


def _label(shape: Shape, figure: str, fill: str) -> list[Row]:
    """An area's name, broken at a space where it must be, and its figure in bold beneath, where there is room."""
    written = [shape.name]
    parts = shape.name.split(" ")
    if len(parts) > 1 and not shape.holds(shape.name, 1 + bool(figure)):
        cut = max(1, len(parts) // 2)
        written = [" ".join(parts[:cut]), " ".join(parts[cut:])]
    if not all(shape.holds(line, len(written) + bool(figure)) for line in written):
        written = []
    lines = [(text, False) for text in written] + ([(figure, True)] if figure and shape.holds(figure, 1) else [])
    ink = PALE if fill in DARK else INK
    top = -13 * (len(lines) - 1) / 2
    return [
        {"x": shape.x, "y": shape.y, "t": text, "ink": ink, "dy": top + 13 * i, "bold": bold, "edge": not fill}
        for i, (text, bold) in enumerate(lines)
    ]


def _named(sheet: Sheet, matter: Sequence[str]) -> list[Row]:
    """The areas that matter among many: numbered, and the larger areas that hold them named once each."""
    look = {"ink": INK, "edge": True}
    at = {shape.point.category: shape for shape in sheet.shapes if shape.point is not None}
    rows: list[Row] = []
    for number, name in enumerate(matter, start=1):
        if name in at:
            rows.append({"x": at[name].x, "y": at[name].y, "t": str(number), "dy": 0, "bold": True, **look})
    holders = [sheet.holder(at[name]) for name in matter if name in at]
    for larger in {one.name: one for one in holders if one is not None}.values():
        rows.append({"x": larger.x, "t": larger.name, "dy": 0, "bold": False, **look, "y": _free(larger, rows)})
    return rows


def _free(larger: Shape, rows: Sequence[Row]) -> float:
    """How far down the name of a larger area can stand without covering a number or another name."""
    for move in (0, -15, 15, -30, 30, -45, 45):
        y = larger.y + move
        half = len(larger.name) * 3.2
        if all(abs(row["y"] - y) > 13 or abs(row["x"] - larger.x) > half + len(row["t"]) * 3.2 + 4 for row in rows):
            return round(y, 1)
    return larger.y
