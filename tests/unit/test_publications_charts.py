"""Every chart that a publication may name: what it says, what it draws, and what it marks."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from publication_support import KINDS, SEARCHES, VIOLENCE, areas, facts_of, ratios, release, spots, wards, years

from concord.evidence.disclosure.model import ReleasedCell, ReleasedTable
from concord.evidence.publications import charts, compiling, document, drawing, readings, sentences, tables, words
from concord.evidence.publications.charts import outlines
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate, Interval
from concord.strategy.shapes.publication import Chart

DRAWN = {name: case for name, case in KINDS.items() if case[0] != "table"}


def _spec(name: str, width: int = charts.WIDTH) -> Any:
    kind, table, about = KINDS[name]
    return document.draw(release(table, facts=facts_of(kind)), table, kind, about, areas(), width)


def _read(kind: str, table: ReleasedTable, about: sentences.About = VIOLENCE, **changes: Any) -> sentences.Reading:
    return sentences.read(release(table, facts=facts_of(kind)), table, kind, replace(about, **changes))


def test_every_chart_a_publication_may_name_is_drawn_here() -> None:
    assert {kind for kind, _, _ in KINDS.values()} == set(get_args(Chart))


@pytest.mark.parametrize("name", list(DRAWN))
@pytest.mark.parametrize("width", [charts.WIDTH, charts.NARROW])
def test_a_chart_fits_its_width_in_one_typeface_and_marks_what_is_hidden(name: str, width: int) -> None:
    drawn = drawing.svg(_spec(name, width), "c1")
    ElementTree.fromstring(drawn)  # noqa: S314
    assert drawing.width(drawn) <= width + 2
    assert set(re.findall(r'font-family="([^"]+)"', drawn)) == {"Inter"}
    assert not {"NaN", "undefined", "Infinity", "aria-"} & set(re.findall(r"NaN|undefined|Infinity|aria-", drawn))
    assert not [fill for fill in (compiling.HATCH, *compiling.PATTERNS[:4]) if fill in drawn]
    if any(cell.hidden for cell in KINDS[name][1].cells) and name not in {"funnel"}:
        assert "[c]" in drawn or "not shown" in drawn


def test_the_declarations_are_valid_vega_lite() -> None:
    import altair

    for name in DRAWN:
        altair.Chart.from_dict(dict(_spec(name)), validate=True)


def test_many_drawings_are_shared_among_processes_and_come_back_in_order() -> None:
    names = list(DRAWN)
    jobs = [(_spec(name), f"c{n}", n == 0) for n, name in enumerate(names)]
    assert len(jobs) > compiling.FEW
    made = compiling.compiled(jobs)
    assert made[0][1].startswith(b"\x89PNG")
    for n in (0, 1, 2, len(names) - 1):
        assert made[n][0] == drawing.svg(_spec(names[n]), f"c{n}")


def test_a_helper_that_cannot_start_costs_time_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.sys, "executable", "/bin/false")
    jobs = [(_spec("bars"), f"c{n}", False) for n in range(compiling.FEW + 1)]
    assert [drawn for drawn, _ in compiling.compiled(jobs)] == [drawing.svg(_spec("bars"), f"c{n}") for n in range(11)]


def test_the_highest_clear_ratio_is_the_title_and_the_unclear_are_said_to_show_nothing() -> None:
    said = _read("ratios", ratios(), SEARCHES)
    assert said.title == "Black: stop and searches, 2.8 times the rate of White residents"
    assert said.text == (
        "Black: 2.8 times the rate of White residents (between 2.6 and 3.1).",
        "Asian: 1.5 times the rate of White residents (between 1.4 and 1.7).",
        "Other: 0.62 times the rate of White residents (between 0.40 and 0.95).",
        "For Mixed the range includes 1, so a difference is not shown, nor that there is none.",
        "Black: from 2.1, whoever the unstated were.",
    )
    assert said.alt.endswith("Unknown [c].")


def test_a_ratio_whose_upper_end_has_no_limit_says_so() -> None:
    estimate = Estimate(4.0, "ratio", Interval(0.8, math.inf))
    table = replace(ratios(), cells=(ReleasedCell(("Asian",), 12, estimate=estimate),))
    said = _read("ratios", table, SEARCHES)
    assert said.title == "No difference in stop and searches that chance could not explain, by ethnic group"
    assert "Asian 4.0 (0.8 to no limit)" in said.alt
    assert words.limits(estimate) == (0.8, None)


def test_a_funnel_names_those_outside_and_says_the_rest_have_no_order() -> None:
    said = _read("funnel", wards())
    assert said.title == "Anchor Quay and Bargate stand above the limits for serious violence offences"
    assert "their order means nothing" in said.text[-1]


@pytest.mark.parametrize("observed", [3, 12, 40, 200])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_a_funnels_curve_is_where_exact_limits_leave_the_whole_out(observed: int, level: float) -> None:
    """A point on the upper curve has an exact lower limit equal to what was expected (Spiegelhalter 2005)."""
    from scipy.stats import chi2

    tail = (1 - level) / 2
    expected = float(chi2.ppf(tail, 2 * observed)) / 2
    base = expected * 1000 / 9.0  # nine in a thousand
    limit = readings.funnel(readings.Centre(9.0, 1000.0), base, base * 1.001, steps=2)[0 if level == 0.95 else 1]
    assert limit.high[0][1] == pytest.approx(1000 * observed / base, rel=1e-6)


def test_a_funnel_of_shares_agrees_with_wilsons_interval() -> None:
    limit = readings.funnel(readings.Centre(30.0, None), 200, 201, steps=2)[0]
    p = limit.high[0][1] / 100
    z, n = 1.959964, 200
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (middle - spread) / (1 + z * z / n) == pytest.approx(0.30, abs=1e-6)


def test_classes_come_strongest_first_and_name_their_areas() -> None:
    said = _read("classes", spots())
    assert said.title == "Anchor Quay: persistent hot spot for serious violence offences"
    assert said.text[0] == (
        "Of 5 wards that can be shown: 1 persistent hot spot, 1 emerging hot spot, 1 intermittent hot spot, 1 former "
        "hot spot and 1 no pattern."
    )
    assert said.alt.endswith("Not shown: Dock North.")


def test_every_class_has_a_pattern_of_its_own_and_not_a_shade_alone() -> None:
    drawn = drawing.svg(_spec("classes"), "c1")
    assert len(re.findall("<pattern ", drawn)) == 4  # three classes and what is hidden; the strongest is solid


def test_shares_are_of_the_whole_and_hidden_parts_are_one_hatched_rest() -> None:
    kind, table, about = KINDS["shares"]
    said = _read(kind, table, about)
    assert said.title == "79% of stop and searches found nothing"
    assert said.text[0] == "That is 1,942 of 2,462 searches."
    mixed = readings.divided(table, 0, {})[2]
    assert (mixed.name, mixed.hidden, [part.name for part in mixed.parts]) == ("Mixed", True, ["Arrest"])
    assert "Part of one bar is not shown." in said.alt


def test_a_row_of_parts_without_a_whole_is_not_divided() -> None:
    """Shares of what happens to be shown would mislead."""
    table = KINDS["shares"][1]
    cells = tuple(ReleasedCell(c.key, hidden="confidential") if c.key == ("Mixed", "Total") else c for c in table.cells)
    assert readings.divided(replace(table, cells=cells), 0, {})[2].parts == ()


def test_a_break_parts_a_series_and_is_named() -> None:
    said = _read("series", years())
    assert said.title == "Serious violence offences: Violence with injury is highest in 2024/25"
    assert "From 2023/24: new recording system. Values on two sides of that are not comparable." in said.text
    pieces = [layer for layer in _spec("series")["layer"] if layer["mark"]["type"] == "line"]
    ends = [[row["i"] for row in piece["data"]["values"]] for piece in pieces]
    assert [2, 3] in ends  # knife crime, between a hidden year and the break
    assert all(not {3, 4} <= set(places) for places in ends)


def test_ranges_that_overlap_show_no_change() -> None:
    said = _read("series", years(lines=1))
    assert said.text[0].endswith(", and their ranges do not overlap.")
    first = replace(years(lines=1), cells=years(lines=1).cells[:4])
    assert _read("series", first).text[0].endswith("and their ranges overlap, so a change is not shown.")


def test_two_points_show_no_trend() -> None:
    table = years(lines=1)
    names = table.dimensions[0].categories[2:4]
    short = replace(
        table,
        dimensions=(replace(table.dimensions[0], categories=names), table.dimensions[1]),
        cells=tuple(cell for cell in table.cells if cell.key[0] in names),
    )
    assert _read("series", short).text[-1] == "Two points show no trend."


def test_concentration_names_the_point_farthest_from_an_even_spread() -> None:
    kind, table, about = KINDS["concentration"]
    assert _read(kind, table, about).title == "20% of street segments hold 67% of serious violence offences"
    chosen = _read(kind, table, about, focus="busiest 5%")
    assert chosen.title == "5% of street segments hold 33% of serious violence offences"
    with pytest.raises(BadInput) as caught:
        _read(kind, wards(), about)
    assert "no categories that say which share of places they are" in caught.value.what


def test_one_estimate_is_said_with_what_it_rests_on() -> None:
    kind, table, about = KINDS["interval"]
    said = _read(kind, table, about)
    assert said.title == "59% of serious violence offences are not known to police"
    assert said.text == (
        "Not known to police: 59% (between 58% and 60%).",
        "That rests on 5,900 of 10,000 attendances.",
    )


def test_a_ratio_alone_that_includes_one_cannot_tell() -> None:
    table = replace(ratios(), cells=tuple(c for c in ratios().cells if c.key == ("Mixed",)))
    said = _read("interval", table, SEARCHES)
    assert said.text[-1] == "The range includes 1, which would mean no difference: these numbers cannot tell."


def test_a_map_without_its_boundaries_becomes_rates_and_classes_a_table() -> None:
    elsewhere = {"features": [{"properties": {"name": "Elsewhere"}, "geometry": {}}]}
    for given in (None, elsewhere):
        assert charts.possible(wards(), "map", VIOLENCE, given) == "rates"
        assert charts.possible(spots(), "classes", VIOLENCE, given) == "table"
    assert charts.possible(wards(), "map", VIOLENCE, areas()) == "map"
    with pytest.raises(BadInput) as caught:
        outlines.laid_out(tables.series(wards()), elsewhere, 600)
    assert caught.value.what == "None of the areas in the table has a boundary to draw"


def _fine(side: int = 12) -> tuple[ReleasedTable, dict[str, Any]]:
    """144 small areas in nine larger ones."""
    names = [f"Harbour {i:03d}" for i in range(side * side)]
    cells = tuple(
        ReleasedCell((name,), 10 + i, None, 1500, Estimate(5 + i / 10, "per 1,000 residents", Interval(4, 40)))
        for i, name in enumerate(names)
    )
    table = replace(wards(), dimensions=(replace(wards().dimensions[0], name="lsoa", categories=tuple(names)),),
                    cells=cells)  # fmt: skip

    def square(x: int, y: int, size: int) -> dict[str, Any]:
        at = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
        return {"type": "Polygon", "coordinates": [[[a * 0.002, 51.5 + b * 0.0013] for a, b in at]]}

    small = [
        {"properties": {"level": "lsoa", "name": name}, "geometry": square(i % side, i // side, 1)}
        for i, name in enumerate(names)
    ]
    large = [
        {"properties": {"level": "ward", "name": f"Ward {i}"}, "geometry": square(i % 3 * 4, i // 3 * 4, 4)}
        for i in range(9)
    ]
    return table, {"features": [*large, *small]}


def test_among_many_areas_only_those_that_matter_are_named_by_the_larger_that_hold_them() -> None:
    table, shapes = _fine()
    spec = document.draw(release(table), table, "map", VIOLENCE, shapes)
    drawn = drawing.svg(spec or {}, "c1")
    written = re.findall(r">([^<>]+)</text>", drawn)
    assert {"1", "2", "3", "4", "5", "Ward 8"} <= set(written)
    assert not [text for text in written if text.startswith("Harbour ")]
    assert "Ward 0" not in written
    said = sentences.read(release(table), table, "map", VIOLENCE)
    assert "Harbour 143" in said.title
    assert said.text[-1] == "On the map: 1 Harbour 143; 2 Harbour 142; 3 Harbour 141; 4 Harbour 140; 5 Harbour 139."


def test_neighbours_keep_their_common_edge_when_simplified() -> None:
    table, shapes = _fine()
    sheet = outlines.laid_out(tables.series(table), shapes, 600)
    whole = sum(shape.geometry.area for shape in sheet.shapes)
    assert whole == pytest.approx(sheet.width * sheet.height, rel=0.01)
    assert len(sheet.larger) == 9


def test_a_bar_without_a_count_still_stands_for_its_share() -> None:
    """What an open publication printed has no count behind it here."""
    table = replace(KINDS["bars"][1], published=True)
    cells = tuple(replace(cell, count=None, base=None) for cell in table.cells)
    drawn = drawing.svg(charts.draw(release(table), replace(table, cells=cells), "bars", VIOLENCE, None) or {}, "c1")
    assert "27%" in drawn
    assert "[u]" in drawn or "[c]" in drawn
