"""Which requests wait, what a person is given, what was written about them, whom a correction reached."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened, record
from concord.desk.audit.rules import Event, Odd, event_of, signs_about
from concord.desk.records import rules
from concord.desk.records.models import Notice, RightsRequest
from concord.desk.records.models import Passage as PassageRow
from concord.desk.records.queries.entries import as_text, recipients
from concord.desk.records.queries.retention import schedule
from concord.desk.records.rules import NoticeLine, Passage, RequestLine
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON

PAGE = 50


def requests(viewer: Viewer, *, at: datetime) -> tuple[RequestLine, ...]:
    """Rights requests: all that wait, the first due on top, then the 200 answered last. Raises NotAllowed unless the
    viewer answers them."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at):
        waits = list(RightsRequest.objects.filter(answered_at__isnull=True).order_by("due_on", "entered_at"))
        done = list(RightsRequest.objects.filter(answered_at__isnull=False).order_by("-answered_at")[:200])
    return tuple(_line(row, at) for row in (*waits, *done))


def request(viewer: Viewer, request_id: UUID, *, at: datetime) -> RequestLine:
    """One request. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at):
        row = RightsRequest.objects.filter(id=request_id).first()
    if row is None:
        raise NotHere("request")
    return _line(row, at)


@reading("rights.answer", "request")
def passages(viewer: Viewer, request_id: UUID, *, at: datetime) -> tuple[Passage, ...]:
    """What was written about the person of an access request, oldest first, each with its proposed words and what was
    decided. Reading it is entered in the trail. Raises NotAllowed."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at):
        found = read_passages(request_id)
        opened(
            viewer=viewer,
            action="rights.read",
            object_type="request",
            object_id=request_id,
            found=bool(found),
            reason="what was written about the person of a request",
            at=at,
        )
    return found


def read_passages(request_id: UUID) -> tuple[Passage, ...]:
    """The same inside a transaction that is already the officer's, for an operation."""
    decided = {
        f"{row.source}.{row.field}.{row.row}": (row.text, row.exemption, row.why)
        for row in PassageRow.objects.filter(request_id=request_id)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_texts(%s, %s)", [request_id, list(schedule().helped)])
        rows = [
            {
                "source": source,
                "row": row,
                "field": field,
                "at": at,
                "said": as_text(json.loads(said)) if source == rules.ENTRY_TABLE else said,
                "names": _json(names),
            }
            for source, row, field, at, said, names in cursor.fetchall()
        ]
    return rules.passages(rows, decided)


def exemptions() -> dict[str, str]:
    """Grounds for holding something back, by key, as the law names them."""
    rows = accounts.partnership().codelists.get("access_exemptions", ())
    return {row["key"]: f"{row['name']} ({row['law']})" for row in rows}


@reading("rights.answer", "request")
def subject_pack(viewer: Viewer, request_id: UUID, *, at: datetime) -> dict[str, Any]:
    """What the person of an access request is given (see `rules.pack`). Recorded as a disclosure to them.

    Raises NotAllowed, NotHere for a request that is not there or found nobody: for the person the two answers are one.
    """
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        wanted = RightsRequest.objects.filter(id=request_id, kind="access").exists()
        cursor.execute("SELECT records_subject(%s, %s)", [request_id, list(schedule().helped)])
        found = _json(cursor.fetchone()[0]) if wanted else None
        read = read_passages(request_id) if found else ()
        if found:
            found["sharing_grant"] = [*(found["sharing_grant"] or []), *recipients(found[rules.ENTRY_TABLE] or [])]
        record(
            viewer=viewer,
            operation="disclosure" if found else "consultation",
            action="rights.pack",
            object_type="request",
            object_id=request_id,
            reason="subject access",
            outcome="done" if found else "not_found",
            detail={
                "holders": ["the person the data are about"],
                "fields": [table for table in rules.TABLES if found.get(table)],
                "withheld": sorted({each.exemption for each in read if each.exemption}),
            }
            if found
            else {},
            at=at,
        )
    if not found:
        raise NotHere("record")
    return rules.pack(found, read, exemptions())


@reading("rights.answer", "request")
def entry_to_put_right(viewer: Viewer, request_id: UUID, *, at: datetime) -> dict[str, str] | None:
    """The register's entry of a rectification request, by field, as it stands. None where nobody was found. Looking is
    entered in the trail. Raises NotAllowed."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT records_entry(%s)", [request_id])
        found = _json(cursor.fetchone()[0])
        opened(
            viewer=viewer,
            action="rights.entry",
            object_type="request",
            object_id=request_id,
            found=bool(found),
            reason="what the person asks to have put right",
            at=at,
        )
    return {field: str(found[field] or "") for field in rules.CORRECTED} if found else None


def told(viewer: Viewer, request_id: UUID, *, at: datetime) -> tuple[NoticeLine, ...]:
    """Whom a correction was told to, and who has read it. Raises NotAllowed."""
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at):
        rows = list(Notice.objects.filter(request_id=request_id).order_by("told_at", "holder"))
    return tuple(_notice(row) for row in rows)


def put_right(viewer: Viewer, *, at: datetime) -> tuple[NoticeLine, ...]:
    """What was put right of something this viewer's teams and forums received, while nobody has marked it read, and
    only of people they may open. The newest first, fifty at most."""
    with as_viewer(viewer, at=at):
        unread = Notice.objects.filter(holder__in=viewer.holders, read_at__isnull=True)
        rows = list(sharing.visible(viewer, unread, "person", at=at, key="person_id").order_by("-told_at")[:PAGE])
    return tuple(_notice(row) for row in rows)


def leads(viewer: Viewer) -> bool:
    """Whether this viewer answers for people's records: a team's manager, or the coordinator of a forum."""
    return accounts.may(viewer, "person.looked")


@reading("person.looked", "person")
def looked(
    viewer: Viewer, person_id: UUID, *, at: datetime, page: int = 1
) -> tuple[tuple[Event, ...], tuple[Odd, ...]]:
    """Who read or changed the record of a person this viewer leads, newest first, fifty at a time, and what of it is
    worth a second look. Lines made for purposes that are not the viewer's own are the officer's alone. Asking is
    itself a line. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "person.looked")
    rule, most = sharing.oversight(), 500
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT records_leads(%s)", [person_id])
        (there,) = cursor.fetchone()
        cursor.execute("SELECT * FROM records_looked(%s, %s, %s)", [person_id, most, (page - 1) * PAGE])
        columns = [each.name for each in cursor.description]
        rows = [SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
        for row in rows:
            row.detail = _json(row.detail)
        opened(
            viewer=viewer,
            action="person.looked",
            object_type="person",
            object_id=person_id,
            found=there,
            reason="who looked at this record",
            at=at,
        )
    if not there:
        raise NotHere("person")
    events = tuple(event_of(row) for row in rows)
    odd = signs_about(events, rule.pattern, day=(rule.day_starts, rule.day_ends)) if page == 1 else ()
    return events[:PAGE], odd


def _line(row: RightsRequest, at: datetime) -> RequestLine:
    return RequestLine(
        request_id=row.id,
        kind=row.kind,
        found=row.person_id is not None,
        received_on=row.received_on,
        due_on=row.due_on,
        overdue=row.answered_at is None and row.due_on < at.astimezone(LONDON).date(),
        state=row.state,
        note=row.note,
        extended_why=row.extended_why,
        entered_by=row.entered_by,
    )


def _notice(row: Notice) -> NoticeLine:
    return NoticeLine(row.id, row.holder, row.person_id, row.field, row.told_at, row.read_at)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
