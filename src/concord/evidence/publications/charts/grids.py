"""Hours of the week as a grid."""

from __future__ import annotations

from concord.evidence.disclosure.model import ReleasedTable
from concord.evidence.publications import readings, tables
from concord.evidence.publications.charts import layers
from concord.evidence.publications.charts.layers import WIDTH, layer
from concord.evidence.publications.drawing import DARK, HATCH, INK, PALE, PINK, Row, Spec, config, shades


def heat(table: ReleasedTable, hour_at: int, day_at: int, noun: str, width: int = WIDTH) -> Spec:
    """Hours across, weekdays down, darker for more; the busiest cell carries its number, hidden cells are hatched."""
    hours = [c for c in table.dimensions[hour_at].categories if readings.hour_of(c) is not None]
    days = [c for c in table.dimensions[day_at].categories if c != tables.TOTAL]
    grid: list[Row] = []
    for cell in table.cells:
        hour, day = cell.key[hour_at], cell.key[day_at]
        if hour in hours and day in days:
            grid.append({"h": readings.hour_of(hour), "d": day, "n": cell.count, "shown": cell.hidden is None})
    scale = readings.classes([float(row["n"]) for row in grid if row["shown"]], counts=True)
    ramp = shades(len(scale.labels))
    for row in grid:
        row["fill"] = ramp[scale.band(float(row["n"]))] if row["shown"] else HATCH
    place = readings.busiest({(row["h"], row["d"]): row["n"] for row in grid if row["shown"]})
    best = next((row for row in grid if (row["h"], row["d"]) == place), None)
    every = 3 if width >= WIDTH else 6
    at = {
        "x": {
            "field": "h",
            "type": "ordinal",
            "axis": {
                "title": "Hour of the day, starting",
                "labelAngle": 0,
                "domain": False,
                "ticks": False,
                "labelExpr": f"datum.value % {every} == 0 ? (datum.value < 10 ? '0' : '') + datum.value + ':00' : ''",
                "labelOverlap": False,
            },
            "scale": {"domain": list(range(24)), "paddingInner": 0.05},
        },
        "y": {
            "field": "d",
            "type": "nominal",
            "sort": days,
            "axis": {"title": None, "domain": False, "ticks": False, "labelExpr": "slice(datum.label, 0, 3)"},
            "scale": {"paddingInner": 0.05},
        },
    }
    parts = [layer(grid, "rect", {**at, "color": {"field": "fill", "type": "nominal", "scale": None}})]
    if best is not None:
        ink = PALE if best["fill"] in DARK else INK
        size = 12 if width >= WIDTH else 9
        parts += [
            layer([best], "rect", at, fillOpacity=0, stroke=PINK, strokeWidth=3),
            layer([best], "text", {**at, "text": {"field": "n"}}, fontWeight="bold", fontSize=size, color=ink),
        ]
    entries = [{"label": text, "fill": ramp[i]} for i, text in enumerate(scale.labels)]
    if any(not row["shown"] for row in grid):
        entries.append({"label": "not shown", "fill": HATCH})
    panel = {"width": width - 50, "height": 210, "layer": parts}
    return {"vconcat": [layers.key(entries, width - 50, noun), panel], "spacing": 12, "config": config()}
