"""A watched folder: taken when it has stopped growing, moved beside its report, and never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from load_support import (
    AGREEMENTS,
    FEEDS,
    NOW,
    REPOSITORY,
    SHARED,
    Paper,
    a_file,
    every_file,
    incidents,
    people,
    rows_of,
)
from workbook_support import HEADINGS, ROW, xlsx

from concord.evidence.datasets.store import Store
from concord.evidence.extracts.contracts import read_feed
from concord.evidence.extracts.watching import Handled, Watch
from concord.kernel.errors import Environment

GOOD = "A1,2026-10-05,SYN01,Y,2,x"


def a_watch(tmp_path: Path) -> Watch:
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    feeds = {"incidents": incidents(), "people": people()}
    return Watch(folder, tmp_path / "home", feeds, AGREEMENTS, lambda: NOW)


def settled(watch: Watch) -> list[Handled]:
    """What two looks in a row find: a file is taken when nothing has changed between them."""
    return [*watch.look(), *watch.look()]


def test_a_file_is_taken_when_it_has_stopped_growing_and_moved_beside_its_report(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    file = a_file(watch.folder, "october.csv", GOOD)
    assert watch.look() == []
    with file.open("a") as stream:
        stream.write("A2,never,SYN01,Y,2,x\n")
    assert watch.look() == [], "it grew since the last look"
    content = file.read_bytes()
    (handled,) = watch.look()
    assert handled.accepted and handled.file == "october.csv"
    assert handled.moved_to == watch.folder / "received" / "2026-11-22" / "october.csv"
    assert handled.moved_to.read_bytes() == content
    assert not file.exists()
    report = handled.report.read_text()
    assert "october.csv: received" in report
    assert "2 rows, 1 accepted, 1 set aside" in report
    assert "“happened_on” is not a date." in report
    assert rows_of(watch.home, "incidents", "ref") == [("A1",)]
    assert settled(watch) == [], "what was moved is not looked at again"


def test_what_is_refused_lies_apart_with_the_reason(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    a_file(watch.folder, "animals.csv", "cat,1", header="Animal,How many")
    (handled,) = settled(watch)
    assert not handled.accepted
    assert handled.moved_to.parent == watch.folder / "refused" / "2026-11-22"
    assert "is no file of any feed of this partnership" in handled.report.read_text()
    assert "Next:" in handled.report.read_text()


def test_a_sub_folder_named_after_a_feed_decides(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    (watch.folder / "people").mkdir()
    (watch.folder / "whatever").mkdir()
    a_file(watch.folder / "people", "wrong.csv", GOOD)
    a_file(watch.folder / "whatever", "right.csv", GOOD)
    wrong, right = settled(watch)
    assert "is no file of the feed “people”" in wrong.report.read_text()
    assert right.accepted and right.results[0].feed == "incidents"


def test_the_same_name_twice_keeps_both(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    for ward in ("SYN01", "SYN02"):
        a_file(watch.folder, "october.csv", GOOD.replace("SYN01", ward))
        settled(watch)
    found = sorted(f.name for f in (watch.folder / "received" / "2026-11-22").iterdir())
    assert found == ["october (2).csv", "october (2).csv.report.txt", "october.csv", "october.csv.report.txt"]
    assert rows_of(watch.home, "incidents", "ward") == [("SYN02",)]


def test_unfinished_copies_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    for name in ("october.csv.part", ".october.csv", "~$october.xlsx", "october.crdownload"):
        a_file(watch.folder, name, GOOD)
    assert settled(watch) == []
    assert len(list(watch.folder.iterdir())) == 4


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared open data are not on this machine")
def test_the_parts_of_a_shapefile_go_together(tmp_path: Path) -> None:
    import shutil

    watch = a_watch(tmp_path)
    for part in (SHARED / "boundaries").glob("london-2021-lad22-gen20.*"):
        shutil.copy(part, watch.folder)
    (handled,) = settled(watch)
    assert not handled.accepted, "no feed of this partnership takes it"
    moved = sorted(f.suffix for f in handled.moved_to.parent.iterdir())
    assert moved == [".cpg", ".dbf", ".prj", ".shp", ".shx", ".txt"]
    assert [f for f in watch.folder.iterdir() if f.is_file()] == []


def test_a_full_disk_leaves_the_file_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from concord.evidence.extracts import watching

    watch = a_watch(tmp_path)
    file = a_file(watch.folder, "october.csv", GOOD)

    def full(*_args: object, **_named: object) -> None:
        raise Environment("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(watching, "load_any", full)
        watch.look()
        with pytest.raises(Environment):
            watch.look()
    assert file.exists()
    (handled,) = settled(watch)
    assert handled.accepted


def test_a_watch_killed_before_the_move_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = a_watch(tmp_path)
    file = a_file(watch.folder, "october.csv", GOOD)

    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dies)
        watch.look()
        with pytest.raises(KeyboardInterrupt):
            watch.look()
    assert file.exists() and Store(watch.home).latest("incidents").rows == 1
    (handled,) = settled(a_watch(tmp_path))
    assert handled.results[0].status == "already received"
    assert "october.csv: received" in handled.report.read_text()
    assert len(list(handled.moved_to.parent.iterdir())) == 2, "one file, one report"


def test_one_watch_at_a_time(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    with watch.alone(), pytest.raises(Environment, match="Another watch looks after"), watch.alone():  # type: ignore[attr-defined]
        pass


def test_a_health_file_with_a_name_leaves_nothing_in_the_home(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    feed = read_feed(FEEDS / "harbourside" / "feeds" / "ed_assaults.toml")
    agreements = {**AGREEMENTS, "emergency_department_assaults": Paper(feeds=("ed_assaults",))}
    watch.feeds, watch.agreements = {**watch.feeds, "ed_assaults": feed}, agreements
    head = [
        "site_code",
        "arrived_at",
        "assault_at",
        "method",
        "location_type",
        "ward_code",
        "age_band",
        "sex",
        "Surname",
    ]
    xlsx(watch.folder / "ed.xlsx", {"S": [head, ["S", None, None, None, None, None, None, None, "Zaphod"]]})
    (handled,) = settled(watch)
    assert not handled.accepted
    assert "Zaphod" not in handled.report.read_text()
    assert "delete your copy" in handled.report.read_text()
    assert handled.moved_to.parent.stat().st_mode & 0o077 == 0
    assert not [f for f in every_file(watch.home) if f.suffix not in (".json", ".key", ".lock") and f.name != ".lock"]


def command(folder: Path, home: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "concord.cli", "watch", str(folder), "--home", str(home), "--every", "0.3", *options]


HEADER = "ward_code,ward_name,neighbourhood,age_band,sex,persons,vintage"


def test_once_takes_what_is_there_and_ends(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    a_file(folder, "p.csv", "SYN01,Anchor Quay,West,18-24,F,100,2024", header=HEADER)
    done = subprocess.run(
        command(folder, tmp_path / "home", "--once"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    assert "p.csv: 1 rows, 1 accepted [loaded]" in done.stdout
    assert list((folder / "received").rglob("p.csv"))
    inside = subprocess.run(command(tmp_path, tmp_path / "home", "--once"), capture_output=True, text=True, check=False)
    assert inside.returncode == 2 and "lies inside" in inside.stderr


def test_killed_while_it_watches_and_started_again(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    process = subprocess.Popen(command(folder, home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=REPOSITORY)
    assert process.stderr is not None and b"Watching" in process.stderr.readline()
    a_file(folder, "p.csv", "SYN01,Anchor Quay,West,18-24,F,100,2024", header=HEADER)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not list(folder.glob("received/*/p.csv")):
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(folder.glob("received/*/p.csv")), "it was received while the watch ran"
    a_file(folder, "q.csv", "SYN01,Anchor Quay,West,18-24,F,101,2024", header=HEADER)
    subprocess.run(command(folder, home, "--once"), check=True, capture_output=True, timeout=120, cwd=REPOSITORY)
    assert [v.rows for v in Store(home).versions("population")] == [1, 1]
    assert HEADINGS and ROW
