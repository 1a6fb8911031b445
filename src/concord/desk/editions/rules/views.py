"""What readers of this room are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure as a narrative cites it: how it was written, the code it led to, the words it printed."""

    citation: str
    code: str
    words: str


def cited_in(kept: Iterable[Mapping[str, str]]) -> tuple[Cited, ...]:
    """What a block cites, as it is kept beside it."""
    return tuple(Cited(each["citation"], each["code"], each["words"]) for each in kept)


@dataclass(frozen=True, slots=True)
class EditionLine:
    edition_id: UUID
    publication: str
    name: str
    title: str
    audience: str
    state: str
    state_name: str
    started_by: str
    started_at: datetime
    asked_by: str
    asked_at: datetime | None
    asked_reason: str
    approved_by: str
    approved_at: datetime | None
    approved_reason: str
    published_at: datetime | None
    ended_reason: str
    figures: str
    """The digest of the figures that the narrative is written against; blank before they are made."""
    frozen: str
    """The digest of what was settled; blank before it is."""
    version: int
    asked_by_me: bool
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """The narrative of one section as it stands. `number` counts its versions from 1."""

    section: str
    text: str
    number: int
    cited: tuple[Cited, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    comment_id: UUID
    section: str
    text: str
    by: str
    at: datetime
    state: str
    state_name: str
    answer: str
    resolved_by: str
    resolved_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Screened:
    """What somebody decided under section 8(8) about a passage, a figure or a whole section."""

    section: str
    subject: str
    digest: str
    withheld: bool
    ground: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """That somebody looked at a cited figure whose words had changed."""

    section: str
    citation: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of an edition's change log."""

    what: str
    section: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One edition, whole."""

    line: EditionLine
    blocks: Mapping[str, Block]
    comments: tuple[Comment, ...]
    seen: tuple[Seen, ...]
    screened: tuple[Screened, ...]
    """The newest decision about each subject of each section."""
    changes: tuple[ChangeLine, ...]
    """Newest first."""
    may: frozenset[str]
    """What this viewer may do with it now: their verbs, as far as the edition's state allows."""

    def comments_on(self, section: str) -> tuple[Comment, ...]:
        return tuple(each for each in self.comments if each.section == section)

    def withheld(self) -> dict[str, Screened]:
        """Figures kept back from the public edition, by the name they are cited as."""
        return {
            each.subject.removeprefix("figure:"): each
            for each in self.screened
            if each.withheld and each.subject.startswith("figure:")
        }
