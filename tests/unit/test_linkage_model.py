"""What the linkage model may and may not look at, and what it makes of how a name is written."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import duckdb
import pyarrow as pa
import pytest
from pydantic import TypeAdapter, ValidationError

from concord.evidence.linkage.model import columns_read, level_sql, level_words, settings
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


# -- mistakes in the file -------------------------------------------------------------------------------------------

GOOD = {
    "compare": "given_name",
    "level": [{"agreement": "same", "m": 0.9, "u": 0.1}, {"agreement": "other", "m": 0.1, "u": 0.9}],
}
BORN = {
    "compare": "born_on",
    "level": [{"agreement": "same", "m": 0.9, "u": 0.1}, {"agreement": "other", "m": 0.1, "u": 0.9}],
}
MISTAKES: list[tuple[dict[str, object], str]] = [
    ({"link_at": 0.5, "review_from": 0.5}, "`review_from` must be below `link_at`"),
    ({"comparison": [{**GOOD, "level": GOOD["level"][:1]}]}, "the last level of a comparison is `other`"),  # type: ignore[index]
    (
        {"comparison": [{"compare": "sex", "level": [{"agreement": "sounds_alike", "m": 0.9, "u": 0.1}]}]},
        "`sounds_alike` cannot be asked of `sex`",
    ),
    (
        {"comparison": [{"compare": "given_name", "level": [{"agreement": "similar", "m": 0.9, "u": 0.1}]}]},
        "`similar` needs `at_least`",
    ),
    (
        {"comparison": [{"compare": "born_on", "level": [{"agreement": "within_days", "m": 0.9, "u": 0.1}]}]},
        "`within_days` needs `at_most`",
    ),
    ({"contradiction": [{"why": "x", "when": {"postcode": ["same"]}}]}, "`postcode` as `same`, which is not compared"),
    ({"contradiction": [{"why": "x", "when": {"ethnicity": ["same"]}}]}, "given_name"),
    ({"candidates": [["ethnicity_self"]]}, "given_name"),
    ({"matches_per_record": 0}, "greater than 0"),
    ({"uses": {"x": {"title": "x", "precision": 1.2, "recall": 0.5, "group_gap": 0.1}}}, "less than or equal to 1"),
    (
        {
            "trained": {
                "on": "2026-11-22",
                "records": 5,
                "method": "EM",
                "reviewed_by": " ",
                "reviewed_on": "2026-11-22",
            }
        },
        "at least 1 character",
    ),
]


@pytest.mark.parametrize(("change", "words"), MISTAKES, ids=[words for _, words in MISTAKES])
def test_a_mistake_in_the_file_is_refused_in_words(change: dict[str, object], words: str) -> None:
    whole = SMALL | {"comparison": [GOOD, BORN]}
    TypeAdapter(Linkage).validate_python(whole)
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(Linkage).validate_python(whole | change)


# -- every level means what it says -----------------------------------------------------------------------------------

DAY = date(1990, 4, 3)
MEANS: list[tuple[str, dict[str, object], dict[str, object], str]] = [
    ("given_name", {}, {}, "same"),
    ("given_name", {"given_name": "Begum"}, {"given_name": "Begom"}, "sounds alike"),
    ("given_name", {"given_name": "Łukasz"}, {"given_name": "Lukasz"}, "same"),
    ("given_name", {"given_name": "Straße"}, {"given_name": "Strasse"}, "same"),
    ("given_name", {"given_name": "Robert"}, {"given_name": "Rodert"}, "1 edits or fewer"),
    (
        "given_name",
        {"given_name": "Ali", "family_name": "Omar"},
        {"given_name": "Omar", "family_name": "Ali"},
        "names exchanged",
    ),
    ("given_name", {"given_name": "Ali"}, {"given_name": "Zahra"}, "other"),
    ("given_name", {"given_name": None}, {}, "not known"),
    ("born_on", {}, {}, "same"),
    ("born_on", {"born_on": date(1990, 3, 4)}, {}, "day and month swapped"),
    ("born_on", {"born_on": date(1990, 1, 1)}, {}, "first of january"),
    ("born_on", {"born_on": date(1990, 4, 13)}, {}, "two parts same"),
    ("born_on", {"born_on": date(1991, 1, 1)}, {}, "other"),
    ("born_on", {"born_on": None}, {}, "not known"),
    ("postcode", {"postcode": "HB1 1AA"}, {"postcode": "hb11aa"}, "same"),
    ("postcode", {"postcode": "HB1 1AA"}, {"postcode": "HB1 2ZZ"}, "same district"),
    ("postcode", {"postcode": "HB1 1AA"}, {"postcode": "HB11 2ZZ"}, "other"),
    ("sex", {"sex": "X"}, {}, "not known"),
]


@pytest.mark.parametrize(("field", "one", "other", "words"), MEANS)
def test_what_a_level_means(field: str, one: dict[str, object], other: dict[str, object], words: str) -> None:
    linkage = load(FOLDER).linkage
    assert linkage is not None
    plain = {"given_name": "Ada", "family_name": "Quill-SYN", "born_on": DAY, "sex": "F", "postcode": "HB1 1AA"}
    rows = [{"person_ref": "a", **plain, **one}, {"person_ref": "b", **plain, **other}]
    schema = pa.schema([(n, pa.date32() if n == "born_on" else pa.string()) for n in ("person_ref", *plain)])
    (comparison,) = (each for each in linkage.comparison if each.compare == field)
    columns = ", ".join(f"l.{c} AS {c}_l, r.{c} AS {c}_r" for c in columns_read(comparison))
    for ends in (("a", "b"), ("b", "a")):
        with duckdb.connect() as connection:
            prepare(connection, {"f": pa.Table.from_pylist(rows, schema=schema)}, linkage)
            ((number,),) = connection.execute(
                f"""SELECT {level_sql(comparison)} FROM (SELECT {columns} FROM records l JOIN records r
                ON l.person_ref = $1 AND r.person_ref = $2)""",
                list(ends),
            ).fetchall()
        assert level_words(comparison)[number] == words
