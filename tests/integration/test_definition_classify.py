"""The definition applied to loaded data: every crime gets the verdict that the rule gives it when asked alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from definition_store import CHANGES, CRIME_MONTHS, PEOPLE_MONTHS, small

from concord.definition import Definition, Event, Party, evaluate
from concord.evidence.datasets.classify import DATASET, REASONS, classify, explain
from concord.evidence.datasets.definition_sql import decide
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.kernel.errors import BadInput, Usage
from concord.strategy import Partnership, load
from concord.synthetic import generate

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"


def now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return load(FOLDER)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, partnership: Partnership) -> Store:
    home = tmp_path_factory.mktemp("home")
    made = generate(home / "synthetic", months=3, size=0.15, seed=11, start=date(2026, 8, 1))
    for feed in ("recorded_crime", "crime_persons"):
        receive(home, partnership.feeds[feed], made.files[feed], agreements=partnership.agreements, clock=now)
    return Store(home)


def table(store: Store, dataset: str) -> list[dict[str, Any]]:
    with duckdb.connect() as con:
        rows: list[dict[str, Any]] = con.sql(f"SELECT * FROM {store.latest(dataset).scan}").to_arrow_table().to_pylist()
    return rows


def events(store: Store) -> dict[str, Event]:
    """Loaded crimes as the rule sees them, one link deep and whichever of two crimes the link is recorded on."""
    parties: dict[tuple[str, str], list[Party]] = {}
    for row in table(store, "crime_persons"):
        party = Party(age=row["age"], birth_year=row["birth_year"], relationship=row["relationship"])
        parties.setdefault((row["crime_ref"], row["role"]), []).append(party)
    flag = {"Y": True, "N": False, None: None}
    alone = {
        row["crime_ref"]: Event(
            crime_ref=row["crime_ref"],
            offence_code=row["offence_code"],
            offence_sub_code=row["offence_sub_code"],
            happened_on=row["committed_from"].date() if row["committed_from"] else row["recorded_on"],
            victims=tuple(parties.get((row["crime_ref"], "victim"), ())),
            suspects=tuple(parties.get((row["crime_ref"], "suspect"), ())),
            domestic_abuse=flag[row["domestic_abuse"]],
            hate_strand=row["hate_strand"],
            knife=flag[row["knife"]],
            weapon=row["weapon"],
            linked_ref=row["linked_crime_ref"],
        )
        for row in table(store, "recorded_crime")
    }
    near: dict[str, set[str]] = {}
    for ref, event in alone.items():
        if event.linked_ref in alone:
            near.setdefault(ref, set()).add(event.linked_ref)
            near.setdefault(event.linked_ref, set()).add(ref)
    return {ref: replace(e, linked=tuple(alone[n] for n in sorted(near.get(ref, ())))) for ref, e in alone.items()}


def test_every_loaded_crime_has_the_verdict_of_the_rule(store: Store, partnership: Partnership) -> None:
    written = classify(store, partnership.definition, now)
    rows = {row["crime_ref"]: row for row in table(store, DATASET)}
    meanings = {row["answers"]: row for row in table(store, REASONS)}
    crimes = events(store)
    assert rows.keys() == crimes.keys()
    assert written.synthetic
    assert len(rows) > 300
    for ref, event in crimes.items():
        said = evaluate(partnership.definition, event)
        row, meaning = rows[ref], meanings[rows[ref]["answers"]]
        assert (row["verdict"], tuple(row["limbs"]), row["beside"]) == (said.verdict, said.limbs, said.beside)
        assert (meaning["verdict"], tuple(meaning["reasons"])) == (said.verdict, said.reasons)
        assert row["weapon_clause"] is said.measures["weapon_clause"]
    assert {row["verdict"] for row in rows.values()} == {"in", "out", "undetermined"}
    assert {row["beside"] for row in rows.values()} > {None}
    assert any("property_violence" in row["limbs"] for row in rows.values())


def test_the_columns_are_the_agreed_ones(store: Store, partnership: Partnership) -> None:
    columns = list(classify(store, partnership.definition, now).columns)
    assert columns[:6] == ["crime_ref", "verdict", "limbs", "answers", "definition_version", "beside"]
    assert set(columns[6:]) == {"weapon_clause", "knife"}


def test_classifying_again_makes_no_new_version(store: Store, partnership: Partnership) -> None:
    first = classify(store, partnership.definition, now)
    assert classify(store, partnership.definition, now).ref == first.ref


def test_months_are_parts_and_the_manifest_says_what_was_decided_from(store: Store, partnership: Partnership) -> None:
    written = classify(store, partnership.definition, now)
    assert [part.partition for part in written.manifest.parts] == [f"month=2026-{m:02d}" for m in (8, 9, 10)]
    said = "\n".join(written.manifest.receipts)
    for each in ("recorded_crime", "crime_persons"):
        assert f"{each} {store.latest(each).version} {store.latest(each).ref.sha256}" in said


def test_without_crimes_it_says_what_to_load(tmp_path: Path, partnership: Partnership) -> None:
    with pytest.raises(BadInput) as caught:
        classify(Store(tmp_path), partnership.definition, now)
    assert "“recorded_crime” has not been loaded" in str(caught.value)
    assert "concord load recorded_crime" in str(caught.value)


# --- deciding again only what changed


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_is_decided_again_and_nothing_else(tmp_path: Path, partnership: Partnership, what: str) -> None:
    new_crimes, new_people, untouched = CHANGES[what]
    crimes, people = {**CRIME_MONTHS, **new_crimes}, {**PEOPLE_MONTHS, **new_people}
    rule = partnership.definition
    step_by_step = small(tmp_path / "steps", CRIME_MONTHS, PEOPLE_MONTHS)
    before = {part.partition: part for part in classify(step_by_step, rule, now).manifest.parts}
    small(tmp_path / "steps", crimes, people)
    after = classify(step_by_step, rule, now)
    at_once = small(tmp_path / "at_once", crimes, people)
    whole = classify(at_once, rule, now)
    assert [part.sha256 for part in after.manifest.parts] == [part.sha256 for part in whole.manifest.parts]
    assert table(step_by_step, REASONS) == table(at_once, REASONS)
    assert after.version == 2
    for part in after.manifest.parts:
        if part.partition.removeprefix("month=") in untouched:
            assert part == before[part.partition], "its file is the one written before"


def test_an_edited_definition_decides_everything_again(tmp_path: Path, partnership: Partnership) -> None:
    store = small(tmp_path, CRIME_MONTHS, PEOPLE_MONTHS)
    first = classify(store, partnership.definition, now)
    other = partnership.definitions["edition_2022"]
    again = classify(store, other, now)
    assert again.version == first.version + 1
    assert {row["definition_version"] for row in table(store, DATASET)} == {Definition.of(other).version}


def test_what_changed_is_found_by_what_is_read_not_by_the_whole(
    tmp_path: Path, partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The crimes that are decided again are counted, so that deciding all of them could not pass for it."""
    decided: list[int] = []

    def counting(*given: Any) -> dict[int, int]:
        counted = decide(*given)
        decided.append(sum(counted.values()))
        return counted

    monkeypatch.setattr("concord.evidence.datasets.classify.decide", counting)
    store = small(tmp_path, CRIME_MONTHS, PEOPLE_MONTHS)
    classify(store, partnership.definition, now)
    small(tmp_path, {**CRIME_MONTHS, "2026-09": [("N1", "5D", date(2026, 9, 1), "N", None)]}, PEOPLE_MONTHS)
    classify(store, partnership.definition, now)
    classify(store, partnership.definition, now)
    assert decided == [10, 1]


def test_a_further_definition_has_datasets_of_its_own(tmp_path: Path, partnership: Partnership) -> None:
    store = small(tmp_path, CRIME_MONTHS, PEOPLE_MONTHS)
    classify(store, partnership.definition, now)
    made = classify(store, partnership.definitions["serious_youth_violence"], now, name="serious_youth_violence")
    assert made.dataset == "definition_results_serious_youth_violence"
    assert store.latest(DATASET).version == 1
    found = explain(store, "X2", name="serious_youth_violence")
    assert found is not None
    assert found["verdict"] == "undetermined"
    assert found["reasons"] == [
        "The offence code leaves open whether it is among: homicide, attempted murder, grievous bodily harm.",
        "Whether a weapon was involved is not known.",
    ]
    assert explain(store, "nowhere") is None


def test_no_crimes_at_all_make_an_empty_dataset_with_its_columns(tmp_path: Path, partnership: Partnership) -> None:
    store = small(tmp_path, {"2026-06": []}, {"2026-06": []})
    made = classify(store, partnership.definition, now)
    assert made.rows == 0
    assert list(made.columns)[:2] == ["crime_ref", "verdict"]


def test_crimes_without_a_reference_column_are_refused_in_words(tmp_path: Path, partnership: Partnership) -> None:
    store = small(tmp_path, CRIME_MONTHS, PEOPLE_MONTHS)
    store.write("crime_persons", {"all": pa.table({"age": [3]})}, source="a test", synthetic=True, clock=now())
    with pytest.raises(BadInput) as caught:
        classify(store, partnership.definition, now)
    assert "“crime_persons” has no column crime_ref" in str(caught.value)


def test_an_engine_that_is_none_is_refused(store: Store, partnership: Partnership) -> None:
    for dataset in (DATASET, REASONS):
        shutil.rmtree(store.home / "datasets" / dataset, ignore_errors=True)
    with pytest.raises(Usage, match="There is no engine “sparc”"):
        classify(store, partnership.definition, now, engine="sparc")
