"""May this viewer do this, with this, for this purpose? And may this body tell that body? Pure.

Two questions, kept apart. `decide` is about a person at a screen: role, what was shared with them, agreement,
sensitivity, conflict. `gateway_allows` (of `concord.strategy.law`) is about one organisation telling another.

Both answers to the first come from one value, the viewer's `Reach`: `decide` asks it about one record, and
`queries.visible` writes the same value as a filter. Row-level security is the same again, in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from concord.desk.accounts.rules import Viewer, may
from concord.kernel.errors import Refused
from concord.kernel.working_time import LONDON
from concord.strategy.law import Decision, Gateway, gateway_allows, gateway_from_row, may_disclose
from concord.strategy.shapes.agreement import Agreement
from concord.strategy.shapes.oversight import Emergency as EmergencyRule
from concord.strategy.shapes.role import Role

Level = Literal["pointer", "status", "full"]
LEVELS: tuple[Level, ...] = ("pointer", "status", "full")
"""A pointer says who to ring; status adds what became of it; full is the record."""

SUBJECT_KINDS = ("referral", "contact", "person", "meeting", "item", "assessment")

Sensitivity = Literal["ordinary", "restricted", "sealed"]
SENSITIVITIES: tuple[Sensitivity, ...] = ("ordinary", "restricted", "sealed")
"""Restricted: staff and family cases, need to know. Sealed: nobody may even learn that it exists."""


class NotNamed(Refused):
    """Whoever restricts a record is one of the people it is kept to."""

    def __init__(self) -> None:
        super().__init__(
            "You must be one of the people named.",
            why="Otherwise nobody could open the record or lift the restriction.",
            next_step="Add yourself, or ask a colleague who will keep the case to restrict it.",
        )


class AwaitsReview(Refused):
    """Earlier emergency openings come first."""


class EmergencyClosed(Refused):
    """No protocol allows opening a record in an emergency here."""


class NotReviewable(Refused):
    """A review that says nothing."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing somebody wants to reach. `forum` is set where it belongs to one."""

    kind: str
    id: UUID | None = None
    forum: str | None = None
    level: Level = "full"


@dataclass(frozen=True, slots=True)
class Share:
    """Something shared with a holder: "user:…", "team:…" or "forum:…"."""

    subject_kind: str
    subject_id: UUID
    holder: str
    level: Level
    purpose: str
    gateway: str
    agreement: str
    starts_at: datetime
    ends_at: datetime | None = None

    def open_at(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class FeedAccess:
    """What somebody may do with one feed. All of it false: for them there is no such feed.

    `standing`: whether it is due, what came, what its contract asks. `rows`: figures that may rest on few people.
    `reports`: the error reports, which repeat what was sent. `send`: send files.
    """

    standing: bool = False
    rows: bool = False
    reports: bool = False
    send: bool = False


def feed_access(viewer: Viewer, owner: str | None, roles: Mapping[str, Role]) -> FeedAccess:
    """What the viewer may do with a feed that the agency `owner` sends; None where nobody of the partnership does.

    A supplier has the feeds of their own agency and no others.
    """
    reads, loads = may(viewer, "dataset.read", roles), may(viewer, "dataset.load", roles)
    theirs = owner is not None and owner == viewer.agency and may(viewer, "feed.supply", roles)
    return FeedAccess(
        standing=reads or loads or theirs or may(viewer, "agreement.read", roles),
        rows=reads,
        reports=reads or theirs,
        send=loads or theirs,
    )


def covers(held: Level, wanted: Level) -> bool:
    return LEVELS.index(held) >= LEVELS.index(wanted)


def in_force(agreements: Iterable[Agreement], at: datetime) -> frozenset[str]:
    """Keys of the agreements in force at `at`, by the London calendar."""
    day = at.astimezone(LONDON).date()
    return frozenset(each.key for each in agreements if each.in_force(day))


@dataclass(frozen=True, slots=True)
class Reach:
    """What an open share must be like to reach one viewer at one moment. Every field must hold.

    `levels` are those that cover what is wanted; `agreements` are in force at `at`.
    """

    partnership: str
    user_id: UUID
    holders: frozenset[str]
    purposes: frozenset[str]
    agreements: frozenset[str]
    levels: frozenset[Level]
    at: datetime

    def admits(self, share: Share) -> bool:
        """Whether this share lets the viewer in."""
        return (
            share.holder in self.holders
            and share.purpose in self.purposes
            and share.agreement in self.agreements
            and share.level in self.levels
            and share.open_at(self.at)
        )


def reach(
    viewer: Viewer, agreements: Iterable[Agreement], *, at: datetime, level: Level = "full", purpose: str = ""
) -> Reach:
    """The viewer's reach for records wanted at `level`, for `purpose` alone if one is stated."""
    return Reach(
        partnership=viewer.partnership,
        user_id=viewer.user_id,
        holders=viewer.holders,
        purposes=viewer.acting_for & {purpose} if purpose else viewer.acting_for,
        agreements=in_force(agreements, at),
        levels=frozenset(each for each in LEVELS if covers(each, level)),
        at=at,
    )


def decide(
    viewer: Viewer,
    action: str,
    resource: Resource,
    purpose: str = "",
    *,
    roles: Mapping[str, Role],
    agreements: Mapping[str, Agreement],
    shares: Iterable[Share],
    excluded: bool = False,
    sections: Mapping[str, str] | None = None,
    at: datetime,
) -> Decision:
    """Default deny. Allowed when a role lists the verb, nothing excludes the viewer, and an open share of at least
    the wanted level reaches one of the viewer's names, for a purpose they act for, under an agreement in force.

    `excluded`: a declared conflict, or a restricted or sealed record that does not name the viewer. `sections` are
    the laws by gateway, for the answer to cite.

    A resource without an `id` is a kind of thing rather than a record: then the role alone decides.
    """
    if not may(viewer, action, roles, resource.forum):
        return Decision(False, f"No role of yours lists “{action}”.")
    if resource.id is None:
        return Decision(True, f"Your role lists “{action}”.")
    if excluded:
        return Decision(False, "You are kept out of this one.")
    wanted = reach(viewer, agreements.values(), at=at, level=resource.level, purpose=purpose)
    denial = "It was not shared with you."
    for share in shares:
        if share.subject_kind != resource.kind or share.subject_id != resource.id or share.holder not in wanted.holders:
            continue
        if wanted.admits(share):
            return Decision(
                True,
                f"Shared with {share.holder.partition(':')[2]} for “{share.purpose}”.",
                gateway=share.gateway,
                agreement=share.agreement,
                section=(sections or {}).get(share.gateway, ""),
            )
        denial = _why_not(share, wanted, agreements)
    return Decision(False, denial)


def _why_not(share: Share, wanted: Reach, agreements: Mapping[str, Agreement]) -> str:
    """Why a share with one of the viewer's names does not let them in. The first reason found."""
    if not share.open_at(wanted.at):
        return "The time for which it was shared with you is over, or has not begun."
    if share.level not in wanted.levels:
        return f"It was shared with you as a {share.level} only."
    if share.purpose not in wanted.purposes:
        return f"It was shared for “{share.purpose}”, which is not the purpose you act for."
    if share.agreement not in agreements:
        return f"It rests on the agreement “{share.agreement}”, which your agency does not have."
    agreement = agreements[share.agreement]
    return f"The agreement “{agreement.name}” is not in force (it ends on {agreement.expires_on})."


def emergency_agreement(rule: EmergencyRule, signed: Mapping[str, Agreement], purpose: str, at: datetime) -> Agreement:
    """The protocol that an emergency opening rests on. Raises EmergencyClosed where it does not allow this one."""
    held = signed.get(rule.agreement)
    if held is None:
        why = "Your agency has not signed a protocol on emergency access."
    elif held.key not in in_force([held], at):
        why = f"“{held.name}” is not in force (it ends on {held.expires_on})."
    elif purpose not in held.purposes or rule.gateway not in held.gateways:
        why = f"“{held.name}” does not name the purpose “{purpose}”."
    else:
        return held
    raise EmergencyClosed(
        "No record can be opened in an emergency here.",
        why=why,
        next_step="Ring the team that holds the record. If a life is at risk call 999.",
    )


@dataclass(frozen=True, slots=True)
class RestrictionLine:
    """A restriction as the people it names read it."""

    level: str
    named: tuple[UUID, ...]
    reason: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """One opening, as its opener and its reviewer read it."""

    entry: UUID
    by: str
    agency: str
    reason: str
    purpose: str
    opened_at: datetime
    ends_at: datetime
    found: bool
    person_id: UUID | None
    review_due: datetime
    overdue: bool
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    justified: bool | None
    note: str
    mine: bool


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement as its register shows it."""

    key: str
    name: str
    parties: tuple[str, ...]
    purposes: tuple[str, ...]
    sections: tuple[str, ...]
    feeds: tuple[str, ...]
    forums: tuple[str, ...]
    pathways: tuple[str, ...]
    starts_on: str
    expires_on: str
    days_left: int
    state: Literal["in force", "ends soon", "ended", "not begun"]
    stops: tuple[str, ...]
    """What stops on the day it ends."""


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party to an agreement: what the law takes it for, and what it may give under the agreement, class by class.

    `gives` pairs a class of information with the sections that carry it to at least one other party; a class that no
    section carries has none.
    """

    agency: str
    name: str
    body: str
    gives: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """One agreement with what each party may give. `line` is how the register shows it."""

    line: AgreementLine
    information: tuple[str, ...]
    lawful_basis: str
    retention: str
    controller: str
    signed_by: tuple[str, ...]
    review_on: date | None
    parties: tuple[PartyLine, ...]
    assumed: tuple[str, ...]


def agreement_state(agreement: Agreement, at: datetime, soon: timedelta = timedelta(days=60)) -> str:
    day = at.astimezone(LONDON).date()
    if day < agreement.starts_on:
        return "not begun"
    if day > agreement.expires_on:
        return "ended"
    return "ends soon" if agreement.expires_on - day <= soon else "in force"


__all__ = [
    "LEVELS",
    "SENSITIVITIES",
    "SUBJECT_KINDS",
    "AgreementLine",
    "AgreementPage",
    "AwaitsReview",
    "Decision",
    "EmergencyClosed",
    "EmergencyLine",
    "FeedAccess",
    "Gateway",
    "Level",
    "NotNamed",
    "NotReviewable",
    "PartyLine",
    "Reach",
    "Resource",
    "RestrictionLine",
    "Sensitivity",
    "Share",
    "agreement_state",
    "covers",
    "decide",
    "emergency_agreement",
    "feed_access",
    "gateway_allows",
    "gateway_from_row",
    "in_force",
    "may_disclose",
    "reach",
]
