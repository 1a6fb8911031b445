"""What a figure says and how it is drawn: sentences, alternative text, charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.findings.model import Dimension
from concord.evidence.publications import document, drawing, readings, sentences, tables
from concord.evidence.publications.sentences import About
from concord.kernel.errors import BadInput
from concord.kernel.lineage import Lineage
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

WARDS = ("Anchor Quay", "Bargate", "Candlewick Reach", "Dock North")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = tuple(f"2024-{m:02d}" for m in range(1, 13))


def release(table: ReleasedTable, facts: dict[str, float] | None = None, **changes: Any) -> Release:
    given: dict[str, Any] = {
        "id": "R-1", "finding": "f", "question": "?", "tables": (table,), "base": "offences",
        "period": Period(date(2024, 1, 1), date(2024, 12, 31)), "source": "police", "method": "counts",
        "cannot_say": ("What nobody reported.",), "audience": "public", "rule": "public",
        "audit": Audit(0, (), None, "attacker"), "lineage": Lineage("f", "counts", ()), "requested_by": "A",
        "approved_by": "B", "released_at": datetime(2026, 1, 5, tzinfo=UTC), "facts": facts or {},
    }  # fmt: skip
    return Release(**{**given, **changes})


def monthly(counts: Sequence[int | None], total: int | None = None) -> ReleasedTable:
    cells = [_cell((m,), n) for m, n in zip(MONTHS, counts, strict=False)]
    names = MONTHS[: len(counts)]
    if total is not None:
        cells.append(ReleasedCell(("Total",), total))
        names = (*names, "Total")
    return ReleasedTable("by_month", "Offences by month", "offences", (Dimension("month", "Month", names),),
                         tuple(cells), "C-1")  # fmt: skip


def _cell(key: tuple[str, ...], count: int | None) -> ReleasedCell:
    return ReleasedCell(key, count) if count is not None else ReleasedCell(key, hidden="confidential")


def rated(values: Sequence[float | None], whole: float | None = 9.0) -> ReleasedTable:
    cells = [
        ReleasedCell((w,), hidden="confidential")
        if v is None
        else ReleasedCell((w,), int(v * 10), None, 10_000, _rate(v))
        for w, v in zip(WARDS, values, strict=False)
    ]
    if whole is not None:
        cells.append(ReleasedCell(("Total",), 400, None, 40_000, _rate(whole, 0.2)))
    return ReleasedTable(
        "by_ward", "Offences by ward", "offences", (Dimension("ward", "Ward", (*WARDS, "Total")),), tuple(cells),
        "C-2", 1000,
    )  # fmt: skip


def _rate(value: float, spread: float = 1.0) -> Estimate:
    return Estimate(value, "per 1,000 residents", Interval(value - spread, value + spread))


def hourly(busiest: int = 22, hide: frozenset[tuple[int, str]] = frozenset()) -> ReleasedTable:
    cells = []
    for h in range(24):
        for d in DAYS:
            count = 20 if (h, d) == (busiest, "Friday") else 10 if h >= 18 else 5
            cells.append(_cell((f"{h:02d}", d), None if (h, d) in hide else count))
        cells.append(ReleasedCell((f"{h:02d}", "Total"), 7 * (10 if h >= 18 else 5) + (10 if h == busiest else 0)))
    cells += [ReleasedCell(("Total", d), 18 * 5 + 60 + (10 if d == "Friday" else 0)) for d in DAYS]
    cells.append(ReleasedCell(("Total", "Total"), 7 * 150 + 10))
    hours = (*(f"{h:02d}" for h in range(24)), "Total")
    dimensions = (Dimension("hour", "Hour", hours), Dimension("weekday", "Day", (*DAYS, "Total")))
    return ReleasedTable("by_hour", "Offences by hour and weekday", "offences", dimensions, tuple(cells), "C-3")


LIMITS = {"mean": 100.0, "lower_limit": 80.0, "upper_limit": 120.0}
ABOUT = About("serious violence offences", "Harbourside")


def test_a_month_above_its_limits_is_the_title() -> None:
    table = monthly([100, 101, 140, *[99] * 9], 1232)
    said = sentences.read(release(table, LIMITS), table, "trend", ABOUT)
    assert said.title == "Serious violence offences went outside their usual range in March 2024"
    assert said.text == (
        "There were 1,232 serious violence offences from January 2024 to December 2024, an average of 103 a month.",
        "Month to month, anything between 80 and 120 is ordinary variation.",
        "March 2024, with 140, was above it: ask what was different then.",
    )
    assert said.alt == (
        "Line chart of serious violence offences by month, from January 2024 to December 2024. Highest 140 in March "
        "2024; lowest 99 in April 2024. Usual range 80 to 120."
    )


def test_ordinary_variation_is_not_called_a_trend() -> None:
    table = monthly([100, 90, 110, *[99] * 9])
    said = sentences.read(release(table, LIMITS), table, "trend", ABOUT)
    assert said.title == "Serious violence offences stayed within their usual range in every month"
    assert said.text[-1] == "A rise or fall inside that range is not evidence of change."


def test_limits_on_few_months_are_said_to_move() -> None:
    table = monthly([100, 90, 110])
    said = sentences.read(release(table, LIMITS), table, "trend", ABOUT)
    assert "(3 months so far, so these limits may still move)" in said.text[0]


def test_without_published_limits_nothing_is_claimed_about_change() -> None:
    table = monthly([100, 900, 110])
    said = sentences.read(release(table), table, "trend", ABOUT)
    assert said.title == "Serious violence offences by month, from January 2024 to March 2024"
    assert said.text == ()


def test_a_hidden_month_is_named_and_never_counted() -> None:
    table = monthly([100, None, 110, *[99] * 9])
    made = release(table, LIMITS)
    said = sentences.read(made, table, "trend", ABOUT)
    assert said.alt.endswith("Not shown: February 2024.")
    assert sentences.suppression(made, table) == (
        "One of 12 figures in this table is not shown (marked [c]) because a count is small or would give a small "
        "count away."
    )


def test_everything_hidden_is_said_plainly() -> None:
    table = monthly([None, None])
    said = sentences.read(release(table, LIMITS), table, "trend", ABOUT)
    assert said.title == ("Serious violence offences by month: nothing can be shown without giving small counts away")
    assert document.draw(release(table, LIMITS), table, "trend", ABOUT, None) is not None


def test_places_are_above_only_when_their_whole_interval_is() -> None:
    table = rated([14.0, 9.5, 6.0, None])
    said = sentences.read(release(table), table, "rates", ABOUT)
    assert said.title == "Anchor Quay has a higher rate of serious violence offences than Harbourside as a whole"
    assert said.text == (
        "Anchor Quay had 14.0 offences per 1,000 residents (between 13.0 and 15.0).",
        "Harbourside as a whole had 9.0 per 1,000 residents (between 8.8 and 9.2).",
        "One ward is above that by more than chance explains and one ward below; the other one cannot be told apart "
        "from it, which does not mean that they are the same.",
    )
    assert said.alt.endswith("Not shown: Dock North.")


def test_no_place_is_singled_out_on_overlapping_intervals() -> None:
    table = rated([9.9, 9.1, 8.9, 8.2])
    said = sentences.read(release(table), table, "rates", ABOUT)
    assert said.title == (
        "No ward has a rate of serious violence offences clearly above that of Harbourside as a whole"
    )


def test_the_findings_own_test_decides_where_it_made_one() -> None:
    table = rated([14.0, 9.5, 6.0, None])
    labelled = replace(
        table, cells=(table.cells[0], replace(table.cells[1], label="above the borough"), *table.cells[2:])
    )
    said = sentences.read(release(labelled), labelled, "rates", ABOUT)
    assert said.title == "Bargate has a higher rate of serious violence offences than Harbourside as a whole"


def test_a_run_of_months_is_a_shift() -> None:
    table = monthly([100, 90, 110, *[99] * 9])
    marked = replace(
        table,
        cells=tuple(replace(c, label="seven months below the mean") if i > 9 else c for i, c in enumerate(table.cells)),
    )
    said = sentences.read(release(marked, LIMITS), marked, "trend", ABOUT)
    assert said.title == "Serious violence offences shifted: seven months below the mean, up to December 2024"
    assert said.text[-1] == "Seven months below the mean, up to December 2024: unlikely to be chance alone."


def test_when_names_the_busiest_block_and_hour() -> None:
    table = hourly()
    said = sentences.read(release(table), table, "heat", ABOUT)
    share = round(100 * (6 * 70 + 10) / 1060)
    assert said.title == f"{share}% of serious violence offences happen between 18:00 and midnight"
    assert "The busiest single hour of the week is Fridays from 22:00 to 23:00, with 20." in said.text
    assert said.text[-1].startswith("Friday is the busiest day, with 160 (15%")


def test_verdicts_say_both_bounds() -> None:
    names = ("in", "out", "undetermined", "Total")
    cells = tuple(ReleasedCell((n,), c) for n, c in zip(names, (900, 500, 120, 1520), strict=True))
    table = ReleasedTable("v", "Verdicts", "offences", (Dimension("verdict", "Verdict", names),), cells, "C-4")
    said = sentences.read(release(table), table, "bars", About("recorded offences"))
    assert said.title == "Between 900 and 1,020 recorded offences meet the definition"
    assert "120 more are undetermined" in said.text[0]


def overlap() -> ReleasedTable:
    names = ("Both", "Victim only", "Total")
    share = Estimate(27.0, "%", Interval(24.6, 29.5))
    cells = (
        ReleasedCell(("Both",), 270, 1000, None, share),
        ReleasedCell(("Victim only",), hidden="confidential"),
        ReleasedCell(("Total",), 1000),
    )
    return ReleasedTable("roles", "Roles", "people", (Dimension("role", "Role", names),), cells, "C-5")


def test_a_share_says_its_parts() -> None:
    table = overlap()
    about = About("people under 25", focus="Both", says="were both victims and suspects")
    said = sentences.read(release(table), table, "bars", about)
    assert said.title == "27% of people under 25 were both victims and suspects"
    assert said.text == ("Both: 270 of 1,000 people, or 27% (between 25% and 30%).",)
    assert said.alt == "Bar chart of people under 25 by role: Both 27%; Victim only [c]."


def test_bars_stand_for_the_dimension_that_is_asked_for() -> None:
    forums, outcomes = ("MACE", "MARAC", "Total"), ("On time", "Late", "Total")
    counts = {"MACE": (30, 10, 40), "MARAC": (45, 15, 60), "Total": (75, 25, 100)}
    cells = tuple(
        ReleasedCell(
            (f, o), n, counts[f][2], None, Estimate(75.0, "%", Interval(65.7, 82.5)) if o == "On time" else None
        )
        for f in forums
        for o, n in zip(outcomes, counts[f], strict=True)
    )
    dimensions = (Dimension("forum", "Forum", forums), Dimension("outcome", "Outcome", outcomes))
    table = ReleasedTable("forums", "Actions", "actions", dimensions, cells, "C-6")
    about = About("actions that fell due", focus="On time", says="were done on time", by="outcome")
    said = sentences.read(release(table), table, "bars", about)
    assert said.title == "75% of actions that fell due were done on time"
    assert said.text == ("On time: 75 of 100 actions, or 75% (between 66% and 82%).",)
    with pytest.raises(BadInput) as caught:
        sentences.read(release(table), table, "bars", replace(about, by="outcomes"))
    assert caught.value.next_step == "Did you mean “outcome”?"


def test_rounding_is_said() -> None:
    assert sentences.rounding(release(overlap(), rounded_to=5)) == (
        "Counts are rounded to the nearest 5, so parts may not add up to their total."
    )


def test_a_category_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(BadInput) as caught:
        tables.series(hourly(), 0, {"weekday": "Fridday"})
    assert str(caught.value).splitlines()[0] == "Table “by_hour” has no category “Fridday” of Day"
    assert caught.value.next_step == "Did you mean “Friday”?"


def _areas(clockwise: bool = False) -> dict[str, Any]:
    features = []
    for i, ward in enumerate(WARDS):
        ring = [[i, 50.0], [i + 1, 50.0], [i + 1, 51.0], [i, 51.0], [i, 50.0]]
        features.append({
            "type": "Feature", "properties": {"ward_code": f"SYN{i:02d}", "ward_name": ward},
            "geometry": {"type": "Polygon", "coordinates": [ring[::-1] if clockwise else ring]},
        })  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _drawn(kind: str, table: ReleasedTable, facts: dict[str, float] | None = None) -> str:
    spec = document.draw(release(table, facts), table, kind, ABOUT, _areas())
    assert spec is not None
    return drawing.svg(spec, "c1")


CASES = [
    ("trend", monthly([100, None, 140, *[99] * 9]), LIMITS),
    ("rates", rated([14.0, 9.5, None, 6.0]), None),
    ("map", rated([14.0, 9.5, None, 6.0]), None),
    ("heat", hourly(hide=frozenset({(3, "Monday")})), None),
    ("bars", overlap(), None),
]


@pytest.mark.parametrize(("kind", "table", "facts"), CASES, ids=[case[0] for case in CASES])
def test_a_chart_is_the_same_bytes_and_marks_what_is_hidden(
    kind: str, table: ReleasedTable, facts: dict[str, float] | None
) -> None:
    first, again = _drawn(kind, table, facts), _drawn(kind, table, facts)
    assert first == again
    ElementTree.fromstring(first)  # noqa: S314
    assert "[c]" in first or "not shown" in first
    assert "aria-" not in first
    assert "NaN" not in first
    assert "undefined" not in first
    assert set(re.findall(r'font-family="([^"]+)"', first)) == {"Inter"}


@pytest.mark.parametrize("kind", ["map", "heat"])
def test_hidden_areas_and_hours_are_hatched_and_only_then(kind: str) -> None:
    hidden = {"map": rated([14.0, 9.5, None, 6.0]), "heat": hourly(hide=frozenset({(3, "Monday")}))}[kind]
    shown = {"map": rated([14.0, 9.5, 7.0, 6.0]), "heat": hourly()}[kind]
    assert "url(#c1-hatch)" in _drawn(kind, hidden)
    assert "hatch" not in _drawn(kind, shown)


def test_the_declarations_are_valid_vega_lite() -> None:
    import altair

    for kind, table, facts in CASES:
        spec = document.draw(release(table, facts), table, kind, ABOUT, _areas())
        altair.Chart.from_dict(dict(spec or {}), validate=True)


def test_a_ring_drawn_the_other_way_is_the_same_map() -> None:
    table = rated([14.0, 9.5, 7.0, 6.0])
    made = [
        drawing.svg(document.draw(release(table), table, "map", ABOUT, _areas(turn)) or {}, "c1")
        for turn in (False, True)
    ]
    assert made[0] == made[1]


def test_titles_point_at_nothing_that_the_chart_does_not_show() -> None:
    """The busiest hour in words is the one that the chart outlines, also where several tie."""
    table = hourly(busiest=25)
    said = sentences.read(release(table), table, "heat", ABOUT)
    spec = document.draw(release(table), table, "heat", ABOUT, None) or {}
    outlined = next(
        layer["data"]["values"][0]
        for layer in spec["vconcat"][1]["layer"]
        if layer["mark"].get("stroke") == drawing.PINK
    )
    assert f"{outlined['d']}s from {outlined['h']:02d}:00" in " ".join(said.text)


def test_grid_of_two_dimensions_is_a_cross_table() -> None:
    grid = document.grid(hourly(hide=frozenset({(3, "Monday")})))
    assert grid.columns == ("Hour", *DAYS, "Total")
    assert grid.rows[3][:2] == ("03", "[c]")
    assert len(grid.rows) == 25


def test_grid_of_rates_has_interval_columns() -> None:
    grid = document.grid(rated([14.0, 9.5, None, 6.0]))
    assert grid.columns == ("Ward", "Offences", "Population", "Per 1,000 residents", "95% interval")
    assert grid.rows[0] == ("Anchor Quay", "140", "10,000", "14.0", "13.0 to 15.0")
    assert grid.rows[2] == ("Candlewick Reach", "[c]", "", "[c]", "[c]")


def test_limits_come_from_the_release_or_not_at_all() -> None:
    points = tables.series(monthly([1, 2, 3]))
    assert readings.limits(points, {"mean": 2.0}) is None
    assert readings.limits(points, {"mean": 2.0, "lower_limit": -3.0, "upper_limit": 2.5}) == readings.Limits(
        2.0, 0.0, 2.5, ("2024-03",), True
    )
