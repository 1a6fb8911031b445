"""Pure rules of the forums: months, movement, clashes between panels' actions, returns that reconcile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from concord.desk.panels.rules import (
    ActionLine,
    CaseFacts,
    alike,
    clashes,
    counted,
    months_due,
    months_on,
    moved,
    next_review,
    oppositions,
)
from concord.strategy import load

HARBOURSIDE = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
OPPOSED = oppositions(HARBOURSIDE.codelists["action_oppositions"])
DAY = date(2026, 6, 1)


def action(text: str, agency: str = "Police", forum: str = "mace") -> ActionLine:
    return ActionLine(
        uuid4(), forum, forum.upper(), uuid4(), "", agency, text, DAY, DAY, "open", "Open", False, "", None, 1, False
    )


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (action("Visit the family at home"), action("Make no contact with the family", "Housing"), "contradiction"),
        (action("Do not contact them before Friday", "MASH"), action("Ring the mother"), "contradiction"),
        (action("Plan her return home"), action("He must stay away from the home", "Probation"), "contradiction"),
        (action("Offer a health assessment"), action("Offer the health assessment", forum="marac"), "duplicate"),
        (action("Offer a health assessment"), action("Offer a health assessment", "Health"), None),
        (action("Make no contact"), action("Do not contact the family", "Housing"), None),
        (action("Fit new locks"), action("Check the camera"), None),
    ],
)
def test_what_does_not_fit_together_is_flagged(first, second, kind):
    for pair in ([first, second], [second, first]):
        found = clashes(pair, OPPOSED)
        assert [each.kind for each in found] == ([kind] if kind else [])


@given(some.text(max_size=60), some.text(max_size=60))
def test_likeness_is_between_nothing_and_all_and_knows_no_side(one, other):
    assert 0 <= alike(one, other) <= 1 and alike(one, other) == alike(other, one)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 9, 30), 3, date(2026, 12, 30)),
    ],
)
def test_months_end_where_the_calendar_does(day, months, then):
    assert months_on(day, months) == then


@given(some.dates(date(2000, 1, 1), date(2090, 1, 1)), some.integers(1, 24))
def test_months_on_keep_the_day_or_the_month_s_last(day, months):
    then = months_on(day, months)
    assert (then.year - day.year) * 12 + then.month - day.month == months
    assert then.day == day.day or (then.day < day.day and (then + timedelta(days=1)).day == 1)


def test_movement_follows_the_order_of_the_file():
    levels = ("emerging", "moderate", "significant")
    assert [moved(levels, "moderate", each) for each in levels] == ["lower", "same", "higher"]
    assert moved(levels, "gone", "moderate") == ""


FACTS = some.fixed_dictionaries(
    {
        "repeat": some.sampled_from([frozenset({"yes"}), frozenset({"no"})]),
        "referrer": some.sampled_from([frozenset({each}) for each in ("police", "gp", "idva")]),
        "victim_sex": some.sampled_from([frozenset("F"), frozenset("M")]),
    }
)


@given(some.lists(some.builds(lambda facts, children: CaseFacts(uuid4(), facts, {"child": children}), FACTS,
                              some.integers(0, 3)), max_size=30))  # fmt: skip
def test_every_figure_of_the_return_is_its_cases(cases):
    marac = HARBOURSIDE.forums["marac"].returns
    lines = {each.key: each for each in counted(replace(marac, population=20_000), cases)}
    for key, line in lines.items():
        assert len(set(line.items)) == len(line.items) and set(line.items) <= set(lines["cases"].items)
        assert key == "children" or line.count == len(line.items)
    assert lines["cases"].count == len(cases)
    assert lines["police"].count + lines["partners"].count == len(cases)
    assert lines["children"].count == sum(each.roles["child"] for each in cases)
    assert lines["rate"].rate == pytest.approx(len(cases) / 2)
    if cases:
        assert lines["male"].share == pytest.approx(sum("M" in each.facts["victim_sex"] for each in cases) / len(cases))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({3: date(2026, 9, 1)}, None),
        ({0: date(2026, 8, 31)}, date(2026, 11, 30)),
        ({0: date(2026, 8, 31), 3: date(2026, 12, 9)}, date(2027, 2, 28)),
        ({0: date(2026, 8, 31), 6: date(2027, 3, 1)}, date(2026, 11, 30)),
        ({0: date(2026, 8, 31), 3: date(2026, 12, 9), 6: date(2027, 3, 1)}, None),
    ],
)
def test_the_next_review_is_the_first_month_not_given(given, expected):
    assert next_review((3, 6), given) == expected


@given(
    some.dates(date(2020, 1, 1), date(2030, 1, 1)),
    some.lists(some.integers(1, 24), unique=True),
    some.sets(some.integers(1, 24)),
    some.integers(0, 900),
)
def test_a_case_is_on_the_list_by_its_next_review_on_the_days_that_one_is_due(first, months, done, later):
    ratings = {0: first} | dict.fromkeys(done, first)
    day = first + timedelta(days=later)
    coming = next_review(months, ratings)
    assert (coming is not None and coming <= day) == bool(months_due(months, first, day, ratings))
