"""The trail in words that its readers use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from concord.desk.audit.rules import Event, Odd
from concord.desk.records.rules import CORRECTED, OF_ENTRY
from concord.web.shared import partnership, words

OPERATIONS = {
    "collection": "Collected",
    "alteration": "Changed",
    "consultation": "Looked at",
    "disclosure": "Shared",
    "combination": "Linked",
    "erasure": "Erased",
    "access": "Signed in or out",
    "refusal": "Was refused",
}

SAID_HERE = ("consultation", "access", "refusal")
"""Why somebody looked is for the reader of the trail. Why something was decided is the case’s own: it stays there."""

DUTIES = {"uk_gdpr_19": "UK GDPR Article 19"}
"""Duties to tell somebody that are no gateway."""
HELD = {
    "people": "their entry in the register of people",
    "referrals": "contacts",
    "panels": "panel cases",
    "instruments": "assessments",
    "registers": "entries of registers",
    "sharing": "who received what",
}
"""What the tables of a pack hold, by the room that keeps them."""
FIELDS = {"restricted": "that its use is restricted", "lifted": "that its use is restricted no longer"}

KEPT_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    who: str
    agency: str
    did: str
    operation: str
    what: str
    reference: str
    object_type: str
    reason: str
    kept: bool
    purpose: str
    gateway: str
    refused: bool
    to: str
    """To whom it was disclosed; empty for anything else."""
    event_id: UUID
    searched: bool
    agreement: str = ""
    known: str = ""
    """What the reference names, where it is a thing of the folder: a feed, a register, an agreement."""
    fields: str = ""
    """What of it went, where the line says so: classes of information, tables of a pack, a field put right."""


def line(event: Event) -> Line:
    return Line(
        at=event.at,
        who=_who(event),
        agency=partnership.agency(event.actor_agency),
        did=OPERATIONS.get(event.operation, event.operation),
        operation=event.operation,
        what=event.action.replace(".", ": ").replace("_", " "),
        reference=event.object_id,
        known=known(event.object_type, event.object_id),
        object_type=event.object_type,
        reason=event.reason if event.operation in SAID_HERE else "",
        kept=bool(event.reason) and event.operation not in SAID_HERE,
        purpose=_purposes(event.purpose),
        gateway=_gateway(event.gateway),
        refused=event.outcome != "done",
        to=words.listed([holder(each) for each in event.recipients]) if event.operation == "disclosure" else "",
        event_id=event.id,
        searched=event.searched,
        agreement=_agreement(event.agreement),
        fields=_fields(event),
    )


def known(object_type: str, key: str) -> str:
    """The name of a thing of the partnership's folder; empty for a record, which has none but its reference."""
    home = partnership.current()
    if object_type == "feed" and key in home.feeds:
        return home.feeds[key].title
    if object_type == "register" and key in home.kept_registers:
        return home.kept_registers[key].name
    if object_type == "agreement" and key in home.agreements:
        return home.agreements[key].name
    return ""


def _who(event: Event) -> str:
    """An account by its name, and a service by what it is."""
    return partnership.role(event.username) if event.actor_agency == "concord" else event.username


def told(field: str) -> str:
    """What of a record went, in words that stand inside a sentence: a field, a table of a pack, an entry of a register,
    or that the use of a record is restricted."""
    if field.startswith(OF_ENTRY):
        return f"entry in “{partnership.register(field.removeprefix(OF_ENTRY))}”"
    room, _, rest = field.partition("_")
    if room in HELD and rest:
        return HELD[room]
    return FIELDS.get(field) or CORRECTED.get(field, field.replace("_", " ")).lower()


def _gateway(key: str) -> str:
    """The section of law, as its list names it."""
    return next(
        (row["section"] for row in partnership.current().codelists["legal_gateways"] if row["key"] == key), ""
    ) or (DUTIES.get(key, key.replace("_", " ")))


def _agreement(key: str) -> str:
    found = partnership.current().agreements.get(key)
    return found.name if found else key.replace("_", " ")


def _fields(event: Event) -> str:
    """The fields an agreement names, else its classes of information; what a pack or a correction held."""
    said = event.detail.get("fields")
    if isinstance(said, list) and said:
        return words.listed(list(dict.fromkeys(told(str(each)) for each in said)))
    found = partnership.current().agreements.get(event.agreement)
    if found is None or event.detail.get("level") == "pointer":
        return "That a forum hears them, and whom to ring" if found else ""
    return words.listed([each.replace("_", " ") for each in (found.fields or found.information)])


def holder(holder: str) -> str:
    """A holder in words: a team, a forum or a part in it, an agency. People are named in the trail by their account."""
    kind, _, rest = holder.partition(":")
    if kind == "agency":
        return partnership.agency(rest)
    if kind == "forum":
        forum, _, part = rest.partition(":")
        found = partnership.current().forums.get(forum)
        name = found.abbreviation if found else forum
        return f"the {name} {part}" if part else f"members of {name}"
    if kind == "team":
        name = rest.upper() if len(rest) < 5 else rest.replace("_", " ")
        return f"the {name} team"
    return "one person"


@dataclass(frozen=True, slots=True)
class OddLine:
    name: str
    why: str
    who: str
    said: str
    last: datetime
    object_type: str
    object_id: str


def odd(found: Odd) -> OddLine:
    said = words.counted(found.count, "time")
    if found.first.date() != found.last.date():
        said += f" between {found.first:%d %B} and {found.last:%d %B}"
    return OddLine(
        name=found.name,
        why=found.why,
        who=found.username,
        said=said,
        last=found.last,
        object_type=found.object_type,
        object_id=found.object_id,
    )


def _purposes(kept: str) -> str:
    """The purposes somebody acted for. The trail keeps 60 letters: a name that did not fit is left out."""
    named = kept.split(",")
    whole = named[:-1] if len(kept) == KEPT_LETTERS and len(named) > 1 else named
    said = ", ".join(each.replace("_", " ") for each in whole)
    return f"{said} and others" if len(whole) < len(named) else said
