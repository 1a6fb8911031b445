"""Laws of every instrument: the same answers come to the same outcome, now, later, and out of the database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from concord.desk.instruments import rules
from concord.strategy import load
from concord.strategy.shapes.instrument import Instrument, Question

ROOT = Path(__file__).resolve().parents[2]
INSTRUMENTS = load(ROOT / "partnerships" / "harbourside").instruments
AS_KEPT: TypeAdapter[Instrument] = TypeAdapter(Instrument)


def answer(question: Question) -> st.SearchStrategy[object]:
    if question.kind == "several":
        return st.lists(st.sampled_from(sorted(question.answers)), unique=True)
    if question.answers:
        return st.sampled_from(sorted(question.answers))
    if question.kind == "number":
        return st.integers(0, 40)
    if question.kind == "date":
        return st.sampled_from(["2026-01-02", "2026-06-01"])
    return st.sampled_from(["", "said"])


@st.composite
def filled(draw: st.DrawFn, of: Instrument) -> dict[str, object]:
    """Answers to any of its questions, asked or not, rows of repeated parts among them."""
    given_: dict[str, object] = {}
    for section in of.section:
        for row in range(1, draw(st.integers(0, 2)) + 1) if section.repeats else (0,):
            for question in section.question:
                if draw(st.booleans()):
                    given_[rules.address(section, question, row)] = draw(answer(question))
    return given_


@pytest.mark.parametrize("key", sorted(INSTRUMENTS))
@given(data=st.data(), months=st.none() | st.integers(0, 1100))
@settings(max_examples=25)
def test_the_same_answers_come_to_the_same_outcome(key: str, data: st.DataObject, months: int | None) -> None:
    of = INSTRUMENTS[key]
    values = data.draw(filled(of))
    level = data.draw(st.sampled_from(["", *(each.key for each in of.judgement.level)]))
    found = rules.outcome(of, values, age_months=months, level=level)
    backwards = dict(reversed(values.items()))
    assert rules.outcome(of, backwards, age_months=months, level=level) == found
    # What was answered under a question that is not asked counts for nothing.
    asked = {address: value for address, value in values.items() if address in found.asked}
    assert rules.outcome(of, asked, age_months=months, level=level).kept() == found.kept()
    # Nothing is lost on the way into the database and back.
    again = AS_KEPT.validate_python(json.loads(json.dumps(AS_KEPT.dump_python(of, mode="json"))))
    read = json.loads(json.dumps(values))
    assert rules.recompute(again, read, age_months=months, level=level) == json.loads(json.dumps(found.kept()))
    # Every answer it takes, it keeps as it is.
    for address, value in values.items():
        _, question, _ = rules.placed(of, address)
        kept = rules.checked(question, value)
        assert rules.checked(question, kept) == kept
    # Before somebody judges, no route that asks for a level is advised.
    unjudged = rules.outcome(of, values, age_months=months).routes
    asking = {each.key for each in of.route if each.when.startswith("level ==") and "mind" not in each.when}
    assert not asking & set(unjudged)
