"""Forums: anything that sits. Items, repeat rule, research, quorum, outcomes. One file each in `forums/`."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ItemKind:
    """A kind of item this forum hears. `roles` are the parts people play in such an item."""

    key: str
    name: str
    subject: Literal["person", "place", "group", "theme"]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Seat:
    """A core agency's place at the table."""

    key: str
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Quorum:
    """`minimum` seats present, among them every one of `must_have`."""

    minimum: int
    must_have: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ResearchRule:
    """Research closes `cut_off_hours` before the meeting; until then agencies see only their own if `hidden_before`."""

    cut_off_hours: float
    hidden_before: bool = True


@dataclass(frozen=True, config=FORBID, kw_only=True)
class RepeatRule:
    """A further incident within `months` of the last referral, same victim, same perpetrator(s), is a repeat.

    `perpetrators`: "any" of them in common is enough, or "all" must be the same. A repeat is heard whatever
    its threshold.
    """

    months: int
    perpetrators: Literal["any", "all"]
    incidents: tuple[str, ...]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PointerRule:
    """Who learns that the forum hears somebody, and whom to ring, without the case.

    Only about people in one of `roles`: never about an alleged perpetrator, who could learn of it. `purpose` is the
    one the holder acts for.
    """

    holder: str
    roles: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Outcome:
    key: str
    name: str
    carries_over: bool = False
    """The item goes to the next meeting's agenda."""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Forum(Common):
    key: str
    name: str
    abbreviation: str
    purpose: str
    gateway: str
    agreement: str
    pathway: str | None = None
    cadence: str
    item: tuple[ItemKind, ...]
    seat: tuple[Seat, ...]
    quorum: Quorum
    research: ResearchRule
    outcome: tuple[Outcome, ...]
    repeat: RepeatRule | None = None
    pointer: tuple[PointerRule, ...] = ()
    minutes_working_days: int
    access_days_after: int
    """Members and chair keep a case this many days after the meeting; the coordinator keeps it."""
    confidentiality: str


SHAPE = Forum
