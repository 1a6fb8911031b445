"""The home folder: marked as ours, used by one demo at a time, with a note of how far the last one came."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from concord.kernel.errors import Environment, Usage, Where

MARK = "CONCORD-HOME.txt"
MARK_TEXT = "Concord keeps its database, datasets and publications in this folder. `concord demo --fresh` empties it.\n"


def claim(home: Path) -> None:
    """Make the folder, or accept one that we made. Raises Usage for a folder that holds something else."""
    if home.exists() and not (home / MARK).exists() and any(home.iterdir()):
        raise Usage(
            f"{home} is not empty and was not made by Concord.",
            why="The demo writes, and --fresh deletes; neither should touch somebody else's files.",
            next_step="Name a new or empty folder with --home.",
        )
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text(MARK_TEXT)


def mark(home: Path) -> None:
    """Make the folder and mark it as ours, unless it already holds something."""
    home.mkdir(parents=True, exist_ok=True)
    if not any(home.iterdir()):
        (home / MARK).write_text(MARK_TEXT)


def empty(home: Path) -> None:
    """Remove everything a demo made, and only from a folder that carries our mark."""
    if not home.exists():
        return
    claim(home)
    if (home / "pg" / "PG_VERSION").exists():
        from concord.config import postgres

        postgres.stop(home)
    for path in home.iterdir():
        if path.name != MARK and path.name != "demo.lock":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the folder for one demo. The lock goes with the process, so a killed one leaves none behind."""
    with (home / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            lock.seek(0)
            raise Environment(
                f"Another demo is using {home}.",
                where=Where(file=home / "demo.lock"),
                why=lock.read().strip() or None,
                next_step="Use that one, stop it with Ctrl-C, or name another folder with --home.",
            ) from problem
        write_lock(lock, f"It is process {os.getpid()}.")
        yield


def write_lock(lock: object, text: str) -> None:
    lock.truncate(0)  # type: ignore[attr-defined]
    lock.write(text)  # type: ignore[attr-defined]
    lock.flush()  # type: ignore[attr-defined]


class Journal:
    """Which steps are done, so that a demo that was killed goes on and one that was finished starts at once."""

    def __init__(self, home: Path, key: str) -> None:
        self.path = home / "demo.json"
        self.key = key
        try:
            noted = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            noted = {}
        self.done: list[str] = noted.get("done", []) if noted.get("key") == key else []

    def has(self, name: str) -> bool:
        return name in self.done

    def note(self, name: str) -> None:
        self.done.append(name)
        half_written = self.path.with_suffix(".new")
        with half_written.open("w") as file:
            json.dump({"key": self.key, "done": self.done}, file)
            file.flush()
            os.fsync(file.fileno())
        half_written.replace(self.path)
