"""A dataset grows by versions; a version, once seen, is the same for ever."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from concord.evidence.datasets.store import Store
from concord.evidence.extracts.versions import Piece, write_version
from concord.kernel.errors import BadInput

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def write(home: Path, partitions: dict[str, list[int]], *, whole: bool = True, dataset: str = "person_links") -> None:
    tables = {name: pa.table({"x": values}) for name, values in partitions.items()}
    Store(home).write(dataset, tables, source="test", synthetic=True, clock=lambda: NOW, whole=whole)


def read(store: Store, dataset: str = "person_links") -> list[int]:
    return [x for (x,) in duckdb.sql(f"SELECT x FROM {store.latest(dataset).scan} ORDER BY x").fetchall()]


def test_a_version_holds_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, {"2024-01": [1, 2], "2024-02": [3]})
    version = Store(tmp_path).latest("person_links")
    assert (version.version, version.rows, version.synthetic, version.columns) == (1, 3, True, {"x": "int64"})
    assert read(Store(tmp_path)) == [1, 2, 3]
    assert all(file.is_file() for file in version.files)
    version.verify()


def test_a_restated_month_takes_the_place_of_the_old_which_stays(tmp_path: Path) -> None:
    write(tmp_path, {"2024-01": [1, 2], "2024-02": [3]})
    old = Store(tmp_path).latest("person_links").ref
    write(tmp_path, {"2024-01": [7]}, whole=False)
    assert read(Store(tmp_path)) == [3, 7]
    assert read(Store(tmp_path).at([old])) == [1, 2, 3]
    assert [v.version for v in Store(tmp_path).versions("person_links")] == [1, 2]


def test_a_whole_dataset_leaves_other_partitions_behind(tmp_path: Path) -> None:
    write(tmp_path, {"2024-01": [1], "2024-02": [3]})
    write(tmp_path, {"2024-02": [4]})
    assert read(Store(tmp_path)) == [4]


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    before = Store(tmp_path).latest("person_links").ref
    write(tmp_path, {"all": [1]})
    assert Store(tmp_path).latest("person_links").ref == before


def test_the_reference_pins_every_byte(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    ref = Store(tmp_path).latest("person_links").ref
    with pytest.raises(BadInput, match="is not the one the figure was made from"):
        Store(tmp_path).at([replace(ref, sha256="0" * 64)])
    with pytest.raises(BadInput, match="Version 9 of dataset “person_links” is not here"):
        Store(tmp_path).at([replace(ref, version=9)])


def test_a_changed_part_is_found_out(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    version = Store(tmp_path).latest("person_links")
    version.files[0].write_bytes(b"not what it was")
    with pytest.raises(BadInput, match="has changed since it was written"):
        version.verify()


def test_a_missing_part_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    Store(tmp_path).latest("person_links").files[0].unlink()
    with pytest.raises(BadInput, match="A part of dataset “person_links” is missing") as caught:
        Store(tmp_path).latest("person_links")
    assert "all-" in str(caught.value)


@pytest.mark.parametrize(
    ("dataset", "command"),
    [
        ("recorded_crime", "concord load recorded_crime FILE"),
        ("police_uk_street", "concord load police_uk FILE"),
        ("person_links", "concord link"),
    ],
)
def test_a_dataset_never_loaded_says_how_to_load_it(tmp_path: Path, dataset: str, command: str) -> None:
    with pytest.raises(BadInput, match=f"Dataset “{dataset}” has not been loaded") as caught:
        Store(tmp_path).latest(dataset)
    assert command in str(caught.value)
    assert not Store(tmp_path).has(dataset)


def test_a_slip_in_a_name_is_corrected(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    with pytest.raises(BadInput, match="Did you mean “person_links”"):
        Store(tmp_path).latest("person_link")


def test_a_pinned_store_sees_nothing_else_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"all": [1]})
    write(tmp_path, {"all": [5]}, dataset="definition_results")
    pinned = Store(tmp_path).at([Store(tmp_path).latest("person_links").ref])
    assert pinned.datasets() == ["person_links"]
    assert not pinned.has("definition_results")
    with pytest.raises(BadInput, match="not among the versions this figure was made from"):
        pinned.latest("definition_results")
    with pytest.raises(ValueError, match="read-only"):
        pinned.write("person_links", {}, source="", synthetic=True, clock=NOW)


def test_an_older_release_never_takes_the_place_of_a_newer(tmp_path: Path) -> None:
    def release(name: str, value: int) -> None:
        piece = Piece(pa.table({"x": [value]}), release=name)
        write_version(tmp_path, "person_links", {"2024-01": piece}, source="t", synthetic=True, clock=NOW)

    release("2024-06", 6)
    release("2024-03", 3)
    assert read(Store(tmp_path)) == [6]
    release("2024-09", 9)
    assert read(Store(tmp_path)) == [9]


def test_parts_of_different_layouts_read_as_one(tmp_path: Path) -> None:
    tables = {"a": pa.table({"x": [1]}), "b": pa.table({"x": [2], "y": ["late"]})}
    version = Store(tmp_path).write("person_links", tables, source="t", synthetic=True, clock=NOW)
    assert duckdb.sql(f"SELECT x, y FROM {version.scan} ORDER BY x").fetchall() == [(1, None), (2, "late")]


@pytest.mark.parametrize("name", ["../escape", "Upper", "a-b", "", "a/b"])
def test_a_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a dataset"):
        Store(tmp_path).write(name, {"all": pa.table({"x": [1]})}, source="t", synthetic=True, clock=NOW)
