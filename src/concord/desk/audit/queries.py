"""Who looked, and whether the trail is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, Viewer
from concord.desk.accounts.session import forget, tell_database
from concord.desk.audit.models import AuditEvent
from concord.desk.audit.recording import record
from concord.desk.audit.rules import BrokenLink, Event

PAGE = 50


def who_looked(viewer: Viewer, object_type: str, object_id: UUID | str, *, at: datetime) -> tuple[Event, ...]:
    """Everything that was read or done to one record, newest first. Asking is itself recorded.

    Raises NotAllowed unless the viewer's role reads the trail.
    """
    with _reader(viewer, object_type, object_id, at):
        found = AuditEvent.objects.filter(object_type=object_type, object_id=str(object_id))
        events = _events(viewer, found)
        record(
            viewer=viewer,
            operation="consultation",
            action="audit.read",
            object_type=object_type,
            object_id=object_id,
            reason="who looked at this record",
            at=at,
        )
    return events


def recent(viewer: Viewer, *, at: datetime, page: int = 1, operation: str = "") -> tuple[Event, ...]:
    """The newest lines, `PAGE` at a time. Raises NotAllowed unless the viewer's role reads the trail."""
    with _reader(viewer, "audit", "", at):
        found = AuditEvent.objects.all()
        if operation:
            found = found.filter(operation=operation)
        return _events(viewer, found, start=(page - 1) * PAGE)


@contextmanager
def _reader(viewer: Viewer, object_type: str, object_id: object, at: datetime) -> Iterator[None]:
    """A transaction in the name of somebody whose role reads the trail. A refusal is recorded, then raised."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        tell_database(viewer, at=at)
        try:
            accounts.require(viewer, "audit.read")
        except NotAllowed as found:
            refusal: NotAllowed | None = found
            record(
                viewer=viewer,
                operation="refusal",
                action="audit.read",
                object_type=object_type,
                object_id=object_id,
                reason=found.what,
                outcome="refused",
                at=at,
            )
        else:
            refusal = None
            yield
        if inside:
            forget()
    if refusal is not None:
        raise refusal


def verify() -> BrokenLink | None:
    """The first link that does not recompute, or None where the whole trail holds.

    Sees what is altered, taken out or put in between. The last lines cut off together with their links leave no
    gap: keep the newest hash (`head`) somewhere else to see that too.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Links of this very transaction are written now, so that a test can look before it commits.
        cursor.execute("SET CONSTRAINTS audit_chain IMMEDIATE")
        cursor.execute("SELECT at_position, event, why FROM audit_first_broken()")
        row = cursor.fetchone()
        cursor.execute("SET CONSTRAINTS audit_chain DEFERRED")
    return None if row is None else BrokenLink(position=row[0], event=str(row[1]), why=row[2])


def head() -> tuple[int, str]:
    """Position and hash of the newest link, to keep elsewhere as a witness. (0, "") for an empty trail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at_position, encode(newest, 'hex') FROM audit_head()")
        row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, "")


def _events(viewer: Viewer, found: QuerySet[AuditEvent], start: int = 0) -> tuple[Event, ...]:
    rows = found.filter(partnership=viewer.partnership).order_by("-at", "id")[start : start + PAGE]
    return tuple(
        Event(
            id=row.id,
            at=row.at,
            actor=row.actor,
            username=row.username,
            actor_agency=row.actor_agency,
            roles=row.roles,
            operation=row.operation,
            action=row.action,
            object_type=row.object_type,
            object_id=row.object_id,
            purpose=row.purpose,
            reason=row.reason,
            gateway=row.gateway,
            outcome=row.outcome,
            detail=row.detail,
        )
        for row in rows
    )
