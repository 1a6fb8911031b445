"""Linking measured: on the invented borough's truth, and on published labelled records that we did not make."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from linkage_support import found, people, persons

from concord.evidence import linkage
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.evidence.linkage.quality import stored
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
    assert overall.precision is not None and overall.precision.value >= 0.98
    assert overall.recall is not None and overall.recall.value >= 0.86


def test_quality_is_published_for_each_group(result: linkage.LinkResult, home: Path) -> None:
    assert result.quality is not None
    dimensions = Counter(line.dimension for line in result.quality.lines)
    assert dimensions["ethnic group"] >= 4
    assert dimensions["sex"] == 2
    assert stored(Store(home)) == result.quality, "what is stored is what was measured"


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


def test_twins_stay_two_people_and_wait_for_reviewers(partnership: Partnership) -> None:
    """Same family name, birthday, sex and address, different given names: never one child by evidence alone."""
    born = date(2012, 3, 4)
    twins = people(
        ("one", "Hassan", "Uddin-SYN", born, "M", "HB1 1AA"), ("two", "Yusuf", "Uddin-SYN", born, "M", "HB1 1AA")
    )
    crowd = people(
        *((f"c{n}", f"Name{n}", f"Family{n}-SYN", date(1950 + n // 8, 1 + n % 12, 3), "M", None) for n in range(400))
    )
    assert partnership.linkage is not None
    with found({"school": twins, "police": crowd}, partnership.linkage) as connection:
        refs = persons(connection)
        waiting = connection.sql("SELECT person_ref_l, person_ref_r, why FROM waiting").fetchall()
    assert refs["one"] != refs["two"]
    assert [(a, b) for a, b, why in waiting if "twins" in why] == [("one", "two")]


def test_nothing_to_link_by_says_what_to_load(tmp_path: Path, partnership: Partnership) -> None:
    assert partnership.linkage is not None
    with pytest.raises(BadInput, match="Nothing is loaded") as caught:
        linkage.link(Store(tmp_path), tmp_path, partnership.linkage, now)
    assert "concord load crime_persons" in str(caught.value)
