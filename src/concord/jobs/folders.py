"""A published folder takes the place of the one before in one step: a reader sees one or the other, whole."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from concord.kernel.errors import BadInput, Environment, Where

MARK = "site.json"
"""The file that says what stands in the folder, and so that the folder is ours to replace."""


@contextmanager
def new_folder(target: Path, *, keep: bool) -> Iterator[Path]:
    """A folder to fill, that takes the place of `target` when the block ends well and vanishes when it does not.

    Raises BadInput for a folder that somebody else filled (unless `keep`), Environment where it cannot be written.
    """
    target = target.absolute()
    if target.is_dir() and not keep and any(target.iterdir()) and not (target / MARK).exists():
        raise BadInput(
            "That folder holds something else",
            where=Where(target),
            why="Publishing replaces the whole folder.",
            next_step="Name an empty or a new folder with --to.",
        )
    mark = secrets.token_hex(4)
    fresh = target.with_name(f".{target.name}.new-{mark}")
    old = target.with_name(f".{target.name}.old-{mark}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _tidy(target)
        fresh.mkdir()
        yield fresh
        _flush(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as error:
        raise Environment(
            "The publication could not be written; what was there before is still there",
            where=Where(error.filename or target),
            why=error.strerror or str(error),
            next_step="Free some space or choose another folder with --to, then run it again.",
        ) from error
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def carry(target: Path, fresh: Path, *, but: str) -> None:
    """What stands in `target` and not yet in `fresh`, except the publication `but`, as links to the same bytes.

    Other publications stay, and so do the pages of figures that a paper printed last year leads to.
    """
    if not target.is_dir():
        return
    for path in sorted(target.rglob("*")):
        relative = path.relative_to(target)
        new = fresh / relative
        if path.is_dir() or relative.parts[0] == but or new.exists():
            continue
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, new)
        except OSError:  # another disk, or a file system without links
            shutil.copyfile(path, new)


def contents(target: Path) -> dict[str, Any]:
    """What `site.json` of a published folder says; nothing where there is none."""
    try:
        found: dict[str, Any] = json.loads((target / MARK).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _tidy(target: Path) -> None:
    """What a killed run left: unfinished folders go, and a site moved aside with none in its place comes back."""
    for left in sorted(target.parent.glob(f".{target.name}.old-*")):
        if not target.exists():
            left.rename(target)
    for left in (*target.parent.glob(f".{target.name}.old-*"), *target.parent.glob(f".{target.name}.new-*")):
        shutil.rmtree(left, ignore_errors=True)


def _flush(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
