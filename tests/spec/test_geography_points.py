"""Which published points are places: every file at hand, beside the invented borough's true points."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.geography import Points, must_be_places, recognise, recognise_dataset, to_grid
from concord.evidence.geography.snapped import Verdict
from concord.kernel.errors import Refused
from concord.strategy import load
from concord.synthetic import generate

ROOT = Path(__file__).resolve().parents[2]
RULE = load(ROOT / "partnerships" / "harbourside").measurement.snap_points


def look(
    easting: np.ndarray, northing: np.ndarray, month: np.ndarray | None = None, dataset: str = "unnamed"
) -> Points:
    columns = {"easting": easting, "northing": northing}
    if month is not None:
        columns["month"] = month
    with duckdb.connect() as connection:
        connection.register("events", pa.table(columns))
        return recognise(connection, "events", RULE, dataset=dataset, month="month" if month is not None else None)


def published(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    rows = [row for row in csv.DictReader(text.decode("utf-8-sig").splitlines()) if row.get("Longitude")]
    points = to_grid([float(row["Longitude"]) for row in rows], [float(row["Latitude"]) for row in rows])
    return points.easting, points.northing


def test_no_published_file_passes_for_places_and_no_true_points_for_map_points(shared: Path, tmp_path: Path) -> None:
    """A confusion table, a file (a month) at a time and without the publisher's word: nothing on the wrong side."""
    table = {(truth, verdict): 0 for truth in ("map points", "places") for verdict in Verdict}
    for archive in sorted((shared / "data" / "police_uk").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for name in sorted(opened.namelist())[::4]:
                east, north = published(opened.read(name))
                if len(east):
                    table["map points", look(east, north).verdict] += 1
    for seed, size in ((1, 0.2), (2, 0.5), (3, 1.0)):
        truth = generate(tmp_path / str(seed), months=6, size=size, seed=seed).truth / "crime_truth.csv"
        with truth.open(encoding="utf-8") as handle:
            rows = [
                (float(r["metres_east"]), float(r["metres_north"]), r["happened_at"]) for r in csv.DictReader(handle)
            ]
        months = np.array([row[2][:7] for row in rows])
        points = np.array([row[:2] for row in rows])
        table["places", look(points[:, 0], points[:, 1], months).verdict] += 1
        for month in np.unique(months):
            here = points[months == month]
            table["places", look(here[:, 0], here[:, 1]).verdict] += 1
    assert table["map points", Verdict.PLACES] == 0
    assert table["places", Verdict.SNAPPED] == 0
    assert (table["map points", Verdict.SNAPPED], table["map points", Verdict.CANNOT_TELL]) == (26, 3)
    assert table["places", Verdict.PLACES] > 2 * table["places", Verdict.CANNOT_TELL]


def test_true_points_of_another_city_are_not_flagged(shared: Path) -> None:
    lines = (shared / "oracles" / "near_repeat" / "chicago_arson.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if line[0].isdigit()]
    found = look(*(np.array([float(row[n]) for row in rows]) for n in (0, 1)))
    assert found.verdict is Verdict.CANNOT_TELL, "522 fires over a city are too few to share map points"


def test_a_borough_s_anonymous_points_are_told_by_sharing_and_by_coming_back(shared: Path) -> None:
    file = shared / "data" / "tower_hamlets_extracts" / "street_points_TH_2018-02_2020-01.csv"
    table = duckdb.sql(f"SELECT * FROM read_csv('{file}', header = true, all_varchar = true)").to_arrow_table()
    points = to_grid(*(np.array(table[name].to_pylist(), dtype=float) for name in ("Longitude", "Latitude")))
    found = look(points.easting, points.northing, np.array(table["Month"].to_pylist()))
    assert found.snapped
    assert (found.events, found.coordinates) == (48_975, 1_574)
    assert found.shared > 0.999 and found.returning > 0.98
    with pytest.raises(Refused) as refused:
        must_be_places(found, "A kernel density map")
    assert str(refused.value) == (
        "A kernel density map is not done on “unnamed”: its points are not where things happened.\n"
        "  Why:   48,975 events stand at 1,574 coordinates: 100% share theirs with another event, and 98% of the "
        "coordinates come back in another month. Places themselves are shared by fewer than 20%.\n"
        "  Next:  Count by area instead (LSOA or ward), or use a record-level extract whose points are true."
    )


def test_few_events_tell_nothing_unless_the_supplier_does() -> None:
    rng = np.random.default_rng(5)
    few = rng.uniform(0, 9000, (2, 120))
    found = look(*few)
    assert found.verdict is Verdict.CANNOT_TELL
    with pytest.raises(Refused) as refused:
        must_be_places(found, "The Knox test")
    assert "nothing shows that its points are where things happened" in refused.value.what
    assert "snap_points.places or snap_points.declared" in (refused.value.next_step or "")
    said = look(np.array([1.0, 2.0]), np.array([1.0, 2.0]), dataset="police_uk_street")
    assert said.snapped, "the publisher says so, however few there are"
    with pytest.raises(Refused, match="moves every point to the nearest of its map points"):
        must_be_places(said, "The Knox test")
    none = look(np.array([np.nan, np.nan]), np.array([np.nan, 1.0]))
    assert (none.events, none.verdict) == (0, Verdict.CANNOT_TELL)


def test_a_supplier_s_word_is_believed_where_homes_and_shops_are_shared_but_not_against_everything_seen() -> None:
    rng = np.random.default_rng(6)
    homes = np.round(rng.uniform(0, 3000, (2, 400)))
    events = homes[:, rng.integers(0, 400, 500)]  # most at a place that another event is at
    rule = replace(RULE, places={"addresses": "The force gives the address of each event."})
    with duckdb.connect() as connection:
        connection.register("events", pa.table({"easting": events[0], "northing": events[1]}))
        told = recognise(connection, "events", rule, dataset="addresses")
        assert look(*events).snapped and told.verdict is Verdict.PLACES
        must_be_places(told, "The Knox test")
        connection.register(
            "moved", pa.table({"easting": np.repeat(homes[0, :20], 90), "northing": np.repeat(homes[1, :20], 90)})
        )
        assert recognise(connection, "moved", rule, dataset="addresses").snapped


def test_a_loaded_dataset_is_looked_at_in_degrees_or_metres(shared: Path, tmp_path: Path) -> None:
    file = shared / "data" / "tower_hamlets_extracts" / "street_points_TH_2018-02_2020-01.csv"
    table = duckdb.sql(
        'SELECT "Longitude"::DOUBLE AS longitude, "Latitude"::DOUBLE AS latitude, "Month" AS month '
        f"FROM read_csv('{file}', header = true, all_varchar = true)"
    ).to_arrow_table()
    store, clock = Store(tmp_path), datetime(2026, 11, 22, tzinfo=UTC)

    def write(name: str, rows: pa.Table) -> DatasetVersion:
        return store.write(name, {"all": rows}, source="test", synthetic=False, clock=clock)

    degrees = recognise_dataset(write("points", table), RULE)
    points = to_grid(table["longitude"], table["latitude"])
    metres = pa.table({"easting": points.easting, "northing": points.northing, "month": table["month"]})
    same = recognise_dataset(write("placed", metres), RULE)
    assert degrees is not None and same is not None
    assert (degrees.events, degrees.coordinates, degrees.verdict) == (48_975, 1_574, Verdict.SNAPPED)
    assert (same.events, same.coordinates, same.returning) == (degrees.events, degrees.coordinates, degrees.returning)
    assert recognise_dataset(write("none", table.select(["month"])), RULE) is None
