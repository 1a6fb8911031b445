"""What the definition says of each kind of case: the table the board reads, one row a case."""

# ruff: noqa: E501  # the table is read by row

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from concord.definition import Definition, Event, Party, disagreements, evaluate
from concord.strategy import load

PARTNERSHIPS = Path(__file__).resolve().parents[2] / "partnerships"
DAY = date(2025, 6, 1)


@pytest.fixture(scope="module", params=["tower_hamlets", "harbourside"])
def rule(request: pytest.FixtureRequest) -> Definition:
    return Definition.of(load(PARTNERSHIPS / request.param).definition)


def people(*ages: int | None, relationship: str | None = None) -> tuple[Party, ...]:
    return tuple(Party(age=age, relationship=relationship) for age in ages)


def crime(code: str | None, victims: tuple[Party, ...] = (), suspects: tuple[Party, ...] = (), **more: object) -> Event:
    given: dict[str, object] = {"happened_on": DAY, "domestic_abuse": False, "crime_ref": "C", **more}
    return Event(offence_code=code, victims=victims, suspects=suspects, **given)  # type: ignore[arg-type]


CONSEQUENCES = [
    # what happened, the crime, the verdict, limbs reported
    ("homicide of an adult by an adult", crime("1", people(40), people(35)), "out", ()),
    ("homicide of an adult by a partner", crime("1", people(40), people(35, relationship="spouse")), "in", ("domestic_abuse",)),
    ("homicide of a man of 24", crime("1", people(24), people(35)), "in", ("young_person",)),
    ("infanticide", crime("4.2", people(0), people(30)), "in", ("young_person",)),
    ("s18 on a man of 30, nobody identified", crime("5D", people(30)), "undetermined", ()),
    ("s18 on a man of 30, suspect's age unknown", crime("5D", people(30), people(None)), "undetermined", ()),
    ("s18, one suspect unknown, one of 17", crime("5D", people(30), people(None, 17)), "in", ("young_person",)),
    ("attempted murder of a person of 20", crime("2", people(20), people(20)), "out", ("young_person",)),
    ("conspiracy to murder", crime("3A", (), people(19)), "out", ("young_person",)),
    ("robbery of a man of 30 by boys of 17", crime("34B", people(30), people(17, 17)), "in", ("young_person",)),
    ("robbery of a shop by boys of 16", crime("34A", (), people(16)), "out", ("young_person",)),
    ("knife possession at 16", crime("10D", (), people(16), knife=True), "out", ("young_person",)),
    ("common assault between girls of 15", crime("105A", people(15), people(15)), "out", ("young_person",)),
    ("stalking by a former partner", crime("8Q", people(22), people(25, relationship="ex_partner"), domestic_abuse=True), "out", ("young_person", "domestic_abuse")),
    ("harassment between adults", crime("8L", people(40), people(40)), "out", ()),
    ("ABH by a former partner", crime("8N", people(34), people(36, relationship="ex_partner"), domestic_abuse=True), "in", ("domestic_abuse",)),
    ("ABH by a brother, no flag", crime("8N", people(34), people(36, relationship="sibling")), "in", ("domestic_abuse",)),
    ("ABH between friends of 30", crime("8N", people(30), people(30, relationship="friend")), "out", ()),
    ("ABH, flag not recorded, adults", crime("8N", people(30), people(30), domestic_abuse=None), "undetermined", ()),
    ("threats to kill, flagged hate", crime("3B", people(40), people(41), hate_strand="disability"), "in", ("hate_crime",)),
    ("threats to kill, local hate strand", crime("3B", people(40), people(41), hate_strand="age"), "in", ("hate_crime",)),
    ("a strand that no scheme has", crime("3B", people(40), people(41), hate_strand="football"), "out", ()),
    ("racially aggravated injury, no flag", crime("8P", people(45), people(50)), "in", ("hate_crime",)),
    ("racially aggravated public fear", crime("9B", people(45), people(50)), "out", ("hate_crime",)),
    ("rape of a woman of 45", crime("19C", people(45), people(40)), "in", ("sexual_violence",)),
    ("sexual assault, no sub-code, adults", crime("20A", people(45), people(40)), "in", ("sexual_violence",)),
    ("penetration, nobody identified", crime("20A", people(45), offence_sub_code="20/3"), "in", ("sexual_violence",)),
    ("sexual activity without consent", crime("22A", people(14), people(40)), "out", ("young_person",)),
    ("exploitation of a child", crime("71", people(14), people(40)), "out", ("young_person",)),
    ("grooming of a child", crime("88A", people(14), people(40)), "out", ("young_person",)),
    ("a code that no list has", crime("999Z", people(14), people(40)), "undetermined", ("young_person",)),
    ("no code, adults", crime(None, people(40), people(40)), "undetermined", ()),
    ("burglary of a woman of 20", crime("28E", people(20)), "out", ("young_person",)),
]  # fmt: skip


@pytest.mark.parametrize(("event", "verdict", "limbs"), [c[1:] for c in CONSEQUENCES], ids=[c[0] for c in CONSEQUENCES])
def test_a_case(rule: Definition, event: Event, verdict: str, limbs: tuple[str, ...]) -> None:
    said = evaluate(rule, event)
    assert (said.verdict, said.limbs) == (verdict, limbs)
    assert said.reasons
    assert all(reason.endswith(".") and "{" not in reason for reason in said.reasons)


@pytest.mark.parametrize(
    ("victim", "suspect", "verdict"),
    [(24, 25, "in"), (25, 25, "out"), (25, 24, "in"), (25, None, "undetermined"), (None, 25, "undetermined"),
     (None, 24, "in"), (0, 25, "in"), (110, 110, "out")],
)  # fmt: skip
def test_under_25_means_24_and_younger_at_the_offence(
    rule: Definition, victim: int | None, suspect: int | None, verdict: str
) -> None:
    assert evaluate(rule, crime("8N", people(victim), people(suspect))).verdict == verdict


@pytest.mark.parametrize(
    ("birth_year", "verdict"),
    [(2001, "in"), (2000, "undetermined"), (1999, "out")],
    ids=["23 or 24", "24 or 25", "25 or 26"],
)
def test_a_year_of_birth_narrows_an_age_that_was_not_recorded(rule: Definition, birth_year: int, verdict: str) -> None:
    victim = (Party(birth_year=birth_year),)
    assert evaluate(rule, crime("8N", victim, people(40))).verdict == verdict


@pytest.mark.parametrize(
    ("victim", "suspect", "domestic"),
    [(15, 40, False), (16, 40, True), (40, 15, False), (16, 16, True), (None, 40, True)],
)
def test_domestic_abuse_is_between_people_of_16_or_over(
    rule: Definition, victim: int | None, suspect: int, domestic: bool
) -> None:
    """A flag on a child under 16 is not domestic abuse in law; where an age is not known the flag stands."""
    event = crime("8N", people(victim), people(suspect, relationship="parent"), domestic_abuse=True)
    assert ("domestic_abuse" in evaluate(rule, event).limbs) is domestic


def test_a_mother_and_her_child_hurt_together_are_domestic_abuse_through_the_mother(rule: Definition) -> None:
    event = crime("8N", people(40, 9), people(42, relationship="partner"), domestic_abuse=True)
    assert evaluate(rule, event).limbs == ("young_person", "domestic_abuse")


LISTED_IN = crime("34B", people(15), people(16))
PROPERTY = [
    ("damage during a listed offence in context", "58A", LISTED_IN, "in"),
    ("arson during it", "56B", LISTED_IN, "in"),
    ("theft during it", "49", LISTED_IN, "out"),
    ("damage during a listed offence outside the contexts", "58A", crime("8N", people(40), people(40)), "out"),
    ("damage during an offence not listed", "58A", crime("105A", people(15), people(15)), "out"),
    ("damage during one that is undetermined", "58A", crime("5D", people(40)), "undetermined"),
    ("damage during other damage", "58A", crime("58B", people(15), people(15)), "out"),
]


@pytest.mark.parametrize(("code", "main", "verdict"), [c[1:] for c in PROPERTY], ids=[c[0] for c in PROPERTY])
def test_violence_against_property_counts_through_the_crime_it_happened_during(
    rule: Definition, code: str, main: Event, verdict: str
) -> None:
    event = crime(code, people(40), (), crime_ref="D", linked_ref="C", linked=(main,))
    said = evaluate(rule, event)
    assert said.verdict == verdict
    assert ("property_violence" in said.limbs) is (verdict == "in")


def test_damage_linked_to_nothing_is_out_and_to_a_crime_not_sent_is_undetermined(rule: Definition) -> None:
    assert evaluate(rule, crime("58A", people(20))).verdict == "out"
    assert evaluate(rule, crime("58A", people(20), linked_ref="elsewhere")).verdict == "undetermined"


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
    outside = evaluate(rule, crime("2", people(20)))
    assert all("not among" in reason for reason in outside.reasons)


@pytest.mark.parametrize("key", ["tower_hamlets", "harbourside", "national"])
def test_the_cases_a_definition_gives_of_itself_come_out_as_it_says(key: str) -> None:
    definition = load(PARTNERSHIPS / key).definition
    assert definition.example
    assert disagreements(definition) == ()


def test_both_boroughs_have_one_rule() -> None:
    """Harbourside runs on Tower Hamlets' rule: the same digest, whatever the words around it."""
    versions = {Definition.of(load(PARTNERSHIPS / key).definition).version for key in ("tower_hamlets", "harbourside")}
    assert len(versions) == 1


def test_every_listed_offence_records_the_four_matters_of_the_act(rule: Definition) -> None:
    from concord.definition import describe

    for offence in describe(rule).offences:
        assert offence.maximum_penalty, offence.name
        assert offence.impact_on_victims, offence.name
        assert offence.prevalence, offence.name
        assert offence.impact_on_community, offence.name
        assert offence.codes
