"""The front door's part of somebody's history: contacts received and decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.people import queries as people
from concord.desk.people.rules import Happened, Place
from concord.desk.referrals.models import Identified
from concord.desk.referrals.queries.reach import visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.sharing.session import as_viewer


def contact_history(
    viewer: Viewer,
    records: Iterable[UUID],
    *,
    most: int,
    before: Place | None = None,
    agency: str = "",
    at: datetime,
) -> list[Happened]:
    """Contacts that name somebody, as far as the viewer may open them: received, and decided. Not recorded: the caller
    opened the person."""
    if not accounts.may(viewer, "contact.read"):
        return []
    found: list[Happened] = []
    with as_viewer(viewer, at=at):
        named = Identified.objects.filter(person_id__in=set(records)).values("contact_id")
        rows = visible_contacts(viewer, at).filter(id__in=named)
        if agency:
            rows = rows.filter(referral__agency=agency)
        rows = rows.filter(people.older(before, "received_at") | people.older(before, "decided_at"))
        rows = rows.annotate(
            latest=people.latest(before, ("decided_at", F("decided_at")), ("received_at", F("received_at")))
        )
        for row in rows.order_by("-latest", "-id")[: most + 1]:
            on = pathway(row.pathway)
            more = (on.name, row.referral.agency, row.id)
            found.append(Happened(row.received_at, row.id, "contact", f"Referred: {on.name}", *more))
            if row.decided_at is not None:
                route = next((each.name for each in on.route if each.key == row.route), row.route)
                found.append(Happened(row.decided_at, row.id, "contact", f"Decided: {route}", *more))
    return found
