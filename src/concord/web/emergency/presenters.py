"""Emergency openings in the words of their opener and their reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from concord.desk.sharing.rules import EmergencyLine
from concord.web.shared import partnership


@dataclass(frozen=True, slots=True)
class Line:
    entry: UUID
    who: str
    agency: str
    reason: str
    purpose: str
    opened_at: datetime
    outcome: str
    person_id: UUID | None
    due: datetime
    waits: bool
    state: str
    shape: str
    note: str
    reviewed_at: datetime | None


def line(found: EmergencyLine) -> Line:
    waits = found.reviewed_at is None
    state, shape = ("Waits for review", "amber") if waits else ("Justified", "done")
    if waits and found.overdue:
        state, shape = "Review overdue", "red"
    elif not waits and not found.justified:
        state, shape = "Not justified", "red"
    return Line(
        entry=found.entry,
        who=found.by,
        agency=partnership.agency(found.agency),
        reason=found.reason,
        purpose=found.purpose.replace("_", " "),
        opened_at=found.opened_at,
        outcome="A record opened" if found.found else "Nobody opened",
        person_id=found.person_id,
        due=found.review_due,
        waits=waits,
        state=state,
        shape=shape,
        note=found.note,
        reviewed_at=found.reviewed_at,
    )
