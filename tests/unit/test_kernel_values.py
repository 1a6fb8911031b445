"""Periods, names and the words of errors."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean, nearest
from concord.kernel.periods import Period


@pytest.mark.parametrize(
    ("period", "label"),
    [
        (Period.month(2026, 2), "February 2026"),
        (Period.financial_year(2025), "2025/26 (April to March)"),
        (Period(date(2026, 1, 5), date(2026, 2, 4)), "5 January 2026 to 4 February 2026"),
    ],
)
def test_a_period_has_the_label_its_reader_uses(period: Period, label: str) -> None:
    assert period.label == label


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 2, 1), date(2026, 1, 1))


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 2000))
def test_months_cover_the_period_without_a_gap(start: date, days: int) -> None:
    period = Period(start, date.fromordinal(start.toordinal() + days))
    months = list(period.months())
    assert months[0].start <= period.start
    assert months[-1].end >= period.end
    for earlier, later in itertools.pairwise(months):
        assert later.start.toordinal() == earlier.end.toordinal() + 1


def test_a_slip_is_met_with_the_nearest_name() -> None:
    assert nearest("harborside", ["harbourside", "national"]) == "harbourside"
    assert did_you_mean("harborside", ["harbourside", "national"]) == "Did you mean “harbourside”?"
    assert did_you_mean("zzz", ["b", "a"]) == "Valid names: a, b."


def test_an_error_says_what_where_why_and_what_next() -> None:
    error = BadInput(
        "Row refused.",
        where=Where(file="crimes.csv", row=7, field="age"),
        why="“abc” is not a number.",
        next_step="Send the age in whole years.",
    )
    assert str(error) == (
        "Row refused.\n"
        "  Where: crimes.csv, row 7, field “age”\n"
        "  Why:   “abc” is not a number.\n"
        "  Next:  Send the age in whole years."
    )
    assert error.exit_code == 3
