"""Disclosure control: the only way from a finding to anything that leaves."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from concord.evidence.disclosure.figures import find_figure
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.disclosure.reopening import load_release

if TYPE_CHECKING:
    from concord.evidence.disclosure.releasing import release, release_id

__all__ = [
    "Audit",
    "Ledger",
    "Release",
    "ReleasedCell",
    "ReleasedTable",
    "figure",
    "load_release",
    "release",
    "release_id",
]


def __getattr__(name: str) -> Any:
    # Releasing needs optimisers that take a second to import; a page that only reads a release does not.
    if name in {"release", "release_id"}:
        return getattr(import_module("concord.evidence.disclosure.releasing"), name)
    raise AttributeError(name)


def figure(home: Path, code: str) -> tuple[Release, ReleasedTable]:
    """The release and table behind a figure code, however the code was typed."""
    identifier, name = find_figure(home, code)
    found = load_release(home, identifier)
    return found, next(table for table in found.tables if table.name == name)
