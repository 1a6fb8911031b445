"""Reading a release again: only as it was approved, or not at all."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from concord.evidence.disclosure import files
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Release
from concord.kernel.errors import Refused


@lru_cache(maxsize=1_024)
def _read(path: Path, _digest: str) -> Release:
    """A release is read once for as long as its file stays as it is."""
    return files.read_release(path)


def load_release(home: Path, identifier: str) -> Release:
    """A release as it was approved. Raises BadInput where there is none, Refused where its file was changed."""
    path = home / "releases" / f"{identifier}.json"
    if not path.is_file():
        return files.read_release(path)  # says that there is none
    digest = files.sha256(path.read_bytes())
    found = _read(path, digest)
    entry = Ledger(home).released(identifier)
    if entry is None or entry.digest != digest:
        raise Refused(
            f"Release “{identifier}” is not as it was approved",
            why="its file does not match the ledger",
            next_step="restore releases/ from a backup, or release it again",
        )
    return found
