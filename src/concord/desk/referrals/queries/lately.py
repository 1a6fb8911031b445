"""Contacts of the last hours, for a meeting that goes through them every day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from concord.desk.accounts.rules import Viewer
from concord.desk.referrals.queries.reach import about, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Accepted
from concord.desk.sharing.session import as_viewer


def recent(
    viewer: Viewer, pathway_key: str, *, since: datetime, rags: Iterable[str] = (), at: datetime
) -> tuple[Accepted, ...]:
    """Contacts shared with the viewer that were received from `since` on, of these ratings, oldest first.

    Nothing for whoever the pathway's contacts are not shared with. The caller records what becomes of them.
    """
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(pathway=pathway_key, received_at__gte=since, received_at__lte=at)
        wanted = list(rags)
        if wanted:
            found = found.filter(rag__in=wanted)
        rows = list(found.prefetch_related("referral__parties", "identified").order_by("received_at", "id"))
        return tuple(
            Accepted(
                contact_id=row.id,
                referral_id=row.referral_id,
                reference=row.referral.reference,
                pathway=row.pathway,
                about=about(pathway(row.pathway), list(row.referral.parties.all())),
                decided_at=row.decided_at or row.received_at,
                rationale=row.rationale,
                concern=row.referral.concern,
                ground=row.referral.ground,
                repeat=row.repeat,
                persons=tuple((each.person_id, each.role) for each in row.identified.all()),
            )
            for row in rows
        )
