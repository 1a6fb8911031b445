"""Released tables as Vega-Lite declarations, for a desk or for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import placing, readings, tables, words
from concord.evidence.publications.charts import beside, grids, lines, maps, months, outlines, rows, whole
from concord.evidence.publications.charts.layers import NARROW, WIDTH
from concord.evidence.publications.drawing import Spec
from concord.evidence.publications.sentences import beside as telling
from concord.evidence.publications.sentences.common import About
from concord.kernel.errors import BadInput

__all__ = ["NARROW", "WIDTH", "draw", "noun", "possible"]


def possible(table: ReleasedTable, chart: str, about: About, areas: Mapping[str, Any] | None) -> str:
    """The chart that can be drawn: maps need boundaries of the very areas in the table, and become rates or a table."""
    if chart not in {"map", "classes"}:
        return chart
    if areas is not None:
        drawn = tables.dimension_index(table, placing.AREAS) or 0
        if outlines.known(tables.series(table, drawn, about.margin), areas):
            return chart
    return "rates" if chart == "map" else "table"


def draw(
    release: Release,
    table: ReleasedTable,
    chart: str,
    about: About,
    areas: Mapping[str, Any] | None,
    width: int = WIDTH,
) -> Spec | None:
    """The chart's declaration, or None where the table alone is meant.

    Raises BadInput where the table does not hold what the chart needs.
    """
    what, margin = noun(table), about.margin
    if chart == "trend":
        points = tables.series(table, tables.dimension_index(table, ("month",)) or 0, margin)
        return months.trend(points, readings.limits(points, release.facts), width)
    if chart == "series":
        return lines.series(readings.lines(table, about.by, margin), what, width)
    if chart == "heat":
        return _heat(table, what, width)
    if chart == "change":
        return rows.change(tables.series(table, 0, margin), "Change from a year before", width)
    if chart == "concentration":
        return lines.concentration(
            readings.curves(table, margin, about.focus), f"% of {about.subject}", about.says or "places", width
        )
    if chart in {"rates", "map", "classes"}:
        return _areas(table, chart, about, areas, what, width)
    if chart in {"bars", "ratios", "funnel", "shares", "interval"}:
        return _compared(table, chart, about, what, width)
    return None


def _heat(table: ReleasedTable, what: str, width: int) -> Spec:
    hour = tables.dimension_index(table, ("hour",))
    day = tables.dimension_index(table, ("weekday", "day"))
    if hour is None or day is None:
        raise BadInput(
            f"Table “{table.name}” has no hours and weekdays to draw as a grid",
            next_step="Choose another chart: trend, rates, map, bars or table.",
        )
    return grids.heat(table, hour, day, what, width)


def _areas(
    table: ReleasedTable, chart: str, about: About, areas: Mapping[str, Any] | None, what: str, width: int
) -> Spec | None:
    drawn = tables.dimension_index(table, placing.AREAS) or 0
    points = tables.series(table, drawn, about.margin)
    if chart == "classes":
        return None if areas is None else maps.classes(points, areas, width)
    if chart == "map" and areas is not None:
        return maps.areas(points, areas, what, width)
    total = tables.total(table)
    estimate = total.estimate if total is not None and total.hidden is None else None
    label = f"{about.place} {words.value(estimate)}" if estimate is not None else ""
    return rows.rates(points, estimate.value if estimate is not None else None, label, what, width)


def _compared(table: ReleasedTable, chart: str, about: About, what: str, width: int) -> Spec | None:
    drawn = tables.drawn(table, about.by, about.margin)
    if chart == "shares":
        return whole.shares(readings.divided(table, drawn, about.margin), f"% of {table.unit}", width)
    points = tables.series(table, drawn, about.margin)
    if chart == "bars":
        return rows.bars(points, what, width)
    if chart == "ratios":
        return beside.ratios(points, what, width)
    if chart == "funnel":
        total = tables.total(table)
        middle = readings.centre(table, total)
        if middle is None or total is None or total.estimate is None:
            return rows.rates(points, None, "", what, width)
        label = f"{about.place} {words.value(total.estimate)}"
        return beside.funnel(points, middle, what, _base(table), label, width)
    one = telling.chosen(table, about)
    if one is None:
        return None
    return whole.interval(one.estimate, what, telling.against(table, about), width)


def _base(table: ReleasedTable) -> str:
    """What the bases of rates or shares count, for an axis."""
    if any(cell.population is not None for cell in table.cells):
        return "Population"
    return f"Number of {table.unit}"


def noun(table: ReleasedTable) -> str:
    """What the axis counts, in words: the estimate's unit where there is one."""
    estimate = next((cell.estimate for cell in table.cells if cell.estimate is not None), None)
    unit = table.unit[:1].upper() + table.unit[1:]
    if estimate is None:
        return unit
    if words.is_share(estimate):
        return f"% of {table.unit}"
    if words.is_ratio(estimate):
        return estimate.unit[:1].upper() + estimate.unit[1:]
    if words.is_change(estimate):
        return f"Change in {table.unit}, %"
    return f"{unit} {estimate.unit}"
