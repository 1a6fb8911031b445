"""Lines, dots and bars of released tables, as Vega-Lite declarations."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.drawing import (
    BAND,
    BLUE,
    INK,
    MUTED,
    PALE,
    PINK,
    WIDTH,
    Row,
    Spec,
    config,
    nice_top,
    values,
)
from concord.evidence.publications.readings import Position
from concord.evidence.publications.tables import Point


def trend(points: Sequence[Point], limits: readings.Limits | None) -> Spec:
    """Months as a line, with the usual range as a band; months outside it are marked and named."""
    shown = [(i, p) for i, p in enumerate(points) if p.shown]
    marked = set(limits.outside) if limits else set()
    data: list[Row] = [
        {"i": i, "n": p.cell.count, "out": p.category in marked, "name": words.month_short(p.category)}
        for i, p in shown
    ]
    top = nice_top(max([d["n"] for d in data if d["n"] is not None] + [limits.high if limits else 0] + [1]) * 1.05)
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
                "data": values([{"a": -0.5, "b": right, "lo": limits.low, "hi": limits.high}]),
                "mark": {"type": "rect", "color": BAND},
                "encoding": {
                    "x": {"field": "a", "type": "quantitative"},
                    "x2": {"field": "b"},
                    "y": {"field": "lo", "type": "quantitative"},
                    "y2": {"field": "hi"},
                },
            },
            {
                "data": values([{"m": limits.mean}]),
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 4]},
                "encoding": {"y": {"field": "m", "type": "quantitative"}},
            },
            {
                "data": values(
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
            "data": values(_with_gaps(data, len(points))),
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": values([d for d in data if not d["out"]]),
            "mark": {"type": "point", "filled": True, "color": BLUE, "size": 42, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": values([d for d in data if d["out"]]),
            "mark": {"type": "point", "filled": True, "shape": "diamond", "color": PINK, "size": 170, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": values([{**d, "t": f"{d['name']}: {words.number(d['n'])}"} for d in data if d["out"]]),
            "mark": {"type": "text", "dy": -15, "fontWeight": "bold"},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
        {
            "data": values([{"i": i, "n": 0, "t": p.mark} for i, p in enumerate(points) if not p.shown]),
            "mark": {"type": "text", "dy": -8, "color": MUTED, "fontSize": 12},
            "encoding": {"x": x, "y": y, "text": {"field": "t"}},
        },
    ]
    return {"width": WIDTH - 170, "height": 260, "layer": layers, "config": config()}


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
    sides = readings.positions(estimated, whole)
    names = [p.category for p in estimated]
    absent = [p for p in points if p.category not in names]
    order = names + [p.category for p in absent]
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
                "where": sides[p.category].value,
            }
        )
    top = nice_top(max([d["hi"] for d in data] + [whole or 0, 0.001]))
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
                "data": values([{"v": whole}]),
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 4]},
                "encoding": {"x": {"field": "v", **x}},
            },
            {
                "data": values([{"v": whole, "t": whole_label}]),
                "mark": {"type": "text", "color": MUTED, "dy": -10, "baseline": "bottom"},
                "encoding": {"x": {"field": "v", **x}, "y": {"value": 0}, "text": {"field": "t"}},
            },
        ]
    layers.append(
        {
            "data": values(data),
            "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {"field": "lo", **x}, "x2": {"field": "hi"}, "y": y},
        }
    )
    for where in Position:
        some = [d for d in data if d["where"] == where.value]
        colour = {Position.ABOVE: PINK, Position.BELOW: BLUE, Position.SAME: BLUE}[where]
        layers.append(
            {
                "data": values(some),
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
    # The same words twice: a white edge first, so that the dashed line never runs through a number.
    for edge in ({"stroke": PALE, "strokeWidth": 4}, {}):
        layers.append(
            {
                "data": values(data),
                "mark": {"type": "text", "align": "left", "dx": 8, **edge},
                "encoding": {"x": {"field": "hi", **x}, "y": y, "text": {"field": "t"}},
            }
        )
    layers.append(
        {
            "data": values([{"name": p.category, "v": 0, "t": p.mark} for p in absent]),
            "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED},
            "encoding": {"x": {"field": "v", **x}, "y": y, "text": {"field": "t"}},
        }
    )
    return {"width": WIDTH - 220, "height": {"step": 25}, "layer": layers, "config": config()}


def bars(points: Sequence[Point], noun: str) -> Spec:
    """A bar for each category with its value beside it, and its interval as a whisker where it has one."""
    rated = any(p.cell.estimate is not None for p in points)
    data = [_bar(p, rated) for p in points]
    plot, label = _room(str(row["name"]) for row in data)
    top = max([float(row["end"]) for row in data] + [0.001])
    # Room for labels lies beyond 100%, ticks do not.
    ticks = {"values": list(range(0, 101, 20))} if noun.startswith("%") and top > 20 else {}
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, nice_top(top * 1.3)]},
        "axis": {"title": noun, "tickCount": 5, "grid": False, **ticks},
    }
    y = {
        "field": "name",
        "type": "nominal",
        "sort": [d["name"] for d in data],
        "scale": {"paddingInner": 0.3},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": label, "labelPadding": 8},
    }
    spreads = [row for row in data if row["lo"] is not None]
    layers: list[Spec] = [
        {
            "data": values(data),
            "mark": {"type": "bar", "color": "#6bace6"},
            "encoding": {"x": {"field": "v", **x}, "y": y},
        },
        {
            "data": values(spreads),
            "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
            "encoding": {"x": {"field": "lo", **x}, "x2": {"field": "hi"}, "y": y},
        },
        {
            "data": values(data),
            "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": "bold"},
            "encoding": {"x": {"field": "end", **x}, "y": y, "text": {"field": "t"}},
        },
    ]
    return {"width": plot, "height": {"step": 34}, "layer": layers, "config": config()}


def _bar(point: Point, rated: bool) -> Row:
    """One bar: on an axis of rates or shares, a category without one has its count in words and no length."""
    name, count = words.category(point.category), point.cell.count
    estimate = point.cell.estimate if point.shown else None
    if not point.shown or count is None:
        return {"name": name, "v": 0, "end": 0, "lo": None, "hi": None, "t": point.mark}
    if estimate is None:
        length, text = (0, f"{words.mark(None)}  ({words.number(count)})") if rated else (count, words.number(count))
        return {"name": name, "v": length, "end": length, "lo": None, "hi": None, "t": text}
    spread = estimate.interval
    return {
        "name": name,
        "v": estimate.value,
        "end": spread.high if spread else estimate.value,
        "lo": spread.low if spread else None,
        "hi": spread.high if spread else None,
        "t": f"{words.value(estimate)}  ({words.number(count)})",
    }


def _room(names: Iterable[str]) -> tuple[int, int]:
    """Width of the plot and of its labels, so that long names are written out."""
    label = max(60, min(300, round(max((len(name) for name in names), default=8) * 6.9) + 12))
    return WIDTH - 40 - label, label


def change(points: Sequence[Point], noun: str) -> Spec:
    """Changes in per cent with their intervals, against a line of no change; filled where the interval leaves it."""
    found = {point.category: point.cell.estimate for point in points if point.shown}
    data: list[Row] = []
    for name, estimate in found.items():
        if estimate is not None:
            spread = estimate.interval
            low, high = (spread.low, spread.high) if spread else (estimate.value, estimate.value)
            data.append(
                {
                    "name": name,
                    "v": estimate.value,
                    "lo": low,
                    "hi": high,
                    "t": words.value(estimate),
                    "clear": low > 0 or high < 0,
                }
            )
    reach = max([abs(d[side]) for d in data for side in ("lo", "hi")] + [1])
    edge = nice_top(reach)
    x = {
        "type": "quantitative",
        "scale": {"domain": [-edge, edge * 1.15]},
        "axis": {"title": noun, "tickCount": 6, "labelExpr": "(datum.value > 0 ? '+' : '') + datum.value + '%'"},
    }
    order = [point.category for point in points]
    plot, label = _room(order)
    y = {
        "field": "name",
        "type": "nominal",
        "sort": order,
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": label, "labelPadding": 8},
    }
    absent = [point for point in points if point.category not in {d["name"] for d in data}]
    layers: list[Spec] = [
        {
            "data": values([{"v": 0}]),
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [5, 4]},
            "encoding": {"x": {"field": "v", **x}},
        },
        {
            "data": values([{"v": 0, "t": "No change"}]),
            "mark": {"type": "text", "color": MUTED, "dy": -10, "baseline": "bottom"},
            "encoding": {"x": {"field": "v", **x}, "y": {"value": 0}, "text": {"field": "t"}},
        },
        {
            "data": values(data),
            "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {"field": "lo", **x}, "x2": {"field": "hi"}, "y": y},
        },
    ]
    for clear, fill in ((True, BLUE), (False, PALE)):
        mark = {"type": "point", "size": 110, "opacity": 1, "filled": True, "fill": fill, "stroke": BLUE}
        layers.append(
            {
                "data": values([d for d in data if d["clear"] is clear]),
                "mark": {**mark, "strokeWidth": 2},
                "encoding": {"x": {"field": "v", **x}, "y": y},
            }
        )
    layers += [
        {
            "data": values(data),
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": {"field": "hi", **x}, "y": y, "text": {"field": "t"}},
        },
        {
            "data": values([{"name": p.category, "v": 0, "t": p.mark} for p in absent]),
            "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED},
            "encoding": {"x": {"field": "v", **x}, "y": y, "text": {"field": "t"}},
        },
    ]
    return {"width": plot, "height": {"step": 27}, "layer": layers, "config": config()}
