"""Entries of registers about somebody who asks, and what a restricted use means (UK GDPR Articles 18 and 19; Data
Protection Act 2018 section 47). Pure.

Kept and not used, but to protect somebody, for a legal claim, or as the person agrees. Grounds are
`codelists/restriction_grounds.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from concord.kernel.errors import Refused

MEANS = (
    "Keep it. Use it only to protect somebody from harm, for a legal claim, or as the person agrees; "
    "otherwise ask the data protection officer first."
)


class NotRestricted(Refused):
    """A restriction without a ground or a reason, of something that is restricted already, or lifted twice."""


@dataclass(frozen=True, slots=True)
class EntryAbout:
    """One entry of a register about the person of a request. `lines` are what it says, in words; the rest as kept."""

    entry_id: UUID
    person_id: UUID
    register: str
    name: str
    lines: tuple[tuple[str, str], ...]
    title: str
    agency: str
    dated_on: date
    due_on: date | None
    values: Mapping[str, object]
    version: int


@dataclass(frozen=True, slots=True)
class Restriction:
    """That the use of a person's record (kept once or several times), or of one entry about them in a register, is
    restricted. `ground` and `reason` are for the officer; everybody else has them empty."""

    restriction_id: UUID
    person_id: UUID
    entry_id: UUID | None
    ground: str
    reason: str
    since: datetime
    lifted_at: datetime | None = None
    lifted_why: str = ""
