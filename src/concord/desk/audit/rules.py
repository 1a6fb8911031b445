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
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the chain does not hold. `position` counts from 1."""

    position: int
    event: str
    why: str

    def __str__(self) -> str:
        return f"link {self.position} (event {self.event}): {self.why}"
