"""What is past its time, what is held, what was erased."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.records.models import Approval, ErasureCertificate, Hold
from concord.desk.records.rules import Certificate, Due, HoldLine, Summary
from concord.desk.sharing.session import as_viewer
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
    return replace(found, category=(*_of_registers(), *found.category))


def _of_registers() -> tuple[Category, ...]:
    """A register says in its own file how long an entry is kept after it ended: written there, and read from there."""
    return tuple(
        Category(
            key=f"register_{key}",
            name=f"Closed in “{of.name}”",
            of="entry",
            routes=(key,),
            months=of.months,
            basis=of.basis,
        )
        for key, of in sorted(accounts.partnership().kept_registers.items())
    )


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
