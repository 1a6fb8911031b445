"""What is past its time, what is held, what was erased, which requests wait."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.records import rules
from concord.desk.records.models import Approval, ErasureCertificate, Hold, RightsRequest
from concord.desk.records.rules import Certificate, Due, HoldLine, RequestLine, Summary
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.errors import BadInput
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.retention import Category, Retention


def schedule() -> Retention:
    """The partnership's retention schedule. Raises BadInput where no file says one."""
    found = accounts.partnership().retention
    if found is None:
        raise BadInput(
            "The partnership folder has no retention.toml.",
            why="Nothing can be past its time without a time.",
            next_step="Extend the national folder, or add the file.",
        )
    return found


def due(viewer: Viewer, *, at: datetime) -> tuple[Due, ...]:
    """Records past their time by the London calendar, the longest past first. A dry run: nothing changes.

    Raises NotAllowed unless the viewer decides about retention or carries it out.
    """
    _require(viewer)
    categories = json.dumps([_plain(each) for each in schedule().category])
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_due(%s::jsonb, %s)", [categories, at.astimezone(LONDON).date()])
        return tuple(Due(*row) for row in cursor.fetchall())


def summary(viewer: Viewer, *, at: datetime) -> tuple[Summary, ...]:
    """The schedule with what is past its time in each category. Raises NotAllowed as `due` does."""
    found = due(viewer, at=at)
    with as_viewer(viewer, at=at):
        approved = {each for row in Approval.objects.filter(carried_out_at__isnull=True) for each in row.records}
    lines = []
    for category in schedule().category:
        mine = [each for each in found if each.category == category.key]
        free = [each for each in mine if not each.held]
        lines.append(
            Summary(
                key=category.key,
                name=category.name,
                basis=category.basis,
                due=len(free),
                held=len(mine) - len(free),
                oldest=min((each.ends_on for each in mine), default=None),
                approved=sum(each.id in approved for each in free),
            )
        )
    return tuple(lines)


def holds(viewer: Viewer, *, at: datetime) -> tuple[HoldLine, ...]:
    """Holds that stand, the oldest first. Raises NotAllowed as `due` does."""
    _require(viewer)
    with as_viewer(viewer, at=at):
        rows = list(Hold.objects.filter(lifted_at__isnull=True).order_by("at"))
    return tuple(HoldLine(row.id, row.kind, row.subject_id, row.reason, row.by, row.at) for row in rows)


def certificates(viewer: Viewer, *, at: datetime) -> tuple[Certificate, ...]:
    """Every certificate, in order. Raises NotAllowed as `due` does."""
    _require(viewer)
    with as_viewer(viewer, at=at):
        rows = list(ErasureCertificate.objects.order_by("number"))
    return tuple(
        Certificate(
            number=row.number,
            category=row.category,
            decided_by=row.decided_by,
            carried_out_at=row.carried_out_at,
            rows=row.rows,
            digests=tuple(row.digests),
            previous=row.previous,
            sha256=row.sha256,
        )
        for row in rows
    )


def requests(viewer: Viewer, *, at: datetime) -> tuple[RequestLine, ...]:
    """Rights requests, those that wait first. Raises NotAllowed unless the viewer answers them."""
    accounts.require(viewer, "rights.answer")
    day = at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        rows = list(RightsRequest.objects.order_by("answered_at", "due_on"))
    lines = [
        RequestLine(
            request_id=row.id,
            kind=row.kind,
            found=row.person_id is not None,
            received_on=row.received_on,
            due_on=row.due_on,
            overdue=row.answered_at is None and row.due_on < day,
            state="answered" if row.answered_at else "waits",
            note=row.note,
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (line.state == "answered", line.due_on)))


@reading("rights.answer", "request")
def subject_pack(viewer: Viewer, request_id: UUID, *, at: datetime) -> dict[str, Any]:
    """What the person of an access request is given (see `rules.pack`). Recorded as a disclosure to them.

    Raises NotAllowed, NotHere for a request that is not there or found nobody: for the person the two answers are one.
    """
    accounts.require(viewer, "rights.answer")
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT records_subject(%s)", [request_id])
        (found,) = cursor.fetchone()
        record(
            viewer=viewer,
            operation="disclosure" if found else "consultation",
            action="rights.pack",
            object_type="request",
            object_id=request_id,
            reason="subject access",
            outcome="done" if found else "not_found",
            detail={"holders": ["the person the data are about"]} if found else {},
            at=at,
        )
    if not found:
        raise NotHere("record")
    return rules.pack(json.loads(found) if isinstance(found, str) else found)


def _require(viewer: Viewer) -> None:
    if not accounts.may(viewer, "retention.carry_out"):
        accounts.require(viewer, "retention.decide")


def _plain(category: Category) -> dict[str, Any]:
    return {
        "key": category.key,
        "of": category.of,
        "pathway": category.pathway,
        "routes": list(category.routes),
        "forum": category.forum,
        "months": category.months,
        "until_age": category.until_age,
    }
