"""What the calendar enters: that a piece of work began, what it did; and a manager's word on who keeps their access."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.records import rules
from concord.desk.records.models import AccessReview, Run
from concord.desk.records.rules import NotReviewed
from concord.desk.sharing.session import operation
from concord.kernel.working_time import LONDON


@operation("calendar.keep", "calendar")
def begin_run(*, viewer: Viewer, job: str, due_at: datetime, at: datetime) -> UUID:
    """Enter that a piece of work begins. A run that is still open was broken off: whoever calls this holds the lock of
    the work, so that nobody does it now. Raises NotAllowed."""
    accounts.require(viewer, "calendar.keep")
    Run.objects.filter(partnership=viewer.partnership, job=job, state="running").update(
        state="broken_off", ended_at=at, said="It began and never ended: the machine or the worker stopped."
    )
    row = Run.objects.create(id=uuid4(), partnership=viewer.partnership, job=job, due_at=due_at, began_at=at)
    _record(viewer, "calendar.begin", job, at, {"due_at": due_at.isoformat()})
    return row.id


@operation("calendar.keep", "calendar")
def end_run(*, viewer: Viewer, run_id: UUID, did: Mapping[str, Any], failed: str = "", at: datetime) -> None:
    """Enter what a piece of work did, or how it failed, in words without anybody's name. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "calendar.keep")
    row = Run.objects.select_for_update().filter(id=run_id, state="running").first()
    if row is None:
        raise NotHere("run")
    row.state, row.did, row.said, row.ended_at = "failed" if failed else "done", dict(did), failed, at
    row.save(update_fields=["state", "did", "said", "ended_at"])
    _record(viewer, "calendar.end", row.job, at, {"state": row.state, "did": dict(did)}, failed)


@operation("calendar.keep", "calendar")
def clear_what_is_over(*, viewer: Viewer, guards_before: datetime, at: datetime) -> dict[str, int]:
    """Take away what is over by its own date: forms begun and left, ended sessions, used links, counts of failed
    sign-in older than `guards_before`, pointers that ended a year ago. Returns how many of each. Raises NotAllowed."""
    accounts.require(viewer, "calendar.keep")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, count FROM records_clear(%s)", [guards_before])
        cleared = {str(name): int(count) for name, count in cursor.fetchall() if count}
    if cleared:
        record(
            viewer=viewer,
            operation="erasure",
            action="calendar.clear",
            object_type="calendar",
            reason="over by its own date",
            detail={"rows": cleared},
            at=at,
        )
    return cleared


@operation("access.review", "account")
def review_access(*, viewer: Viewer, user_id: UUID, part: str, verdict: str, why: str = "", at: datetime) -> None:
    """Say whether somebody keeps a role or a seat this quarter. Once, never of oneself; that it ends is carried out by
    an administrator. Raises NotAllowed, NotHere for what is not the viewer's to review, NotReviewed.
    """
    accounts.require(viewer, "access.review")
    quarter = rules.quarter_of(at.astimezone(LONDON).date())
    if verdict not in rules.VERDICTS or (verdict == "end" and not why.strip()):
        raise NotReviewed(
            "Say whether they keep it, and if not, why.",
            why="An administrator acts on it and needs the reason.",
            next_step="Choose one, give the reason and send it again.",
        )
    if user_id == viewer.user_id:
        raise NotReviewed(
            "You cannot review your own access.",
            why="A second person says whether you keep it.",
            next_step="Leave it: it stays on the list of somebody else.",
        )
    if not any(each.user_id == user_id and held == part for each, held in accounts.to_review(viewer)):
        raise NotHere("account")
    if AccessReview.objects.filter(
        partnership=viewer.partnership, quarter=quarter, user_id=user_id, part=part
    ).exists():
        raise NotReviewed("This was reviewed already this quarter.", next_step="Go back to the list.")
    AccessReview.objects.create(
        partnership=viewer.partnership,
        quarter=quarter,
        user_id=user_id,
        part=part,
        verdict=verdict,
        why=why.strip(),
        by=viewer.user_id,
        by_name=viewer.display_name,
        at=at,
    )
    record(
        viewer=viewer,
        operation="alteration",
        action="access.review",
        object_type="account",
        object_id=user_id,
        reason=why.strip(),
        detail={"quarter": quarter, "part": part, "verdict": verdict},
        at=at,
    )


def _record(viewer: Viewer, action: str, job: str, at: datetime, detail: dict[str, object], reason: str = "") -> None:
    record(
        viewer=viewer,
        operation="alteration",
        action=action,
        object_type="calendar",
        object_id=job,
        reason=reason,
        detail=detail,
        at=at,
    )
