"""Starts the demonstration as a user would, and stops it the same way."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

READY = re.compile(r"Concord is ready: (http://127\.0\.0\.1:\d+)/")
PATIENCE = 240
"""Seconds: a busy machine sets everything up in about a quarter of it."""


@dataclass(frozen=True)
class Demo:
    """A demonstration that answers at `address` and keeps everything in `home`."""

    address: str
    home: Path


@contextmanager
def running_demo(home: Path) -> Iterator[Demo]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CONCORD_", "DJANGO_"))}
    concord = Path(sys.executable).with_name("concord")
    command = [str(concord), "demo", "--home", str(home), "--port", "0", "--size", "0.3"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment | {"COLUMNS": "200"}
    )
    said: list[str] = []
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    try:
        yield Demo(_address(process, lines, said), home)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def served_again(demo: Demo, folder: Path) -> Iterator[str]:
    """The same demonstration, its people and its records, served beside it from another partnership folder: as after an
    operator changed a file and started the site again. Yields its address."""
    from concord.config import postgres, server

    with postgres.running(demo.home) as database:
        environment = server.django_environment(demo.home, folder, database.environment(), demo=True)
        with server.serving(environment, server.choose_port(0), workers=1) as address:
            yield address.rstrip("/")


def folder_with(place: Path, ends: Mapping[str, date]) -> Path:
    """Harbourside's folder once more in `place`, with other last days of agreements."""
    shipped = Path(__file__).resolve().parents[2] / "partnerships"
    for name in ("national", "harbourside"):
        shutil.copytree(shipped / name, place / name)
    for agreement, day in ends.items():
        file = place / "harbourside" / "sharing" / f"{agreement}.toml"
        changed = re.sub(r"(?m)^expires_on = .*$", f"expires_on = {day}", file.read_text(encoding="utf-8"))
        file.write_text(re.sub(r"(?m)^review_on = .*\n", "", changed), encoding="utf-8")
    return place / "harbourside"


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _address(process: subprocess.Popen[str], lines: queue.Queue[str | None], said: list[str]) -> str:
    while True:
        try:
            line = lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"`concord demo` said nothing for {PATIENCE} s:\n{''.join(said)}") from None
        if line is None:
            raise AssertionError(f"`concord demo` ended with {process.wait()}:\n{''.join(said)}")
        said.append(line)
        found = READY.search(line)
        if found:
            return found[1]
