"""What the linkage model may and may not look at, and what it makes of how a name is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import duckdb
import pyarrow as pa
import pytest
from pydantic import TypeAdapter, ValidationError

from concord.evidence.linkage.model import settings
from concord.evidence.linkage.records import prepare
from concord.strategy import load
from concord.strategy.shapes.linkage import Compared, Linkage, MatchKey

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
SMALL = {
    "matches_per_record": 0.2,
    "link_at": 0.9,
    "review_from": 0.5,
    "candidates": [["born_on"]],
}


def test_no_file_can_make_a_link_depend_on_ethnicity() -> None:
    assert not [name for name in (*get_args(Compared), *get_args(MatchKey)) if "ethnic" in name]
    comparison = {"compare": "ethnicity_self", "level": [{"agreement": "same", "m": 0.9, "u": 0.1}]}
    with pytest.raises(ValidationError, match="given_name"):
        TypeAdapter(Linkage).validate_python(SMALL | {"comparison": [comparison]})


def test_the_shipped_model_is_whole() -> None:
    linkage = load(FOLDER).linkage
    assert linkage is not None
    for comparison in linkage.comparison:
        for name in ("m", "u"):
            total = sum(getattr(level, name) for level in comparison.level)
            assert total == pytest.approx(1.0, abs=0.01), (comparison.compare, name)
        assert comparison.level[-1].agreement == "other"
    assert len(settings(linkage, 1000)["comparisons"]) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [("Begum", "Begom"), ("Uddin", "Udin"), ("Mohammed", "Muhammad"), ("Hussain", "Hussein"), ("Ahmed", "Ahmad")],
)
def test_spellings_of_one_name_are_candidates_for_each_other(one: str, other: str) -> None:
    assert _sound(one) == _sound(other)


@pytest.mark.parametrize(("one", "other"), [("Khan", "Rahman"), ("Smith", "Jones"), ("Ali", "Uddin")])
def test_different_names_sound_different(one: str, other: str) -> None:
    assert _sound(one) != _sound(other)


def _sound(name: str) -> str:
    with duckdb.connect() as connection:
        prepare(connection, {"f": people([name])}, load(FOLDER).linkage)
        ((sound,),) = connection.sql("SELECT sound_of_family_name FROM records").fetchall()
    return str(sound)


def people(names: list[str]) -> pa.Table:
    return pa.table(
        {
            "person_ref": [f"p{n}" for n in range(len(names))],
            "given_name": ["Amina"] * len(names),
            "family_name": [f"{name}-SYN" for name in names],
            "born_on": [date(2010, 4, 5)] * len(names),
            "sex": ["F"] * len(names),
        }
    )


def test_a_name_is_tidied_and_never_guessed() -> None:
    table = pa.table(
        {
            "person_ref": ["a", "b"],
            "given_name": ["Zoë-Anne", "  "],
            "family_name": ["O'Neill-SYN", None],
            "born_on": [date(2010, 4, 5), None],
            "sex": ["X", "F"],
        }
    )
    with duckdb.connect() as connection:
        prepare(connection, {"f": table}, load(FOLDER).linkage)
        rows = connection.sql("SELECT given_name, family_name, born_swapped, sex FROM records ORDER BY person_ref")
        assert rows.fetchall() == [("zoeanne", "oneill", date(2010, 5, 4), None), (None, None, None, "F")]
