"""What an entry of a register may say: every kind of field at its bounds, the frame, the ways it ends; every file."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from concord.desk.registers import rules
from concord.desk.registers.rules import NotClosed, NotEntered
from concord.strategy import load
from concord.strategy.check import check_folder
from concord.strategy.shapes.kept import Field, KeptRegister

ROOT = Path(__file__).resolve().parents[2] / "partnerships"
FOLDERS = {name: load(ROOT / name) for name in ("harbourside", "tower_hamlets")}
EVERY = [(name, key, of) for name, home in FOLDERS.items() for key, of in home.kept_registers.items()]
TODAY = date(2026, 6, 1)
EVE = date(2026, 5, 31)
OPTIONS = {"one": {"a": "A", "b": "B"}, "many": {"a": "A", "b": "B", "c": "C"}}


def register(*fields: Field, **more) -> KeptRegister:
    plain = {
        "name": "Log", "one": "entry", "purpose": "p", "owner": "council", "kept_by": ("k",), "title": "What",
        "dated": "On", "due": "By", "closing": {"done": "Done"}, "months": 12, "basis": "b",
    }  # fmt: skip
    return KeptRegister(**{**plain, "field": fields, **more})


def field(kind: str, **more) -> Field:
    return Field(key=more.pop("key", "x"), name="Question", type=kind, **more)


ONE = field("choice", key="one", choices=OPTIONS["one"])
MANY = field("choices", key="many", choices=OPTIONS["many"])
BOUND = field("number", least=1, most=48)

TAKEN = [
    (field("text"), "  two   words ", "two words"),
    (field("long_text"), " two\nlines ", "two\nlines"),
    (field("text"), "x" * 200, "x" * 200),
    (BOUND, "1", 1),
    (BOUND, "48", 48),
    (field("money"), "£1,250", 1250),
    (field("day"), date(2026, 2, 28), "2026-02-28"),
    (field("day"), "2026-02-28", "2026-02-28"),
    (field("yes_no"), "no", "no"),
    (ONE, "b", "b"),
    (MANY, ["c", "a", "c"], ["a", "c"]),
]
REFUSED = [
    (field("text"), "", "Enter “Question”"),
    (field("text"), "   ", "Enter “Question”"),
    (field("text"), "x" * 201, "longer than 200"),
    (field("long_text"), "x" * 4001, "longer than 4,000"),
    (BOUND, "0", "from 1 to 48"),
    (BOUND, "49", "from 1 to 48"),
    (BOUND, "2.5", "whole number"),
    (BOUND, "two", "whole number"),
    (field("day"), "31/02/2026", "is a date"),
    (field("yes_no"), "maybe", "yes or no"),
    (ONE, "c", "not an answer"),
    (ONE, "", "Choose “Question”"),
    (MANY, ["a", "z"], "“z” is not an answer"),
    (MANY, [], "Choose “Question”"),
]


@pytest.mark.parametrize(("of", "value", "kept"), TAKEN)
def test_what_a_field_takes_and_how_it_is_kept(of, value, kept):
    assert rules.checked(register(of), {of.key: value}, OPTIONS) == {of.key: kept}


@pytest.mark.parametrize(("of", "value", "words"), REFUSED)
def test_what_a_field_refuses_and_in_which_words(of, value, words):
    with pytest.raises(NotEntered) as refusal:
        rules.checked(register(of), {of.key: value}, OPTIONS)
    assert list(refusal.value.fields) == [of.key] and re.search(re.escape(words), refusal.value.fields[of.key])


def test_every_wrong_field_is_named_at_once_and_a_stranger_among_them():
    with pytest.raises(NotEntered) as refusal:
        rules.checked(register(BOUND, ONE), {"x": "0", "one": "c", "other": "1"}, OPTIONS)
    assert set(refusal.value.fields) == {"x", "one", "other"}


def test_an_optional_field_left_empty_is_not_kept():
    assert rules.checked(register(field("number", required=False)), {"x": ""}, {}) == {}


FRAMES = [
    ("", TODAY, None, "title"),
    ("x" * 201, TODAY, None, "title"),
    ("t", None, None, "dated_on"),
    ("t", date(2036, 6, 20), None, "dated_on"),
    ("t", TODAY, date(2026, 5, 31), "due_on"),
]


@pytest.mark.parametrize(("title", "dated_on", "due_on", "wrong"), FRAMES)
def test_the_frame_of_an_entry(title, dated_on, due_on, wrong):
    with pytest.raises(NotEntered) as refusal:
        rules.check_frame(register(), title, dated_on, due_on, TODAY)
    assert list(refusal.value.fields) == [wrong]


def test_a_register_in_which_nothing_falls_due_takes_no_such_day():
    rules.check_frame(register(), "t", TODAY, TODAY, TODAY)
    with pytest.raises(NotEntered, match="falls due"):
        rules.check_frame(register(due=None), "t", TODAY, TODAY, TODAY)


@pytest.mark.parametrize(("outcome", "note"), [("gone", "said"), ("done", "  ")])
def test_an_end_is_one_of_the_registers_and_says_something(outcome, note):
    with pytest.raises(NotClosed):
        rules.check_closing(register(), outcome, note)


@pytest.mark.parametrize(
    ("due", "state", "late"),
    [(None, "open", False), (TODAY, "open", False), (EVE, "open", True), (EVE, "closed", False)],
)
def test_overdue_from_the_day_after(due, state, late):
    assert rules.overdue(due, state, TODAY) is late


SAID = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from(["", "1", " 48", "£7", "1,0", "-1", "x", 12]),
        "one": st.sampled_from(["", "a", "b", "c"]),
        "many": st.lists(st.sampled_from(["a", "b", "c", "z"]), max_size=4),
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(SAID)
def test_what_was_kept_is_kept_again_unchanged(said):
    """Whatever is taken once is taken a second time and stays as it was: a correction that changes nothing is seen."""
    of = register(replace(BOUND, required=False), replace(ONE, required=False), replace(MANY, required=False))
    try:
        kept = rules.checked(of, said, OPTIONS)
    except NotEntered:
        return
    assert rules.checked(of, kept, OPTIONS) == kept
    assert rules.differences(of, kept, kept, OPTIONS) == ()


def test_a_correction_is_told_in_words():
    of = register(ONE, field("money"))
    before, after = {"title": "t", "one": "a", "x": 5}, {"title": "u", "one": "b", "x": 1250}
    assert rules.differences(of, before, after, OPTIONS) == (
        ("What", "t", "u"), ("Question", "A", "B"), ("Question", "£5", "£1,250"),
    )  # fmt: skip


WRONG = [
    ({"key": "x", "name": "n", "type": "choice"}, "needs them"),
    ({"key": "x", "name": "n", "type": "text", "choices": {"a": "A"}}, "needs them"),
    ({"key": "x", "name": "n", "type": "listed"}, "`of`"),
    ({"key": "x", "name": "n", "type": "coded"}, "`of_list`"),
    ({"key": "x", "name": "n", "type": "text", "counted": True}, "never counted"),
    ({"key": "x", "name": "n", "type": "number", "least": 5, "most": 2}, "more than"),
]


@pytest.mark.parametrize(("data", "words"), WRONG)
def test_a_field_that_makes_no_sense_is_refused_when_the_folder_is_read(data, words):
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(Field).validate_python(data)


def test_a_register_that_makes_no_sense_is_refused():
    about = {"holder": "team:t", "purpose": "p", "gateway": "g", "agreement": "a", "role": "Who"}
    for more, words in (
        ({"public": True, "about": about}, "never public"),
        ({"field": (BOUND, BOUND)}, "twice"),
        ({"field": (field("number", public=True),)}, "public register"),
        ({"field": (field("number", counted=True),)}, "counted register"),
    ):
        with pytest.raises((ValidationError, ValueError), match=words):
            register(*more.pop("field", ()), **more)


def test_a_role_that_does_not_exist_is_named_with_its_line(tmp_path):
    folder = tmp_path / "mine"
    (folder / "registers" / "kept").mkdir(parents=True)
    (folder / "partnership.toml").write_text('key = "mine"\nname = "Mine"\nextends = "national"\n')
    text = (ROOT / "national" / "registers" / "kept" / "tension_log.toml").read_text(encoding="utf-8")
    (folder / "registers" / "kept" / "tension_log.toml").write_text(text.replace("tasking_lead", "tasking_leed"))
    found = [each for each in check_folder(folder) if "tasking_leed" in each.what]
    assert [each.hint for each in found] == ["Did you mean “tasking_lead”?"] and found[0].line


@pytest.mark.parametrize(("name", "key", "of"), EVERY, ids=lambda one: one if isinstance(one, str) else "")
def test_every_register_of_a_folder_can_be_kept(name, key, of):
    """Its keepers have the verb, its readers too, what it names exists, and nothing asks for a person's name."""
    home = FOLDERS[name]
    roles = home.roles.by_key()
    assert all({"register.read", "register.write"} <= set(roles[each].may) for each in of.kept_by), key
    assert all("register.read" in roles[each].may for each in of.read_by), key
    assert of.owner in home.agencies and of.never and of.closing
    for each in of.field:
        assert each.of_list is None or home.codelists[each.of_list], (key, each.key)
        assert "name of the person" not in each.name.lower()
    if of.about is not None:
        agreement = home.agreements[of.about.agreement]
        assert of.about.purpose in agreement.purposes and of.about.gateway in agreement.gateways
        keepers = [roles[each] for each in of.kept_by]
        assert all("person.match" in role.may and of.about.purpose in role.purposes for role in keepers)
        teams = {f"team:{team}" for each in (*of.kept_by, *of.read_by) for team in roles[each].teams}
        assert of.about.holder in teams
