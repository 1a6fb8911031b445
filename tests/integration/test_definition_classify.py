"""The definition applied to loaded data: every crime gets the verdict that the rule gives it when asked alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from concord.definition import Event, Party, evaluate
from concord.evidence.datasets.definition_sql import DATASET, classify
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.kernel.errors import BadInput
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


def table(store: Store, dataset: str) -> list[dict[str, object]]:
    with duckdb.connect() as con:
        rows: list[dict[str, object]] = (
            con.sql(f"SELECT * FROM {store.latest(dataset).scan}").to_arrow_table().to_pylist()
        )
    return rows


def events(store: Store) -> dict[str, Event]:
    """Loaded crimes as the rule sees them, one link deep."""
    parties: dict[tuple[object, object], list[Party]] = {}
    for row in table(store, "crime_persons"):
        party = Party(age=row["age"], birth_year=row["birth_year"], relationship=row["relationship"])  # type: ignore[arg-type]
        parties.setdefault((row["crime_ref"], row["role"]), []).append(party)
    flag = {"Y": True, "N": False, None: None}
    crimes = {row["crime_ref"]: row for row in table(store, "recorded_crime")}

    def event(ref: object, *, follow: bool) -> Event | None:
        row = crimes.get(ref)
        if row is None:
            return None
        link = row["linked_crime_ref"]
        return Event(
            crime_ref=str(ref),
            offence_code=row["offence_code"],  # type: ignore[arg-type]
            offence_sub_code=row["offence_sub_code"],  # type: ignore[arg-type]
            happened_on=(row["committed_from"] or row["recorded_on"]).date()  # type: ignore[union-attr]
            if row["committed_from"] else row["recorded_on"],  # type: ignore[arg-type]
            victims=tuple(parties.get((ref, "victim"), ())),
            suspects=tuple(parties.get((ref, "suspect"), ())),
            domestic_abuse=flag[row["domestic_abuse"]],  # type: ignore[index]
            hate_strand=row["hate_strand"],  # type: ignore[arg-type]
            knife=flag[row["knife"]],  # type: ignore[index]
            weapon=row["weapon"],  # type: ignore[arg-type]
            linked_ref=link,  # type: ignore[arg-type]
            linked=event(link, follow=False) if follow and link else None,
        )  # fmt: skip

    return {str(ref): event(ref, follow=True) for ref in crimes}  # type: ignore[misc]


def test_every_loaded_crime_has_the_verdict_of_the_rule(store: Store, partnership: Partnership) -> None:
    written = classify(store, partnership.definition, now)
    rows = {str(row["crime_ref"]): row for row in table(store, DATASET)}
    crimes = events(store)
    assert rows.keys() == crimes.keys()
    assert written.synthetic
    assert len(rows) > 300
    for ref, event in crimes.items():
        said = evaluate(partnership.definition, event)
        row = rows[ref]
        assert (row["verdict"], tuple(row["limbs"]), tuple(row["reasons"])) == (  # type: ignore[arg-type]
            said.verdict, said.limbs, said.reasons,
        )  # fmt: skip
        assert row["weapon_clause"] is said.measures["weapon_clause"]
    assert {row["verdict"] for row in rows.values()} == {"in", "out", "undetermined"}


def test_the_columns_are_the_agreed_ones(store: Store, partnership: Partnership) -> None:
    columns = list(classify(store, partnership.definition, now).columns)
    assert columns[:5] == ["crime_ref", "verdict", "limbs", "reasons", "definition_version"]
    assert set(columns[5:]) == {"weapon_clause", "knife"}


def test_classifying_again_makes_no_new_version(store: Store, partnership: Partnership) -> None:
    first = classify(store, partnership.definition, now)
    assert classify(store, partnership.definition, now).ref == first.ref


def test_without_crimes_it_says_what_to_load(tmp_path: Path, partnership: Partnership) -> None:
    with pytest.raises(BadInput) as caught:
        classify(Store(tmp_path), partnership.definition, now)
    assert "“recorded_crime” has not been loaded" in str(caught.value)
    assert "concord load recorded_crime" in str(caught.value)
