"""The trail in words that its readers use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from concord.desk.audit.rules import Event
from concord.web.shared import partnership

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


def line(event: Event) -> Line:
    return Line(
        at=event.at,
        who=event.username,
        agency=partnership.agency(event.actor_agency),
        did=OPERATIONS.get(event.operation, event.operation),
        operation=event.operation,
        what=event.action.replace(".", ": ").replace("_", " "),
        reference=event.object_id,
        object_type=event.object_type,
        reason=event.reason if event.operation in SAID_HERE else "",
        kept=bool(event.reason) and event.operation not in SAID_HERE,
        purpose=event.purpose.replace("_", " ").replace(",", ", "),
        gateway=event.gateway.replace("_", " "),
        refused=event.outcome != "done",
    )
