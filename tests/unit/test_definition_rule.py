"""A definition file: what it refuses, what it says of itself in words, and when its version changes."""

# ruff: noqa: E501  # the tables are read by row

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from concord.definition import Definition, Event, Party, describe, disagreements, evaluate
from concord.definition.kleene import all_of, any_of, negation
from concord.definition.predicates import PREDICATES as VOCABULARY
from concord.strategy import load
from concord.strategy.problems import BrokenFolder
from concord.strategy.shapes.definition import PREDICATES, DefinitionFile

PARTNERSHIPS = Path(__file__).resolve().parents[2] / "partnerships"
SOUND = (PARTNERSHIPS / "tower_hamlets" / "definition.toml").read_text(encoding="utf-8")

Load = Callable[[str], DefinitionFile]


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """Loads a partnership folder whose definition is the text given."""

    def loaded(text: str) -> DefinitionFile:
        (tmp_path / "partnership.toml").write_text('key = "here"\nname = "Here"\nbase = true\n', encoding="utf-8")
        (tmp_path / "definition.toml").write_text(text, encoding="utf-8")
        return load(tmp_path).definition  # type: ignore[no-any-return]

    return loaded


MISTAKES = [
    ("a condition misspelt", '"victim_under_age"', '"victim_under_ag"', "Did you mean “victim_under_age”?"),
    ("an offence group misspelt", '    "threats_to_kill",', '    "threat_to_kill",', "Did you mean “threats_to_kill”?"),
    ("the deciding limb misspelt", 'serious_violence = "serious_violence"', 'serious_violence = "serious"', "is no limb"),
    ("a circle", 'any_of = ["listed_offence_in_context"', 'any_of = ["serious_violence"', "go round in a circle"),
    ("two ways to compose", 'all_of = ["listed_offence", "context"]', 'all_of = ["listed_offence", "context"]\nany_of = ["context"]', "exactly one of"),
    ("a link behind a link", "[measures]", '[limbs.again]\ntitle = "x"\nlinked = "during_listed_offence"\n\n[measures]', "itself reached by a link"),
    ("a parameter that is text", "{ 2024-08-01 = 25 }", '{ 2024-08-01 = "25" }', "expected a whole number"),
    ("a scheme nobody has", '{ 2024-08-01 = "local" }', '{ 2024-08-01 = "loca" }', "expected one of national, local"),
    ("a parameter not given", "[parameters.young_person_under]", "[parameters.young_person_undr]", "young_person_under"),
    ("a date that is none", "{ 2024-08-01 = 25 }", '{ "2024-13-01" = 25 }', "date"),
    ("a limb named like a condition", "[limbs.hate_crime]", "[limbs.knife_used]", "the name of a condition"),
    ("a key nobody declared", "[limbs.hate_crime]", "[limbs.hate_crime]\nfilter = true", "filter"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_refused_in_words(read: Load, old: str, new: str, words: str) -> None:
    assert old in SOUND, "the sample no longer holds what this case changes"
    with pytest.raises(BrokenFolder) as caught:
        read(SOUND.replace(old, new, 1))
    assert words in str(caught.value)
    assert "definition.toml" in str(caught.value)


def test_the_sound_file_is_read(read: Load) -> None:
    assert disagreements(read(SOUND)) == ()


def test_a_case_that_the_rule_does_not_bear_out_is_named(read: Load) -> None:
    changed = SOUND.replace('suspects = [35]\nverdict = "out"', 'suspects = [35]\nverdict = "in"', 1)
    (said,) = disagreements(read(changed))
    assert "A man of 40 killed" in said
    assert "is said to be in, but the rule says out" in said


def test_the_vocabulary_of_files_is_the_vocabulary_that_is_evaluated() -> None:
    assert set(VOCABULARY) == set(PREDICATES)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("{ 2024-08-01 = 25 }", "{ 2024-08-01 = 18 }", True),
        ('    "threats_to_kill",\n]', "]", True),
        ('any_of = ["flagged_hate", "aggravated_offence"]', 'any_of = ["flagged_hate"]', True),
        ('version = "2024-08-01"', 'version = "2025-08-01"', True),
        ("review_on = 2025-08-01", "review_on = 2025-09-01", False),
        ("Death; bereaved families", "Death; families", False),
    ],
)
def test_the_version_changes_when_a_verdict_could(read: Load, old: str, new: str, changes: bool) -> None:
    before, after = Definition.of(read(SOUND)).version, Definition.of(read(SOUND.replace(old, new, 1))).version
    assert (before != after) is changes


def test_a_parameter_holds_from_its_day_and_the_first_also_before(read: Load) -> None:
    rule = Definition.of(read(SOUND.replace("{ 2024-08-01 = 25 }", "{ 2024-08-01 = 25, 2026-04-01 = 18 }", 1)))

    def verdict(day: date | None) -> str:
        adults = (Party(age=40),)
        return evaluate(
            rule, Event("8N", happened_on=day, victims=(Party(age=20),), suspects=adults, domestic_abuse=False)
        ).verdict

    assert verdict(date(2019, 1, 1)) == "in"
    assert verdict(date(2026, 3, 31)) == "in"
    assert verdict(date(2026, 4, 1)) == "out"
    assert verdict(None) == "out", "where the day is not known, the newest value reads it"


TRUTHS = (True, False, None)


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_three_valued_logic_is_kleenes(left: bool | None, right: bool | None) -> None:
    """Not known stands for both values: the answer is known only where both give the same."""

    def worlds(truth: bool | None) -> tuple[bool, ...]:
        return (True, False) if truth is None else (truth,)

    def known(answers: set[bool]) -> bool | None:
        return answers.pop() if len(answers) == 1 else None

    assert any_of([left, right]) == known({a or b for a in worlds(left) for b in worlds(right)})
    assert all_of([left, right]) == known({a and b for a in worlds(left) for b in worlds(right)})
    assert negation(left) == known({not a for a in worlds(left)})


def test_nothing_asked_is_no_for_any_and_yes_for_all() -> None:
    assert any_of([]) is False
    assert all_of([]) is True


def test_the_words_follow_the_rule(read: Load) -> None:
    said = describe(read(SOUND)).as_text()
    assert "a victim was under 25" in said
    assert "A man of 30 robbed by two boys of 17. In." in said
    younger = describe(read(SOUND.replace("{ 2024-08-01 = 25 }", "{ 2024-08-01 = 18 }", 1))).as_text()
    assert "a victim was under 18" in younger
    assert "under 25" not in younger.split("Value:")[0].replace("affects a person under 25", "")


def test_the_words_name_codes_strands_and_what_stands_beside(read: Load) -> None:
    said = describe(read(SOUND))
    offences = {offence.name: offence for offence in said.offences}
    assert "8N (8/6)" in offences["Actual bodily harm (s47 OAPA 1861)"].codes
    assert any("Immigration status" in line for line in said.settings)
    assert {each.name for each in said.beside} == {"Exploitation", "Weapons", "Offences near the definition"}
    assert len(said.questions) == 7
    assert said.adopted_on == "1 August 2024"
