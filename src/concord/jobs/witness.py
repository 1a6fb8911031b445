"""The audit trail held against a witness: a file elsewhere that keeps the newest hash of each check.

The chain finds a line that was altered, taken out or put in. Lines cut off its end together with their links leave no
gap; the witness saw them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from concord.desk.audit import queries
from concord.kernel.errors import BadInput, Where


@dataclass(frozen=True, slots=True)
class Checked:
    """The trail after a check: how many links it has, its newest hash, and what is broken, in words, or nothing."""

    links: int
    newest: str
    broken: str


def read(witness: Path) -> list[tuple[int, str]]:
    """Positions and hashes that a witness kept; none for a file that is not there yet. Raises BadInput for a file that
    is no witness."""
    if not witness.exists():
        return []
    kept = []
    for number, line in enumerate(witness.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            said = json.loads(line)
            kept.append((int(said["position"]), str(said["hash"])))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                "This file is not a witness of the trail.",
                where=Where(file=witness, line=number),
                why="Each line holds a position and a hash that an earlier check wrote.",
                next_step="Name another file; one that does not exist yet is begun.",
            ) from error
    return kept


def check(kept: list[tuple[int, str]]) -> Checked:
    """Recompute every link, and compare with what a witness kept."""
    broken = queries.verify()
    position, newest = queries.head()
    why = str(broken) if broken else ""
    if not why:
        lost = next((place for place, said in kept if queries.hash_at(place) != said), None)
        if lost is not None:
            why = f"link {lost}: the witness saw it, and it is gone or another one now"
    return Checked(links=position, newest=newest, broken=why)


def add(witness: Path, found: Checked, kept: list[tuple[int, str]], at: datetime) -> None:
    """Give the witness the newest hash of a trail that holds. Nothing for a broken one, nor twice the same."""
    if found.broken or not found.links or (found.links, found.newest) in kept:
        return
    line = {"position": found.links, "hash": found.newest, "at": at.isoformat(timespec="seconds")}
    with witness.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
