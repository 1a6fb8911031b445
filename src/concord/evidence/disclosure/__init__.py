"""Disclosure control: the only way from a finding to anything that leaves."""

from __future__ import annotations

from pathlib import Path

from concord.evidence.disclosure.figures import find_figure
from concord.evidence.disclosure.ledger import Ledger
from concord.evidence.disclosure.model import Audit, Release, ReleasedCell, ReleasedTable
from concord.evidence.disclosure.readings import Reading, questions, readings
from concord.evidence.disclosure.releasing import load_release, release, release_id

__all__ = [
    "Audit", "Ledger", "Reading", "Release", "ReleasedCell", "ReleasedTable", "figure", "load_release", "questions",
    "readings", "release", "release_id",
]


def figure(home: Path, code: str) -> tuple[Release, ReleasedTable]:
    """The release and table behind a figure code, however the code was typed."""
    identifier, name = find_figure(home, code)
    found = load_release(home, identifier)
    return found, next(table for table in found.tables if table.name == name)
