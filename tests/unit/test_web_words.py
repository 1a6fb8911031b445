"""Time and counts as screens say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.kernel.working_time import LONDON
from concord.web.shared import words

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=LONDON)  # a Tuesday


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        (at(24, 16), "today 16:00, in 2 hours"),
        (at(24, 14, 5), "today 14:05, in 5 minutes"),
        (at(25, 10, 30), "tomorrow 10:30, in 20 hours 30 minutes"),
        (at(26, 14), "Thursday 26 November 14:00, in 2 days"),
        (at(24, 12), "today 12:00, 2 hours overdue"),
        (at(23, 9), "yesterday 09:00, 1 day 5 hours overdue"),
        (at(31, 9, month=12), "31 December 09:00, in 36 days 19 hours"),
        (at(24, 14), "today 14:00, in less than a minute"),
    ],
)
def test_a_deadline_is_said_with_how_far_away_it_is(deadline: datetime, said: str) -> None:
    assert words.due(deadline, NOW) == said


def test_another_year_is_named() -> None:
    assert words.day(date(2027, 1, 4), NOW.date()) == "4 January 2027"
    assert words.day(date(2026, 12, 4), NOW.date()) == "4 December"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=7, minutes=30), "7 working hours 30 minutes"),
        (timedelta(hours=1), "1 working hour"),
        (timedelta(minutes=12), "12 working minutes"),
        (timedelta(seconds=20), "no working time"),
        (timedelta(hours=-3), "3 working hours"),
    ],
)
def test_working_time_left_is_in_hours_because_working_days_differ(left: timedelta, said: str) -> None:
    assert words.working_time(left) == said


@given(st.integers(min_value=60, max_value=10**8))
def test_a_span_never_says_nought_of_anything(seconds: int) -> None:
    said = words.span(timedelta(seconds=seconds))
    assert said and " 0 " not in f" {said} "


@given(st.lists(st.sampled_from(["police", "health", "housing"]), max_size=5))
def test_a_list_names_everything_in_it(items: list[str]) -> None:
    said = words.listed(items)
    assert [word for word in said.replace(",", "").split() if word != "and"] == items


def test_plurals() -> None:
    assert words.counted(1, "agency", "agencies") == "1 agency"
    assert words.counted(0, "agency", "agencies") == "0 agencies"
    assert words.counted(1200, "row") == "1,200 rows"


@pytest.mark.parametrize(
    ("field", "left", "said"),
    [
        ("born_on", "1990-04-03", "3 April 1990"),
        ("born_on", "03/04/90", "03/04/90"),
        ("born_on", "", "Not given"),
        ("sex", "F", "Female"),
        ("sex", "", "Not given"),
        ("family_name", "Reed", "Reed"),
    ],
)
def test_a_pair_before_its_reviewers_says_dates_and_codes_in_words(field, left, said):
    from concord.desk.people.rules import ShownField
    from concord.web.links.presenters import row

    assert row(ShownField(field, left, left, "same", 1.0))["left"] == said


def test_a_long_wait_is_counted_in_the_teams_own_working_days() -> None:
    day = timedelta(hours=8)
    assert words.working_time(timedelta(hours=192), day) == "24 working days"
    assert words.working_time(timedelta(hours=25), day) == "3 working days"
    assert words.working_time(timedelta(hours=23, minutes=30), day) == "23 working hours 30 minutes"
