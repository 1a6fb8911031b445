"""Lines: several series over months or years with their breaks, and how few places hold how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from concord.evidence.publications import readings, words
from concord.evidence.publications.charts import layers
from concord.evidence.publications.charts.layers import WIDTH, field, layer
from concord.evidence.publications.drawing import BLUE, INK, MUTED, PALE, PINK, Row, Spec, config, nice_top

INKS = (BLUE, PINK, "#28a197", "#a64a00", "#3d3d3d", "#746cb1")
SHAPES = ("circle", "diamond", "triangle-up", "square", "triangle-down", "cross")
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [1, 3])


def series(lines: Sequence[readings.Line], noun: str, width: int = WIDTH) -> Spec:
    """A line for each series, told apart by shape, dash and its name at the end; a break is a line down the plot."""
    periods = list(dict.fromkeys(step.period for line in lines for step in line.steps))
    at = {period: i for i, period in enumerate(periods)}
    narrow = width < WIDTH
    several = len(lines) > 1
    side = layers.room_for(line.name for line in lines) + 18 if several and not narrow else 14
    plot = width - 56 - side
    tops = [value for line in lines for step in line.steps for value in (step.value, step.high) if value is not None]
    bottoms = [step.low for line in lines for step in line.steps if step.low is not None] + [0.0]
    breaks = readings.breaks(lines)
    top = nice_top(max([*tops, 0.001]) * (1.16 if breaks else 1.04))
    every = max(1, math.ceil(len(periods) / (8 if not narrow else 4)))
    names = [words.month_short(p) if i % every == 0 else "" for i, p in enumerate(periods)]
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(periods) - 0.5], "nice": False},
        "axis": {
            "title": None, "grid": False, "values": [i for i, n in enumerate(names) if n], "labelAngle": 0,
            "labelExpr": f"{words.quoted(names)}[datum.value]",
        },
    }  # fmt: skip
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [min(bottoms), top]},
        "axis": {"title": None, "tickCount": 5},
    }
    parts: list[Spec] = []
    for period, text in breaks:
        place = at[period] - 0.5
        parts.append(layer([{"x": place}], "rule", {"x": field("x", x)}, color=INK, strokeDash=[2, 3]))
        parts += layers.worded(
            [{"x": place, "t": text}],
            {"x": field("x", x), "y": {"value": 2}, "text": {"field": "t"}},
            align="left" if place < len(periods) * 0.6 else "right",
            dx=5 if place < len(periods) * 0.6 else -5,
            baseline="top",
            fontSize=12,
            color=MUTED,
        )
    for n, line in enumerate(lines):
        ink, shape, dash = INKS[n % len(INKS)], SHAPES[n % len(SHAPES)], DASHES[n % len(DASHES)]
        data: list[Row] = [
            {"i": at[s.period], "v": s.value, "lo": s.low, "hi": s.high, "t": s.mark} for s in line.steps
        ]
        for piece in _pieces(data, [at[p] for p, _ in breaks]):
            if len(lines) <= 3 and all(d["lo"] is not None for d in piece):
                area = {"x": field("i", x), "y": field("lo", y), "y2": {"field": "hi"}}
                parts.append(layer(piece, "area", area, color=ink, opacity=0.13))
            parts.append(layer(piece, "line", {"x": field("i", x), "y": field("v", y)}, color=ink, strokeWidth=2.5,
                               strokeDash=dash))  # fmt: skip
        shown = [d for d in data if d["v"] is not None]
        if len(periods) <= 40:
            parts.append(layer(shown, "point", {"x": field("i", x), "y": field("v", y)}, filled=True, color=ink,
                               shape=shape, size=45 if several else 40, opacity=1))  # fmt: skip
        gone = [{**d, "z": min(bottoms)} for d in data if d["v"] is None and d["t"]]
        parts.append(layer(gone, "text", {"x": field("i", x), "y": field("z", y), "text": {"field": "t"}}, dy=-8,
                           color=MUTED, fontSize=12))  # fmt: skip
    if several and not narrow:
        parts += _ends(lines, at, top, min(bottoms), x, y)
    chart: Spec = {
        "width": plot,
        "height": 280 if not narrow else 230,
        "title": layers.heading(noun),
        "layer": parts,
    }
    if several and narrow:
        return {"vconcat": [_names(lines, width - 40), chart], "spacing": 8, "config": config()}
    return {**chart, "config": config()}


def _pieces(data: Sequence[Row], breaks: Sequence[int]) -> list[list[Row]]:
    """Stretches without a break or a missing value: a line never joins two sides of either."""
    pieces: list[list[Row]] = [[]]
    for row in data:
        if row["v"] is None or row["i"] in breaks:
            pieces.append([])
        if row["v"] is not None:
            pieces[-1].append(row)
    return [piece for piece in pieces if len(piece) > 1]


def _ends(lines: Sequence[readings.Line], at: dict[str, int], top: float, floor: float, x: Spec, y: Spec) -> list[Spec]:
    """Names at the ends of their lines, pushed apart where they would touch."""
    lasts = []
    for n, line in enumerate(lines):
        shown = [s for s in line.steps if s.value is not None]
        if shown and shown[-1].value is not None:
            lasts.append([shown[-1].value, n, line.name])
    lasts.sort()
    gap = (top - floor) * 0.062
    for before, after in pairwise(lasts):
        after[0] = max(after[0], before[0] + gap)
    over = lasts[-1][0] - top if lasts else 0
    if over > 0:
        for last in lasts:
            last[0] -= over
        for after, before in zip(reversed(lasts), list(reversed(lasts))[1:], strict=False):
            before[0] = min(before[0], after[0] - gap) if before[0] > after[0] - gap else before[0]
    last_place = max(at.values(), default=0) + 0.5
    made = []
    for value, n, name in lasts:
        row = [{"x": last_place, "v": value, "t": name}]
        where = {"x": field("x", x), "y": field("v", y)}
        ink = INKS[n % len(INKS)]
        made.append(layer(row, "point", where, filled=True, color=ink, shape=SHAPES[n % len(SHAPES)], size=60,
                          opacity=1, xOffset=12))  # fmt: skip
        made.append(layer(row, "text", {**where, "text": {"field": "t"}}, align="left", dx=21, color=ink,
                          fontWeight="bold"))  # fmt: skip
    return made


def _names(lines: Sequence[readings.Line], width: int) -> Spec:
    """The key of a phone: each line's shape with its name, one under another."""
    parts = []
    scale = {"domain": [len(lines) - 0.5, -0.5]}
    for n, line in enumerate(lines):
        row = [{"r": n, "t": line.name}]
        where: Spec = {"x": {"value": 8}, "y": {"field": "r", "type": "quantitative", "axis": None, "scale": scale}}
        ink = INKS[n % len(INKS)]
        parts.append(layer(row, "point", where, filled=True, color=ink, shape=SHAPES[n % len(SHAPES)], size=60,
                           opacity=1))  # fmt: skip
        parts.append(layer(row, "text", {**where, "text": {"field": "t"}}, align="left", dx=10, color=ink,
                           fontWeight="bold"))  # fmt: skip
    return {"width": width, "height": 20 * len(lines), "layer": parts}


def concentration(curves: Sequence[readings.Curve], noun: str, places: str, width: int = WIDTH) -> Spec:
    """The share of events in the busiest share of places; the diagonal is what an even spread would look like."""
    size = min(width - 90, 470)
    x: Spec = {
        "type": "quantitative", "scale": {"domain": [0, 100]},
        "axis": {"title": f"% of {places}, busiest first", "tickCount": 5, "grid": True},
    }  # fmt: skip
    y: Spec = {"type": "quantitative", "scale": {"domain": [0, 100]}, "axis": {"title": None, "tickCount": 5}}
    even = [{"x": 0, "y": 0}, {"x": 100, "y": 100}]
    where = {"x": field("x", x), "y": field("y", y)}
    parts = [
        layer(even, "line", where, color=MUTED, strokeDash=[5, 4]),
        *layers.worded([{"x": 55, "y": 55, "t": "if spread evenly"}], {**where, "text": {"field": "t"}}, color=MUTED,
                       align="left", dx=8, dy=8),
    ]  # fmt: skip
    for n, curve in enumerate(curves):
        data: list[Row] = [{"x": 0.0, "y": 0.0}, *({"x": p.places, "y": p.events} for p in curve.points)]
        if data[-1]["x"] < 100:
            data.append({"x": 100.0, "y": 100.0})
        ink = INKS[n % len(INKS)]
        parts.append(layer(data, "line", where, color=ink, strokeWidth=2.5, strokeDash=DASHES[n % len(DASHES)]))
        parts.append(layer(data[1:], "point", where, filled=True, color=ink, shape=SHAPES[n % len(SHAPES)], size=60,
                           opacity=1))  # fmt: skip
        best = curve.telling
        if best is not None:
            text = f"{best.places:g}% of {places}: {best.events:.0f}%" + (f" ({curve.name})" if curve.name else "")
            row = [{"x": best.places, "y": best.events, "t": text}]
            parts.append(layer(row, "point", where, **layers.point(PALE, ink, SHAPES[n % len(SHAPES)], 130)))
            parts += layers.worded(row, {**where, "text": {"field": "t"}}, align="left", dx=11, fontWeight="bold",
                                   color=ink, dy=n * 2)  # fmt: skip
    return {
        "width": size,
        "height": size * (0.72 if width >= WIDTH else 0.9),
        "title": layers.heading(noun),
        "layer": parts,
        "config": config(),
    }
