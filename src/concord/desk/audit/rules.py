"""What the trail records: the fields of section 62 of the Data Protection Act 2018, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from concord.kernel.working_time import LONDON
from concord.strategy.shapes.oversight import Pattern

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


def event_of(row: Any) -> Event:
    """A line of the trail from a row that has its columns."""
    return Event(
        id=row.id,
        at=row.at,
        actor=row.actor,
        username=row.username,
        actor_agency=row.actor_agency,
        roles=row.roles,
        operation=row.operation,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        purpose=row.purpose,
        reason=row.reason,
        gateway=row.gateway,
        agreement=row.agreement,
        outcome=row.outcome,
        detail=row.detail,
    )


def signs_about(events: Iterable[Event], patterns: Iterable[Pattern], *, day: tuple[int, int]) -> tuple[Odd, ...]:
    """What is worth a second look among lines about one person, in the order of the patterns. `day` is the London hours
    of a working day. Only the signs that one person's lines can show: out of hours, without a case, again and again.
    """
    looks: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda each: each.at):
        if event.operation == "consultation" and event.outcome == "done":
            looks.setdefault(event.username, []).append(event)
    found = []
    for pattern in patterns:
        for username, mine in looks.items():
            signs = [each for each in mine if _shows(pattern.sign, each, day)]
            window = _densest(signs, timedelta(hours=pattern.hours))
            if len(window) >= pattern.at_least:
                found.append(
                    Odd(pattern.key, pattern.name, pattern.why, username, len(window), window[0].at, window[-1].at)
                )
    return tuple(found)


def _shows(sign: str, event: Event, day: tuple[int, int]) -> bool:
    if sign == "out_of_hours":
        return not day[0] <= event.at.astimezone(LONDON).hour < day[1]
    if event.action != "person.read":
        return False
    return sign == "same_person" or (sign == "typed_reason" and not event.reason.startswith("opened from "))


def _densest(events: list[Event], within: timedelta) -> list[Event]:
    """The longest run of events, in time order, that lies within so long."""
    best: list[Event] = []
    start = 0
    for end, event in enumerate(events):
        while event.at - events[start].at > within:
            start += 1
        if end + 1 - start > len(best):
            best = events[start : end + 1]
    return best
