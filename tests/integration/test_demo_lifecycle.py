"""The demo as a stranger meets it: started, killed, started again, stopped. A small borough, everything else real."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--size", "0.15"]
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("CONCORD", "DATABASE", "DJANGO"))}


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "concord.cli", "demo", "--home", str(home), *SMALL, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=CLEAN,
        cwd=ROOT,
    )


def finish(process: subprocess.Popen[str], seconds: float = 180) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def servers(home: Path) -> list[psutil.Process]:
    """PostgreSQL and web processes that still work on this home."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        alive = process.info["status"] != psutil.STATUS_ZOMBIE
        if alive and str(home) in words and process.pid != os.getpid():
            found.append(process)
    return found


def wait_for(home: Path, step: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    note = home / "demo.json"
    while time.monotonic() < deadline:
        if note.exists() and f'"{step}"' in note.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"the demo did not come as far as “{step}”")


@pytest.fixture(scope="module")
def killed_and_finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home whose demo was killed outright in three places before it was let finish."""
    home = tmp_path_factory.mktemp("demo") / "home"
    for step in ("tables", "loaded", "seeded"):
        attempt = start(home, "--no-serve")
        wait_for(home, step)
        time.sleep(0.3)  # into the next step
        attempt.send_signal(signal.SIGKILL)
        attempt.communicate()
    code, _out, err = finish(start(home, "--no-serve"))
    assert code == 0, err
    return home


def test_a_killed_demo_goes_on_where_it_was(killed_and_finished: Path) -> None:
    home = killed_and_finished
    assert (home / "site" / "index.html").is_file()
    assert not servers(home), "the database that outlived the kill is stopped too"


def test_what_it_holds_afterwards_is_whole(killed_and_finished: Path) -> None:
    from concord.evidence.datasets.store import Store
    from concord.evidence.disclosure import Ledger, load_release

    store = Store(killed_and_finished)
    for name in store.datasets():
        store.latest(name).verify()
    released = {entry.release for entry in Ledger(killed_and_finished).entries() if entry.event == "released"}
    assert released
    for identifier in released:
        load_release(killed_and_finished, identifier)
    done = subprocess.run(
        [sys.executable, "-m", "concord.cli", "audit", "verify", "--home", str(killed_and_finished)],
        capture_output=True,
        text=True,
        env=CLEAN,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "links recompute" in done.stdout


def test_it_serves_answers_and_stops_cleanly(killed_and_finished: Path) -> None:
    home = killed_and_finished
    began = time.monotonic()
    running = start(home, "--port", "0")
    assert running.stdout is not None
    said = running.stdout.readline()
    found = re.search(r"Concord is ready: (http://127\.0\.0\.1:\d+/)", said)
    assert found, said
    assert time.monotonic() - began < 30, "a second start reuses what is there"
    with urllib.request.urlopen(found[1]) as answer:  # noqa: S310
        assert b"Concord" in answer.read()

    other = start(home, "--port", "0")
    code, _out, err = finish(other)
    assert code == 5
    assert "Another demo is using" in err
    assert f"It is process {running.pid}." in err

    running.send_signal(signal.SIGINT)
    code, _out, err = finish(running, 30)
    assert code == 130
    assert "Traceback" not in err
    assert not servers(home)
    assert not (home / "pg" / "postmaster.pid").exists()


def test_fresh_starts_over_and_asks_for_no_step_that_was_noted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    left = home / "datasets" / "old"
    left.mkdir(parents=True)
    (home / "CONCORD-HOME.txt").write_text("ours")
    (home / "demo.json").write_text('{"key": "0.1.0/0.15/1", "done": ["tables", "loaded", "linked"]}')
    again = start(home, "--no-serve", "--fresh")
    wait_for(home, "generated")
    again.send_signal(signal.SIGTERM)
    code, _out, err = finish(again)
    assert code == 130, err
    assert not left.exists()
    assert (home / "synthetic" / "manifest.json").is_file()
    assert not servers(home), "asked to stop in the middle, it stops the database too"
