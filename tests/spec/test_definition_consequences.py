"""What the definition says of each kind of case: the manual that the board reads, one row a case."""

# the table is read by row

from __future__ import annotations

from dataclasses import replace

import pytest
from definition_manual import BOROUGHS, PAGE, ROOT, ROWS, Row, born, crime, definition, page, people

from concord.definition import Definition, Event, describe, disagreements, evaluate
from concord.definition.render import OPEN, as_html, as_markdown, matters
from concord.strategy import load
from concord.strategy.loader import load_file

PARTNERSHIPS = ROOT / "partnerships"


@pytest.fixture(scope="module", params=BOROUGHS)
def rule(request: pytest.FixtureRequest) -> Definition:
    return definition(request.param)


CASES = [(borough, row) for borough in BOROUGHS for row in ROWS]


@pytest.fixture(scope="module")
def rules() -> dict[str, Definition]:
    return {borough: definition(borough) for borough in BOROUGHS}


@pytest.mark.parametrize(("borough", "row"), CASES, ids=[f"{b}: {row.what}" for b, row in CASES])
def test_a_case(rules: dict[str, Definition], borough: str, row: Row) -> None:
    said = evaluate(rules[borough], row.event)
    assert (said.verdict, said.limbs) == row.expected(borough)
    assert said.reasons
    assert all(reason.endswith(".") and "{" not in reason for reason in said.reasons)
    assert said.verdict == "out" or said.beside is None, "nothing is counted twice"


def test_the_page_is_made_of_these_rows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: .venv/bin/python tests/definition_manual.py"


def test_the_boroughs_differ_only_where_the_rows_say_so(rules: dict[str, Definition]) -> None:
    """And they do differ: a row that claims a difference must show one."""
    for row in ROWS:
        verdicts = {(said.verdict, said.limbs) for rule in rules.values() for said in [evaluate(rule, row.event)]}
        assert (len(verdicts) == 2) is (row.harbourside is not None), row.what


def test_a_second_borough_is_one_file(rules: dict[str, Definition]) -> None:
    """Tower Hamlets' rule in Harbourside's place gives Tower Hamlets' verdicts: nothing else holds a rule."""
    swapped = Definition.of(load_file(PARTNERSHIPS / "tower_hamlets" / "definition.toml", "definition"))
    assert swapped.version == rules["tower_hamlets"].version != rules["harbourside"].version


BESIDE = [
    ("2", "attempted_murder"), ("3A", "conspiracy_to_murder"), ("5E", "endangering_life"), ("8Q", "stalking"),
    ("8L", "harassment"), ("11A", "cruelty_to_children"), ("36", "kidnapping"), ("106", "modern_slavery"),
    ("22A", "sexual_activity_without_consent"), ("22B", "sexual_activity_with_child"),
    ("71", "child_sexual_exploitation"), ("88A", "sexual_grooming"), ("10A", "weapon_possession"),
    ("10D", "weapon_possession"), ("9A", "public_fear"), ("9B", "public_fear"), ("62A", "violent_disorder"),
    ("34A", "business_robbery"), ("105A", "assault_without_injury"), ("49", None), ("8N", None), ("999Z", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line"), BESIDE)
def test_offences_near_the_definition_are_lines_beside_the_total(
    rules: dict[str, Definition], code: str, line: str | None
) -> None:
    said = evaluate(rules["tower_hamlets"], crime(code, people(40), people(40)))
    assert said.beside == line


YOUTH = [
    ("a boy of 19 wounded with intent", crime("5D", people(19), people(40)), "in"),
    ("a man of 20", crime("5D", people(20), people(16)), "out"),
    ("a child of 1", crime("5D", people(1)), "in"),
    ("a baby under 1", crime("5D", people(0)), "out"),
    ("a baby and a girl of 10", crime("5D", people(0, 10)), "in"),
    ("a victim of unknown age", crime("5D", people(None)), "undetermined"),
    ("no victim recorded", crime("5D", (), people(15)), "undetermined"),
    ("born 2005: 19 or 20", crime("5D", born(2005)), "undetermined"),
    ("robbery with a knife", crime("34B", people(15), knife=True), "in"),
    ("robbery of a shop with a knife", crime("34A", people(15), knife=True), "in"),
    ("robbery without a weapon", crime("34B", people(15), knife=False, weapon="none"), "out"),
    ("robbery, weapon not recorded", crime("34B", people(15)), "undetermined"),
    ("carrying a knife", crime("10D", people(15), knife=True), "out"),
    ("actual bodily harm without a weapon", crime("8N", people(15), sub="8/6", weapon="none"), "out"),
    ("grievous bodily harm without a weapon", crime("8N", people(15), sub="8/1", weapon="none"), "in"),
    ("assault with injury, class only", crime("8N", people(15), weapon="none"), "undetermined"),
    ("murder of a boy of 16", crime("1", people(16)), "in"),
]


@pytest.mark.parametrize(("event", "verdict"), [c[1:] for c in YOUTH], ids=[c[0] for c in YOUTH])
def test_a_second_measure_is_one_more_file(event: Event, verdict: str) -> None:
    """Serious youth violence: the same vocabulary, another file, no code. Every partnership inherits it."""
    rule = load(PARTNERSHIPS / "harbourside").definitions["serious_youth_violence"]
    assert evaluate(rule, event).verdict == verdict


@pytest.mark.parametrize("weapon", [None, "none", "knife", "firearm_section_1", "corrosive", "blunt", "not_known"])
def test_a_weapon_is_counted_and_never_decides(rule: Definition, weapon: str | None) -> None:
    inside, outside = crime("34B", people(15), people(16)), crime("8N", people(40), people(40))
    for event in (inside, outside):
        said = evaluate(rule, replace(event, weapon=weapon))
        assert said.verdict == evaluate(rule, event).verdict
        expected = {"knife": True, "firearm_section_1": True, "corrosive": True, None: None, "not_known": None}
        assert said.measures["weapon_clause"] is expected.get(weapon, False)


def test_reasons_are_the_parts_that_decided(rule: Definition) -> None:
    said = evaluate(rule, crime("34B", people(30), people(17)))
    assert said.reasons[-1] == "A suspect was under 25."
    assert not any("victim" in reason for reason in said.reasons)
    waiting = evaluate(rule, crime("5D", people(30)))
    assert waiting.reasons == ("Whether a suspect was under 25 is not known.",)
    outside = evaluate(rule, crime("3A", people(20)))
    assert all("not among" in reason for reason in outside.reasons)


@pytest.mark.parametrize("key", ["tower_hamlets", "harbourside", "national"])
def test_the_cases_a_definition_gives_of_itself_come_out_as_it_says(key: str) -> None:
    partnership = load(PARTNERSHIPS / key)
    for each in (partnership.definition, *partnership.definitions.values()):
        assert each.example
        assert disagreements(each) == ()


@pytest.mark.parametrize("borough", BOROUGHS)
def test_every_listed_offence_shows_the_four_matters_of_the_act_or_says_that_one_is_open(borough: str) -> None:
    said = describe(definition(borough))
    for offence in said.offences:
        assert [words for _, words in matters(offence)].count(OPEN) == len(offence.open)
        assert offence.codes
    missing = {offence.name: offence.open for offence in said.offences if offence.open}
    assert missing == ({} if borough == "tower_hamlets" else {"Attempted murder": ("the impact on the community",)})
    page = as_markdown(said)
    assert page.count(OPEN) == len(missing)
    assert as_html(said).count(OPEN) == len(missing)
