"""The system's own return: what came on time, what came late, what stayed too long; then loaded and read like any."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from concord.evidence.datasets.store import Store
from concord.evidence.extracts import load as receive
from concord.evidence.findings import find
from concord.evidence.findings.model import TOTAL
from concord.jobs import own_return
from concord.kernel.periods import Period
from concord.strategy import Partnership, load

HEADINGS = "contact_ref,received_at,decided_at,due_at,rag,route,referrer_kind,age_band\n"


@pytest.fixture(scope="module")
def harbourside() -> Partnership:
    return load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside")


def sent(home: Path, partnership: Partnership, month: str, on: date) -> None:
    """One month of contacts, received on a day. Contacts are due within seven days of the month's end."""
    file = home.parent / f"desk_contacts_{month}.csv"
    file.write_text(
        f"{HEADINGS}x{month},{month}-03 10:00,{month}-04 10:00,{month}-04 17:00,amber,early_help,gp,10-17\n"
    )
    receive(
        home, partnership.feeds["desk_contacts"], [file], agreements=partnership.agreements,
        clock=lambda: datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, harbourside: Partnership) -> Path:
    made = tmp_path / "home"
    sent(made, harbourside, "2026-06", date(2026, 7, 7))  # on its last day
    sent(made, harbourside, "2026-07", date(2026, 8, 8))  # a day late
    return made  # and August's, due on 7 September, never came


def only(partnership: Partnership, *feeds: str) -> SimpleNamespace:
    return SimpleNamespace(feeds={key: partnership.feeds[key] for key in feeds}, agreements=partnership.agreements)


def test_what_fell_due_in_a_quarter_by_whether_it_came(home: Path, harbourside: Partnership) -> None:
    one = only(harbourside, "desk_contacts")
    lines = own_return.feeds_on_time(home, one, date(2026, 11, 2))  # type: ignore[arg-type]
    assert lines == [("feeds_on_time", date(2026, 7, 1), date(2026, 9, 30), "all", "", 1, 3)]


def test_a_quarter_that_still_runs_has_no_line(home: Path, harbourside: Partnership) -> None:
    assert own_return.feeds_on_time(home, only(harbourside, "desk_contacts"), date(2026, 9, 30)) == []  # type: ignore[arg-type]


def test_a_feed_that_no_agreement_is_in_force_for_is_not_owed(home: Path, harbourside: Partnership) -> None:
    national = load(Path(__file__).resolve().parents[2] / "partnerships" / "tower_hamlets")
    owed = own_return.feeds_on_time(home, only(national, "health_returns"), date(2026, 11, 2))  # type: ignore[arg-type]
    assert owed == []
    here = own_return.feeds_on_time(home, only(harbourside, "health_returns"), date(2026, 11, 2))  # type: ignore[arg-type]
    assert [line[-2:] for line in here[-2:]] == [(0, 1), (0, 1)], "owed under a signed agreement, and never sent"


def test_files_that_agencies_gave_and_their_basis(home: Path, harbourside: Partnership) -> None:
    feeds = only(harbourside, "desk_contacts").feeds
    assert own_return.with_basis(home, feeds, date(2026, 11, 2)) == [
        ("files_with_lawful_basis", date(2026, 7, 1), date(2026, 9, 30), "all", "", 2, 2)
    ]
    receipt = min((home / "receipts" / "desk_contacts").iterdir())
    receipt.write_text(receipt.read_text().replace('"gateway": "cda_s17a"', '"gateway": null'))
    assert own_return.with_basis(home, feeds, date(2026, 11, 2))[0][-2:] == (1, 2)
    assert own_return.with_basis(home, feeds, date(2026, 9, 30)) == [], "the quarter still runs"


@pytest.mark.parametrize(
    ("today", "over"),
    [(date(2026, 11, 2), 0), (date(2028, 8, 1), 1), (date(2028, 9, 1), 2)],
)
def test_raw_files_past_their_months(home: Path, harbourside: Partnership, today: date, over: int) -> None:
    (line,) = own_return.past_retention(home, only(harbourside, "desk_contacts").feeds, today)
    assert line[-2:] == (over, 2)


def test_it_is_loaded_and_read_like_any_return(home: Path, harbourside: Partnership) -> None:
    clock = datetime(2026, 11, 2, 12, tzinfo=UTC)
    files = own_return.write(home, harbourside, clock)
    assert [file.read_bytes() for file in own_return.write(home, harbourside, clock)] == [f.read_bytes() for f in files]
    loaded = receive(
        home, harbourside.feeds["system_returns"], files, agreements=harbourside.agreements, clock=lambda: clock
    )
    assert all(each.status == "loaded" and each.quarantined == 0 for each in loaded)
    found = find("reported_measure", Store(home), harbourside, Period(date(2025, 11, 1), date(2026, 10, 31)),
                 returned="system_returns", measure="raw_files_past_retention", over="latest")  # fmt: skip
    value = next(table for table in found.tables if table.name == "value").cells[0]
    assert (value.key, value.count, value.base) == ((TOTAL,), 0, 2)
