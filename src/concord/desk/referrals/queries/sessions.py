"""Patrols and outreach sessions: one's own, and counts by place and by service, never less."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.referrals.models import Session
from concord.desk.referrals.rules import SessionEntry
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


@reading("session.write", "session")
def my_sessions(viewer: Viewer, *, at: datetime) -> tuple[SessionEntry, ...]:
    """The viewer's own last sessions, newest first. Raises NotAllowed."""
    accounts.require(viewer, "session.write")
    with as_viewer(viewer, at=at):
        rows = Session.objects.filter(worker_id=viewer.user_id).order_by("-started_at")[:20]
        return tuple(
            SessionEntry(
                session_id=row.id,
                kind=row.kind,
                place=row.place,
                started_at=row.started_at.astimezone(LONDON),
                ended_at=row.ended_at.astimezone(LONDON),
                contacts=row.contacts,
                note=row.note,
            )
            for row in rows
        )
