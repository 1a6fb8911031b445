"""Months of one series with the range that is usual for them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from concord.evidence.publications import readings, words
from concord.evidence.publications.charts.layers import WIDTH, field, layer, room_for
from concord.evidence.publications.drawing import BAND, BLUE, MUTED, PINK, Row, Spec, config, nice_top
from concord.evidence.publications.tables import Point


def trend(points: Sequence[Point], limits: readings.Limits | None, width: int = WIDTH) -> Spec:
    """Months as a line, with the usual range as a band; months outside it are marked and named."""
    narrow = width < WIDTH
    marked = set(limits.outside) if limits else set()
    data: list[Row] = [
        {"i": i, "n": p.cell.count, "out": p.category in marked, "name": words.month_short(p.category)}
        for i, p in enumerate(points)
        if p.shown
    ]
    top = nice_top(max([row["n"] for row in data if row["n"] is not None] + [limits.high if limits else 0] + [1]) * 1.1)
    every = max(1, math.ceil(len(points) / (4 if narrow else 8)))
    names = [words.month_short(p.category) if i % every == 0 else "" for i, p in enumerate(points)]
    x: Spec = {
        "scale": {"domain": [-0.5, len(points) - 0.5], "nice": False},
        "axis": {
            "title": None,
            "grid": False,
            "values": [i for i, name in enumerate(names) if name],
            "labelAngle": 0,
            "labelExpr": f"{words.quoted(names)}[datum.value]",
        },
    }
    y: Spec = {"scale": {"domain": [0, top]}, "axis": {"title": None, "tickCount": 5}}
    at = {"x": field("i", x), "y": field("n", y)}
    worded = {**at, "text": {"field": "t"}}
    parts = [] if limits is None else _range(limits, len(points) - 0.5, narrow)
    by_index = {row["i"]: row["n"] for row in data}
    # A row for every month, so that the line breaks where a month is not shown.
    every_month = [{"i": i, "n": by_index.get(i)} for i in range(len(points))]
    ordinary, outside = [row for row in data if not row["out"]], [row for row in data if row["out"]]
    named = [{**row, "t": f"{row['name']}: {words.number(row['n'])}"} for row in outside]
    edge = len(points) * (0.72 if narrow else 0.9)
    parts += [
        layer(every_month, "line", at, color=BLUE, strokeWidth=2.5),
        layer(ordinary, "point", at, filled=True, color=BLUE, size=42, opacity=1),
        layer(outside, "point", at, filled=True, shape="diamond", color=PINK, size=170, opacity=1),
        layer([r for r in named if r["i"] < edge], "text", worded, dy=-15, fontWeight="bold"),
        layer([r for r in named if r["i"] >= edge], "text", worded, dy=-15, fontWeight="bold", align="right", dx=8),
        layer(
            [{"i": i, "n": 0, "t": p.mark} for i, p in enumerate(points) if not p.shown],
            "text",
            worded,
            dy=-8,
            color=MUTED,
            fontSize=12,
        ),
    ]
    side = 14 if narrow or limits is None else room_for([f"Usually below {words.number(round(limits.high))}"])
    return {
        "width": width - 50 - side,
        "height": 220 if narrow else 260,
        "layer": parts,
        "config": config(),
    }


def _range(limits: readings.Limits, right: float, narrow: bool) -> list[Spec]:
    """The usual range as a band with its average; named beside it where there is room, else above and inside."""
    low, mean, high = (words.number(round(value)) for value in (limits.low, limits.mean, limits.high))
    band = {"x": field("a"), "x2": {"field": "b"}, "y": field("lo"), "y2": {"field": "hi"}}
    parts = [
        layer([{"a": -0.5, "b": right, "lo": limits.low, "hi": limits.high}], "rect", band, color=BAND),
        layer([{"m": limits.mean}], "rule", {"y": field("m")}, color=MUTED, strokeDash=[5, 4]),
    ]
    if narrow:
        row = {"x": -0.5, "y": limits.high, "t": f"Usually {low} to {high}, average {mean}"}
        where = {"x": field("x"), "y": field("y"), "text": {"field": "t"}}
        return [*parts, layer([row], "text", where, align="left", dx=5, dy=-8, color=MUTED, fontSize=12)]
    told = [
        {"x": right, "y": limits.mean, "t": f"Average {mean}"},
        {"x": right, "y": limits.high, "t": f"Usually below {high}"},
        {"x": right, "y": limits.low, "t": f"Usually above {low}"},
    ]
    where = {"x": field("x"), "y": field("y"), "text": {"field": "t"}}
    return [*parts, layer(told, "text", where, align="left", dx=6, color=MUTED, baseline="middle")]
