"""Harbourside holds what it promises: exact columns, exact counts, known shares, a mark on every name."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from concord import codelists
from concord.kernel.errors import BadInput, Usage
from concord.synthetic import Generated, generate, people

COLUMNS = {
    "recorded_crime": (
        "crime_ref offence_code offence_sub_code offence recorded_on committed_from committed_to ward_code lsoa_code "
        "easting northing location_type domestic_abuse hate_strand knife weapon knife_source "
        "child_sexual_exploitation child_sexual_abuse alcohol online linked_crime_ref outcome_code outcome_on"
    ),
    "crime_persons": (
        "crime_ref role person_id given_name family_name born_on age sex postcode ethnicity_self ethnicity_observed "
        "relationship"
    ),
    "child_notifications": ("notification_ref raised_at reason person_id given_name family_name born_on sex postcode"),
    "suspensions": "pupil_id given_name family_name born_on sex year_group started_on sessions reason",
    "ed_assaults": "site_code arrived_at assault_at method location_type assailants ward_code age_band sex",
    "population": "ward_code ward_name neighbourhood age_band sex persons vintage",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return generate(tmp_path_factory.mktemp("harbourside"))


def rows(made: Generated, feed: str) -> list[dict[str, str]]:
    found = []
    for path in made.files[feed]:
        with path.open(encoding="utf-8", newline="") as handle:
            found += list(csv.DictReader(handle))
    return found


def truth(made: Generated, name: str) -> list[dict[str, str]]:
    with (made.truth / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("feed", COLUMNS)
def test_every_file_of_a_feed_has_the_agreed_columns(made: Generated, feed: str) -> None:
    for path in made.files[feed]:
        with path.open(encoding="utf-8") as handle:
            assert handle.readline().strip().replace('"', "") == COLUMNS[feed].replace(" ", ",")


def test_two_years_of_months_end_with_october_2026(made: Generated) -> None:
    names = [path.name for path in made.files["recorded_crime"]]
    assert (len(names), names[0], names[-1]) == (24, "recorded_crime_2024-11.csv", "recorded_crime_2026-10.csv")
    for path in made.files["recorded_crime"]:
        with path.open(encoding="utf-8", newline="") as handle:
            assert {row["recorded_on"][:7] for row in csv.DictReader(handle)} == {path.stem[-7:]}


def test_knife_crime_with_injury_is_that_of_the_anchors(made: Generated) -> None:
    facts = json.loads((made.truth / "facts.json").read_text())
    assert (facts["year_1_knife_with_injury"], facts["year_2_knife_with_injury"]) == (142, 166)


def test_the_files_hold_what_the_facts_say(made: Generated) -> None:
    """The facts are measured on the true events; the written rows must give the same counts, faults set aside."""
    spoilt = {row["ref"] for row in truth(made, "faults") if row["feed"] == "recorded_crime"}
    unique = {row["crime_ref"]: row for row in rows(made, "recorded_crime")}
    facts = json.loads((made.truth / "facts.json").read_text())
    assert len(unique) == facts["crimes"] == len(truth(made, "crime_truth"))
    flagged = sum(row["domestic_abuse"] == "Y" for row in unique.values())
    assert flagged == facts["year_1_domestic_abuse"] + facts["year_2_domestic_abuse"]
    codes = {row["offence_code"] for ref, row in unique.items() if ref not in spoilt}
    assert codes <= set(codelists.get("offences").codes)


@pytest.mark.parametrize(
    ("fact", "target", "within"),
    [("repeat_victims_12_months", 0.18, 0.02), ("repeat_domestic_victims_12_months", 0.34, 0.03)],
)
def test_known_shares_are_near_their_targets(made: Generated, fact: str, target: float, within: float) -> None:
    assert json.loads((made.truth / "facts.json").read_text())[fact] == pytest.approx(target, abs=within)


def test_children_have_their_peak_at_nine_and_some_of_it_is_only_a_default(made: Generated) -> None:
    events = truth(made, "crime_truth")
    defaults = [row for row in events if row["default_time"] == "Y"]
    assert defaults
    assert {row["happened_at"][11:] for row in defaults} == {"09:00"}


def test_a_hotspot_falls_after_the_tasking_and_its_control_does_not(made: Generated) -> None:
    facts = json.loads((made.truth / "facts.json").read_text())
    weeks_before, weeks_after = facts["shift_week"], 104 - facts["shift_week"]

    def change(place: str) -> float:
        return (facts[f"{place}_after"] / weeks_after) / (facts[f"{place}_before"] / weeks_before)

    stayed = facts["hotspot_after"]
    assert facts["moved_by_tasking"] / (stayed + facts["moved_by_tasking"]) == pytest.approx(0.30, abs=0.01)
    assert change("hotspot") == pytest.approx(0.70, abs=0.02)
    assert change("control") == pytest.approx(1.00, abs=0.02)


def test_every_written_name_carries_the_marker(made: Generated) -> None:
    for feed in ("crime_persons", "child_notifications", "suspensions"):
        for row in rows(made, feed):
            assert row["family_name"].endswith("-SYN") or not (row["family_name"] or row["given_name"])
    assert all(row["family_name"].endswith("-SYN") for row in truth(made, "people"))
    assert all(row["crime_ref"].endswith("-SYN") for row in rows(made, "recorded_crime"))
    assert made.manifest["synthetic"] is True
    assert "Synthetic" in (made.folder / "SYNTHETIC.txt").read_text()


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    def written(folder: str, seed: int) -> dict[str, bytes]:
        generate(tmp_path / folder, months=2, size=0.04, seed=seed)
        root = tmp_path / folder
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}

    first, again, other = written("a", 3), written("b", 3), written("c", 4)
    assert first == again
    assert first.keys() == other.keys()
    assert first["police/recorded_crime_2024-11.csv"] != other["police/recorded_crime_2024-11.csv"]


def test_codes_are_those_of_the_lists(made: Generated) -> None:
    crimes, persons = rows(made, "recorded_crime"), rows(made, "crime_persons")
    spoilt = {row["ref"] for row in truth(made, "faults")}
    for column, name in (
        ("location_type", "location_types"), ("hate_strand", "hate_strands"), ("weapon", "weapons"),
        ("outcome_code", "outcomes"),
    ):  # fmt: skip
        assert {row[column] for row in crimes if row[column]} <= set(codelists.get(name).codes)
    for column, name in (("ethnicity_self", "ethnicity_18"), ("ethnicity_observed", "ethnicity_observed")):
        found = {row[column] for row in persons if row[column] and row["crime_ref"] not in spoilt}
        assert found <= set(codelists.get(name).codes)
    assert {row["relationship"] for row in persons if row["relationship"]} <= set(codelists.get("relationships").codes)
    reasons = {row["reason"] for row in rows(made, "child_notifications")}
    assert reasons <= set(codelists.get("notification_reasons").codes)
    assert {row["reason"] for row in rows(made, "suspensions")} <= set(codelists.get("suspension_reasons").codes)


def test_faults_are_there_and_told(made: Generated) -> None:
    told = Counter(row["fault"] for row in truth(made, "faults"))
    assert set(told) == {
        "committed in the future", "ends before it starts", "unknown offence code", "reference sent twice",
        "age above 110", "ethnicity of another scheme", "postcode outside the area", "missing agreement",
        "found before missing", "offence in the future", "unknown strand", "unknown power", "a count of none",
        "a code of another chapter",
    }  # fmt: skip
    refs = Counter(row["crime_ref"] for row in rows(made, "recorded_crime"))
    assert sum(count - 1 for count in refs.values()) == told["reference sent twice"]
    aged = [row for feed in ("crime_persons", "adult_safeguarding_concerns") for row in rows(made, feed)]
    assert sum(int(row["age"] or 0) > 110 for row in aged) == told["age above 110"]


def test_records_point_at_true_people_and_some_people_have_several(made: Generated) -> None:
    known = {row["true_person"] for row in truth(made, "people")}
    records = truth(made, "person_records")
    assert {row["true_person"] for row in records} <= known
    sent = {row["person_id"] for row in rows(made, "crime_persons") if row["family_name"]}
    assert sent == {row["record_id"] for row in records if row["feed"] == "crime_persons"}
    held = Counter(row["true_person"] for row in records)
    assert sum(count > 1 for count in held.values()) > 1000


def test_the_told_stories_stand_in_the_extracts(made: Generated) -> None:
    stories = made.cast()
    persons = rows(made, "crime_persons")
    notices = {row["notification_ref"]: row for row in rows(made, "child_notifications")}
    pupils = rows(made, "suspensions")
    assert set(stories) == {
        "child_at_risk", "child_victim", "repeat_domestic_abuse", "family_violence", "victim_and_suspect",
    }  # fmt: skip
    for story in stories.values():
        ids = {i for member in story.people.values() for held in member.record_ids.values() for i in held}
        for ref in story.crime_refs:
            assert any(row["person_id"] in ids for row in persons if row["crime_ref"] == ref), (story.key, ref)
        for ref in story.notification_refs:
            assert notices[ref]["person_id"] in ids
        for member in story.people.values():
            assert member.family_name.endswith("-SYN")
            assert member.record_ids
    child = stories["child_at_risk"].people["child"]
    mine = [row for row in pupils if row["pupil_id"] in child.record_ids["suspensions"]]
    assert {row["started_on"] for row in mine} == set(stories["child_at_risk"].suspended_on)
    pair = stories["repeat_domestic_abuse"]
    for ref in pair.crime_refs:
        roles = {row["role"]: row["person_id"] for row in persons if row["crime_ref"] == ref}
        assert roles["victim"] in pair.people["victim"].record_ids["crime_persons"]
        assert roles["suspect"] in pair.people["perpetrator"].record_ids["crime_persons"]


def test_residents_add_up_and_wards_lie_in_the_open_sea(made: Generated) -> None:
    assert sum(int(row["persons"]) for row in rows(made, "population")) == 310_300
    areas = json.loads(made.files["areas"][0].read_text())
    assert len(areas["features"]) == 20
    for feature in areas["features"]:
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert all(1.9 < lon < 2.3 and 54.9 < lat < 55.2 for lon, lat in ring)
        assert re.fullmatch(r"SYN\d\d", feature["properties"]["ward_code"])


def test_files_that_may_not_be_held_are_put_where_nobody_loads_them_by_mistake(made: Generated) -> None:
    refused = sorted((made.folder / "refused").iterdir())
    assert [path.name for path in refused] == [
        "ambulance_calls_with_nhs_number.csv", "ed_assaults_with_names_2026-10.csv",
        "section_17a_hospital_admissions_with_date_of_birth.csv",
    ]  # fmt: skip
    with refused[1].open(encoding="utf-8", newline="") as handle:
        found = list(csv.DictReader(handle))
    assert found
    assert all(row["patient_name"].endswith("-SYN") for row in found)
    assert not set(refused) & {path for files in made.files.values() for path in files}


def test_people_are_the_same_for_the_same_seed() -> None:
    one, again, other = people(5, size=0.02), people(5, size=0.02), people(6, size=0.02)
    assert len(one) == 6206
    assert (one.birth == again.birth).all()
    assert (one.family != other.family).any()


def test_an_earlier_run_is_read_again(made: Generated) -> None:
    again = Generated.read(made.folder)
    assert again.files == made.files
    assert again.cast() == made.cast()


def test_an_unfinished_run_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        Generated.read(tmp_path)
    assert "no complete synthetic extracts" in str(caught.value)
    assert "concord synth OUT" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"months": 0},
        {"size": 0.0},
        {"size": 99.0},
        {"start": date(2024, 11, 2)},
        {"size": float("nan")},
        {"months": 1, "size": 0.02},
    ],
)
def test_arguments_that_make_no_sense_are_refused_before_anything_is_written(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Usage, match="cannot be made"):
        generate(out, **wrong)  # type: ignore[arg-type]
    assert not out.exists()
