"""The publishers' own files, every layout we hold: counted independently, all of them accounted for."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from load_support import FEEDS, SHARED, receive

from concord.evidence.datasets.store import Store
from concord.evidence.extracts.contracts import read_feed

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")

POLICE_UK = SHARED / "police_uk"
BEDFORDSHIRE = "bedfordshire-2022-05_2023-04.zip"
EXTRACTS = SHARED / "tower_hamlets_extracts"


def counted(archive: Path) -> Counter[tuple[str, str, str]]:
    """Rows by kind, force and month, by the standard library alone."""
    found: Counter[tuple[str, str, str]] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if not name.endswith(".csv"):
                continue
            stem = Path(name).stem
            kind = next(k for k in ("street", "outcomes", "stop-and-search") if stem.endswith(k))
            force = stem[8 : -len(kind) - 1]
            text = io.TextIOWrapper(opened.open(name), encoding="utf-8", newline="")
            found[kind, force, stem[:7]] += sum(1 for _ in csv.reader(text)) - 1
    return found


@pytest.mark.parametrize("archive", sorted(POLICE_UK.glob("*.zip")), ids=lambda p: p.stem[:40])
def test_every_row_of_every_archive_is_accepted_under_its_force_and_month(tmp_path: Path, archive: Path) -> None:
    expected = counted(archive)
    results = receive(tmp_path, read_feed(FEEDS / "national" / "feeds" / "police_uk.toml"), archive)
    assert sum(r.rows for r in results) == sum(expected.values())
    assert [(r.file, r.quarantined) for r in results if r.quarantined] == []
    held: Counter[tuple[str, str, str]] = Counter()
    for dataset in Store(tmp_path).datasets():
        for part in Store(tmp_path).latest(dataset).manifest.parts:
            force, month = (piece.split("=")[1] for piece in part.partition.split("/"))
            held[dataset.removeprefix("police_uk_").replace("_", "-"), force, month] += part.rows
    assert held == expected


def test_bedfordshire_is_complete_and_typed(tmp_path: Path) -> None:
    receive(tmp_path, read_feed(FEEDS / "national" / "feeds" / "police_uk.toml"), POLICE_UK / BEDFORDSHIRE)
    store = Store(tmp_path)
    rows = {name: store.latest(name).rows for name in store.datasets()}
    assert rows == {"police_uk_street": 60_945, "police_uk_outcomes": 51_736, "police_uk_stop_and_search": 3_984}
    assert sum(rows.values()) == 116_665  # as PROVENANCE.md states
    assert not store.latest("police_uk_street").synthetic
    columns = store.latest("police_uk_street").columns
    assert (columns["month"], columns["longitude"], columns["crime_id"]) == ("date32[day]", "double", "string")
    scan = store.latest("police_uk_street").scan
    query = f"SELECT lsoa_name FROM {scan} WHERE lsoa_name LIKE 'Bournemouth%'"
    assert duckdb.sql(query).fetchall() == [("Bournemouth, Christchurch and Poole 022C",)]
    no_id = f"SELECT count(*) FROM {scan} WHERE crime_id IS NULL AND crime_type <> 'Anti-social behaviour'"
    assert duckdb.sql(no_id).fetchall() == [(0,)]


def test_two_codings_of_stop_and_search_become_one(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "police_uk.toml")
    receive(tmp_path, feed, POLICE_UK / "metropolitan-stop-and-search-older.zip")
    scan = Store(tmp_path).latest("police_uk_stop_and_search").scan
    outcomes = {o for (o,) in duckdb.sql(f"SELECT DISTINCT outcome FROM {scan}").fetchall()}
    assert "Nothing found - no further action" not in outcomes
    assert {"A no further action disposal", "Arrest"} <= outcomes
    ethnicities = {e for (e,) in duckdb.sql(f"SELECT DISTINCT self_defined_ethnicity FROM {scan}").fetchall()}
    assert not [e for e in ethnicities if e and e.endswith(")")]
    assert "Asian/Asian British - Bangladeshi" in ethnicities


def test_the_utc_hour_before_a_summer_month_is_local_time_in_it(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "police_uk.toml")
    receive(tmp_path, feed, POLICE_UK / "metropolitan-stop-and-search-2022-09_2023-08.zip")
    scan = Store(tmp_path).latest("police_uk_stop_and_search").scan
    off = f"SELECT count(*) FROM {scan} WHERE date_trunc('month', searched_at)::DATE <> month"
    assert duckdb.sql(off).fetchall() == [(0,)]


def test_the_whole_series_of_ward_counts(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_ward_counts.toml")
    files = sorted(EXTRACTS.glob("mps_recorded_crime_ward_TH_*.csv"))
    results = receive(tmp_path, feed, *files)
    assert [(r.rows, r.accepted) for r in results] == [(629, 629), (570, 570)]
    scan = Store(tmp_path).latest("mps_ward_counts_extract").scan
    by_month = dict(duckdb.sql(f"SELECT month::VARCHAR, sum(count)::INT FROM {scan} GROUP BY 1").fetchall())
    assert len(by_month) == 191
    expected: Counter[str] = Counter()
    for file in files:
        for row in csv.DictReader(file.open(encoding="utf-8-sig", newline="")):
            for column, value in row.items():
                if column.isdigit() and not (file is files[1] and column == "202402"):
                    expected[f"{column[:4]}-{column[4:]}-01"] += int(value)
    assert by_month == expected
    assert by_month["2024-03-01"] == 2_773  # as PROVENANCE.md states
    assert "February 2024 was left out: its total is 1" in results[1].notes[0]


def test_the_lsoa_counts_say_what_is_missing(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "mps_lsoa_counts.toml")
    (result,) = receive(tmp_path, feed, *EXTRACTS.glob("mps_recorded_crime_lsoa_TH_*.csv"))
    assert (result.rows, result.accepted) == (3_812, 3_812)
    version = Store(tmp_path).latest("mps_lsoa_counts_extract")
    query = f"SELECT sum(count)::INT, count(DISTINCT area_code) FROM {version.scan} WHERE month = DATE '2024-03-01'"
    assert duckdb.sql(query).fetchall() == [(2_709, 169)]  # as PROVENANCE.md states
    assert any("Sexual offences and fraud are not published by LSOA" in c for c in version.manifest.caveats)


def test_an_irrelevant_file_is_no_police_file(tmp_path: Path) -> None:
    from concord.kernel.errors import BadInput

    feed = read_feed(FEEDS / "national" / "feeds" / "police_uk.toml")
    with pytest.raises(BadInput, match="is no file of the feed “police_uk”"):
        receive(tmp_path, feed, EXTRACTS / "mps_knife_crime_TH.csv")
    with pytest.raises(BadInput, match=r"custody\.parquet is no file of the feed “police_uk”"):
        receive(tmp_path, feed, SHARED / "mps_london_datastore" / "custody.parquet")


def test_a_real_file_of_many_months_and_another_name(tmp_path: Path) -> None:
    feed = read_feed(FEEDS / "national" / "feeds" / "police_uk.toml")
    (result,) = receive(tmp_path, feed, EXTRACTS / "met_burglary_street_TH_to_2023-12.csv")
    assert (result.rows, result.accepted + result.quarantined) == (34_571, 34_571)
    parts = Store(tmp_path).latest("police_uk_street_extract").manifest.parts
    assert len(parts) == 157
    assert {part.partition.rsplit("/", 1)[0] for part in parts} == {"extract=TH/force=metropolitan"}
