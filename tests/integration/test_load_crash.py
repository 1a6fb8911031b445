"""Killed anywhere, or on a full disk: nothing is lost, nothing is half visible, and the next run finishes the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from load_support import a_file, every_file, incidents, people, receive, rows_of
from workbook_support import HEADINGS, parquet, xlsx

from concord.evidence.datasets.store import Store
from concord.kernel.errors import Environment

TESTS = Path(__file__).resolve().parents[1]

# Dies at the n-th time the disk is changed: before the change, or just after it.
DYING = """
    import builtins, os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from concord.evidence.extracts import batch, files, landing, quarantine, receipts, sealing, staging, versions
    from concord.evidence.extracts import tables, workbooks
    from load_support import incidents, people, receive

    fatal, after, count = int(sys.argv[1]), sys.argv[2] == "after", 0

    def deadly(change):
        def changing(*args, **named):
            global count
            count += 1
            mine = count  # another thread may count on while this change is made
            if mine == fatal and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = change(*args, **named)
            if mine == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        return changing

    def deadly_open(opening):
        def changing(file, mode="r", *args, **named):
            return (dying_open if "w" in mode else opening)(file, mode, *args, **named)
        dying_open = deadly(opening)
        return changing

    # Every way the code changes the disk goes through one of these; a file just opened to be written is still empty.
    builtins.open, Path.open = deadly_open(builtins.open), deadly_open(Path.open)
    os.link, os.fsync = deadly(os.link), deadly(os.fsync)
    Path.replace, Path.unlink, Path.mkdir = deadly(Path.replace), deadly(Path.unlink), deadly(Path.mkdir)
    Path.rename = deadly(Path.rename)
    receive(Path(sys.argv[3]), {feed}(), *[Path(p) for p in sys.argv[4:]])
    print(count)
"""

PEOPLE = "ref,person_id,given_name,family_name,born_on,age,sex,postcode"


def run(feed: str, fatal: int, moment: str, home: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    script = textwrap.dedent(DYING.format(tests=str(TESTS), feed=feed))
    command = [sys.executable, "-c", script, str(fatal), moment, str(home), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def sent_as_workbook(folder: Path) -> tuple[Path, ...]:
    """The same two months as two sheets of one workbook: both are visible, or neither."""
    rows = [HEADINGS, ("A1", date(2026, 10, 5), "SYN02", "Y", 2, "new"), ("A2", "never", "SYN01", "Y", 2, "x")]
    other = [HEADINGS, ("B1", date(2026, 11, 5), "SYN01", "Y", 2, "new")]
    return (xlsx(folder / "autumn.xlsx", {"October": rows, "November": other}),)


def sent_as_parquet(folder: Path) -> tuple[Path, ...]:
    new = [("A1", "2026-10-05", "SYN02", "Y", 2, "new"), ("A2", "never", "SYN01", "Y", 2, "x")]
    return (
        parquet(folder / "october.parquet", new),
        parquet(folder / "november.parquet", [("B1", "2026-11-05", "SYN01", "Y", 2, "new")]),
    )


def sent(folder: Path) -> tuple[Path, ...]:
    new = a_file(folder, "incidents_2026-10.csv", "A1,2026-10-05,SYN02,Y,2,new", "A2,never,SYN01,Y,2,x")
    other = a_file(folder, "incidents_2026-11.csv", "B1,2026-11-05,SYN01,Y,2,new")
    return new, other


OLD = [("A1", "SYN01"), ("Z1", "SYN01")]
NEW = [("A1", "SYN02"), ("B1", "SYN01"), ("Z1", "SYN01")]


def start(tmp_path: Path) -> Path:
    """A home with two months in it."""
    home = tmp_path / "home"
    receive(
        home,
        incidents(),
        a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,old"),
        a_file(tmp_path, "incidents_2026-09.csv", "Z1,2026-09-05,SYN01,Y,2,old"),
    )
    return home


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "moment", "trials"),
    [(sent, "before", 7), (sent, "after", 7), (sent_as_workbook, "after", 3), (sent_as_parquet, "before", 3)],
    ids=["csv-before", "csv-after", "workbook", "parquet"],
)
def test_killed_at_every_change_of_the_disk(
    tmp_path: Path, make: Callable[[Path], tuple[Path, ...]], moment: str, trials: int
) -> None:
    import shutil

    home = start(tmp_path)
    files = make(tmp_path)
    shutil.copytree(home, tmp_path / "whole")
    changes = int(run("incidents", 0, moment, tmp_path / "whole", *files).stdout)
    assert changes > 25, "the test would prove nothing"
    assert rows_of(tmp_path / "whole", "incidents", "ref, ward") == NEW
    step = max(1, changes // trials)
    seen = set()
    for fatal in range(1, changes + 1, step):
        trial = tmp_path / f"trial-{fatal}"
        shutil.copytree(home, trial)
        assert run("incidents", fatal, moment, trial, *files).returncode == -signal.SIGKILL
        found = rows_of(trial, "incidents", "ref, ward")
        assert found in (OLD, NEW), f"half visible after a kill at change {fatal}"
        seen.add(found == NEW)
        for version in Store(trial).versions("incidents"):
            version.verify()
        results = receive(trial, incidents(), *files)
        assert [r.status for r in results if r.error] == []
        assert rows_of(trial, "incidents", "ref, ward") == NEW
        assert [f for f in every_file(trial) if ".tmp-" in f.name or ".work-" in str(f)] == []
        shutil.rmtree(trial)
    assert seen == {True, False}, "kills fell only on one side of the moment of visibility"


@pytest.mark.slow
def test_killed_at_any_time_leaves_no_name_readable(tmp_path: Path) -> None:
    """Plain copies live only in the private work folder, which the next run of any feed sweeps away."""
    row = "A{0},NOM{0},Adaline,Zephyrine,1990-04-03,36,F,HB1 1AA"
    file = a_file(tmp_path, "people_2026-10.csv", *[row.format(i) for i in range(50)], header=PEOPLE)
    changes = int(run("people", 0, "after", tmp_path / "whole", file).stdout)
    for fatal in range(1, changes, max(1, changes // 4)):
        home = tmp_path / f"trial-{fatal}"
        run("people", fatal, "after", home, file)
        for left in every_file(home):
            if b"Zephyrine" in left.read_bytes():
                assert ".work-" in str(left), left
                assert (home / "landing").stat().st_mode & 0o077 == 0
        receive(home, incidents(), a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN02,Y,2,new"))
        assert all(b"Zephyrine" not in left.read_bytes() for left in every_file(home))


@pytest.mark.slow
def test_killed_at_random_times_while_many_files_arrive(tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    for month in range(1, 11):
        rows = [f"M{month}-{i},2026-{month:02d}-05,SYN01,Y,2,x" for i in range(2000)]
        a_file(folder, f"incidents_2026-{month:02d}.csv", *rows)
    home = tmp_path / "home"
    script = textwrap.dedent(DYING.format(tests=str(TESTS), feed="incidents"))
    command = [sys.executable, "-c", script, "0", "after", str(home), str(folder)]
    for pause in (0.5, 0.8, 1.1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if Store(home).has("incidents"):
            assert Store(home).latest("incidents").rows == 20_000
    receive(home, incidents(), folder)
    assert Store(home).latest("incidents").rows == 20_000
    assert len(Store(home).versions("incidents")) == 1


# ------------------------------------------------------------------ a full disk

FULL = """
    import resource, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from concord.kernel.errors import ConcordError
    from load_support import incidents, receive

    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
    try:
        receive(Path(sys.argv[2]), incidents(), *[Path(p) for p in sys.argv[3:]])
    except ConcordError as error:
        print(error)
        raise SystemExit(error.exit_code)
"""


@pytest.mark.parametrize("limit", [0, 300, 20_000, 400_000])
def test_no_room_for_a_file_loses_nothing(tmp_path: Path, limit: int) -> None:
    home = start(tmp_path)
    rows = [f"B{i},2026-11-05,SYN01,Y,2,{i * 7919 % 10007}-{i * 104729 % 999983}-{i}" for i in range(40_000)]
    big = a_file(tmp_path, "incidents_2026-11.csv", *rows)
    script = textwrap.dedent(FULL.format(tests=str(TESTS)))
    command = [sys.executable, "-c", script, str(limit), str(home), str(big)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == Environment.exit_code, done.stderr
    assert "The disk is full: nothing new was made visible" in done.stdout
    assert "Free some space" in done.stdout
    assert "Traceback" not in done.stderr
    assert rows_of(home, "incidents", "ref, ward") == OLD
    assert [f for f in every_file(home) if ".tmp-" in f.name or ".work-" in str(f)] == []
    receive(home, incidents(), big)
    assert Store(home).latest("incidents").rows == 40_002


def many(month: int, rows: int) -> list[tuple[object, ...]]:
    noise = [f"{i * 7919 % 10007}-{i * 104729 % 999983}-{i}" for i in range(rows)]
    return [(f"B{i}", date(2026, month, 5), "SYN01", "Y", 2, noise[i]) for i in range(rows)]


@pytest.mark.parametrize(("kind", "limit"), [("workbook", 20_000), ("parquet", 60_000)])
def test_no_room_for_a_workbook_or_a_parquet_file_loses_nothing(tmp_path: Path, kind: str, limit: int) -> None:
    home = start(tmp_path)
    if kind == "workbook":
        big = xlsx(tmp_path / "n.xlsx", {"Data": [HEADINGS, *many(11, 4000)]})
    else:
        big = parquet(tmp_path / "n.parquet", many(11, 4000))
    script = textwrap.dedent(FULL.format(tests=str(TESTS)))
    command = [sys.executable, "-c", script, str(limit), str(home), str(big)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == Environment.exit_code, done.stderr
    assert "The disk is full: nothing new was made visible" in done.stdout
    assert rows_of(home, "incidents", "ref, ward") == OLD
    assert [f for f in every_file(home) if ".tmp-" in f.name or ".work-" in str(f)] == []
    receive(home, incidents(), big)
    assert Store(home).latest("incidents").rows == 4_002


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="a small disk can be mounted by root on Linux only"
)
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a small disk")
    try:
        receive(disk / "home", incidents(), a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,old"))
        rows = [f"B{i},2026-11-05,SYN01,Y,2,{i * 7919 % 10007}-{i * 104729 % 999983}-{i}" for i in range(60_000)]
        big = a_file(tmp_path, "incidents_2026-11.csv", *rows)
        with pytest.raises(Environment, match="The disk is full"):
            receive(disk / "home", incidents(), big)
        assert rows_of(disk / "home", "incidents", "ref, ward") == [("A1", "SYN01")]
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        receive(disk / "home", incidents(), big)
        assert Store(disk / "home").latest("incidents").rows == 60_001
    finally:
        subprocess.run(["umount", str(disk)], check=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    with pytest.raises(Environment, match="may not write"):
        receive(home, incidents(), a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,x"))


# ------------------------------------------------------------------ two at once


def test_a_second_load_waits_and_says_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    holding = """
        import sys, time
        from pathlib import Path
        sys.path.insert(0, {tests!r})
        from concord.evidence.extracts.files import one_at_a_time
        with one_at_a_time(Path(sys.argv[1]) / "receipts" / ".lock"):
            print("held", flush=True)
            sys.stdin.read()
    """
    script = textwrap.dedent(holding.format(tests=str(TESTS)))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "held\n"
    said: list[str] = []

    def listen(message: str) -> None:
        said.append(message)
        if process.stdin is not None and not process.stdin.closed:
            process.stdin.close()

    from load_support import AGREEMENTS, NOW

    from concord.evidence.extracts import load

    file = a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,x")
    load(home, incidents(), [file], agreements=AGREEMENTS, clock=NOW, progress=listen)
    process.wait(timeout=30)
    assert said[0] == "Another load is under way in this home folder; this one starts when it has finished."
    assert rows_of(home, "incidents", "ref") == [("A1",)]


def test_a_dead_loader_holds_no_lock(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,x")
    run("incidents", 8, "after", home, file)
    said: list[str] = []
    receive(home, incidents(), file, said=said)
    assert not any("Another load" in s for s in said)


def test_people_and_incidents_may_be_loaded_by_two_processes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    one = a_file(tmp_path, "incidents_2026-10.csv", "A1,2026-10-05,SYN01,Y,2,x")
    two = a_file(tmp_path, "people_2026-10.csv", "A1,N1,Ada,Z,1990-04-03,36,F,HB1 1AA", header=PEOPLE)
    script = textwrap.dedent(DYING.format(tests=str(TESTS), feed="{feed}"))
    both = [
        subprocess.Popen([sys.executable, "-c", script.replace("{feed}", feed), "0", "after", str(home), str(file)])
        for feed, file in (("incidents", one), ("people", two))
    ]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert Store(home).latest("incidents").rows == 1
    assert Store(home).latest("people").rows == 1
    assert people().key == "people"


def test_stopping_while_a_file_is_at_work_says_only_that_it_was_stopped(tmp_path: Path) -> None:
    """Ctrl-C may fall between the start of a thread and its being known to anybody who would wait for it."""
    from concord.evidence.extracts.engine import connection

    begun = threading.Event()

    def at_work(cursor: duckdb.DuckDBPyConnection) -> None:
        begun.set()
        cursor.execute("SELECT count(*) FROM range(200_000_000) t(i) WHERE hash(i) % 7 = 1").fetchall()

    with pytest.raises(KeyboardInterrupt), connection(tmp_path) as con:
        thread = threading.Thread(target=at_work, args=(con.cursor(),))
        thread.start()
        begun.wait()
        time.sleep(0.05)
        raise KeyboardInterrupt
    thread.join()
