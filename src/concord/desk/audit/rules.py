"""What the trail records: the fields of section 62 of the Data Protection Act 2018, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Operation = Literal[
    "collection", "alteration", "consultation", "disclosure", "combination", "erasure", "access", "refusal"
]
"""The first six are section 62(1)'s. `access` is signing in and out, `refusal` something the system did not allow."""

OPERATIONS: tuple[str, ...] = (
    "collection",
    "alteration",
    "consultation",
    "disclosure",
    "combination",
    "erasure",
    "access",
    "refusal",
)
OUTCOMES = ("done", "refused", "not_found")

FIRST = b""
"""What the first link of the chain takes as the hash before it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the trail, as a person reads it."""

    id: UUID
    at: datetime
    actor: UUID
    username: str
    actor_agency: str
    roles: str
    operation: str
    action: str
    object_type: str
    object_id: str
    purpose: str
    reason: str
    gateway: str
    outcome: str
    agreement: str = ""
    detail: dict[str, object] = field(default_factory=dict)

    @property
    def recipients(self) -> tuple[str, ...]:
        """To whom something was disclosed: holders ("team:mash", "forum:mace") or an agency that was asked."""
        holders = self.detail.get("holders")
        if isinstance(holders, list):
            return tuple(str(each) for each in holders)
        agency = self.detail.get("agency")
        return (f"agency:{agency}",) if self.operation == "disclosure" and agency else ()

    @property
    def searched(self) -> bool:
        """Whether the line holds a sealed search."""
        return isinstance(self.detail.get("asked"), str)


@dataclass(frozen=True, slots=True)
class Odd:
    """Something in the trail that is worth a second look, and why. `object_id` where it is about one record."""

    key: str
    name: str
    why: str
    username: str
    count: int
    first: datetime
    last: datetime
    object_type: str = ""
    object_id: str = ""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the chain does not hold. `position` counts from 1."""

    position: int
    event: str
    why: str

    def __str__(self) -> str:
        return f"link {self.position} (event {self.event}): {self.why}"
