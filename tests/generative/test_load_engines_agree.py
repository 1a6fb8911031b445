"""Whatever is sent: a load on Spark and a load on one machine accept the same rows and set aside the same, for the same
reasons, under the same numbers. The Spark is a real one."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from load_support import HEADER, a_file, every_file, incidents, people, receive, rows_of

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import FilesRefused, LoadResult, spark_load
from concord.evidence.extracts.engine import convert
from concord.kernel.errors import ConcordError, Environment
from concord.strategy.shapes.feed import Feed

pytestmark = pytest.mark.usefixtures("spark")

PEOPLE = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
RUN_AGAIN = {".lock", "versions"}
"""What is compared apart, or holds nothing."""


def results_of(home: Path, feed: Feed, folder: Path, engine: str) -> list[tuple[object, ...]]:
    found: list[LoadResult]
    try:
        found = receive(home, feed, folder, engine=engine)  # type: ignore[arg-type]
    except FilesRefused as some:
        found = list(some.results)
    except ConcordError as one:
        return [(type(one).__name__, str(one))]
    return [(r.file, r.status, r.rows, r.accepted, r.quarantined, r.notes, str(r.error or "")) for r in found]


def kept(home: Path) -> dict[str, bytes]:
    """Everything in a home whose bytes say nothing about time or chance: datasets' parts, quarantine, landing."""
    found = {}
    for file in every_file(home):
        name = file.relative_to(home)
        told = name.parts[0] in ("datasets", "quarantine", "landing") and not RUN_AGAIN & set(name.parts)
        if told and file.suffix != ".sealed":
            found[str(name)] = file.read_bytes()
    return found


def manifests(home: Path) -> list[dict[str, object]]:
    return [json.loads(f.read_bytes()) for f in sorted((home / "datasets").glob("*/versions/*.json"))]


def both(feed: Feed, folder: Path, work: Path) -> tuple[Path, Path]:
    """Two homes with the same keys, the folder received in one by DuckDB and in the other by Spark, told the same."""
    here, there = work / "duckdb", work / "spark"
    told = results_of(here, feed, folder, "duckdb")
    if (here / "secrets").is_dir():
        shutil.copytree(here / "secrets", there / "secrets")
    assert results_of(there, feed, folder, "spark") == told
    assert kept(there) == kept(here)
    assert manifests(there) == manifests(here)
    return here, there


odd = st.sampled_from(
    ["", " ", "2026-10-05", "2026/10/05", "05/10/2026", "2026-02-30", "2027-01-01", "1.5", "1e3", "+7", "-1", "007",
     "1_000", "99999999999999999999", "nan", "Y", "yes", "SYN01", " SYN01 ", "\u00a0x", "é", '"a,b"', '"say ""so"""',
     '"two\nlines"', '"open', "a\tb", "\udcff", "\0"]
)  # fmt: skip
row = st.tuples(
    st.one_of(st.integers(0, 30).map(lambda n: f"R{n}"), odd),
    st.one_of(st.integers(1, 31).map(lambda d: f"2026-10-{d:02d}"), odd),
    st.one_of(st.just("SYN02"), odd),
    st.one_of(st.just("N"), odd),
    st.one_of(st.integers(-1, 60).map(str), odd),
    odd,
).map(",".join)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),  # to shrink over Spark would take longer than to read the failure
)
@given(st.lists(st.lists(row, min_size=1, max_size=25), min_size=2, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_random_extracts_end_in_the_same_rows_and_the_same_reasons(months: list[list[str]], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        sent.mkdir()
        for number, rows in enumerate(months, start=6):
            # No two files alike: which of two is then the one received is a matter of which thread was first.
            content = end.join([HEADER, *rows, f"LAST{number},2026-10-01,SYN01,N,1,café", ""])
            (sent / f"incidents_2026-{number:02d}.csv").write_bytes(content.encode("utf-8", "surrogateescape"))
        both(incidents(), sent, Path(folder))


def test_people_have_the_same_pseudonyms_and_their_names_stay_sealed(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    for month in (9, 10):
        a_file(
            sent,
            f"people_2026-{month:02d}.csv",
            f"A{month},NOM17,Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA",
            "B1,NOM18,Beatrix,Quillfeather,2008-01-31,,F,HB12 2QZ",
            "B2,,Nobody,Nameless,2008-01-31,,F,HB12 2QZ",
            header=PEOPLE,
        )
    here, there = both(people(), sent, tmp_path)
    assert rows_of(there, "people") == rows_of(here, "people")
    assert len({ref for (ref,) in rows_of(there, "people", "person_ref")}) == 2
    names = [
        identifiers(home, Store(home).latest("people")).sort_by("person_ref").to_pylist() for home in (here, there)
    ]
    assert names[0] == names[1]
    assert {n["family_name"] for n in names[1]} == {"Zephyrine", "Quillfeather"}
    for file in every_file(there):
        assert b"Zephyrine" not in file.read_bytes(), file


def test_months_in_columns_unfold_alike(tmp_path: Path) -> None:
    feed = incidents(
        file_name=None,
        partition=(),
        partition_from={},
        rules=[],
        release_from="month",
        wide={"columns": r"20\d{4}", "into": "month", "value": "count"},
        fields={
            "ward": {"description": "Ward", "required": True},
            "month": {"description": "Month", "type": "month"},
            "count": {"description": "Count", "type": "integer", "minimum": 0},
        },
    )
    sent = tmp_path / "sent"
    sent.mkdir()
    a_file(sent, "counts.csv", "SYN01,1,2", "SYN02,,x", "SYN03,5,-1", '"A, B",7,8', header="ward,202601,202602")
    _, there = both(feed, sent, tmp_path)
    assert rows_of(there, "incidents", "ward, month::VARCHAR, count") == [
        ("A, B", "2026-01-01", 7),
        ("A, B", "2026-02-01", 8),
        ("SYN01", "2026-01-01", 1),
        ("SYN01", "2026-02-01", 2),
    ]


def test_a_disk_that_fails_a_worker_is_said_in_the_words_of_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_anything: object) -> None:
        raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(spark_load, "convert", full)
    trouble = spark_load.work_on(task_of(tmp_path))
    assert isinstance(trouble, spark_load.Trouble)

    def on_a_full_disk(_task: object) -> spark_load.Trouble:
        return spark_load.Trouble("Could not write file: No space left on device")

    monkeypatch.setattr(spark_load, "work_on", on_a_full_disk)
    file = a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN02,Y,2,new")
    with pytest.raises(Environment, match="The disk is full"):
        receive(tmp_path / "home", incidents(), file, engine="spark")
    monkeypatch.undo()
    assert not (tmp_path / "home" / "receipts" / "incidents").exists()
    (result,) = receive(tmp_path / "home", incidents(), file, engine="spark")
    assert (result.status, result.accepted) == ("loaded", 1)


def task_of(folder: Path) -> spark_load.Task:
    nothing: object = None
    return spark_load.Task(nothing, nothing, nothing, folder, folder, folder, None)  # type: ignore[arg-type]


def test_the_workers_run_the_function_that_one_machine_runs() -> None:
    assert spark_load.convert is convert
