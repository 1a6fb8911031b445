"""Linking measured: on the invented borough's truth, and on published labelled records that we did not make."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from concord.evidence import linkage
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.kernel.errors import BadInput
from concord.strategy import Partnership, load
from concord.synthetic import generate

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
PEOPLE = ("crime_persons", "child_notifications", "suspensions")


def now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return load(FOLDER)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, partnership: Partnership) -> Path:
    home = tmp_path_factory.mktemp("home")
    made = generate(home / "synthetic", months=6, size=0.3, seed=7, start=date(2026, 5, 1))
    for name in PEOPLE:
        receive(home, partnership.feeds[name], made.files[name], agreements=partnership.agreements, clock=now)
    return home


@pytest.fixture(scope="module")
def result(home: Path, partnership: Partnership) -> linkage.LinkResult:
    assert partnership.linkage is not None
    owners = {name: partnership.feeds[name].owner for name in PEOPLE}
    truth = home / "synthetic" / "truth" / "person_records.csv"
    return linkage.link(Store(home), home, partnership.linkage, now, truth=truth, owners=owners)


def test_it_reaches_the_bar_on_known_truth(result: linkage.LinkResult) -> None:
    assert result.quality is not None
    overall = result.quality.overall
    assert overall.right > 100, "there must be something to find, or the shares mean nothing"
    assert overall.precision is not None and overall.precision >= 0.98
    assert overall.recall is not None and overall.recall >= 0.85


def test_quality_is_published_for_each_group(result: linkage.LinkResult, home: Path) -> None:
    assert result.quality is not None
    dimensions = Counter(line.dimension for line in result.quality.lines)
    assert dimensions["ethnic group"] >= 4
    assert dimensions["sex"] == 2
    assert Store(home).has("linkage_quality")


def test_every_record_has_one_person_and_no_name_is_written(result: linkage.LinkResult, home: Path) -> None:
    import pyarrow.parquet as pq

    version = Store(home).latest("person_links")
    table = pq.ParquetDataset(list(version.files)).read()
    keys = list(zip(table["feed"].to_pylist(), table["person_ref"].to_pylist(), strict=True))
    assert len(keys) == len(set(keys)), "a record belongs to one person"
    assert len(keys) == result.records
    assert set(table.column_names) == {"feed", "person_ref", "linked_ref", "match_probability"}
    content = b"".join(file.read_bytes() for file in version.files)
    assert b"SYN" not in content


def test_linking_again_changes_nothing(result: linkage.LinkResult, home: Path, partnership: Partnership) -> None:
    assert partnership.linkage is not None
    again = linkage.link(Store(home), home, partnership.linkage, now)
    assert again.links.version == result.links.version
    assert again.quality is None


def test_twins_stay_two_people(home: Path, partnership: Partnership) -> None:
    """Same family name, birthday, sex and address, different given names: never one child."""
    import duckdb
    import pyarrow as pa

    from concord.evidence.linkage.linking import _find

    twins = pa.table(
        {
            "person_ref": ["one", "two"],
            "given_name": ["Hassan", "Yusuf"],
            "family_name": ["Uddin-SYN"] * 2,
            "born_on": [date(2012, 3, 4)] * 2,
            "sex": ["M", "M"],
            "postcode": ["HB1 1AA"] * 2,
        }
    )
    crowd = pa.table(
        {
            "person_ref": [f"c{n}" for n in range(40)],
            "given_name": [f"Name{chr(97 + n % 26)}" for n in range(40)],
            "family_name": ["Uddin-SYN"] * 40,
            "born_on": [date(1980, 1, 1 + n % 28) for n in range(40)],
            "sex": ["M"] * 40,
            "postcode": ["HB2 2BB"] * 40,
        }
    )
    assert partnership.linkage is not None
    with duckdb.connect() as connection:
        found, _waiting = _find(connection, {"school": twins, "police": crowd}, partnership.linkage)
    people = {row["person_ref"]: row["linked_ref"] for row in found.to_pylist()}
    assert people["one"] != people["two"]


def test_nothing_to_link_by_says_what_to_load(tmp_path: Path, partnership: Partnership) -> None:
    assert partnership.linkage is not None
    with pytest.raises(BadInput, match="Nothing is loaded") as caught:
        linkage.link(Store(tmp_path), tmp_path, partnership.linkage, now)
    assert "concord load crime_persons" in str(caught.value)


def test_published_labelled_records(shared: Path, partnership: Partnership) -> None:
    """fake_1000 of the Ministry of Justice's splink_datasets: names, dates of birth, clusters known."""
    import duckdb
    import pyarrow as pa

    from concord.evidence.linkage.linking import _find

    with (shared / "data" / "linkage" / "fake_1000.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    table = pa.table(
        {
            "person_ref": [row["unique_id"] for row in rows],
            "given_name": [row["first_name"] or None for row in rows],
            "family_name": [row["surname"] or None for row in rows],
            "born_on": [date.fromisoformat(row["dob"]) if row["dob"] else None for row in rows],
        }
    )
    assert partnership.linkage is not None
    with duckdb.connect() as connection:
        # A thousand records of 250 people: two at random are one person far oftener than in a borough.
        found, _waiting = _find(connection, {"f": table}, replace(partnership.linkage, prior=0.003))
    linked = {row["person_ref"]: row["linked_ref"] for row in found.to_pylist()}
    true = {row["unique_id"]: row["cluster"] for row in rows}
    refs = sorted(true)
    pairs = [(a, b) for i, a in enumerate(refs) for b in refs[i + 1 :] if true[a] == true[b] or linked[a] == linked[b]]
    right = sum(true[a] == true[b] and linked[a] == linked[b] for a, b in pairs)
    precision = right / sum(linked[a] == linked[b] for a, b in pairs)
    recall = right / sum(true[a] == true[b] for a, b in pairs)
    assert precision >= 0.95, (precision, recall)
    assert recall >= 0.25, (precision, recall)
