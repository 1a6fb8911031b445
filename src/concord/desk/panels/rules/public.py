"""What may stand where anybody reads it: nothing by which a person is recognised or reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from concord.desk.panels.rules.lifecycles import NotNow

MOST, ANSWER = 500, 2000
"""Letters of a question, and of an answer."""

DECLINED = {
    "personal": "It is about a person who could be recognised",
    "urgent": "It needs help now, not an answer at a meeting: call 999 or 101",
    "not_ours": "Another body answers for this",
    "asked_before": "It is answered already",
    "abusive": "It insults or threatens somebody",
}
"""Why a question is not published. Nothing else of it is kept."""

_FOUND = (
    ("an e-mail address", r"[\w.+-]+@[\w-]+\.\w+"),
    ("a telephone number", r"(?<!\w)(?:\+?\d[\s()-]?){9,}\d"),
    ("a full postcode", r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b"),
    ("a number plate", r"\b[A-Z]{2}\d{2}\s?[A-Z]{3}\b"),
    ("a date of birth", r"\bborn\b.{0,12}\d{1,2}[./ -]\d{1,2}[./ -]\d{2,4}"),
    ("somebody called by name", r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z]\w+"),
    ("the door of a home", r"\b(?:flat|house|number|no\.?)\s+\d+\w?\b"),
)


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question as it may be read by whoever asked for it: the public, or the board's coordinator."""

    question_id: UUID
    reference: str
    text: str
    asked_on: date
    state: str
    state_name: str
    answer: str
    answered_on: date | None
    why: str
    version: int
    listed: bool
    item_id: UUID | None
    drafted: str
    """What the board decided about it, as the beginning of an answer; empty for the public."""


@dataclass(frozen=True, slots=True)
class PublicItem:
    about: str
    kind_name: str
    subject: str
    address: str
    outcome: str


@dataclass(frozen=True, slots=True)
class PublicMeeting:
    starts_at: datetime
    place: str
    over: bool
    items: tuple[PublicItem, ...]


def personal_in(text: str) -> tuple[str, ...]:
    """What in a text looks as if it told who or where somebody is, in words. A person still reads it."""
    return tuple(
        words for words, pattern in _FOUND if re.search(pattern, text, 0 if "name" in words else re.IGNORECASE)
    )


def require_public(text: str, *, empty: str, most: int = MOST) -> str:
    """The text with its spaces mended. Raises NotNow where it is empty, too long, or tells who somebody is."""
    said = " ".join(text.split())
    if not said:
        raise NotNow(empty, next_step="Write it and send it again.")
    if len(said) > most:
        raise NotNow(f"That is longer than {most} letters.", next_step="Make it shorter and send it again.")
    found = personal_in(said)
    if found:
        raise NotNow(
            f"It holds {' and '.join(found)}.",
            why="What is asked here is read and answered in public.",
            next_step="Take it out and send it again.",
        )
    return said
