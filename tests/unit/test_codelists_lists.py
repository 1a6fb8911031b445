"""Code lists: dated, sourced, and walked in one direction only."""

from __future__ import annotations

from datetime import date

import pytest

from concord import codelists
from concord.codelists.lists import Entry
from concord.kernel.errors import BadInput, Usage


@pytest.mark.parametrize("name", codelists.names())
def test_every_code_has_a_label_and_a_source(name: str) -> None:
    found = codelists.get(name)
    assert len(found) > 0
    assert all(entry.label and entry.source for entry in found)


def test_what_was_written_from_memory_says_so() -> None:
    for name in codelists.names():
        for entry in codelists.get(name):
            assert entry.assumed or "memory" not in entry.source.lower(), (name, entry.code)


@pytest.mark.parametrize(
    ("code", "label"), [("1", "Charge or summons"), ("18", "Investigation complete; no suspect identified")]
)
def test_outcomes_run_from_1_to_22(code: str, label: str) -> None:
    outcomes = codelists.get("outcomes")
    assert outcomes.codes == tuple(str(n) for n in range(1, 23))
    assert outcomes.label(code) == label


@pytest.mark.parametrize(("name", "size"), [("ethnicity_18", 19), ("ethnicity_16", 17), ("ethnicity_5", 6)])
def test_an_ethnicity_scheme_has_its_codes_and_not_stated(name: str, size: int) -> None:
    found = codelists.get(name)
    assert len(found) == size
    assert "NS" in found


@pytest.mark.parametrize("source", ["ethnicity_18", "ethnicity_16", "ethnicity_observed"])
def test_every_code_walks_to_a_code_of_the_coarser_scheme(source: str) -> None:
    walk = codelists.crosswalk(source, "ethnicity_5")
    assert set(walk) == set(codelists.get(source).codes)
    assert set(walk.values()) <= set(codelists.get("ethnicity_5").codes)


def test_walking_in_two_steps_or_in_one_comes_to_the_same_heading() -> None:
    fine, middle = (
        codelists.crosswalk("ethnicity_18", "ethnicity_16"),
        codelists.crosswalk("ethnicity_16", "ethnicity_5"),
    )
    straight = codelists.crosswalk("ethnicity_18", "ethnicity_5")
    assert {code: middle[step] for code, step in fine.items()} == dict(straight)


def test_a_coarse_code_is_never_refined() -> None:
    with pytest.raises(Usage, match="never in more"):
        codelists.crosswalk("ethnicity_5", "ethnicity_18")


def test_a_list_that_does_not_exist_suggests_the_nearest() -> None:
    with pytest.raises(Usage) as caught:
        codelists.get("outcome")
    assert "no code list called “outcome”" in str(caught.value)
    assert "Did you mean “outcomes”?" in str(caught.value)


def test_a_code_that_does_not_exist_suggests_the_nearest() -> None:
    with pytest.raises(BadInput) as caught:
        codelists.get("relationships").entry("ex_partnr")
    assert "“ex_partnr” is not a code of the list “relationships”" in str(caught.value)
    assert "Did you mean “ex_partner”?" in str(caught.value)


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2020, 3, 31), False), (date(2020, 4, 1), True), (date(2022, 3, 31), True), (date(2022, 4, 1), False)],
)
def test_a_code_holds_on_its_first_and_last_day(day: date, holds: bool) -> None:
    entry = Entry("x", "X", "test", valid_from=date(2020, 4, 1), valid_to=date(2022, 3, 31))
    assert entry.holds_on(day) is holds


def test_five_hate_strands_are_national_and_nine_local() -> None:
    strands = list(codelists.get("hate_strands"))
    assert len(strands) == 9
    assert sum(entry.extra["scheme"] == "national" for entry in strands) == 5


@pytest.mark.parametrize(
    ("relationship", "connected"),
    [("spouse", "yes"), ("ex_partner", "yes"), ("sibling", "yes"), ("co_parent", "yes"), ("friend", "no"),
     ("carer", "no"), ("stranger", "no"), ("not_known", "")],
)  # fmt: skip
def test_personally_connected_follows_the_act(relationship: str, connected: str) -> None:
    assert codelists.get("relationships").entry(relationship).extra["personally_connected"] == connected


@pytest.mark.parametrize(
    ("code", "sub_code", "groups"),
    [
        ("5D", None, {"grievous_bodily_harm_with_intent"}),
        ("8N", None, {"grievous_bodily_harm", "actual_bodily_harm"}),
        ("8N", "8/1", {"grievous_bodily_harm"}),
        ("8N", "8/6", {"actual_bodily_harm"}),
        ("8N", "8/99", {"grievous_bodily_harm", "actual_bodily_harm"}),
        ("20A", None, {"sexual_assault", "assault_by_penetration"}),
        ("20A", "20/3", {"assault_by_penetration"}),
        ("20A", "20/5", {"sexual_assault"}),
        ("34A", None, {"business_robbery"}),
        ("28E", None, set()),
    ],
)
def test_codes_say_which_offences_a_crime_may_be(code: str, sub_code: str | None, groups: set[str]) -> None:
    assert codelists.possible_groups(code, sub_code) == groups


@pytest.mark.parametrize("code", [None, "", "999Z", "8n"])
def test_a_blank_or_unknown_code_says_nothing(code: str | None) -> None:
    assert codelists.possible_groups(code) is None


def test_groups_are_made_of_listed_codes_and_have_names() -> None:
    for entry in codelists.get("offence_groups"):
        assert entry.extra["offence_code"] in codelists.get("offences")
        assert entry.extra["group"] in codelists.offence_groups()


def test_codes_agree_with_the_home_office_hierarchy(shared) -> None:  # type: ignore[no-untyped-def]
    """Every code of the retyped national table is in our list, under the same label or one that says more."""
    import csv

    path = shared / "oracles" / "offences" / "home_office_offence_codes_violence.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if "-" not in row["code"]]
    ours = codelists.get("offences")
    assert len(rows) > 60
    for row in rows:
        assert row["code"] in ours
        assert row["label"].split()[-1].strip(".") in ours.label(row["code"])
