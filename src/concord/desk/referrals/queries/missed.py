"""Steps that should have been behind a case by now, for those whose case it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals.models import Awaited
from concord.desk.referrals.queries.reach import PAGE, about, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import MissedLine
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON

SOON = timedelta(days=14)


@reading("contact.list", "contact")
def missed_steps(viewer: Viewer, *, at: datetime, most: int = PAGE) -> tuple[MissedLine, ...]:
    """Steps missed on open cases that the viewer may open, and those due within a fortnight, the oldest day first.

    `mine` says whether the viewer took the case's last step. Raises NotAllowed for roles without a tray. Recorded as
    one consultation.
    """
    accounts.require(viewer, "contact.list")
    today = at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        rows = list(
            Awaited.objects.filter(
                contact_id__in=visible_contacts(viewer, at).filter(decided_at__isnull=True).values("id"),
                done=False,
                due_on__lte=today + SOON,
            )
            .select_related("contact__referral")
            .prefetch_related("contact__referral__parties", "contact__steps__by")
            .order_by("due_on", "id")[:most]
        )
        record(
            viewer=viewer,
            operation="consultation",
            action="contact.list",
            object_type="contact",
            detail={"missed": True, "shown": [str(row.contact_id) for row in rows]},
            at=at,
        )
    lines = []
    for row in rows:
        on = pathway(row.contact.pathway)
        last = max(row.contact.steps.all(), key=lambda step: step.at, default=None)
        lines.append(
            MissedLine(
                contact_id=row.contact_id,
                about=about(on, list(row.contact.referral.parties.all())),
                pathway_name=on.name,
                step=next((each.name for each in on.milestone if each.key == row.key), row.key),
                due_on=row.due_on,
                missed=row.due_on < today,
                raised_at=row.raised_at.astimezone(LONDON) if row.raised_at else None,
                worker=last.by.display_name if last else "",
                mine=last is not None and last.by_id == viewer.user_id,
            )
        )
    return tuple(lines)
