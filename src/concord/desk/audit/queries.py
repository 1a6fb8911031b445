"""Who looked, and whether the trail is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, Viewer
from concord.desk.accounts.session import forget, tell_database
from concord.desk.audit.models import AuditEvent
from concord.desk.audit.recording import record
from concord.desk.audit.rules import BrokenLink, Event, Odd, event_of
from concord.desk.audit.sealing import unsealed
from concord.strategy.shapes.oversight import Pattern

PAGE = 50
SIGNS = frozenset(
    {
        "many_people",
        "not_found",
        "refused",
        "out_of_hours",
        "same_person",
        "typed_reason",
        "emergency",
        "same_name",
        "reset",
    }
)


def changed_meanwhile(
    viewer: Viewer, what: str, object_type: str, object_id: UUID, *, version: int | None = None
) -> ChangedMeanwhile:
    """The refusal for somebody who comes too late to a record that they have locked: who changed it last, and when."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor, at FROM audit_last_change(%s, %s)", [object_type, str(object_id)])
        actor, at = cursor.fetchone() or (None, None)
    if actor == viewer.user_id:
        return ChangedMeanwhile(what, "You, in another window or on another device,", at=at, version=version)
    by = accounts.names(viewer, {actor}).get(actor, "") if actor else ""
    return ChangedMeanwhile(what, by, at=at, version=version)


def who_looked(
    viewer: Viewer, object_type: str, object_id: UUID | str, *, at: datetime, page: int = 1
) -> tuple[Event, ...]:
    """Everything that was read or done to one record, newest first, `PAGE` at a time: opened, listed among others, or,
    for a person, met in a case or contact about them. Asking is itself recorded.

    Raises NotAllowed unless the viewer's role reads the trail.
    """
    with _reader(viewer, object_type, object_id, at):
        # A function of the database, because a policy keeps the planner from the indexes that make this fast.
        rows = AuditEvent.objects.raw(
            "SELECT * FROM audit_about(%s, %s, %s, %s)", [object_type, str(object_id), PAGE, (page - 1) * PAGE]
        )
        events = tuple(event_of(row) for row in rows)
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


def recent(
    viewer: Viewer, *, at: datetime, page: int = 1, operation: str = "", username: str = ""
) -> tuple[Event, ...]:
    """The newest lines, `PAGE` at a time. Raises NotAllowed unless the viewer's role reads the trail."""
    with _reader(viewer, "audit", "", at):
        found = AuditEvent.objects.filter(partnership=viewer.partnership)
        if operation:
            found = found.filter(operation=operation)
        if username:
            found = found.filter(username=username)
        start = (page - 1) * PAGE
        return tuple(event_of(row) for row in found.order_by("-at", "id")[start : start + PAGE])


def own_lines(viewer: Viewer, action: str) -> tuple[Event, ...]:
    """What the viewer themselves entered under an action, oldest first, in a transaction already theirs."""
    found = AuditEvent.objects.filter(partnership=viewer.partnership, actor=viewer.user_id, action=action)
    return tuple(event_of(row) for row in found.order_by("at", "id"))


def disclosures(viewer: Viewer, *, at: datetime, agreement: str = "", page: int = 1) -> tuple[Event, ...]:
    """What was disclosed to whom, on what ground, newest first. Raises NotAllowed unless the role reads the trail."""
    with _reader(viewer, "audit", "", at):
        found = AuditEvent.objects.filter(partnership=viewer.partnership, operation="disclosure")
        if agreement:
            found = found.filter(agreement=agreement)
        start = (page - 1) * PAGE
        return tuple(event_of(row) for row in found.order_by("-at", "id")[start : start + PAGE])


def odd(
    viewer: Viewer, patterns: Iterable[Pattern], *, since: datetime, day: tuple[int, int], at: datetime
) -> tuple[Odd, ...]:
    """What is worth a second look since `since`, in the order of the patterns. `day` is the London hours of a working
    day. Windows are counted from midnight UTC, so a run over an edge counts as two.

    Raises NotAllowed unless the viewer's role reads the trail.
    """
    found = []
    with _reader(viewer, "audit", "", at), connection.cursor() as cursor:
        for pattern in patterns:
            if pattern.sign not in SIGNS:
                continue
            cursor.execute(
                "SELECT username, count, first, last, object_type, object_id FROM audit_signs(%s, %s, %s, %s, %s, %s)",
                [pattern.sign, since, pattern.hours, pattern.at_least, *day],
            )
            found += [
                Odd(pattern.key, pattern.name, pattern.why, name, count, first, last, kind or "", subject or "")
                for name, count, first, last, kind, subject in cursor.fetchall()
            ]
    return tuple(found)


def open_search(viewer: Viewer, event_id: UUID, *, reason: str, at: datetime) -> dict[str, str] | None:
    """What somebody searched for. Opening it is a line of its own. None where the line holds no search that this
    installation's key opens. Raises NotAllowed unless the viewer's role reads the trail."""
    with _reader(viewer, "audit", str(event_id), at):
        row = AuditEvent.objects.filter(id=event_id, partnership=viewer.partnership).first()
        asked = row.detail.get("asked") if row is not None else None
        record(
            viewer=viewer,
            operation="consultation",
            action="audit.open_search",
            object_type="audit",
            object_id=event_id,
            reason=reason,
            outcome="done" if isinstance(asked, str) else "not_found",
            at=at,
        )
    return unsealed(asked) if isinstance(asked, str) else None


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


def verify_newest(links: int = 2000) -> BrokenLink | None:
    """As `verify`, for the newest links alone: fast whatever the trail's length, for a page. The whole trail is checked
    by `concord audit verify`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_chain IMMEDIATE")
        cursor.execute("SELECT at_position, event, why FROM audit_broken_since(%s)", [links])
        row = cursor.fetchone()
        cursor.execute("SET CONSTRAINTS audit_chain DEFERRED")
    return None if row is None else BrokenLink(position=row[0], event=str(row[1]), why=row[2])


def hash_at(position: int) -> str:
    """The hash of one link, to compare with a witness kept elsewhere; "" where the chain is not that long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(audit_hash_at(%s), 'hex')", [position])
        row = cursor.fetchone()
    return row[0] or "" if row else ""


def head() -> tuple[int, str]:
    """Position and hash of the newest link, to keep elsewhere as a witness. (0, "") for an empty trail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at_position, encode(newest, 'hex') FROM audit_head()")
        row = cursor.fetchone()
    return (row[0], row[1]) if row else (0, "")
