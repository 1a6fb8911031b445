"""Patrols and outreach sessions, written down on the street and delivered when there is a signal again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from django.db import IntegrityError, transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals.models import Session
from concord.desk.referrals.rules import NotThatWay, SessionEntry
from concord.desk.sharing.session import operation

Delivered = Literal["stored", "again", "conflict"]
LONGEST = timedelta(hours=14)


@operation("session.write", "session")
def deliver_session(*, viewer: Viewer, entry: SessionEntry, at: datetime) -> Delivered:
    """Store one session. Its identifier was chosen on the phone: delivering it twice is harmless.

    Returns "stored", "again" where the very same was stored before, "conflict" where another version of it was (the
    stored one stays; nothing is overwritten). Raises NotAllowed, NotThatWay.
    """
    accounts.require(viewer, "session.write")
    if entry.kind not in ("patrol", "outreach") or not entry.place.strip():
        raise NotThatWay("Say where you were.", next_step="Write the place and send it again. Nothing is lost.")
    if not entry.started_at <= entry.ended_at <= at + timedelta(minutes=5):
        raise NotThatWay(
            "The times do not fit: a session ends after it starts, and not in the future.",
            next_step="Check the clock of the phone, put the times right and send it again.",
        )
    if entry.ended_at - entry.started_at > LONGEST:
        raise NotThatWay(
            "This session is longer than 14 hours.", next_step="Put in when it really ended and send it again."
        )
    if not 0 <= entry.contacts <= 999:
        raise NotThatWay("Count the people you met: 0 to 999.", next_step="Put the number right and send it again.")
    fields = {
        "kind": entry.kind,
        "place": entry.place.strip()[:120],
        "started_at": entry.started_at,
        "ended_at": entry.ended_at,
        "contacts": entry.contacts,
        "note": entry.note.strip(),
    }
    before = Session.objects.filter(id=entry.session_id, worker_id=viewer.user_id).first()
    if before is not None:
        return "again" if all(getattr(before, name) == value for name, value in fields.items()) else "conflict"
    team = next((f"team:{each}" for each in sorted(viewer.teams)), f"user:{viewer.user_id}")
    try:
        with transaction.atomic():
            Session.objects.create(
                id=entry.session_id,
                partnership=viewer.partnership,
                worker_id=viewer.user_id,
                team=team,
                received_at=at,
                **fields,
            )
    except IntegrityError:
        # Somebody else's identifier, or the same delivery racing itself: say so, and tell nothing of the other.
        return "conflict"
    record(
        viewer=viewer,
        operation="collection",
        action="session.write",
        object_type="session",
        object_id=entry.session_id,
        detail={"contacts": entry.contacts},
        at=at,
    )
    return "stored"
