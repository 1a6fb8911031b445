"""Releases as files: written whole or not at all, and read back only as they were written."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from concord.evidence.disclosure.model import Release
from concord.kernel.errors import BadInput, Environment, Where


@cache
def _release() -> TypeAdapter[Release]:
    return TypeAdapter(Release)


def canonical(content: object) -> str:
    """JSON of dataclasses and plain values in one form only: sorted keys, no spaces. Equal content, equal text."""
    plain = TypeAdapter(Any).dump_python(content, mode="json")
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def release_bytes(release: Release) -> bytes:
    return _release().dump_json(release, indent=2)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write `path` so that a reader finds the old file or the new one, never half.

    Raises Environment where the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise Environment(
            f"Could not write {path.name}",
            where=Where(file=path),
            why=problem.strerror or str(problem),
            next_step="make room or permission there, and run the same command again; nothing was released",
        ) from problem


def read_release(path: Path) -> Release:
    """The release in `path`; raises BadInput where it is not one."""
    try:
        return _release().validate_json(path.read_bytes())
    except FileNotFoundError as problem:
        raise BadInput(f"There is no release “{path.stem}”", where=Where(file=path.parent)) from problem
    except ValueError as problem:
        raise BadInput(
            f"{path.name} is not a release",
            where=Where(file=path),
            why=str(problem).splitlines()[0],
            next_step="restore the file from a backup; releases are never edited",
        ) from problem
