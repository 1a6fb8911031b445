"""Aoristic weights beside those of the R package `aoristic` on 1,025 burglaries (its week starts on Sunday)."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from concord.evidence.timing.aoristic import HOURS, profile, weights, weights_sql


@pytest.fixture(scope="module")
def burglaries(shared: Path) -> list[tuple[datetime, datetime | None]]:
    with (shared / "oracles" / "aoristic" / "dcburglaries_events.csv").open(encoding="utf-8") as handle:
        return [
            (
                datetime.fromisoformat(row["start"]),
                datetime.fromisoformat(row["end"]) if row["end"] not in ("", "NA") else None,
            )
            for row in csv.DictReader(handle)
        ]


def monday_first(sunday_first: list[float]) -> list[float]:
    return [*sunday_first[24:], *sunday_first[:24]]


def test_every_burglary_is_weighted_as_the_package_weights_it(shared: Path, burglaries) -> None:
    with gzip.open(shared / "oracles" / "aoristic" / "dcburglaries_per_event.csv.gz", "rt") as handle:
        expected = [monday_first([float(v) for v in row]) for row in list(csv.reader(handle))[1:]]
    assert len(expected) == len(burglaries) == 1025
    for (start, end), wanted in zip(burglaries, expected, strict=True):
        found = weights(start, end)
        assert [found.get(hour, 0.0) for hour in range(HOURS)] == pytest.approx(wanted, abs=1e-9)


def test_the_database_s_profile_is_the_package_s(shared: Path, burglaries) -> None:
    with (shared / "oracles" / "aoristic" / "dcburglaries_hour_of_week_weights.csv").open() as handle:
        wanted = monday_first([float(row["weight"]) for row in csv.DictReader(handle)])
    with duckdb.connect() as connection:
        starts, ends = zip(*burglaries, strict=True)
        connection.register("events", pa.table({"start": list(starts), "finish": list(ends)}))
        found = profile(connection, "events", '"start"', "finish")
    assert found == pytest.approx(wanted, abs=1e-7)
    assert sum(found) == pytest.approx(1025)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2026-01-05 09:20", None, {9: 1.0}),
        ("2026-01-05 09:20", "2026-01-05 09:20", {9: 1.0}),
        ("2026-01-05 09:20", "2026-01-05 08:00", {9: 1.0}),
        ("2026-01-05 09:30", "2026-01-05 11:30", {9: 0.25, 10: 0.5, 11: 0.25}),
        ("2026-01-11 23:00", "2026-01-12 01:00", {167: 0.5, 0: 0.5}),
        ("2026-01-05 00:00", "2026-01-12 00:00", dict.fromkeys(range(168), 1 / 168)),
    ],
)
def test_weights_by_hand(start: str, end: str | None, wanted: dict[int, float]) -> None:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None
    assert weights(first, last) == pytest.approx(wanted)
    with duckdb.connect() as connection:
        connection.register("events", pa.table({"s": pa.array([first]), "e": pa.array([last], pa.timestamp("us"))}))
        rows = connection.execute(weights_sql("events", "1", "s", "e")).fetchall()
    assert {hour: weight for _, hour, weight in rows} == pytest.approx(wanted)
