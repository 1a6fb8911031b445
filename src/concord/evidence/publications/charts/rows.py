"""Named rows: areas with their intervals, bars of groups, changes from a year before."""

from __future__ import annotations

from collections.abc import Sequence

from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.charts import layers
from concord.evidence.publications.charts.layers import WIDTH, field, layer
from concord.evidence.publications.drawing import BLUE, INK, PALE, PINK, Row, Spec, nice_top
from concord.evidence.publications.readings import Position
from concord.evidence.publications.tables import Point
from concord.kernel.measures import Estimate

LOOKS = {
    Position.ABOVE: (PINK, PINK, "diamond"),
    Position.BELOW: (BLUE, BLUE, "triangle-down"),
    Position.SAME: (PALE, BLUE, "circle"),
}
"""Fill, edge and shape of a point by its side of what it is compared with: hollow where it cannot be told apart."""


def ends(estimate: Estimate) -> tuple[float, float]:
    """The interval's ends; the value twice where it has none."""
    spread = estimate.interval
    return (spread.low, spread.high) if spread else (estimate.value, estimate.value)


def points(data: Sequence[Row], x: Spec, frame: layers.Rows) -> list[Spec]:
    """Each row's value (`v`), drawn by its `side`."""
    return [
        layer(
            [row for row in data if row["side"] == side.value],
            "point",
            {"x": field("v", x), "y": frame.y},
            **layers.point(fill, stroke, shape, shift=frame.shift),
        )
        for side, (fill, stroke, shape) in LOOKS.items()
    ]


def spans(data: Sequence[Row], x: Spec, frame: layers.Rows, colour: str = BLUE) -> Spec:
    """A line from each row's `lo` to its `hi`."""
    encoding = {"x": field("lo", x), "x2": {"field": "hi"}, "y": frame.y}
    return layer(data, "rule", encoding, color=colour, strokeWidth=2, yOffset=frame.shift)


def rates(found: Sequence[Point], whole: float | None, whole_label: str, noun: str, width: int = WIDTH) -> Spec:
    """Areas sorted by rate with their intervals; filled where the interval lies wholly to one side of the whole."""
    estimated = tables.ranked(found)
    sides = readings.positions(estimated, whole)
    names = [one.category for one in estimated]
    absent = [point for point in found if point.category not in names]
    frame = layers.rows([*names, *(point.category for point in absent)], width, step=25)
    data: list[Row] = []
    for one in estimated:
        low, high = ends(one.estimate)
        data.append(
            {
                "name": one.category,
                "v": one.estimate.value,
                "lo": low,
                "hi": high,
                "t": words.value(one.estimate),
                "side": sides[one.category].value,
            }
        )
    least = layers.reach([row["hi"] for row in data], [row["t"] for row in data], frame.plot)
    top = nice_top(max(least, (whole or 0) * 1.05, 0.001))
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, top]},
        "axis": {"title": noun, "values": layers.nice_ticks(top, 6 if width >= WIDTH else 4)},
    }
    parts = [] if whole is None else layers.reference(whole, whole_label, x)
    parts += [spans(data, x, frame), *points(data, x, frame)]
    text = {"x": field("hi", x), "y": frame.y, "text": {"field": "t"}}
    parts += layers.worded(data, text, align="left", dx=8, yOffset=frame.shift)
    parts.append(
        layers.absent([{"name": p.category, "t": p.mark} for p in absent], x, frame.y, 0, frame.shift),
    )
    return frame.chart(parts)


def bars(found: Sequence[Point], noun: str, width: int = WIDTH) -> Spec:
    """A bar for each category with its value beside it, and its interval as a whisker where it has one."""
    rated = any(point.cell.estimate is not None for point in found)
    data = [_bar(point, rated) for point in found]
    frame = layers.rows([str(row["name"]) for row in data], width, step=34)
    longest = max([float(row["end"]) for row in data] + [0.001])
    least = layers.reach([float(row["end"]) for row in data], [str(row["t"]) for row in data], frame.plot - 8)
    # Room for labels lies beyond 100%, ticks do not.
    most = 100.0 if noun.startswith("%") else nice_top(longest)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, max(least, longest)], "nice": False},
        "axis": {"title": noun, "values": layers.nice_ticks(min(most, max(least, longest)), 5), "grid": False},
    }
    look = {"height": 18} if frame.narrow else {}
    text = {"x": field("end", x), "y": frame.y, "text": {"field": "t"}}
    return frame.chart(
        [
            layer(data, "bar", {"x": field("v", x), "y": frame.y}, color="#6bace6", yOffset=frame.shift, **look),
            spans([row for row in data if row["lo"] is not None], x, frame, INK),
            layer(data, "text", text, align="left", dx=8, fontWeight="bold", yOffset=frame.shift),
        ]
    )


def _bar(point: Point, rated: bool) -> Row:
    """One bar: on an axis of rates or shares, a category without one has its count in words and no length."""
    name, count = words.category(point.category), point.cell.count
    estimate = point.cell.estimate if point.shown else None
    if not point.shown or (count is None and estimate is None):
        return {"name": name, "v": 0, "end": 0, "lo": None, "hi": None, "t": point.mark}
    if estimate is None:
        count = count or 0
        length, text = (0, f"{words.mark(None)}  ({words.number(count)})") if rated else (count, words.number(count))
        return {"name": name, "v": length, "end": length, "lo": None, "hi": None, "t": text}
    low, high = ends(estimate)
    spread = estimate.interval
    return {
        "name": name,
        "v": estimate.value,
        "end": high,
        "lo": low if spread else None,
        "hi": high if spread else None,
        "t": words.value(estimate) + ("" if count is None else f"  ({words.number(count)})"),
    }


def change(found: Sequence[Point], noun: str, width: int = WIDTH) -> Spec:
    """Changes in per cent with their intervals, against a line of no change; filled where the interval leaves it."""
    data: list[Row] = []
    for point in found:
        estimate = point.cell.estimate if point.shown else None
        if estimate is not None:
            low, high = ends(estimate)
            data.append(
                {
                    "name": point.category,
                    "v": estimate.value,
                    "lo": low,
                    "hi": high,
                    "t": words.value(estimate),
                    "side": readings.position(estimate, 0.0).value,
                }
            )
    frame = layers.rows([point.category for point in found], width)
    edge = nice_top(max([abs(row[side]) for row in data for side in ("lo", "hi")] + [1]))
    room = edge * layers.room_for([row["t"] for row in data]) * 2 / max(60, frame.plot - 60)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [-edge, edge + room], "nice": False},
        "axis": {
            "title": noun,
            "values": [-edge, -edge / 2, 0, edge / 2, edge],
            "labelExpr": "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + abs(datum.value) + '%'",
        },
    }
    absent = [point for point in found if point.category not in {row["name"] for row in data}]
    text = {"x": field("hi", x), "y": frame.y, "text": {"field": "t"}}
    return frame.chart(
        [
            *layers.reference(0, "No change", x),
            spans(data, x, frame),
            *points(data, x, frame),
            *layers.worded(data, text, align="left", dx=8, yOffset=frame.shift),
            layers.absent([{"name": p.category, "t": p.mark} for p in absent], x, frame.y, 0, frame.shift),
        ]
    )
