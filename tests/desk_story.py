"""A small cast and the steps of its story, for tests of the desk. Everything goes through the real operations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations as panels
from concord.desk.referrals import operations as referrals
from concord.desk.referrals import queries as referral_queries
from concord.desk.referrals.rules import PartyDetails
from concord.kernel.working_time import LONDON

MONDAY = datetime(2026, 6, 1, 10, 0, tzinfo=LONDON)
CHILD = PartyDetails("child", "Rafi", "Testwell SYN", date(2011, 3, 14), "M", "ZZ1 1AA")
VICTIM = PartyDetails("victim", "Dana", "Testwell SYN", date(1990, 7, 2), "F", "ZZ1 2BB")
ACCUSED = PartyDetails("perpetrator", "Carl", "Probe SYN", date(1988, 1, 9), "M", "ZZ1 2BB")


def people() -> dict[str, Viewer]:
    """Every demo person as a viewer, by username, with their seats."""
    admin = accounts.service("installation")
    for person in accounts.partnership().demo_people.person:
        user_id = accounts_operations.add_user(
            viewer=admin,
            username=person.username,
            display_name=person.name,
            agency=person.agency,
            roles=person.roles,
            referrer_kind=person.referrer_kind or "",
            at=MONDAY,
        )
        for seat in person.sits:
            accounts_operations.join_forum(
                viewer=admin, user_id=user_id, forum=seat.forum, part=seat.part, seat=seat.seat, at=MONDAY
            )
    return {p.username: accounts.viewer_named(p.username) for p in accounts.partnership().demo_people.person}


@dataclass(frozen=True)
class Listed:
    contact_id: UUID
    referral_id: UUID
    person_id: UUID
    meeting_id: UUID
    item_id: UUID


def refer_child(cast: dict[str, Viewer], *, by: str = "school", child: PartyDetails = CHILD, at: datetime = MONDAY):
    return referrals.submit(
        viewer=cast[by],
        pathway="mash_contact",
        parties=[child],
        concern="Comes in with new phones and is driven away at lunch.",
        consent="informed",
        at=at,
    )


def refer_adult(cast: dict[str, Viewer], *, by: str = "gp", at: datetime = MONDAY, **changes):
    given = {
        "pathway": "domestic_abuse_marac",
        "parties": [VICTIM, ACCUSED],
        "concern": "Threats with a knife last night; she is frightened to go home.",
        "ground": "professional_judgement",
        "incident_on": at.date(),
        "incident_kind": "threats",
        "safe_contact": "Ring the surgery, never the home. Mondays only.",
    }
    return referrals.submit(viewer=cast[by], **{**given, **changes}, at=at)


def newest(viewer: Viewer, pathway: str, at: datetime) -> UUID:
    return max(referral_queries.queue(viewer, pathway, at=at), key=lambda line: line.due_at).contact_id


def identify_all(viewer: Viewer, contact_id: UUID, at: datetime, known: dict[str, UUID] | None = None):
    """Identify everyone named: as a known person where given by role, else as somebody new."""
    found = {}
    for party in referral_queries.contact(viewer, contact_id, at=at).parties:
        page = referral_queries.contact(viewer, contact_id, at=at)
        found[party.role] = referrals.identify(
            viewer=viewer,
            contact_id=contact_id,
            party_id=party.party_id,
            person_id=(known or {}).get(party.role),
            version=page.version,
            at=at,
        )
    return found


def mash_to_mace_tray(cast: dict[str, Viewer], at: datetime = MONDAY, child: PartyDetails = CHILD):
    """A school refers, MASH rates, identifies and routes to MACE. Returns (receipt, contact, person)."""
    receipt = refer_child(cast, at=at, child=child)
    mash = cast["mash"]
    contact_id = newest(mash, "mash_contact", at)
    referrals.triage(viewer=mash, contact_id=contact_id, rag="amber", reason="Signs of exploitation.", version=1, at=at)
    person_id = identify_all(mash, contact_id, at)["child"]
    page = referral_queries.contact(mash, contact_id, at=at)
    referrals.decide(
        viewer=mash,
        contact_id=contact_id,
        level=3,
        route="mace",
        rationale="Pattern of gifts and lifts; needs several agencies.",
        feedback="Thank you. A worker will ring the school.",
        version=page.version,
        at=at + timedelta(hours=2),
    )
    return receipt, contact_id, person_id


def listed_at_mace(cast: dict[str, Viewer], at: datetime = MONDAY, child: PartyDetails = CHILD) -> Listed:
    """The same, put on the agenda of a MACE ten days later."""
    receipt, contact_id, person_id = mash_to_mace_tray(cast, at, child)
    coordinator = cast["mace-coordinator"]
    later = at + timedelta(hours=3)
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="mace", starts_at=at + timedelta(days=10), place="SYN Town Hall", at=later
    )
    item_id = panels.list_contact(
        viewer=coordinator, meeting_id=meeting_id, contact_id=contact_id, reason="Meets the criteria.", at=later
    )
    return Listed(contact_id, receipt.referral_id, person_id, meeting_id, item_id)


def sitting(cast: dict[str, Viewer], listed: Listed, forum: str = "mace", at: datetime | None = None) -> datetime:
    """Open the meeting with everybody here and signed. Returns the time it sits."""
    now = at or MONDAY + timedelta(days=10)
    coordinator = cast[f"{forum}-coordinator"]
    for member in accounts.members(coordinator, forum):
        panels.record_attendance(
            viewer=coordinator,
            meeting_id=listed.meeting_id,
            user_id=member.user_id,
            present=True,
            signed=True,
            at=now,
        )
    panels.open_meeting(viewer=coordinator, meeting_id=listed.meeting_id, at=now)
    return now


NOW = MONDAY + timedelta(days=12)


@dataclass(frozen=True)
class World:
    """Everything a test of access needs, made once. Times are before `NOW`."""

    cast: dict[str, Viewer]
    heard: Listed
    """A child heard at MACE: decided, with an open action of `education_inclusion`."""
    coming: Listed
    """A child on the agenda of the next MACE, research given by the police, cut-off still ahead."""
    marac: Listed
    """An adult on the agenda of the next MARAC."""
    undecided: UUID
    """A MASH contact nobody has decided."""
    action_id: UUID


def world() -> World:
    cast = people()
    heard = listed_at_mace(cast)
    sits = sitting(cast, heard)
    chair = cast["mace-chair"]
    action_id = panels.add_action(
        viewer=chair,
        item_id=heard.item_id,
        agency="education_inclusion",
        text="Meet the school.",
        due_on=sits.date() + timedelta(days=7),
        at=sits,
    )
    panels.decide(
        viewer=chair, item_id=heard.item_id, outcome="plan_agreed", reason="Network known.", version=1, at=sits
    )
    panels.close_meeting(viewer=cast["mace-coordinator"], meeting_id=heard.meeting_id, at=sits)
    panels.sign_minutes(viewer=chair, meeting_id=heard.meeting_id, at=sits)
    other = PartyDetails("child", "Nell", "Secondary SYN", date(2010, 5, 5), "F", "ZZ9 9ZZ")
    receipt, contact_id, person_id = mash_to_mace_tray(cast, sits, other)
    later = sits + timedelta(hours=5)
    meeting_id = panels.plan_meeting(
        viewer=cast["mace-coordinator"], forum="mace", starts_at=sits + timedelta(days=9), place="SYN Hall", at=later
    )
    item_id = panels.list_contact(
        viewer=cast["mace-coordinator"], meeting_id=meeting_id, contact_id=contact_id, reason="Criteria.", at=later
    )
    panels.add_research(viewer=cast["police"], item_id=item_id, text="Two stops.", at=later)
    coming = Listed(contact_id, receipt.referral_id, person_id, meeting_id, item_id)
    marac = listed_at_marac(cast, sits)
    refer_child(cast, by="housing", at=later, child=PartyDetails("child", "Ivo", "Third SYN", date(2015, 1, 1)))
    undecided = newest(cast["mash"], "mash_contact", later)
    return World(cast, heard, coming, marac, undecided, action_id)


def listed_at_marac(cast: dict[str, Viewer], at: datetime) -> Listed:
    coordinator = cast["marac-coordinator"]
    receipt = refer_adult(cast, at=at)
    contact_id = newest(coordinator, "domestic_abuse_marac", at)
    known = identify_all(coordinator, contact_id, at)
    referrals.decide(
        viewer=coordinator,
        contact_id=contact_id,
        route="list_at_marac",
        rationale="High risk.",
        feedback="Accepted.",
        version=3,
        at=at,
    )
    meeting_id = panels.plan_meeting(
        viewer=coordinator, forum="marac", starts_at=at + timedelta(days=7), place="SYN Station", at=at
    )
    item_id = panels.list_contact(
        viewer=coordinator, meeting_id=meeting_id, contact_id=contact_id, reason="High risk.", at=at
    )
    return Listed(contact_id, receipt.referral_id, known["victim"], meeting_id, item_id)


@contextmanager
def kept_world(blocker) -> Iterator[World]:
    """A world for a whole module, in a transaction that is undone at its end. Each test undoes its own part."""
    from django.db import transaction

    with blocker.unblock():
        undo = transaction.atomic()
        undo.__enter__()
        try:
            yield world()
        finally:
            transaction.set_rollback(True)
            undo.__exit__(None, None, None)
