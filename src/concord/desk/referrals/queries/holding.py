"""Who can have a contact in hand, who has how many, and how many decisions came in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, Viewer
from concord.desk.referrals.queries.reach import visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Balance, HeldLine
from concord.desk.sharing.session import as_viewer, reading

WEEKS = 4
"""How far back decisions are counted."""


@reading("contact.take", "contact")
def can_hold(viewer: Viewer, contact_id: UUID, *, at: datetime) -> tuple[Member, ...]:
    """Colleagues of the receiving team who can open this contact, by name; the viewer among them."""
    with as_viewer(viewer, at=at):
        row = visible_contacts(viewer, at).filter(id=contact_id).first()
        if row is None:
            return ()
        kind, _, team = pathway(row.pathway).received_by.partition(":")
        found = accounts.colleagues(viewer, team) if kind == "team" else ()
        every = {each.user_id: each for each in found}
        asked = [*every, viewer.user_id]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT who FROM unnest(%s::uuid[]) who WHERE NOT sharing_excluded('contact', %s, who)",
                [asked, contact_id],
            )
            open_to = {who for (who,) in cursor.fetchall()}
    me = Member(viewer.user_id, viewer.username, viewer.display_name, viewer.agency, "", None)
    every.setdefault(viewer.user_id, me)
    return tuple(sorted((each for key, each in every.items() if key in open_to), key=lambda one: one.display_name))


@reading("contact.allocate", "contact")
def balance(viewer: Viewer, pathways: Sequence[str], *, at: datetime) -> Balance:
    """Open contacts by who holds them, and the decisions of the last weeks with how many came in time: numbers, for
    whoever balances the work. Only contacts that the viewer may open are counted."""
    accounts.require(viewer, "contact.allocate")
    since = at - timedelta(weeks=WEEKS)
    decides = [key for key in pathways if any(each.verb == "decide" for each in pathway(key).transition)]
    with as_viewer(viewer, at=at):
        mine = visible_contacts(viewer, at)
        rows = (
            mine.filter(pathway__in=list(pathways), decided_at__isnull=True)
            .order_by()
            .values("held_by", "held_by__display_name")
            .annotate(count=Count("id"), late=Count("id", filter=Q(next_due_at__lt=at)))
        )
        held = [HeldLine(row["held_by__display_name"] or "", row["count"], row["late"]) for row in rows]
        decided = mine.filter(pathway__in=decides, decided_at__gt=since).order_by()
        told = decided.aggregate(all=Count("id"), in_time=Count("id", filter=Q(decided_at__lte=F("due_at"))))
    lines = tuple(sorted(held, key=lambda one: (bool(one.name), -one.overdue, -one.count, one.name)))
    return Balance(lines, told["all"], told["in_time"], WEEKS)
