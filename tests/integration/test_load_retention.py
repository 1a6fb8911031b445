"""Raw files go when their time is up, and not before; what went can be shown, and what was figured out stays."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from load_support import AGREEMENTS, TESTS_FOLDER, a_file, every_file, incidents, people, receive, rows_of

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import receipts, retention
from concord.evidence.extracts.retention import DONE, PLANNED, Entry
from concord.kernel.errors import BadInput, Refused, Usage

PEOPLE = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"
ADA = "A1,NOM0000017,Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA"
BAD = "A2,NOM0000018,Beatrix,Quillfeather,2008-01-31,,F,nowhere"
BEA = "B1,NOM0000019,Beatrix,Quillfeather,2008-01-31,,F,HB1 1AA"
FEEDS = {"people": replace(people(), retention_months=24), "incidents": replace(incidents(), retention_months=None)}
FIRST = dt.datetime(2024, 1, 31, 9, 0, tzinfo=dt.UTC)
SECOND = dt.datetime(2025, 6, 1, 9, 0, tzinfo=dt.UTC)
WHO = "R. Okafor SYN, data protection officer"


def at(moment: dt.datetime) -> retention.Clock:
    return lambda: moment


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    receive(home, FEEDS["people"], a_file(tmp_path, "people_2023-12.csv", ADA, BAD, header=PEOPLE), now=FIRST)
    receive(home, FEEDS["people"], a_file(tmp_path, "people_2025-05.csv", BEA, header=PEOPLE), now=SECOND)
    receive(home, FEEDS["incidents"], a_file(tmp_path, "incidents_2023-12.csv", "I1,2023-12-05,SYN02,Y,2,"), now=FIRST)
    return home


@pytest.mark.parametrize(
    ("day", "months", "ends"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-05-31", 84, "2031-05-31"),
        ("2024-05-31", 0, "2024-05-31"),
    ],
)
def test_months_are_counted_by_the_calendar(day: str, months: int, ends: str) -> None:
    assert retention.months_after(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(ends)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.integers(0, 200), st.integers(0, 200))
def test_later_receipts_never_end_earlier(day: dt.date, months: int, more: int) -> None:
    assert retention.months_after(day, months) <= retention.months_after(day + dt.timedelta(days=1), months)
    assert retention.months_after(day, months) <= retention.months_after(day, months + more)


def test_nothing_is_past_its_time_the_day_before(home: Path) -> None:
    assert retention.expired(home, FEEDS, dt.date(2026, 1, 30)) == []


def test_the_dry_run_says_what_would_go_and_changes_nothing(home: Path) -> None:
    before = {file: file.read_bytes() for file in every_file(home)}
    (found,) = retention.expired(home, FEEDS, dt.date(2026, 1, 31))
    assert (found.feed, found.names, str(found.ends_on)) == ("people", ("people_2023-12.csv",), "2026-01-31")
    assert sorted(file.split("/")[0] for file in found.files) == ["identifiers", "landing", "quarantine", "quarantine"]
    assert {file: file.read_bytes() for file in every_file(home)} == before


def test_what_is_erased_is_gone_and_what_was_worked_out_stays(home: Path) -> None:
    rows, known = rows_of(home, "people"), receipts(home)
    (found,) = retention.expired(home, FEEDS, dt.date(2026, 2, 1))
    (certificate,) = retention.erase(home, FEEDS, by=WHO, clock=at(FIRST.replace(year=2026, month=2, day=1)))
    assert (certificate.kind, certificate.feed, certificate.by) == (DONE, "people", WHO)
    assert set(certificate.files) == set(found.files) and certificate.receipts == found.receipts
    assert not any((home / file).exists() for file in found.files)
    assert rows_of(home, "people") == rows and receipts(home) == known
    assert retention.expired(home, FEEDS, dt.date(2026, 2, 1)) == []
    left = identifiers(home, Store(home).latest("people")).to_pylist()
    assert [row["given_name"] for row in left] == ["Beatrix"], "only the younger file's names can still be opened"


def test_when_all_names_are_gone_linkage_says_why(home: Path) -> None:
    retention.erase(home, FEEDS, by=WHO, clock=at(SECOND.replace(year=2027, month=6, day=1)))
    with pytest.raises(BadInput, match="were erased when their time was up"):
        identifiers(home, Store(home).latest("people"))


def test_a_file_that_vanished_without_a_certificate_is_still_missed(home: Path) -> None:
    next((home / "identifiers" / "people").iterdir()).unlink()
    with pytest.raises(BadInput, match="are incomplete"):
        identifiers(home, Store(home).latest("people"))


def test_a_hold_keeps_files_until_it_is_lifted(home: Path) -> None:
    retention.hold(home, "people", by=WHO, why="Inquest of March SYN", clock=at(SECOND))
    late = at(SECOND.replace(year=2026))
    assert retention.erase(home, FEEDS, by=WHO, clock=late) == []
    (held,) = retention.expired(home, FEEDS, dt.date(2026, 6, 1))
    assert held.held == f"Inquest of March SYN (held by {WHO} on 2025-06-01)"
    retention.lift(home, "people", by=WHO, why="The inquest is over", clock=late)
    assert len(retention.erase(home, FEEDS, by=WHO, clock=late)) == 1
    with pytest.raises(Refused, match="is not held"):
        retention.lift(home, "people", by=WHO, why="again", clock=late)


@pytest.mark.parametrize(("by", "why"), [("", "reason"), (" ", "reason"), (WHO, " ")])
def test_nobody_decides_namelessly_or_without_a_reason(home: Path, by: str, why: str) -> None:
    with pytest.raises(Usage, match="Say who decides this"):
        retention.hold(home, "people", by=by, why=why, clock=at(SECOND))
    assert retention.record(home) == []


@pytest.mark.parametrize("damage", ["changed", "missing", "garbled"])
def test_a_damaged_record_stops_everything(home: Path, damage: str) -> None:
    for why in ("one", "two", "three"):
        retention.hold(home, "incidents", by=WHO, why=why, clock=at(SECOND))
    second = home / "retention" / "000002.json"
    if damage == "missing":
        second.unlink()
    elif damage == "garbled":
        second.write_text("{")
    else:
        second.write_text(second.read_text().replace("two", "too"))
    with pytest.raises(BadInput, match="The retention record is not whole") as refused:
        retention.erase(home, FEEDS, by=WHO, clock=at(SECOND.replace(year=2030)))
    assert "Nothing was erased" in str(refused.value)
    assert (home / "landing" / "people").is_dir() and list((home / "landing" / "people").iterdir())


def test_a_run_that_is_killed_is_finished_by_the_next(home: Path) -> None:
    script = (
        "import os, signal, sys, datetime as dt; from pathlib import Path; "
        f"sys.path[:0] = [{str(TESTS_FOLDER)!r}, {str(TESTS_FOLDER / 'integration')!r}]; "
        "from concord.evidence.extracts import retention; from test_load_retention import FEEDS, WHO; "
        "once = Path.unlink; seen = []; "
        "Path.unlink = lambda self, **k: (seen.append(self), once(self, **k), "
        "os.kill(os.getpid(), signal.SIGKILL) if self.suffix == '.sealed' else None); "
        "retention.erase(Path(sys.argv[1]), FEEDS, by=WHO, clock=lambda: dt.datetime(2026, 2, 1, tzinfo=dt.UTC))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    assert [entry.kind for entry in retention.record(home)] == [PLANNED]
    planned: Entry = retention.record(home)[0]
    assert 0 < sum((home / file).exists() for file in planned.files) < len(planned.files)
    (finished,) = retention.erase(home, FEEDS, by=WHO, clock=at(dt.datetime(2026, 2, 2, tzinfo=dt.UTC)))
    assert finished.files == planned.files and not any((home / file).exists() for file in planned.files)
    assert retention.erase(home, FEEDS, by=WHO, clock=at(dt.datetime(2026, 2, 2, tzinfo=dt.UTC))) == []


def test_the_same_file_sent_again_after_its_time_is_not_kept_again(home: Path, tmp_path: Path) -> None:
    clock = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    retention.erase(home, FEEDS, by=WHO, clock=at(clock))
    (again,) = receive(home, FEEDS["people"], tmp_path / "people_2023-12.csv", agreements=AGREEMENTS, now=clock)
    assert again.status == "already received"
    assert retention.expired(home, FEEDS, clock.date()) == []


def test_the_command_lists_then_erases_and_certifies(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "concord.cli", "retention", "--home", str(home)]
    environment = {**os.environ, "CONCORD_PARTNERSHIP": "harbourside"}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *more], capture_output=True, text=True, check=False, env=environment)

    assert run().stdout == "No raw file is past its time.\n"
    assert run("--erase").returncode == 2 and "Say who decides this" in run("--erase").stderr
    assert "Did you mean" in run("--hold", "crime_person", "--by", "A SYN", "--why", "x").stderr
    entered = run("--hold", "crime_persons", "--by", "A SYN", "--why", "claim SYN", "--json")
    assert json.loads(entered.stdout)["kind"] == "held"
    assert run("--erase", "--lift", "crime_persons").returncode == 2
