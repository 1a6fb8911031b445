"""The command when the machine is in the way: each says what, why and what next, and leaves with its code."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]


def concord(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CONCORD", "DATABASE", "DJANGO"))}
    return subprocess.run(
        [sys.executable, "-m", "concord.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean | environment,
        cwd=ROOT,
    )


def test_an_unknown_command_is_met_with_the_nearest() -> None:
    done = concord("chekc")
    assert done.returncode == 2
    assert "There is no command “chekc”. Did you mean “check”?" in done.stderr


def test_an_unknown_partnership_is_met_with_the_nearest(tmp_path: Path) -> None:
    done = concord("load", "police_uk", "x.zip", "--partnership", "harborside", "--home", str(tmp_path / "home"))
    assert done.returncode == 2
    assert "There is no partnership folder “harborside”." in done.stderr
    assert "Did you mean “harbourside”?" in done.stderr


def test_a_port_in_use_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = concord("demo", "--home", str(tmp_path / "home"), "--port", str(port))
    assert done.returncode == 5
    assert f"Port {port} is already in use." in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert not (tmp_path / "home" / "pg").exists()


@pytest.mark.parametrize("arguments", [[], ["--fresh"]])
def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path, arguments: list[str]) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all")
    done = concord("demo", "--no-serve", "--home", str(tmp_path), *arguments)
    assert done.returncode == 2
    assert "is not empty and was not made by Concord" in done.stderr
    assert letter.read_text() == "Dear all"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_database_that_does_not_start_says_so_in_its_own_words(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert concord("migrate", "--home", str(home)).returncode == 0
    shutil.rmtree(home / "pg" / "global")
    done = concord("migrate", "--home", str(home))
    assert done.returncode == 5
    assert "The embedded PostgreSQL did not start." in done.stderr
    assert "pg_control" in done.stderr, "the server's own words are the reason"
    assert "concord demo --fresh" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_database_address_alone_is_refused(tmp_path: Path) -> None:
    done = concord("migrate", "--home", str(tmp_path), DATABASE_URL="postgresql://somewhere/concord")
    assert done.returncode == 2
    assert "Only DATABASE_URL is set." in done.stderr


def test_a_database_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    address = f"postgresql://concord@/concord?host={tmp_path}"
    done = concord("migrate", "--home", str(tmp_path / "home"), DATABASE_URL=address, DATABASE_OWNER_URL=address)
    assert done.returncode == 5
    assert "The database's tables could not be brought up to date." in done.stderr
    assert "DATABASE_OWNER_URL" in done.stderr


def test_a_server_left_by_a_killed_command_is_joined_and_stopped(tmp_path: Path) -> None:
    from concord.config import postgres

    server = postgres.start(tmp_path / "home")
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    again = postgres.start(tmp_path / "home")
    assert again.started_here
    again.stop()
    assert not (server.data / "postmaster.pid").exists()
