"""Spark decides as Python and DuckDB do: the same answers to the same questions, and the same files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from definition_cases import apart, compare, definitions, for_little_data, linked_events
from definition_store import CHANGES, CRIME_MONTHS, PEOPLE_MONTHS, small
from hypothesis import HealthCheck, Phase, given, settings

from concord.definition import Definition, Event
from concord.evidence.datasets.classify import DATASET, REASONS, classify
from concord.evidence.datasets.definition_engines import engine
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.evidence.extracts.sparks import spark_session
from concord.strategy import load
from concord.strategy.shapes.definition import DefinitionFile
from concord.synthetic import generate

PARTNERSHIP = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with spark_session(tmp_path_factory.mktemp("spark")) as session:
        for_little_data(session)
        yield


def test_spark_says_of_every_crime_what_the_rule_says_of_it_alone(tmp_path: Path) -> None:
    """Spark is slow to ask, not to answer: the crimes of many examples are decided in one run, by the definition
    among them that asks most."""
    drawn: list[DefinitionFile] = []
    batches: list[list[Event]] = []

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(definition=definitions(), crimes=linked_events())
    def gather(definition: DefinitionFile, crimes: list[Event]) -> None:
        drawn.append(definition)
        batches.append(apart(crimes, f"E{len(batches):03d}"))

    gather()
    crimes = [event for batch in batches for event in batch]
    assert len(crimes) > 30, "the test would prove little"
    most = max(drawn, key=lambda each: (len(Definition.of(each).boundaries), len(Definition.of(each).leaves)))
    with engine("spark", tmp_path) as running:
        compare(running, most, crimes)


def test_spark_writes_the_same_files_as_duckdb(tmp_path: Path) -> None:
    store, there = Store(tmp_path / "duckdb"), Store(tmp_path / "spark")
    made = generate(tmp_path / "synthetic", months=2, size=0.1, seed=11, start=date(2026, 8, 1))
    for feed in ("recorded_crime", "crime_persons"):
        receive(
            store.home, PARTNERSHIP.feeds[feed], made.files[feed], agreements=PARTNERSHIP.agreements, clock=lambda: NOW
        )
    shutil.copytree(store.home / "datasets", there.home / "datasets")
    expected = classify(store, PARTNERSHIP.definition, NOW)
    found = classify(there, PARTNERSHIP.definition, NOW, engine="spark")
    assert expected.rows > 100
    assert found.ref == expected.ref
    assert there.latest(REASONS).ref == store.latest(REASONS).ref


def test_spark_decides_again_what_changed(tmp_path: Path) -> None:
    new_crimes, new_people, untouched = CHANGES["an age is corrected, and a damage of another month hangs on it"]
    crimes, people = {**CRIME_MONTHS, **new_crimes}, {**PEOPLE_MONTHS, **new_people}
    steps = small(tmp_path / "steps", CRIME_MONTHS, PEOPLE_MONTHS)
    before = classify(steps, PARTNERSHIP.definition, NOW)
    small(tmp_path / "steps", crimes, people)
    again = classify(steps, PARTNERSHIP.definition, NOW, engine="spark")
    whole = classify(small(tmp_path / "at_once", crimes, people), PARTNERSHIP.definition, NOW)
    assert [part.sha256 for part in again.manifest.parts] == [part.sha256 for part in whole.manifest.parts]
    kept = {part.partition for part in again.manifest.parts if part in before.manifest.parts}
    assert kept == {f"month={month}" for month in untouched}
    with duckdb.connect() as connection:
        changed = f"SELECT verdict FROM {again.scan} WHERE crime_ref = 'D1'"
        assert connection.execute(changed).fetchall() == [("in",)]
    assert steps.latest(DATASET).version == 2
