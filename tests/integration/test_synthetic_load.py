"""Harbourside's contracts set aside exactly the rows that the generator spoilt, and refuse the files with names."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import exchange, receipts
from concord.evidence.extracts import load as receive
from concord.jobs.pipeline import Loop
from concord.kernel.errors import ConcordError
from concord.strategy import Partnership, load
from concord.synthetic import Generated, generate

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
PARTNERSHIP = load(FOLDER)
SENT = sorted(
    key for key, feed in PARTNERSHIP.feeds.items() if feed.synthetic and not key.startswith(("desk_", "system_"))
)


def now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return PARTNERSHIP


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Spring included: an hour of 30 March 2025 does not exist, and nothing may be said to have happened in it."""
    return generate(tmp_path_factory.mktemp("synthetic"), months=6, size=0.3, seed=2, start=date(2025, 1, 1))


def test_every_contract_of_a_partner_is_written_for_and_every_file_has_a_contract(made: Generated) -> None:
    assert set(made.files) == set(SENT)
    assert len(SENT) >= 43


@pytest.mark.parametrize("feed", SENT)
def test_what_was_spoilt_is_set_aside_and_nothing_else(
    tmp_path: Path, partnership: Partnership, made: Generated, feed: str
) -> None:
    results = receive(tmp_path, partnership.feeds[feed], made.files[feed], agreements=partnership.agreements, clock=now)
    with (made.truth / "faults.csv").open(encoding="utf-8", newline="") as handle:
        spoilt = Counter(row["feed"] for row in csv.DictReader(handle))
    assert sum(result.quarantined for result in results) == spoilt[feed]
    # A return of one count a quarter is as long as its files are many.
    assert sum(result.rows for result in results) >= min(5, len(made.files[feed]))
    for table in partnership.feeds[feed].tables.values():
        assert Store(tmp_path).latest(table.dataset).synthetic


@pytest.mark.parametrize(
    ("feed", "heading"),
    [
        ("ed_assaults", "patient_name"),
        ("ambulance_calls", "nhs_number"),
        ("section_17a_hospital_admissions", "date_of_birth"),
    ],
)
def test_a_file_with_what_may_not_be_held_is_refused_whole_and_not_kept(
    tmp_path: Path, partnership: Partnership, made: Generated, feed: str, heading: str
) -> None:
    (refused,) = (path for path in (made.folder / "refused").iterdir() if path.name.startswith(feed))
    with pytest.raises(ConcordError) as caught:
        receive(tmp_path, partnership.feeds[feed], [refused], agreements=partnership.agreements, clock=now)
    assert caught.value.exit_code == 4
    assert f"it has the column “{heading}”" in str(caught.value)
    assert "Nothing of the file was kept" in str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and heading.encode() in path.read_bytes()
                and "receipts" not in path.parts]  # fmt: skip
    assert not Store(tmp_path).has(feed)


def test_the_demonstration_receives_the_exchange_on_the_days_it_was_sent(tmp_path: Path) -> None:
    """So that the clock has something to tell: on time, late, overdue and not yet due."""
    out = tmp_path / "synthetic"
    generate(out, months=24, size=0.02, seed=3)
    loop = Loop(tmp_path, PARTNERSHIP, now)
    feeds = [PARTNERSHIP.feeds[f"section_17a_{item}"] for item in ("fire_incidents", "council_asb", "treatment")]
    made = loop.generated()
    for feed in feeds:
        for day, files in made.deliveries(feed.key, now().date()):
            loop.receive(feed.key, files, lambda _said: None, at=datetime(day.year, day.month, day.day, 10, tzinfo=UTC))
    found = exchange(feeds, {feed.key: receipts(tmp_path, feed.key) for feed in feeds}, now().date())
    fire, council, treatment = (found[key][0] for key in ("fire_brigade", "harbourside_council", "mental_health_trust"))
    assert [each.state for each in fire.periods] == ["received"] * 4
    assert [each.days_late for each in council.periods] == [12, 12, 12, 0]
    assert [each.state for each in council.periods[-2:]] == ["received late", "due"]
    assert [str(each.period.start) for each in treatment.overdue] == ["2026-01-01"]
    assert treatment.periods[-1].state == "due"
