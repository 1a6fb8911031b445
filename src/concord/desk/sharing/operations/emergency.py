"""Opening a record that was not shared, because somebody may come to harm; and the second person who reviews it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.sharing import queries
from concord.desk.sharing.models import Emergency
from concord.desk.sharing.rules import AwaitsReview, NotReviewable, emergency_agreement
from concord.desk.sharing.session import operation


@operation("glass.break", "emergency")
def begin_emergency(*, viewer: Viewer, purpose: str, reason: str, at: datetime) -> tuple[UUID, datetime]:
    """Enter that somebody opens a record in an emergency, before it is looked for. Returns the entry and when the
    access ends. The people room looks, in the same transaction.

    Raises NotAllowed, AwaitsReview where too many of the viewer's openings wait for review, EmergencyClosed where no
    protocol is in force, is signed by the viewer's agency and names the purpose.
    """
    accounts.require(viewer, "glass.break")
    rule = queries.oversight().emergency
    emergency_agreement(rule, queries.agreements_with(viewer), purpose, at)
    with connection.cursor() as cursor:
        # Two at the same moment would each see that there is room for one.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"concord.emergency.{viewer.user_id}"])
    waiting = Emergency.objects.filter(user_id=viewer.user_id, reviewed_at__isnull=True).count()
    if waiting >= rule.most_unreviewed:
        raise AwaitsReview(
            f"{waiting} of your emergency openings wait for review.",
            why="Each is read by a second person before there can be many.",
            next_step="Ring the team that holds the record, or the data protection officer. If a life is at risk "
            "call 999.",
        )
    entry, until = uuid4(), at + timedelta(minutes=rule.minutes)
    Emergency.objects.create(
        id=entry,
        partnership=viewer.partnership,
        user_id=viewer.user_id,
        username=viewer.username,
        agency=viewer.agency,
        reason=reason.strip(),
        purpose=purpose,
        gateway=rule.gateway,
        agreement=rule.agreement,
        opened_at=at,
        ends_at=until,
    )
    record(
        viewer=viewer,
        operation="consultation",
        action="glass.break",
        object_type="emergency",
        object_id=entry,
        reason=reason.strip(),
        gateway=rule.gateway,
        agreement=rule.agreement,
        at=at,
    )
    return entry, until


@operation("glass.review", "emergency")
def review_emergency(*, viewer: Viewer, entry: UUID, justified: bool, note: str, at: datetime) -> None:
    """A second person says whether an opening was right. Once, and never of one's own.

    Raises NotAllowed, NotHere, NotReviewable for a blank note.
    """
    accounts.require(viewer, "glass.review")
    if not note.strip():
        raise NotReviewable(
            "Say what you found.",
            why="The review is the record of a second person's judgement.",
            next_step="Write a sentence and send it again.",
        )
    changed = (
        Emergency.objects.filter(id=entry, partnership=viewer.partnership, reviewed_at__isnull=True)
        .exclude(user_id=viewer.user_id)
        .update(reviewed_at=at, reviewed_by=viewer.user_id, justified=justified, review_note=note.strip())
    )
    if not changed:
        raise NotHere("opening")
    record(
        viewer=viewer,
        operation="alteration",
        action="glass.review",
        object_type="emergency",
        object_id=entry,
        reason=note.strip(),
        detail={"justified": justified},
        at=at,
    )
