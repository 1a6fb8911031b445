"""Two purposes cannot be joined: neither by equal pseudonyms, nor by making one from the other without a key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from concord.evidence.datasets import purposes
from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts import sealing
from concord.kernel.errors import Refused, Usage
from concord.strategy import load
from concord.strategy.shapes.linkage import Linkage

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"


@pytest.fixture(scope="module")
def linkage() -> Linkage:
    made = load(FOLDER).linkage
    assert made is not None
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    refs = [hashlib.sha512(str(n).encode()).hexdigest()[:32] for n in range(40)]
    store = Store(tmp_path)
    links = pa.table({"feed": ["f"] * 40, "person_ref": refs, "linked_ref": [r[::-1] for r in refs]})
    crimes = pa.table({"crime_ref": [f"C{n}" for n in range(40)], "person_ref": refs, "role": ["victim"] * 40})
    for name, table in (("person_links", links), ("crime_persons", crimes)):
        store.write(name, {"all": table}, source="t", synthetic=True, clock=datetime(2026, 11, 22, tzinfo=UTC))
    return tmp_path


def latest(home: Path, name: str) -> DatasetVersion:
    return Store(home).latest(name)


def exported(home: Path, linkage: Linkage, purpose: str, name: str = "person_links") -> list[dict[str, str]]:
    file = purposes.export(home, latest(home, name), linkage, purpose, home / "out" / purpose)
    return duckdb.sql(f"SELECT * FROM '{file}'").to_arrow_table().to_pylist()


def values(rows: list[dict[str, str]], *columns: str) -> set[str]:
    return {row[column] for row in rows for column in columns}


def test_no_value_of_two_purposes_is_equal(home: Path, linkage: Linkage) -> None:
    held = duckdb.sql(f"SELECT * FROM {latest(home, 'person_links').scan}").to_arrow_table().to_pylist()
    all_of = {
        "evidence": values(held, "person_ref", "linked_ref"),
        **{p: values(exported(home, linkage, p), "person_ref", "linked_ref") for p in ("evaluation", "research")},
    }
    for one in all_of:
        for other in all_of:
            assert one == other or not all_of[one] & all_of[other]
    assert all(len(found) == 80 for found in all_of.values()), "nobody is merged by being renamed"


def test_neither_is_a_digest_of_the_other(home: Path, linkage: Linkage) -> None:
    """Without the key: whatever plain digest, prefix and length is tried, none gives the other purpose's value."""
    first, second = (values(exported(home, linkage, p), "person_ref", "linked_ref") for p in ("evaluation", "research"))
    own = values(duckdb.sql(f"SELECT * FROM {latest(home, 'person_links').scan}").to_arrow_table().to_pylist(),
                 "person_ref", "linked_ref")  # fmt: skip
    prefixes = ("", "person:", "person_ref\x1f", "linked_ref\x1f", "evaluation", "research", "record\x1f")
    for source, target in ((first, second), (second, first), (own, first), (own, second)):
        tried = {
            hashlib.new(how, f"{prefix}{value}".encode()).hexdigest()[:32]
            for how in ("md5", "sha1", "sha256", "sha512")
            for prefix in prefixes
            for value in source
        }
        assert not tried & target


def test_one_purpose_s_datasets_still_join(home: Path, linkage: Linkage) -> None:
    links = values(exported(home, linkage, "research"), "person_ref")
    assert values(exported(home, linkage, "research", "crime_persons"), "person_ref") == links


def test_other_references_are_made_anew_too(home: Path, linkage: Linkage) -> None:
    """Else two copies would be joined by the crimes in them."""
    one, other = (exported(home, linkage, purpose, "crime_persons") for purpose in ("research", "evaluation"))
    assert not values(one, "crime_ref") & values(other, "crime_ref")
    assert not {value for value in values(one, "crime_ref") if value.startswith("C")}
    assert values(one, "role") == {"victim"}, "what is no reference is left as it is"


def test_a_view_is_the_export(home: Path, linkage: Linkage) -> None:
    with duckdb.connect() as connection:
        purposes.view(connection, "person_links", latest(home, "person_links"), home, "research")
        seen = connection.sql("SELECT * FROM person_links ORDER BY ALL").to_arrow_table().to_pylist()
    assert seen == exported(home, linkage, "research")


def test_only_what_a_purpose_needs_is_exported(home: Path, linkage: Linkage) -> None:
    file = purposes.export(
        home, latest(home, "crime_persons"), linkage, "research", home / "few", columns=("person_ref",)
    )
    assert duckdb.sql(f"SELECT * FROM '{file}'").columns == ["person_ref"]


def test_a_new_edition_of_a_key_breaks_with_the_old_and_keeps_it_for_whoever_holds_old_copies(
    home: Path, linkage: Linkage
) -> None:
    before = exported(home, linkage, "research")
    assert exported(home, linkage, "research") == before, "the same key gives the same pseudonyms"
    assert sealing.rotate(home, "research") == 2
    after = exported(home, linkage, "research")
    assert not values(before, "person_ref", "linked_ref") & values(after, "person_ref", "linked_ref")
    assert sealing.editions(home, "research") == (1, 2)
    assert sealing.rotate(home, "research") == 3
    assert values(exported(home, linkage, "evaluation"), "person_ref")  # another purpose is not touched
    assert sealing.editions(home, "evaluation") == (1,)


def test_the_evidence_s_own_key_is_not_changed_in_place_and_its_pseudonyms_do_not_leave(
    home: Path, linkage: Linkage
) -> None:
    with pytest.raises(Refused, match="not changed in place") as refused:
        sealing.rotate(home, "evidence")
    assert "Start a new home" in str(refused.value)
    with pytest.raises(Refused, match="do not leave"):
        exported(home, linkage, "evidence")


def test_a_purpose_nobody_named_has_no_key(home: Path, linkage: Linkage) -> None:
    with pytest.raises(Usage, match="names no purpose “reserch”") as wrong:
        exported(home, linkage, "reserch")
    assert "research" in str(wrong.value)
    assert not list((home / "secrets").glob("*reserch*")) if (home / "secrets").is_dir() else True
