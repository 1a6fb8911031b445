"""What happened to somebody, from every room's own records, in one order that can be paged through. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

HistoryKind = Literal["contact", "panel", "action", "research", "assessment", "record"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. `agency` is whose doing it was (empty: no one agency's), `marking` whose record says so."""

    at: datetime
    id: UUID
    kind: HistoryKind
    words: str
    marking: str
    agency: str = ""
    opens: UUID | None = None
    """What it opens for this viewer: a contact, a case or an assessment, as `kind` says."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a history ended. What follows is older, or as old with a smaller identifier."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"


def place(text: str) -> Place | None:
    """A place as it stood in an address; None for anything else."""
    at, _, identity = text.partition("~")
    try:
        found = Place(datetime.fromisoformat(at), UUID(identity))
    except ValueError:
        return None
    return found if found.at.tzinfo is not None else None


def newest(
    sources: Iterable[Iterable[Happened]], most: int, before: Place | None = None
) -> tuple[tuple[Happened, ...], Place | None]:
    """The newest `most` of what several rooms gave, and the place from which to go on (None at the end).

    Each source has to give its newest `most` + 1 before that place.
    """
    every = [each for source in sources for each in source]
    if before is not None:
        every = [each for each in every if (each.at, each.id) < (before.at, before.id)]
    every.sort(key=lambda each: (each.at, each.id), reverse=True)
    shown = tuple(every[:most])
    return shown, Place(shown[-1].at, shown[-1].id) if len(every) > most else None
