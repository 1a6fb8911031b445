"""One table per lifecycle; the page drawn from them is current; a table that makes no sense is caught."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from concord.desk.panels.rules import ACTION, ITEM, LIFECYCLES, MEETING, NotNow
from concord.desk.records.diagrams import page
from concord.desk.records.rules import LIFECYCLES as OF_RECORDS
from concord.desk.referrals import rules
from concord.desk.referrals.rules import NotThatWay
from concord.strategy import load
from concord.strategy.shapes.pathway import SHAPE

ROOT = Path(__file__).resolve().parents[2]
HARBOURSIDE = load(ROOT / "partnerships" / "harbourside")
MASH = HARBOURSIDE.pathways["mash_contact"]


def test_the_page_is_current():
    kept = (ROOT / "docs" / "reference" / "lifecycles.md").read_text(encoding="utf-8")
    assert kept == page(HARBOURSIDE.pathways.values()), (
        "run: python -m concord.desk.records.diagrams partnerships/harbourside > docs/reference/lifecycles.md"
    )


def test_the_page_differs_when_a_table_does():
    shorter = replace(MASH, transition=MASH.transition[:-1])
    assert page([shorter]) != page([MASH])


@pytest.mark.parametrize("lifecycle", (*LIFECYCLES, *OF_RECORDS), ids=lambda one: one.name)
def test_every_state_can_be_reached_and_every_step_joins_known_states(lifecycle):
    reached, grew = {lifecycle.initial}, True
    while grew:
        more = {step.target for step in lifecycle.steps if set(step.sources) & reached}
        grew = not more <= reached
        reached |= more
    assert reached == set(lifecycle.states)
    assert {state for step in lifecycle.steps for state in (*step.sources, step.target)} == set(lifecycle.states)


@pytest.mark.parametrize("lifecycle", (*LIFECYCLES, *OF_RECORDS), ids=lambda one: one.name)
def test_what_the_table_does_not_list_is_refused_in_words(lifecycle):
    listed = {(source, step.verb) for step in lifecycle.steps for source in step.sources}
    for state in lifecycle.states:
        for step in lifecycle.steps:
            if (state, step.verb) in listed:
                assert lifecycle.after(state, step.verb) == step.target
                continue
            with pytest.raises(NotNow) as refused:
                lifecycle.after(state, step.verb)
            assert f"that is “{lifecycle.states[state]}”" in str(refused.value)
            assert refused.value.exit_code == 4


def test_nothing_that_ended_starts_again():
    for lifecycle, ends in ((MEETING, ["signed"]), (ITEM, ["decided", "carried_over", "withdrawn"])):
        for state in ends:
            assert not any(lifecycle.can(state, step.verb) for step in lifecycle.steps)
    for state in ACTION.states:
        assert ACTION.can(state, "done") is (state == "open")


MOVES = [
    ("received", "triage", {"rag": "red", "reason": "r"}, "in_triage", ""),
    ("in_triage", "triage", {"rag": "red", "reason": "r"}, "in_triage", ""),
    ("received", "triage", {"rag": "red", "reason": ""}, None, "To triage this contact, give: reason."),
    ("received", "decide", {}, None, "You cannot decide a contact that is “Received”."),
    ("in_triage", "decide", {"level": 1, "route": "x", "rationale": "y"}, None, "give: feedback"),
    ("in_triage", "decide", {"route": "x"}, None, "give: level, rationale, feedback"),
    ("decided", "decide", {"level": 1}, None, "that is “Decided”"),
    ("decided", "triage", {"rag": "red", "reason": "r"}, None, "You cannot triage"),
]


@pytest.mark.parametrize(("state", "verb", "given", "after", "words"), MOVES)
def test_a_contact_moves_only_as_its_pathway_says(state, verb, given, after, words):
    if after:
        assert rules.move(MASH, state, verb, given) == after
        return
    with pytest.raises(NotThatWay) as refused:
        rules.move(MASH, state, verb, given)
    assert words in str(refused.value)


ROUTES = [
    ("early_help", 2, None),
    ("mace", 3, None),
    ("mace", 4, None),
    ("mace", 1, "“List at the child exploitation panel (MACE)” does not go with threshold level 1"),
    ("no_further_action", 4, "It fits level 1."),
    ("mase", 3, "Did you mean “mace”?"),
]


@pytest.mark.parametrize(("route", "level", "words"), ROUTES)
def test_a_route_fits_its_threshold(route, level, words):
    if words is None:
        assert rules.route_for(MASH, route, level).key == route
        return
    with pytest.raises(NotThatWay) as refused:
        rules.route_for(MASH, route, level)
    assert words in str(refused.value)


BROKEN = [
    ('initial = "received"', 'initial = "recieved"', "Did you mean “received”?"),
    ('target = "in_triage"', 'target = "in_traige"', "Did you mean “in_triage”?"),
    ('rag = "red"\nhours', 'rag = "rde"\nhours', "Did you mean “red”?"),
    ("hours = 4", "hours = 4\nworking_days = 1", "needs exactly one of working_days, working_hours, hours"),
]


@pytest.mark.parametrize(("right", "wrong", "words"), BROKEN)
def test_a_pathway_that_contradicts_itself_is_refused(right, wrong, words):
    text = (ROOT / "partnerships/national/pathways/mash_contact.toml").read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(SHAPE).validate_python(tomllib.loads(text.replace(right, wrong, 1)))
    assert words in str(refused.value)
