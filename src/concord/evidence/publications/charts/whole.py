"""A whole and its parts, and one estimate alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from concord.evidence.publications import readings, words
from concord.evidence.publications.charts import layers
from concord.evidence.publications.charts.layers import WIDTH, field, layer
from concord.evidence.publications.charts.rows import ends
from concord.evidence.publications.drawing import (
    BAND,
    BLUE,
    DARK,
    HATCH,
    INK,
    MUTED,
    PALE,
    Row,
    Spec,
    config,
    nice_top,
    shades,
)
from concord.kernel.measures import Estimate


def shares(divided: Sequence[readings.Divided], noun: str, width: int = WIDTH) -> Spec:
    """Bars of 100%, each divided into the same parts in the same order; what is not shown is hatched."""
    order = list(dict.fromkeys(part.name for row in divided for part in row.parts))
    ramp = dict(zip(order, shades(len(order)), strict=True))
    frame = layers.rows([row.name for row in divided], width, step=38)
    x: Spec = {
        "scale": {"domain": [0, 100], "nice": False},
        "axis": {"title": noun, "values": [0, 25, 50, 75, 100], "grid": False, "labelExpr": "datum.value + '%'"},
    }
    blocks = [block for row in divided for block in _blocks(row, ramp, frame.plot)]
    bar = {
        "x": field("a", x),
        "x2": {"field": "b"},
        "y": frame.y,
        "fill": {"field": "fill", "type": "nominal", "scale": None},
    }
    height = {"height": 20} if frame.narrow else {}
    parts = [layer(blocks, "bar", bar, stroke=PALE, strokeWidth=1.5, yOffset=frame.shift, **height)]
    text = {"x": field("m", x), "y": frame.y, "text": {"field": "t"}}
    for dark in (False, True):
        some = [block for block in blocks if block["fits"] and block["dark"] is dark]
        ink = PALE if dark else INK
        parts.append(layer(some, "text", text, color=ink, yOffset=frame.shift, fontWeight="bold"))
    blank = [{"name": row.name, "t": words.NOT_SHOWN} for row in divided if not row.parts]
    parts.append(layers.absent(blank, x, frame.y, 0, frame.shift))
    entries = [{"label": name, "fill": fill} for name, fill in ramp.items()]
    if any(block["fill"] == HATCH for block in blocks):
        entries.append({"label": "not shown", "fill": HATCH})
    chart = frame.chart(parts)
    return {"vconcat": [layers.key(entries, frame.plot), chart], "spacing": 12, "config": chart.pop("config")}


def _blocks(row: readings.Divided, ramp: dict[str, str], plot: int) -> list[Row]:
    made: list[Row] = []
    start = 0.0
    for part in row.parts:
        end = start + part.share
        made.append(
            {
                "name": row.name,
                "a": start,
                "b": end,
                "m": (start + end) / 2,
                "fill": ramp[part.name],
                "dark": ramp[part.name] in DARK,
                "t": f"{part.share:.0f}%",
                "fits": part.share / 100 * plot > 34,
            }
        )
        start = end
    if row.hidden and row.parts:
        wide = (100 - start) / 100 * plot > 22
        rest = {"a": start, "b": 100.0, "m": (start + 100) / 2, "fill": HATCH, "dark": False, "fits": wide}
        made.append({"name": row.name, "t": words.NOT_SHOWN, **rest})
    return made


def interval(estimate: Estimate, noun: str, against: float | None, width: int = WIDTH) -> Spec:
    """One estimate, large, over the range that it plausibly lies in; from nought, or around what no difference is."""
    low, high = ends(estimate)
    high = high if high < math.inf else estimate.value * 3
    logged = words.is_ratio(estimate) and low > 0
    x: Spec = {
        "scale": _scale(estimate, low, high, against, logged),
        "axis": {"title": noun, "tickCount": 5, "grid": False, **({"format": "~g"} if logged else {})},
    }
    row: Row = {"v": estimate.value, "lo": low, "hi": high, "t": words.value(estimate)}
    span = {"x": field("lo", x), "x2": {"field": "hi"}, "y": {"value": 92}}
    middle = {"x": field("v", x), "y": {"value": 92}}
    parts = [
        layer([row], "rule", span, color=BAND, strokeWidth=26),
        layer([row], "rule", span, color=BLUE, strokeWidth=3),
    ]
    if against is not None:
        text = "The same" if words.is_ratio(estimate) else "No change"
        line = [{"v": against, "t": text}]
        parts.append(layer(line, "rule", {"x": field("v", x)}, color=MUTED, strokeDash=[5, 4]))
        parts += layers.worded(line, {**middle, "y": {"value": 132}, "text": {"field": "t"}}, color=MUTED)
    parts.append(layer([row], "point", middle, **layers.point(BLUE, BLUE, size=260)))
    big = {**middle, "y": {"value": 46}, "text": {"field": "t"}}
    parts += layers.worded([row], big, fontSize=42, fontWeight="bold")
    told = words.span(estimate).split(" to ")
    if len(told) == 2:
        for at, text, align in (("lo", told[0], "right"), ("hi", told[1], "left")):
            where = {"x": field(at, x), "y": {"value": 92}, "text": {"field": "t"}}
            parts += layers.worded([{**row, "t": text}], where, align=align, dx=-8 if at == "lo" else 8)
    return {"width": width - 40, "height": 146, "layer": parts, "config": config()}


def _scale(estimate: Estimate, low: float, high: float, against: float | None, logged: bool) -> Spec:
    if logged:
        reach = [low, high, against or 1.0]
        return {"domain": [min(reach) / 1.7, max(reach) * 1.7], "nice": False, "type": "log"}
    if words.is_share(estimate):
        return {"domain": [0, 100 if high > 45 else nice_top(high * 1.3)], "nice": False}
    if low < 0 or against is not None:
        edge = nice_top(max(abs(low), abs(high)) * 1.2)
        return {"domain": [-edge, edge], "nice": False}
    return {"domain": [0, nice_top(high * 1.3)], "nice": False}
