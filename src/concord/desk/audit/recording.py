"""Adding a line to the trail. Below `queries`, because reading the trail is recorded too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.audit.models import AuditEvent
from concord.desk.audit.rules import Operation


def record(
    *,
    viewer: Viewer,
    operation: Operation,
    action: str,
    object_type: str,
    object_id: object = "",
    subjects: Iterable[UUID] = (),
    reason: str = "",
    gateway: str = "",
    agreement: str = "",
    outcome: str = "done",
    detail: dict[str, object] | None = None,
    at: datetime,
) -> None:
    """Add a line to the trail, inside the caller's transaction: both happen or neither does.

    `subjects` are the people the record is about. The transaction must be the viewer's own (see
    `concord.desk.sharing.session.as_viewer`); the database refuses a line in anybody else's name.
    """
    record_many(
        viewer=viewer,
        objects=[(object_type, object_id, subjects)],
        operation=operation,
        action=action,
        reason=reason,
        gateway=gateway,
        agreement=agreement,
        outcome=outcome,
        detail=detail,
        at=at,
    )


def opened(
    *,
    viewer: Viewer,
    action: str,
    object_type: str,
    object_id: UUID,
    found: bool,
    subjects: Iterable[UUID] = (),
    reason: str = "",
    at: datetime,
) -> None:
    """One record asked for by its identifier: opened, or not there for this viewer."""
    record(
        viewer=viewer,
        operation="consultation",
        action=action,
        object_type=object_type,
        object_id=object_id,
        subjects=subjects,
        reason=reason,
        outcome="done" if found else "not_found",
        at=at,
    )


def record_many(
    *,
    viewer: Viewer,
    objects: Iterable[tuple[str, object, Iterable[UUID]]],
    operation: Operation,
    action: str,
    reason: str = "",
    gateway: str = "",
    agreement: str = "",
    outcome: str = "done",
    detail: dict[str, object] | None = None,
    at: datetime,
) -> None:
    """The same line for several records, each an (object type, identifier, subjects)."""
    AuditEvent.objects.bulk_create(
        AuditEvent(
            partnership=viewer.partnership,
            at=at,
            actor=viewer.user_id,
            username=viewer.username,
            actor_agency=viewer.agency,
            roles=",".join(sorted(viewer.roles | viewer.forums)),
            operation=operation,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            subjects=sorted(set(subjects)),
            purpose=viewer.purpose or ",".join(sorted(viewer.purposes))[:60],
            reason=reason,
            gateway=gateway,
            agreement=agreement,
            outcome=outcome,
            request_id=viewer.request_id,
            detail=detail or {},
        )
        for object_type, object_id, subjects in objects
    )
