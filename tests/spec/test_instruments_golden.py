"""Each instrument on cases worked out by hand (tests/spec/instruments_golden.csv); the checklist's 24 places."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from concord.desk.instruments import rules
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[2]
NATIONAL = load(ROOT / "partnerships" / "harbourside").instruments
ROWS = list(csv.DictReader((ROOT / "tests" / "spec" / "instruments_golden.csv").read_text("utf-8").splitlines()))
BEGUN = date(2026, 6, 1)


def came_to(instrument, answers, born=None, level=""):
    months = rules.months_between(born, BEGUN) if born else None
    return rules.outcome(NATIONAL[instrument], answers, age_months=months, level=level)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['instrument']}: {row['what']}")
def test_golden(row):
    born = date.fromisoformat(row["born_on"]) if row["born_on"] else None
    found = came_to(row["instrument"], json.loads(row["answers"]), born, row["level"])
    assert dict(found.scores) == json.loads(row["scores"])
    assert dict(found.bands) == json.loads(row["bands"])
    assert ";".join(found.routes) == row["routes"]
    assert ";".join(found.prompts) == row["prompts"]
    assert ("" if found.eligible is None else str(found.eligible)) == row["eligible"]
    assert ";".join(found.suggested) == row["suggested"]
    assert ";".join(found.factors or ()) == row["factors"]
    of, months = NATIONAL[row["instrument"]], rules.months_between(born, BEGUN) if born else None
    joint = rules.joint_needed(of, json.loads(row["answers"]), age_months=months, level=row["level"])
    assert str(joint) == (row["joint"] or "False")


def test_every_instrument_has_its_table():
    assert {row["instrument"] for row in ROWS} == set(NATIONAL)


@pytest.mark.parametrize(
    ("information", "by_health", "covered", "part"),
    [
        (["personal"], False, ["personal"], "whole"),
        (["personal", "special_category"], False, ["personal", "criminal_offence"], "result"),
        (["personal", "special_category"], False, ["personal", "special_category"], "whole"),
        (["personal"], True, ["personal"], "nothing"),
        (["personal"], True, ["personal", "patient"], "whole"),
        (["personal", "special_category"], True, ["personal", "patient"], "result"),
        (["personal", "patient"], False, ["personal", "special_category"], "nothing"),
        (["personal"], False, ["depersonalised", "aggregate"], "nothing"),
        (["personal"], False, [], "nothing"),
    ],
)
def test_how_much_of_an_assessment_may_go_where(information, by_health, covered, part):
    assert rules.goes(information, by_health=by_health, covered=covered) == part


@pytest.mark.parametrize(
    ("yes", "band", "routes"),
    [
        (0, "standard", ()),
        (9, "standard", ()),
        (10, "medium", ()),
        (13, "medium", ()),
        (14, "high", ("visible_high_risk",)),
        (24, "high", ("visible_high_risk",)),
    ],
)
def test_the_checklist_counts_its_24_places(yes, band, routes):
    places = [f"q{number:02}" for number in range(1, 25)]
    asked = [each.key for section in NATIONAL["domestic_abuse_checklist"].section for each in section.question]
    assert [key for key in asked if key.startswith("q")] == places
    answers = {key: "yes" if number < yes else "not_known" for number, key in enumerate(places)}
    found = came_to("domestic_abuse_checklist", answers)
    assert (found.scores["yes"], found.scores["not_known"]) == (yes, 24 - yes)
    assert (found.bands["yes"], found.routes) == (band, routes)


@pytest.mark.parametrize(
    ("more", "level", "routes"),
    [
        ({"earlier_marac": "yes"}, "", ("marac_repeat",)),
        ({"worse": "yes", "calls": 3}, "", ("escalation",)),
        ({"worse": "yes", "calls": 2}, "", ()),
        ({"worse": "yes"}, "", ()),
        ({}, "high", ("professional_judgement",)),
        ({"children": "yes"}, "medium", ("children",)),
    ],
)
def test_the_checklist_has_routes_that_do_not_need_the_score(more, level, routes):
    answers = {f"q{number:02}": "no" for number in range(1, 25)}
    assert came_to("domestic_abuse_checklist", {**answers, **more}, level=level).routes == routes


def test_no_instrument_reads_ethnicity_and_every_active_one_is_accounted_for():
    assert len(NATIONAL) >= 6
    for each in NATIONAL.values():
        asked = " ".join(f"{question.key} {question.text}" for question in each.questions()).lower()
        assert "ethnic" not in asked and "nationality" not in asked
        assert each.owner and each.validation and each.review_on and each.equality and each.transparency
        assert each.judgement.decided_by


def test_only_examples_stand_where_the_wording_is_licensed():
    for key in ("domestic_abuse_checklist", "child_gravity"):
        loaded = [each for each in NATIONAL[key].questions() if each.loaded]
        assert loaded and NATIONAL[key].example
        for each in loaded:
            assert each.text.startswith("Example") or all(one.name.startswith("Example") for one in each.option)
