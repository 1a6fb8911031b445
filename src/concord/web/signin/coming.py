"""Coming and going, as lines of the trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from concord.desk.accounts import guarding, keeping, queries
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals import operations as referrals
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import as_viewer
from concord.web.shared import once


def came_in(request: HttpRequest, user: Any) -> None:
    """A form that could not be sent when the last session ended is found again, on whatever device."""
    keeping.forget_old(at=timezone.now())
    if page := once.waiting_for(user.id):
        request.session[once.HELD] = page.partition("?")[0]
    note(queries.viewer_for(user, request_id=getattr(request, "request_id", "")), "sign_in")


def note(viewer: Viewer, action: str) -> None:
    """Coming and going are lines of the trail too. The first to come enters what ended, and what was missed, since
    yesterday."""
    now = timezone.now()
    keeper = queries.service("records_keeper")
    sharing.note_agreements(viewer=keeper, at=now)
    referrals.note_missed(viewer=keeper, at=now)
    with as_viewer(viewer, at=now):
        record(
            viewer=viewer, operation="access", action=action, object_type="account", object_id=viewer.user_id, at=now
        )


def refused(username: str, why: str) -> None:
    """A sign-in that failed. The name tried is kept as a digest: it may be a password typed in the wrong box."""
    now, viewer = timezone.now(), queries.service("installation")
    with as_viewer(viewer, at=now):
        record(
            viewer=viewer,
            operation="refusal",
            action="sign_in",
            object_type="account",
            object_id=guarding.digest(username)[:16],
            reason=why,
            outcome="refused",
            at=now,
        )
