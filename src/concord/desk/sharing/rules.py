"""May this viewer do this, with this, for this purpose? And may this body tell that body? Pure.

Two questions, kept apart. `decide` is about a person at a screen: role, what was shared with them, agreement,
conflict. `gateway_allows` is about one organisation telling another: the law's own table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from concord.desk.accounts.rules import Viewer, may
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.agreement import Agreement
from concord.strategy.shapes.role import Role

Level = Literal["pointer", "status", "full"]
LEVELS: tuple[Level, ...] = ("pointer", "status", "full")
"""A pointer says who to ring; status adds what became of it; full is the record."""

SUBJECT_KINDS = ("referral", "contact", "person", "meeting", "item")


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
class Decision:
    """Allow or deny, with the reason in words, and what it rests on where it is allowed."""

    allow: bool
    reason: str
    gateway: str = ""
    agreement: str = ""


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
    at: datetime,
) -> Decision:
    """Default deny. Allowed when a role lists the verb, nothing excludes the viewer, and an open share of at least
    the wanted level reaches one of the viewer's names, for a purpose they act for, under an agreement in force.

    A resource without an `id` is a kind of thing rather than a record: then the role alone decides.
    """
    if not may(viewer, action, roles, resource.forum):
        return Decision(False, f"No role of yours lists “{action}”.")
    if resource.id is None:
        return Decision(True, f"Your role lists “{action}”.")
    if excluded:
        return Decision(False, "You are kept out of this one.")
    acting_for = frozenset({purpose}) if purpose else viewer.acting_for
    denial = "It was not shared with you."
    for share in shares:
        if share.subject_kind != resource.kind or share.subject_id != resource.id:
            continue
        if share.holder not in viewer.holders:
            continue
        if not share.open_at(at):
            denial = "The time for which it was shared with you is over, or has not begun."
        elif not covers(share.level, resource.level):
            denial = f"It was shared with you as a {share.level} only."
        elif share.purpose not in acting_for:
            denial = f"It was shared for “{share.purpose}”, which is not the purpose you act for."
        elif share.agreement not in agreements:
            denial = f"It rests on the agreement “{share.agreement}”, which this partnership does not have."
        elif share.agreement not in in_force([agreements[share.agreement]], at):
            ended = agreements[share.agreement].expires_on
            denial = f"The agreement “{agreements[share.agreement].name}” is not in force (it ends on {ended})."
        else:
            return Decision(
                True,
                f"Shared with {share.holder.partition(':')[2]} for “{share.purpose}”.",
                gateway=share.gateway,
                agreement=share.agreement,
            )
    return Decision(False, denial)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One legal gateway. "*" stands for any. Sources and marks are in `codelists/legal_gateways.csv`."""

    key: str
    name: str
    section: str
    purposes: frozenset[str]
    from_kinds: frozenset[str]
    to_kinds: frozenset[str]
    information: frozenset[str]
    never_information: frozenset[str]
    never_personal_from: frozenset[str]


PERSONAL = frozenset({"personal", "criminal_offence", "special_category", "patient"})
"""Classes of information about a person who can be identified."""


def gateway_from_row(row: Mapping[str, str]) -> Gateway:
    def several(name: str) -> frozenset[str]:
        return frozenset(part.strip() for part in (row.get(name) or "").split(";") if part.strip())

    return Gateway(
        key=row["key"],
        name=row["name"],
        section=row["section"],
        purposes=several("purposes"),
        from_kinds=several("from_kinds"),
        to_kinds=several("to_kinds"),
        information=several("information"),
        never_information=several("never_information"),
        never_personal_from=several("never_personal_from"),
    )


def gateway_allows(
    gateway: Gateway, *, source_kind: str, recipient_kind: str, information: str, purpose: str
) -> Decision:
    """Whether the law lets `source_kind` tell `recipient_kind` this class of information for this purpose.

    The exclusions are looked at first, so that the refusal names them: under the Police, Crime, Sentencing and
    Courts Act 2022 section 16 no patient information, and no personal information from a health or social care
    authority, whatever else holds.
    """

    def fits(value: str, allowed: frozenset[str]) -> bool:
        return "*" in allowed or value in allowed

    if information in gateway.never_information:
        return Decision(False, f"{gateway.section} does not authorise {information} information.")
    if information in PERSONAL and source_kind in gateway.never_personal_from:
        body = source_kind.replace("_", " ")
        return Decision(False, f"{gateway.section} does not authorise personal information from a {body} authority.")
    if not fits(purpose, gateway.purposes):
        return Decision(False, f"{gateway.section} is not for the purpose “{purpose}”.")
    if not fits(source_kind, gateway.from_kinds):
        return Decision(
            False, f"{gateway.section} does not cover disclosure by a {source_kind.replace('_', ' ')} body."
        )
    if not fits(recipient_kind, gateway.to_kinds):
        body = recipient_kind.replace("_", " ")
        return Decision(False, f"{gateway.section} does not cover disclosure to a {body} body.")
    if not fits(information, gateway.information):
        return Decision(False, f"{gateway.section} does not cover {information} information.")
    return Decision(True, gateway.name, gateway=gateway.section)


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


def agreement_state(agreement: Agreement, at: datetime, soon: timedelta = timedelta(days=60)) -> str:
    day = at.astimezone(LONDON).date()
    if day < agreement.starts_on:
        return "not begun"
    if day > agreement.expires_on:
        return "ended"
    return "ends soon" if agreement.expires_on - day <= soon else "in force"
