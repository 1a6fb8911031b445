"""Harbourside's contracts set aside exactly the rows that the generator spoilt, and refuse the file with names."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from concord.evidence.extracts import load as receive
from concord.kernel.errors import ConcordError
from concord.strategy import Partnership, load
from concord.synthetic import Generated, generate

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"


def now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return load(FOLDER)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Spring included: an hour of 30 March 2025 does not exist, and nothing may be said to have happened in it."""
    return generate(tmp_path_factory.mktemp("synthetic"), months=6, size=0.3, seed=2, start=date(2025, 1, 1))


@pytest.mark.parametrize(
    "feed", ["recorded_crime", "crime_persons", "child_notifications", "suspensions", "ed_assaults", "population"]
)
def test_what_was_spoilt_is_set_aside_and_nothing_else(
    tmp_path: Path, partnership: Partnership, made: Generated, feed: str
) -> None:
    results = receive(tmp_path, partnership.feeds[feed], made.files[feed], agreements=partnership.agreements, clock=now)
    with (made.truth / "faults.csv").open(encoding="utf-8", newline="") as handle:
        spoilt = Counter(row["feed"] for row in csv.DictReader(handle))
    assert sum(result.quarantined for result in results) == spoilt[feed]
    assert sum(result.rows for result in results) > 100


def test_a_health_file_with_a_name_column_is_refused_whole(
    tmp_path: Path, partnership: Partnership, made: Generated
) -> None:
    (refused,) = (made.folder / "refused").iterdir()
    try:
        (result,) = receive(
            tmp_path, partnership.feeds["ed_assaults"], [refused], agreements=partnership.agreements, clock=now
        )
    except ConcordError as error:
        said, accepted = str(error), 0
    else:
        said, accepted = str(result), result.accepted
    assert accepted == 0
    assert "patient_name" in said
