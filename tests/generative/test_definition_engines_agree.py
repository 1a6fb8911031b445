"""The definition in Python and on DuckDB says the same of every crime, whatever the definition.

Spark is held to the same cases in `integration/test_definition_spark.py`, where one Java serves every test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from definition_cases import SUB_CODES, compare, definitions, linked_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord import codelists
from concord.definition import Event
from concord.evidence.datasets.definition_engines import DuckDB
from concord.evidence.datasets.definition_sql import CONDITIONS
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


def test_every_condition_has_a_twin_in_sql() -> None:
    assert set(CONDITIONS) == set(PREDICATES)


@given(code=st.sampled_from([e.code for e in codelists.get("offences")]), sub=st.sampled_from(SUB_CODES))
def test_a_sub_code_only_ever_narrows_what_a_code_may_be(code: str, sub: str | None) -> None:
    assert codelists.possible_groups(code, sub) <= codelists.possible_groups(code)
