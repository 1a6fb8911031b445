"""Numbers, intervals and months in words, and the classes that shade a map."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.evidence.findings.model import TOTAL
from concord.evidence.publications import readings, tables, words
from concord.kernel.measures import Estimate, Interval


def test_the_name_of_the_total_is_the_findings_own() -> None:
    assert tables.TOTAL == TOTAL


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234, "1,234"), (12.34, "12.3"), (0.456, "0.46"), (1234.5, "1,234")]
)
def test_numbers(value: float, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (
            Estimate(14.21, "per 1,000 residents", Interval(12.04, 16.66)),
            "14.2 per 1,000 residents (between 12.0 and 16.7)",
        ),
        (Estimate(27.4, "%", Interval(24.8, 30.1)), "27% (between 25% and 30%)"),
        (Estimate(4.26, "%", Interval(3.1, 5.8)), "4.3% (between 3.1% and 5.8%)"),
        (Estimate(1.5, "ratio"), "1.5"),
        (Estimate(132.4, "per 100,000 residents", None), "132 per 100,000 residents"),
    ],
)
def test_an_estimate_carries_its_interval_in_plain_words(estimate: Estimate, text: str) -> None:
    assert words.measured(estimate) == text


def test_what_is_counted_stands_before_per() -> None:
    assert words.measured(Estimate(2.0, "per 1,000 residents"), "offences") == "2.0 offences per 1,000 residents"


@pytest.mark.parametrize(
    ("category", "shown", "short"),
    [
        ("2024-04", "April 2024", "Apr 24"),
        ("2024-04-01", "April 2024", "Apr 24"),
        ("April 2024", "April 2024", "Apr 24"),
        ("Bargate", "Bargate", "Bargate"),
    ],
)
def test_months(category: str, shown: str, short: str) -> None:
    assert words.category(category) == shown
    assert words.month_short(category) == short


def test_a_day_has_no_leading_nought() -> None:
    assert words.day(date(2026, 3, 5)) == "5 March 2026"


@pytest.mark.parametrize(
    ("items", "most", "text"),
    [
        ([], None, ""),
        (["A"], None, "A"),
        (["A", "B"], None, "A and B"),
        (["A", "B", "C"], None, "A, B and C"),
        (["A", "B", "C", "D"], 2, "A, B and two others"),
        (["A", "B", "C"], 2, "A, B and C"),
    ],
)
def test_lists(items: list[str], most: int | None, text: str) -> None:
    assert words.listed(items, at_most=most) == text


def test_hours_that_cross_midnight() -> None:
    assert words.hour_span(18, 23) == "18:00 to midnight"
    assert words.hour_span(21, 2) == "21:00 to 03:00"


@given(st.lists(st.floats(0, 10_000, allow_nan=False), min_size=1, max_size=40), st.booleans())
def test_every_value_has_a_class_whose_label_is_true(values: list[float], counts: bool) -> None:
    if counts:
        values = [float(int(v)) for v in values]
    made = readings.classes(values, counts=counts)
    assert 1 <= len(made.edges) <= 5
    assert len(made.labels) == len(made.edges)
    for value in values:
        band = made.band(value)
        assert value <= made.edges[band] or band == len(made.edges) - 1
        assert band == 0 or value > made.edges[band - 1]
    assert max(values) <= made.edges[-1]


def test_an_interval_that_touches_the_whole_is_told_apart_from_nothing() -> None:
    assert readings.position(Estimate(10, "", Interval(9, 11)), 11) is readings.Position.SAME
    assert readings.position(Estimate(10, "", Interval(9, 11)), 8.9) is readings.Position.ABOVE
    assert readings.position(Estimate(10, "", Interval(9, 11)), 11.1) is readings.Position.BELOW
    assert readings.position(Estimate(10, ""), 3) is readings.Position.SAME
