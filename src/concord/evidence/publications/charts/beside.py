"""Estimates beside a value that they are compared with: ratios against 1, areas against limits around the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.charts import layers, rows
from concord.evidence.publications.charts.layers import WIDTH, field, layer
from concord.evidence.publications.charts.rows import LOOKS, ends
from concord.evidence.publications.drawing import BLUE, INK, MUTED, Row, Spec, config
from concord.evidence.publications.readings import Position
from concord.evidence.publications.tables import Point

_LOG_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100)


def ratios(points: Sequence[Point], noun: str, width: int = WIDTH) -> Spec:
    """Ratios with their intervals against 1, on a log scale: twice as often lies as far from 1 as half as often."""
    found = [(p, p.cell.estimate) for p in points if p.shown and p.cell.estimate is not None]
    told = {p.category: words.measured_briefly(e) for p, e in found}
    names = [words.category(p.category) for p in points]
    frame = layers.rows(names, width, beside=0 if width < WIDTH else layers.room_for(told.values()))
    reach = [v for _, e in found for v in ends(e) if 0 < v < math.inf] + [0.8, 1.25]
    low, high = max(_LOG_TICKS[0], min(reach) / 1.12), min(_LOG_TICKS[-1], max(reach) * 1.12)
    x: Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False, "clamp": True},
        "axis": {
            "title": noun,
            "grid": True,
            "values": [t for t in _LOG_TICKS if low <= t <= high],
            "labelExpr": "'' + datum.value",
            "labelOverlap": False,
        },
    }
    data: list[Row] = []
    for p, e in found:
        a, b = ends(e)
        data.append({
            "name": words.category(p.category), "v": e.value, "lo": max(a, low), "hi": min(b, high), "on": b > high,
            "t": told[p.category], "side": readings.position(e, 1.0).value,
        })  # fmt: skip
    onward = {"x": field("hi", x), "y": frame.y}
    at_end = {"y": frame.y, "x": {"value": frame.plot + (0 if frame.narrow else 10)}, "text": {"field": "t"}}
    look = {"align": "right", "yOffset": -11, "fontWeight": "bold"} if frame.narrow else {"align": "left"}
    marks = [{"name": words.category(p.category), "t": p.mark} for p in points if p.category not in told]
    return frame.chart([
        *layers.reference(1, "The same", x),
        rows.spans(data, x, frame),
        layer([d for d in data if d["on"]], "point", onward, shape="triangle-right", filled=True, color=BLUE, size=70,
              opacity=1, yOffset=frame.shift),
        *rows.points(data, x, frame),
        layer(data, "text", at_end, **look),
        layers.absent(marks, x, frame.y, low, frame.shift),
    ])  # fmt: skip


NAMED = 8
"""The most areas outside the limits that are named on the chart, those furthest out first; the table names all."""


def funnel(
    found: Sequence[Point], whole: readings.Centre, noun: str, base: str, label: str, width: int = WIDTH
) -> Spec:
    """Rates or shares against the size of their base: far outside the curves is more than chance between equals."""
    estimated = [one for one in tables.ranked(found) if readings.base_of(one.cell)]
    sides = readings.positions(estimated, whole.value)
    data: list[Row] = [
        {"n": readings.base_of(one.cell), "v": one.estimate.value, "side": sides[one.category].value, "t": one.category}
        for one in estimated
    ]
    largest = max([row["n"] for row in data] + [1.0]) * 1.06
    smallest = min([row["n"] for row in data] + [largest / 20]) * 0.6
    top = max([row["v"] for row in data] + [whole.value * 1.4]) * 1.12
    top = min(top, 100.0) if whole.per is None else top
    x: Spec = {
        "scale": {"domain": [0, largest], "nice": False},
        "axis": {"title": base, "grid": False, "tickCount": 5, "format": ",d"},
    }
    y: Spec = {"scale": {"domain": [0, top], "nice": False}, "axis": {"title": None, "tickCount": 5}}
    at = {"x": field("n", x), "y": field("v", y)}
    told = {**at, "text": {"field": "t"}}
    parts: list[Spec] = []
    limits = readings.funnel(whole, smallest, largest)
    # Where the two limits end too close together for two words, one says both.
    close = abs(limits[0].high[-1][1] - limits[1].high[-1][1]) < top * 0.05
    for limit in limits:
        look = {"color": MUTED, "strokeWidth": 1.25, "strokeDash": [5, 4] if limit.level < 0.99 else [1, 0]}
        for side in (limit.low, limit.high):
            parts.append(layer([{"n": n, "v": v} for n, v in side if v <= top], "line", at, **look))
            name = f"{100 * limit.level:g}%" if not close else "" if limit.level < 0.99 else "95, 99.8%"
            end = {"n": largest, "v": min(top, side[-1][1]), "t": name}
            parts.append(layer([end], "text", told, align="left", dx=4, color=MUTED, fontSize=12))
    middle = [{"n": 0, "v": whole.value, "t": label}]
    parts.append(layer(middle, "rule", {"y": field("v", y)}, color=INK, strokeWidth=1.25))
    for side_of, (fill, stroke, shape) in LOOKS.items():
        some = [row for row in data if row["side"] == side_of.value]
        parts.append(layer(some, "point", at, **layers.point(fill, stroke, shape, 80)))
    parts += layers.worded(middle, told, align="left", dx=6, dy=-8, fontSize=12)
    outside = [row for row in data if row["side"] != Position.SAME.value]
    furthest = sorted(outside, key=lambda row: -abs(row["v"] - whole.value) * math.sqrt(row["n"]))
    named = furthest[: NAMED if width >= WIDTH else 4]
    for some, align, dx in (
        ([row for row in named if row["n"] < largest * 0.6], "left", 9),
        ([row for row in named if row["n"] >= largest * 0.6], "right", -9),
    ):
        parts += layers.worded(some, told, align=align, dx=dx, fontWeight="bold")
    return {
        "width": width - 100,
        "height": 320 if width >= WIDTH else 280,
        "title": layers.heading(noun),
        "layer": parts,
        "config": config(),
    }
