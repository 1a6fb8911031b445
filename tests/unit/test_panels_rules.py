"""Pure rules of the forums: months, movement, clashes between panels' actions, returns that reconcile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from concord.desk.panels.rules import (
    ActionLine,
    CaseFacts,
    Missing,
    alike,
    clashes,
    counted,
    ends_at,
    leaves_on,
    masked,
    months_due,
    months_on,
    moved,
    next_review,
    next_steps,
    oppositions,
    personal_in,
    quorum,
    review_due,
    stands_for,
    too_old,
    why_removed,
)
from concord.strategy import load
from concord.strategy.shapes.forum import Cohort

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
    lines = {each.key: each for each in counted(marac, cases, 20_000)}
    for key, line in lines.items():
        assert len(set(line.items)) == len(line.items) and set(line.items) <= set(lines["cases"].items)
        assert key == "children" or line.count == len(line.items)
    assert lines["cases"].count == len(cases)
    assert lines["police"].count + lines["partners"].count == len(cases)
    assert lines["children"].count == sum(each.roles["child"] for each in cases)
    assert lines["rate"].rate == pytest.approx(len(cases) / 2)
    if cases:
        assert lines["male"].share == pytest.approx(sum("M" in each.facts["victim_sex"] for each in cases) / len(cases))


# --- the room, the lists, the public --------------------------------------------------------------------------------

NAMES = some.text("abcdefghij", min_size=3, max_size=8).map(str.capitalize)


def test_on_the_wall_only_the_person_it_is_about_keeps_a_name():
    called = stands_for(
        [("Carl Probe SYN", "perpetrator"), ("Ida Testwell SYN", "child"), ("Bo Testwell SYN", "child")]
    )
    assert called == {
        "Carl Probe SYN": "the perpetrator", "Ida Testwell SYN": "the child 1", "Bo Testwell SYN": "the child 2",
    }  # fmt: skip
    text = "Dana Testwell rang: CARL PROBE SYN waits; Ida saw Carl. Carlton Road is quiet."
    assert masked(text, called, "Dana Testwell SYN") == (
        "Dana Testwell rang: the perpetrator waits; the child 1 saw the perpetrator. Carlton Road is quiet."
    )


@given(some.lists(some.tuples(NAMES, NAMES), min_size=1, max_size=4), some.text("abcdefghij XYZ.,\n", max_size=80))
def test_no_whole_name_of_another_is_ever_left(people, text):
    names = [" ".join(each) for each in people]
    said = f"{text} {' '.join(names)} {text}"
    left = masked(said, stands_for((name, "adult") for name in names))
    assert not [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", left, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("cadence", "days", "found"),
    [("weekly", 7, None), ("weekly", 8, 8), ("daily", 1, None), ("monthly", 31, None), ("monthly", 40, 40),
     ("quarterly", 92, None), ("now and then", 900, None)],
)  # fmt: skip
def test_a_paper_is_too_old_from_the_day_after_its_cadence(cadence, days, found):
    today = date(2026, 6, 1)
    assert too_old(cadence, today - timedelta(days=days), today) == found


COHORT = Cohort(kinds=("flex",), enter=("select",), leave=("deselect",), review_months=1, lapse_months=3, until_age=25)


@pytest.mark.parametrize(
    ("reviewed", "ends", "today", "why"),
    [
        (date(2026, 1, 31), None, date(2026, 4, 29), ""),
        (date(2026, 1, 31), None, date(2026, 4, 30), "By rule: not reviewed for 3 months."),
        (date(2026, 4, 1), date(2026, 4, 30), date(2026, 4, 29), ""),
        (date(2026, 4, 1), date(2026, 4, 30), date(2026, 4, 30), "By rule: 25 years old."),
    ],
)
def test_the_rule_takes_somebody_off_on_its_day_and_says_why(reviewed, ends, today, why):
    assert why_removed(COHORT, reviewed, ends, today) == why
    assert (leaves_on(COHORT, reviewed, ends) <= today) == bool(why)


def test_the_birthday_that_ends_a_list_and_the_day_of_the_next_review():
    assert ends_at(COHORT, date(2004, 2, 29)) == date(2029, 2, 28)
    assert ends_at(COHORT, None) is None
    assert review_due(COHORT, date(2026, 1, 31)) == date(2026, 2, 28)


def test_a_list_that_lapses_before_it_is_reviewed_is_refused():
    with pytest.raises(ValidationError, match="nobody is removed before they are due"):
        replace(COHORT, review_months=3)


@pytest.mark.parametrize(
    "text",
    ["When will the lights on Lock Lane be mended?", "How many patrols were there in 2025-26?",
     "Is the 15 bus safe at night? Three of us wait there.", "What came of priority 4 of the 2024 plan?"],
)  # fmt: skip
def test_an_ordinary_question_tells_nobody_who(text):
    assert personal_in(text) == ()


def test_every_next_step_has_its_button():
    missing = [Missing("Police", "police", ("A", "B"))]
    steps = next_steps(
        0,
        missing,
        quorum(HARBOURSIDE.forums["mace"], []),
        1,
        cut_off_passed=True,
        carried=2,
        prior=(1, "IDVA contact"),
        transfers=1,
    )
    assert [(each.does, each.words) for each in steps[:6]] == [
        ("list", "List 1 case waiting in your tray."),
        ("list", "List again 2 cases carried over."),
        ("agenda", "Nothing is listed yet."),
        ("remind", "Police is late with research on 2 cases."),
        ("agenda", "IDVA contact is not recorded for 1 case."),
        ("transfers", "1 case to or from another area not confirmed."),
    ]
    assert steps[6].does == "members"


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
