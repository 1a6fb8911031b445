"""What a person may ask about their own record, and what they are given of it. Pure.

UK GDPR Articles 12 to 21; what may be held back is in `codelists/access_exemptions.csv` (Schedules 2 and 3 of the Data
Protection Act 2018, and section 45 where a competent authority holds it for law enforcement).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.lifecycles import Lifecycle, Step

REQUESTS = {
    "access": "Access to their data",
    "rectification": "Putting it right",
    "erasure": "Erasure",
    "restriction": "Restriction of use",
    "objection": "Objection",
}

REQUEST = Lifecycle(
    "Rights request",
    "received",
    {
        "received": "Received",
        "extended": "More time taken",
        "put_right": "Put right",
        "restricted": "Use restricted",
        "answered": "Answered",
        "refused": "Refused",
    },
    (
        Step("extend", ("received",), "extended"),
        Step("correct", ("received", "extended", "put_right"), "put_right"),
        Step("restrict", ("received", "extended", "restricted"), "restricted"),
        Step("answer", ("received", "extended", "put_right", "restricted"), "answered"),
        Step("refuse", ("received", "extended"), "refused"),
    ),
)
"""A request is answered or refused once. `correct` is of rectification alone, `restrict` of restriction."""

LIFECYCLES = (REQUEST,)
CORRECTED = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "sex": "Sex",
    "postcode": "Postcode",
}
"""What the officer puts right of a person's own record through a request, beside entries of registers about them.
Anything else is put right by whoever works with the record."""
OF_ENTRY = "entry:"
"""Begins the field of a notice about an entry; its register follows."""
ENTRY_TABLE = "registers_entry"

GONE = "[another person]"
REACHED = "[contact details]"


class NotReady(Refused):
    """An answer while something the person asked for has not been read, or a choice that is none."""


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A rights request as the data protection officer keeps it."""

    request_id: UUID
    kind: str
    found: bool
    received_on: date
    due_on: date
    overdue: bool
    state: str
    note: str
    extended_why: str = ""
    entered_by: str = ""

    @property
    def waits(self) -> bool:
        return self.state not in ("answered", "refused")


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing somebody wrote about the person. `proposed` is the text with other people and ways to reach anybody
    blacked out; `exemption` and `given` are what the officer decided, both empty while nobody has."""

    source: str
    row: UUID
    field: str
    at: datetime
    said: str
    proposed: str
    given: str = ""
    exemption: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        return f"{self.source}.{self.field}.{self.row}"

    @property
    def decided(self) -> bool:
        return bool(self.given or self.exemption)

    @property
    def redacted(self) -> bool:
        return self.proposed != self.said


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """That something this viewer's team or forum received was put right, or that its use is restricted (`field` is then
    “restricted” or “lifted”)."""

    notice_id: UUID
    holder: str
    person_id: UUID
    field: str
    told_at: datetime
    read_at: datetime | None


_REACHES = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an address of electronic mail
    r"|(?<!\w)(?:\+44\s?|0)(?:\d[\s-]?){8,10}\d(?!\w)"  # a telephone number
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"  # a postcode
)


def redact(text: str, others: Iterable[tuple[str, str]], own: Iterable[tuple[str, str]]) -> str:
    """The text without other people's names and without ways to reach anybody. A proposal: a person reads it after.

    Names of fewer than two letters and those the person bears themselves stay: a family name is often their own too.
    """
    mine = {part.casefold() for pair in own for name in pair for part in _parts(name)}
    theirs = {part for pair in others for name in pair for part in _parts(name) if part.casefold() not in mine}
    text = _REACHES.sub(REACHED, text)
    for name in sorted(theirs, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", GONE, text, flags=re.IGNORECASE)
    return re.sub(rf"{re.escape(GONE)}(?:[ -]{re.escape(GONE)})+", GONE, text)


def _parts(name: str) -> list[str]:
    """A name and its parts. The mark of invented names is nobody's."""
    words = [word for word in name.split() if word != "SYN"]
    every = {" ".join(words), *words, *(part for word in words for part in word.split("-"))}
    return [part for part in every if len(part) > 1 and part != "SYN"]


def passages(rows: Iterable[Mapping[str, Any]], decided: Mapping[str, tuple[str, str, str]]) -> tuple[Passage, ...]:
    """What was written, each with the text proposed for it and, by `Passage.key`, what was decided."""
    made = []
    for row in rows:
        others, own = ([(str(a), str(b)) for a, b in row["names"][key]] for key in ("others", "own"))
        each = Passage(
            source=row["source"],
            row=row["row"],
            field=row["field"],
            at=row["at"],
            said=row["said"],
            proposed=redact(row["said"], others, own),
        )
        given, exemption, why = decided.get(each.key, ("", "", ""))
        made.append(replace(each, given=given, exemption=exemption, why=why))
    return tuple(made)


def pack(
    found: Mapping[str, Any], read: Iterable[Passage] = (), exemptions: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the person is given, from what the database holds of them.

    Only what is about them: records in which they are the one to be helped. Where they are the alleged perpetrator, or
    stand beside somebody else's case, nothing is said, not even that something is left out. What others wrote is given
    in the words the officer decided; what is withheld is counted with its ground; what nobody has read yet is not in
    the pack.
    """
    known, every = exemptions or {}, list(read)
    withheld: dict[str, int] = {}
    for each in every:
        if each.exemption:
            ground = known.get(each.exemption, each.exemption)
            withheld[ground] = withheld.get(ground, 0) + 1
    return {
        "you": {key: found.get(key) or [] for key in _YOU},
        "contacts": {key: found.get(key) or [] for key in _CONTACTS},
        "panels": {key: found.get(key) or [] for key in _PANELS},
        "assessments": {key: found.get(key) or [] for key in _ASSESSMENTS},
        "registers": [{"register": line, "text": text} for line, text in map(_first, every) if text],
        "recipients": found.get("sharing_grant") or [],
        "written_about_you": [
            {"from": each.source, "what": each.field, "at": each.at.isoformat(), "text": each.given}
            for each in every
            if each.given and each.source != ENTRY_TABLE
        ],
        "withheld": [{"ground": ground, "passages": count} for ground, count in sorted(withheld.items())],
        "read_by_hand": {
            "texts": sum(not each.decided for each in every),
            "why": "Written accounts may be about other people. The data protection officer reads and redacts them.",
        },
    }


def _first(read: Passage) -> tuple[str, str]:
    """Of an entry that is given: its register, which stands in the first line, and the rest."""
    if read.source != ENTRY_TABLE:
        return "", ""
    first, _, rest = read.given.partition("\n")
    return (first, rest) if rest else ("", first)


_YOU = (
    "people_person",
    "people_personidentifier",
    "people_alias",
    "people_ethnicity",
    "people_relationship",
    "people_correction",
    "people_merge",
)
_CONTACTS = (
    "referrals_contact",
    "referrals_referral",
    "referrals_party",
    "referrals_identified",
    "referrals_check",
    "referrals_step",
)
_PANELS = (
    "panels_item",
    "panels_involvement",
    "panels_research",
    "panels_intelligence",
    "panels_decision",
    "panels_rating",
    "panels_action",
)
_ASSESSMENTS = ("instruments_assessment", "instruments_judgement")
_WORDS = ("panels_priorcontact", "panels_cohortentry", "instruments_opinion", "instruments_onward", ENTRY_TABLE)
"""Of these the pack gives what was written, once it is read, and nothing else."""
TABLES = (*_YOU, *_CONTACTS, *_PANELS, *_ASSESSMENTS, *_WORDS, "sharing_grant")
"""Every table that the pack gives something of."""
