"""Feeds in words: shares that give nobody away, a trend that is judged, a contract a supplier can read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from concord.evidence.datasets.quality import Counts, Measured, PartQuality
from concord.kernel.periods import Period
from concord.strategy import load
from concord.strategy.shapes.feed import Due, FieldContract, FieldQuality, Table
from concord.web.feeds import clock, contract, presenters, trends

HARBOURSIDE = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
STRANGER = trends.shown(HARBOURSIDE.disclosure.rules["public"], rows=False)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("part", "base", "analyst", "stranger"),
    [
        (0, 0, "no rows", "no rows"),
        (3, 19, "15.8%", "withheld: few rows"),
        (19, 19, "100%", "withheld: few rows"),
        (3, 20, "15.0%", "15%"),
        (33, 99, "33.3%", "33%"),
        (333, 1000, "33.3%", "33.3%"),
        (99_999, 100_000, "over 99.9%", "over 99.9%"),
        (1, 100_000, "under 0.1%", "under 0.1%"),
        (98, 99, "99.0%", "99%"),
        (0, 50, "0%", "0%"),
    ],
)
def test_a_share_is_said_as_far_as_its_reader_may_know_it(part: int, base: int, analyst: str, stranger: str) -> None:
    assert trends.EXACT.says(part, base) == analyst
    assert STRANGER.says(part, base) == stranger
    assert (STRANGER.share(part, base) is None) == (base < 20)


def test_without_a_rule_nobody_sees_a_share_but_those_who_see_rows() -> None:
    assert trends.shown(None, rows=False).says(500, 1000) == "withheld: few rows"
    assert trends.shown(None, rows=True).says(500, 1000) == "50.0%"


def months(*filled: int, rows: int = 1000, hour: int = 0) -> list[PartQuality]:
    return [
        PartQuality(
            f"2025-{n + 1:02d}" if n < 12 else f"2026-{n - 11:02d}", rows, {"f": Counts(rows, rows - k, 0, hour)}
        )
        for n, k in enumerate(filled)
    ]


def trend(filled: tuple[int, ...], how: trends.Shown = trends.EXACT, **asked: object) -> trends.Trend:
    table = Table(
        dataset="d",
        title="T",
        fields={"f": FieldContract(description="F", quality=FieldQuality(**asked))},  # type: ignore[arg-type]
    )
    (found,) = trends.trends(table, [Measured("f", "f", (), False)], months(*filled), how)
    return found


STEADY = (900, 905, 898, 902, 900, 897, 903, 901, 899)


@pytest.mark.parametrize(
    ("filled", "worse"),
    [
        ((*STEADY, 700), "Below the usual range"),
        ((*STEADY, 901), ""),
        ((*STEADY, 990), ""),  # better is no fault
        ((*STEADY[:5], 700), ""),  # too few months to know what is usual
        ((1000,) * 12 + (995,), ""),  # half a point, however steady it was
        ((1000,) * 12 + (900,), "Below the usual range"),
        ((960, 950, 940, 930, 920, 910, 900, 890, 880), "Below the usual range"),
    ],
)
def test_worse_is_only_what_chance_does_not_explain(filled: tuple[int, ...], worse: str) -> None:
    found = trend(filled)
    assert found.worse.partition(":")[0] == worse
    assert ("concord-spark__mark--bad" in found.drawing) == bool(worse)
    assert found.drawing.count(",") >= len(filled), "every month is drawn"


def test_what_settles_late_is_shown_and_not_judged() -> None:
    falling = (*STEADY, 700, 300)
    assert trend(falling).worse and not trend(falling, settles_months=2).worse
    found = trend(falling, settles_months=2)
    assert found.latest == "30.0%" and found.detail == "Values come in for 2 months: those newer are not judged."
    assert trend((*STEADY, 700, 300), settles_months=1).worse, "the last settled month is judged"


def test_a_blank_that_is_an_answer_is_no_fault() -> None:
    found = trend((*STEADY, 100), blank_means="no strand")
    assert not found.worse and found.measure == "Given" and found.detail == "Blank means no strand."


def test_withheld_months_are_neither_drawn_nor_judged() -> None:
    table = Table(dataset="d", title="T", fields={"f": FieldContract(description="F")})
    parts = [*months(*STEADY), PartQuality("2025-12", 4, {"f": Counts(4, 4, 0, 0)})]
    (found,) = trends.trends(table, [Measured("f", "f", (), False)], parts, STRANGER)
    assert found.latest == "withheld: few rows" and not found.worse
    assert [point.rows for point in found.points] == [""] * 10, "no counts for a stranger"
    assert "4" not in found.points[-1].says


def test_times_on_the_hour_are_set_against_chance() -> None:
    table = Table(dataset="d", title="T", fields={"f": FieldContract(description="F", type="timestamp")})
    parts = months(1000, 1000, hour=250)
    found = trends.trends(table, [Measured("f", "f", (), True)], parts, trends.EXACT)
    (on_hour,) = [each for each in found if each.measure == "On the exact hour"]
    assert on_hour.latest == "25.0%" and "1.7%" in on_hour.detail


def test_a_drawing_says_what_it_shows_and_cannot_be_broken_by_a_title() -> None:
    drawn = trends.sparkline([0.5, 0.25], None, 'A "title" <b>')
    assert 'aria-label="A &quot;title&quot; &lt;b&gt;"' in drawn and "style" not in drawn
    assert trends.sparkline([0.5], None, "x") == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [("2026-10", "October 2026"), ("2026-Q3", "2026 quarter 3"), ("2025", "2025"), ("unknown", "unknown"), ("", "all")],
)
def test_a_period_is_named(name: str, says: str) -> None:
    assert trends.period(name) == says


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (Period.month(2026, 10), "Oct 26"),
        (Period.quarter(2026, 3), "Q3 2026"),
        (Period.financial_year(2025), "2025/26"),
    ],
)
def test_a_period_has_a_short_name(period: Period, says: str) -> None:
    assert clock.short(period) == says


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (Due(every="month", days=30), "Every month, within 30 days of its end"),
        (Due(every="month", days=1), "Every month, within 1 day of its end"),
        (Due(every="quarter", by="end of next period"), "Every quarter, by the end of the quarter that follows"),
        (Due(every="once"), "When a new edition appears"),
    ],
)
def test_a_cadence_is_said(due: Due, says: str) -> None:
    assert contract.cadence(due) == says


@pytest.mark.parametrize("key", sorted(HARBOURSIDE.feeds))
def test_every_contract_can_be_read_by_a_supplier(key: str) -> None:
    said = contract.words(HARBOURSIDE.feeds[key], HARBOURSIDE, {})
    assert said.owner and said.cadence and said.tables
    for table in said.tables:
        assert table.fields and all(field.header and field.about and field.form for field in table.fields)
        assert not {"(", "\\", "?"} & set(table.file_name), table.file_name


def test_a_partition_and_a_replaced_month_are_said() -> None:
    assert presenters.partition("month=2026-10/force=city") == "October 2026, city"
    assert presenters.partition("all") == "all"
    change = SimpleNamespace(partition="month=2026-10", before=404, now=412, difference=8)
    assert presenters.replaced(change) == "October 2026: 412 rows took the place of 404 (8 rows more)"  # type: ignore[arg-type]


def test_a_reminder_names_what_is_owed_and_the_law() -> None:
    items = clock.exchange(HARBOURSIDE, {}, HARBOURSIDE.feeds, dt.date(2026, 7, 1))
    assert len(items) == 12
    ambulance = next(item for item in items if item.feed == "section_17a_ambulance_calls")
    assert "paragraph 12" in ambulance.message and "section 17A" in ambulance.message
    # The quarter to March was due on 30 June; the one to June is not owed before the end of September.
    assert "January to March 2026, due 30 June 2026" in ambulance.message
    assert ambulance.squares[0].word == "Due" and ambulance.squares[1].late == "1 day late"
    assert ambulance.overdue == 7 and clock.quarters(items)[0] == "Q2 2026"
