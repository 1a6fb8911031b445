"""The definition in Python, on DuckDB and on Spark says the same of every crime, whatever the definition."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from definition_cases import SUB_CODES, apart, compare, definitions, for_little_data, linked_events
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from concord import codelists
from concord.definition import Definition, Event
from concord.evidence.datasets.definition_engines import DuckDB, engine
from concord.evidence.datasets.definition_sql import CONDITIONS
from concord.evidence.extracts.sparks import spark_session
from concord.strategy.shapes.definition import PREDICATES, DefinitionFile

HEALTH = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    engine = DuckDB(tmp_path_factory.mktemp("duckdb"))
    yield engine
    engine.close()


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=HEALTH)
@given(definition=definitions(), crimes=linked_events())
def test_duckdb_says_of_every_crime_what_the_rule_says_of_it_alone(
    duck: DuckDB, definition: DefinitionFile, crimes: list[Event]
) -> None:
    compare(duck, definition, crimes)


@pytest.mark.slow
def test_spark_says_so_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Spark is slow to ask, not to answer: the crimes of many examples are decided in one run for a definition."""
    drawn: list[DefinitionFile] = []
    batches: list[list[Event]] = []

    @settings(max_examples=40, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=HEALTH)
    @given(definition=definitions(), crimes=linked_events())
    def gather(definition: DefinitionFile, crimes: list[Event]) -> None:
        drawn.append(definition)
        batches.append(apart(crimes, f"E{len(batches):03d}"))

    gather()
    crimes = [event for batch in batches for event in batch]
    assert len(crimes) > 100
    # The definitions that ask most are the ones that can go wrong most.
    most = sorted(drawn, key=lambda each: (len(Definition.of(each).boundaries), len(Definition.of(each).leaves)))[-2:]
    work = tmp_path_factory.mktemp("spark")
    with spark_session(work) as session, engine("spark", work) as running:
        for_little_data(session)
        for definition in most:
            compare(running, definition, crimes)


def test_every_condition_has_a_twin_in_sql() -> None:
    assert set(CONDITIONS) == set(PREDICATES)


@given(code=st.sampled_from([e.code for e in codelists.get("offences")]), sub=st.sampled_from(SUB_CODES))
def test_a_sub_code_only_ever_narrows_what_a_code_may_be(code: str, sub: str | None) -> None:
    assert codelists.possible_groups(code, sub) <= codelists.possible_groups(code)
