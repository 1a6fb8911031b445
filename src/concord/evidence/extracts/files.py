"""Writing so that a crash leaves either the old or the new, and waiting in turn.

Every write goes to a temporary file in the same folder, is flushed to the disk, and is renamed into place. A full
disk, a missing permission or a broken mount becomes an `Environment` error that says what to do.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.kernel.errors import Environment, Where

Clock = Callable[[], datetime]
"""Tells the time, with its zone. Passed in, so that a run can be repeated as of the same moment."""

TEMPORARY = ".tmp-"
"""How unfinished files are named: never read by anyone, removed by the next run."""

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def moment(clock: Clock | datetime) -> datetime:
    """The time now by `clock`, or `clock` itself where a moment was given."""
    return clock() if callable(clock) else clock


def disk_trouble(error: BaseException, path: Path) -> Environment | None:
    """`Environment` where an error, of Python or of DuckDB, means the disk or its permissions; else None."""
    code = getattr(error, "errno", None)
    text = str(error).lower()
    if code in _DISK_FULL or "no space left" in text or "file too large" in text or "disk quota" in text:
        return Environment(
            "The disk is full: nothing new was made visible and everything loaded before is as it was.",
            where=Where(file=path),
            why=str(error).splitlines()[0],
            next_step="Free some space, or use --home on a larger disk, and run the same command again.",
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) or "permission denied" in text or "read-only file" in text:
        return Environment(
            f"Concord may not write in {path}.",
            where=Where(file=path),
            why=str(error).splitlines()[0],
            next_step="Give this user write permission there, or choose another folder with --home.",
        )
    return None


@contextmanager
def explaining_disk(path: Path) -> Iterator[None]:
    """Turns trouble with the disk under `path` into `Environment`; anything else passes unchanged."""
    try:
        yield
    except Exception as error:
        trouble = disk_trouble(error, path)
        if trouble is None:
            raise
        raise trouble from error


def make_folder(folder: Path, *, private: bool = False) -> Path:
    """The folder, made with its parents where missing. `private` folders are open to their owner alone."""
    with explaining_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if private:
            folder.chmod(0o700)
    return folder


def temporary(folder: Path, suffix: str = "") -> Path:
    """A fresh name for an unfinished file in `folder`."""
    return folder / f"{TEMPORARY}{secrets.token_hex(8)}{suffix}"


def sweep(folder: Path, *, keep: Collection[Path] = ()) -> None:
    """Removes what a killed run left unfinished in `folder`. Call it only while holding the lock."""
    if folder.is_dir():
        for left in folder.glob(f"{TEMPORARY}*"):
            if left not in keep:
                left.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Returns when the content of a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(unfinished: Path, final: Path, *, only_new: bool = False, settle: bool = True) -> None:
    """Puts a finished temporary file in its place. `only_new` raises FileExistsError instead of replacing.

    Without `settle` the content is on the disk but the name may not be: the caller flushes the folder, once for many.
    """
    with explaining_disk(final):
        flush(unfinished)
        if only_new:
            os.link(unfinished, final)
            unfinished.unlink()
        else:
            unfinished.replace(final)
        if settle:
            flush(final.parent)


def write_bytes(
    final: Path, content: bytes, *, only_new: bool = False, private: bool = False, settle: bool = True
) -> None:
    """Writes a whole small file at once or not at all. `private` files are readable by their owner alone.

    `settle` as for `publish`.
    """
    unfinished = temporary(final.parent, final.suffix)
    with explaining_disk(final):
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            publish(unfinished, final, only_new=only_new, settle=settle)
        finally:
            unfinished.unlink(missing_ok=True)


def to_json(value: Any) -> bytes:
    """JSON in one settled form: the same value always gives the same bytes."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def scanned(path: Path) -> str:
    """A path as an SQL literal for DuckDB to read: the signs of a pattern in a folder's name mean themselves."""
    plain = "".join(f"[{letter}]" if letter in "[*?" else letter for letter in str(path))
    return "'" + plain.replace("'", "''") + "'"


@contextmanager
def one_at_a_time(lock: Path, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Holds an exclusive lock that the system drops when the process dies. `on_wait` is called if it must wait."""
    make_folder(lock.parent)
    with explaining_disk(lock):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as busy:
            if busy.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            if on_wait is not None:
                on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
