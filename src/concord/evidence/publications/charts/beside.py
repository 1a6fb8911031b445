"""Estimates beside a value that they are compared with: ratios, funnels, parts of a whole, one estimate alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.charts import layers
from concord.evidence.publications.charts.layers import WIDTH, field, layer
from concord.evidence.publications.drawing import (
    BAND,
    BLUE,
    HATCH,
    INK,
    MUTED,
    PALE,
    PINK,
    Row,
    Spec,
    config,
    shades,
)
from concord.evidence.publications.readings import Position
from concord.evidence.publications.tables import Point
from concord.kernel.measures import Estimate

_LOG_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_LOOKS = {
    Position.ABOVE: (PINK, PINK, "diamond"),
    Position.BELOW: (BLUE, BLUE, "triangle-down"),
    Position.SAME: (PALE, BLUE, "circle"),
}


def ratios(points: Sequence[Point], noun: str, width: int = WIDTH) -> Spec:
    """Ratios with their intervals against 1, on a log scale: twice as often lies as far from 1 as half as often."""
    found = [(p, p.cell.estimate) for p in points if p.shown and p.cell.estimate is not None]
    told = {p.category: _told(e) for p, e in found}
    names = [words.category(p.category) for p in points]
    frame = layers.rows(names, width, beside=0 if width < WIDTH else layers.room_for(told.values()))
    ends = [v for _, e in found for v in _ends(e) if 0 < v < math.inf] + [0.8, 1.25]
    low = max((t for t in _LOG_TICKS if t <= min(ends)), default=_LOG_TICKS[0])
    high = min((t for t in _LOG_TICKS if t >= max(ends)), default=_LOG_TICKS[-1])
    x: Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False, "clamp": True},
        "axis": {
            "title": noun,
            "grid": True,
            "values": [t for t in _LOG_TICKS if low <= t <= high],
            "labelExpr": "datum.value == 1 ? '1 (the same)' : '' + datum.value"
            if width >= WIDTH
            else "'' + datum.value",
        },
    }
    data: list[Row] = []
    for p, e in found:
        a, b = _ends(e)
        side = readings.position(e, 1.0)
        data.append({
            "name": words.category(p.category), "v": e.value, "lo": max(a, low), "hi": min(b, high), "on": b > high,
            "t": told[p.category], "side": side.value,
        })  # fmt: skip
    shift = frame.shift
    parts = [
        layer([{"v": 1}], "rule", {"x": field("v", x)}, color=INK, strokeWidth=1.5),
        layer(data, "rule", {"x": field("lo", x), "x2": {"field": "hi"}, "y": frame.y}, color=BLUE, strokeWidth=2,
              yOffset=shift),
        layer([d for d in data if d["on"]], "point", {"x": field("hi", x), "y": frame.y}, shape="triangle-right",
              filled=True, color=BLUE, size=70, opacity=1, yOffset=shift),
    ]  # fmt: skip
    for side, (fill, stroke, shape) in _LOOKS.items():
        some = [d for d in data if d["side"] == side.value]
        parts.append(layer(some, "point", {"x": field("v", x), "y": frame.y},
                           **layers.point(fill, stroke, shape, shift=shift)))  # fmt: skip
    if frame.narrow:
        ending = {"y": frame.y, "x": {"value": frame.plot}, "text": {"field": "t"}}
        parts.append(layer(data, "text", ending, align="right", yOffset=-11, fontWeight="bold"))
    else:
        ending = {"y": frame.y, "x": {"value": frame.plot + 10}, "text": {"field": "t"}}
        parts.append(layer(data, "text", ending, align="left"))
    marks = [{"name": words.category(p.category), "t": p.mark} for p in points if p.category not in told]
    parts.append(layers.absent(marks, x, frame.y, low, shift))
    return frame.chart(parts)


def _ends(estimate: Estimate) -> tuple[float, float]:
    spread = estimate.interval
    return (spread.low, spread.high) if spread else (estimate.value, estimate.value)


def _told(estimate: Estimate) -> str:
    """“2.8 (2.6 to 3.1)”."""
    spread = words.interval(estimate).removeprefix("between ").replace(" and ", " to ")
    return f"{words.value(estimate)} ({spread})" if spread else words.value(estimate)


def funnel(points: Sequence[Point], whole: readings.Centre, noun: str, base: str, width: int = WIDTH) -> Spec:
    """Rates or shares against the size of their base: far outside the curves is more than chance between equals."""
    found = [(p, p.cell.estimate, readings.base_of(p.cell)) for p in points if p.shown and p.cell.estimate is not None]
    dots = [(p, e, n) for p, e, n in found if n]
    largest = max([n for _, _, n in dots] + [1.0]) * 1.08
    smallest = min([n for _, _, n in dots] + [largest / 20]) * 0.6
    curves = readings.funnel(whole, smallest, largest)
    top = layers.nice_ticks(max([e.value for _, e, _ in dots] + [whole.value]) * 1.25 + 1e-9)
    limit = max(max(e.value for _, e, _ in dots) * 1.2 if dots else whole.value, whole.value * 1.3)
    limit = max(limit, top[-1])
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, largest], "nice": False},
        "axis": {"title": base, "grid": False, "tickCount": 5, "format": ",d"},
    }
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, limit], "nice": False},
        "axis": {"title": None, "tickCount": 5},
    }
    sides = readings.positions([tables.Ranked(p.category, p.cell, e) for p, e, _ in dots], whole.value)
    data: list[Row] = [
        {"name": p.category, "n": n, "v": e.value, "side": sides[p.category].value, "t": p.category} for p, e, n in dots
    ]
    parts: list[Spec] = []
    for curve in curves:
        for rows in (curve.low, curve.high):
            line = [{"n": n, "v": v} for n, v in rows if v <= limit]
            parts.append(
                layer(line, "line", {"x": field("n", x), "y": field("v", y)}, color=MUTED,
                      strokeDash=[5, 4] if curve.level < 0.99 else [1, 0], strokeWidth=1.25)
            )  # fmt: skip
        ends = [{"n": largest, "v": min(limit, rows[-1][1]), "t": f"{100 * curve.level:g}%"} for rows in
                (curve.low, curve.high)]  # fmt: skip
        parts.append(layer(ends, "text", {"x": field("n", x), "y": field("v", y), "text": {"field": "t"}},
                           align="left", dx=4, color=MUTED, fontSize=12))  # fmt: skip
    parts.append(layer([{"v": whole.value}], "rule", {"y": field("v", y)}, color=INK, strokeWidth=1.25))
    for side, (fill, stroke, shape) in _LOOKS.items():
        some = [d for d in data if d["side"] == side.value]
        parts.append(layer(some, "point", {"x": field("n", x), "y": field("v", y)},
                           **layers.point(fill, stroke, shape, 80)))  # fmt: skip
    outside = [d for d in data if d["side"] != Position.SAME.value]
    named = {"x": field("n", x), "y": field("v", y), "text": {"field": "t"}}
    right = [d for d in outside if d["n"] < largest * 0.7]
    left = [d for d in outside if d["n"] >= largest * 0.7]
    for some, align, dx in ((right, "left", 9), (left, "right", -9)):
        parts += layers.worded(some, named, align=align, dx=dx, fontWeight="bold")
    return {
        "width": width - 110,
        "height": 320 if width >= WIDTH else 280,
        "title": {"text": noun, "anchor": "start", "fontSize": 13, "fontWeight": "normal", "color": MUTED},
        "layer": parts,
        "config": config(),
    }


def shares(rows_of: Sequence[readings.Divided], noun: str, width: int = WIDTH) -> Spec:
    """Bars of 100%, each divided into the same parts in the same order; what is not shown is hatched."""
    order = list(dict.fromkeys(part.name for row in rows_of for part in row.parts))
    ramp = dict(zip(order, shades(len(order)), strict=True))
    names = [row.name for row in rows_of]
    frame = layers.rows(names, width, step=38)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, 100], "nice": False},
        "axis": {"title": noun, "values": [0, 25, 50, 75, 100], "grid": False, "labelExpr": "datum.value + '%'"},
    }
    blocks: list[Row] = []
    for row in rows_of:
        start = 0.0
        for part in row.parts:
            blocks.append({
                "name": row.name, "a": start, "b": start + part.share, "m": start + part.share / 2,
                "fill": ramp[part.name], "dark": ramp[part.name] in _DARK, "t": f"{part.share:.0f}%",
                "fits": part.share / 100 * frame.plot > 34,
            })  # fmt: skip
            start += part.share
        if row.hidden:
            blocks.append({
                "name": row.name, "a": start, "b": 100.0, "m": (start + 100) / 2, "fill": HATCH, "dark": False,
                "t": words.NOT_SHOWN, "fits": (100 - start) / 100 * frame.plot > 22,
            })  # fmt: skip
    where = {"x": field("a", x), "x2": {"field": "b"}, "y": frame.y}
    look = {"stroke": PALE, "strokeWidth": 1.5, "yOffset": frame.shift, **({"height": 20} if frame.narrow else {})}
    fill = {"field": "fill", "type": "nominal", "scale": None}
    bars = layer(blocks, "bar", {**where, "fill": fill}, **look)
    parts = [bars]
    for dark in (False, True):
        some = [b for b in blocks if b["fits"] and b["dark"] is dark]
        parts.append(layer(some, "text", {"x": field("m", x), "y": frame.y, "text": {"field": "t"}},
                           color=PALE if dark else INK, yOffset=frame.shift, fontWeight="bold"))  # fmt: skip
    blank = [{"name": row.name, "t": words.NOT_SHOWN} for row in rows_of if not row.parts and not row.hidden]
    parts.append(layers.absent(blank, x, frame.y, 0, frame.shift))
    entries = [{"label": name, "fill": fill} for name, fill in ramp.items()]
    if any(row.hidden for row in rows_of):
        entries.append({"label": "not shown", "fill": HATCH})
    chart = frame.chart(parts)
    del chart["config"]
    most = 3 if width >= WIDTH else 1
    if sum(len(str(e["label"])) for e in entries) * layers.LETTER + 40 * len(entries) < width:
        most = len(entries)
    return {"vconcat": [layers.key(entries, width - 40, most=most), chart], "spacing": 12, "config": config()}


_DARK = {"#2073bc", "#12436d"}


def interval(name: str, estimate: Estimate, noun: str, against: float | None, width: int = WIDTH) -> Spec:
    """One estimate, large, over the range that it plausibly lies in."""
    low, high = _ends(estimate)
    high = high if high < math.inf else estimate.value * 3
    logged = words.is_ratio(estimate) and low > 0
    ends = [low, high, estimate.value, *([against] if against is not None else [])]
    if logged:
        a, b = min(ends) / 1.3, max(ends) * 1.3
    else:
        air = 0.18 * (max(ends) - min(ends) or abs(estimate.value) or 1)
        a, b = min(ends) - air, max(ends) + air
        a = max(a, 0.0) if min(ends) >= 0 else a
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [a, b], "nice": False, **({"type": "log"} if logged else {})},
        "axis": {"title": noun, "tickCount": 5, "grid": False, **({"format": "~g"} if logged else {})},
    }
    spread = words.interval(estimate).removeprefix("between ").split(" and ")
    row: Row = {"v": estimate.value, "lo": low, "hi": high, "t": words.value(estimate), "name": words.category(name)}
    place = {"y": {"value": 92}}
    parts = [
        layer([row], "rule", {"x": field("lo", x), "x2": {"field": "hi"}, **place}, color=BAND, strokeWidth=26),
        layer([row], "rule", {"x": field("lo", x), "x2": {"field": "hi"}, **place}, color=BLUE, strokeWidth=3),
        layer([row], "point", {"x": field("v", x), **place}, **layers.point(BLUE, BLUE, size=260)),
    ]
    if against is not None:
        text = "The same" if logged else "No change" if words.is_change(estimate) else ""
        parts.append(layer([{"v": against}], "rule", {"x": field("v", x)}, color=MUTED, strokeDash=[5, 4]))
        parts.append(layer([{"v": against, "t": text}], "text",
                           {"x": field("v", x), "y": {"value": 4}, "text": {"field": "t"}}, color=MUTED))  # fmt: skip
    parts += layers.worded([row], {"x": field("v", x), "y": {"value": 48}, "text": {"field": "t"}}, fontSize=40,
                           fontWeight="bold", color=INK)  # fmt: skip
    if estimate.interval is not None and len(spread) == 2:
        for at, text in (("lo", spread[0]), ("hi", spread[1])):
            parts.append(layer([{**row, "t": text}], "text",
                               {"x": field(at, x), "y": {"value": 120}, "text": {"field": "t"}}))  # fmt: skip
    return {"width": width - 40, "height": 140, "layer": parts, "config": config()}
