"""The pack of a meeting for those who sit, what waits for an approver, and the population a rate is per."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import opened
from concord.desk.panels import rules
from concord.desk.panels.queries.reach import PAGE
from concord.desk.panels.rules import PACK, Tampered
from concord.desk.panels.standing import Pack, Population
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


@dataclass(frozen=True, slots=True)
class PackPage:
    """A meeting's newest pack. `content` is empty until it is made."""

    pack_id: UUID
    forum: str
    number: int
    publication: str
    state: str
    state_name: str
    asked_by: str
    asked_by_id: UUID
    asked_at: datetime
    approved_by: str
    made_at: datetime | None
    content: Mapping[str, Any]
    trouble: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A population as it was brought to the desk."""

    persons: int
    source: str
    code: str
    brought_at: datetime


def pack(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> PackPage | None:
    """The newest pack of a meeting of a forum where the viewer sits; None without one. Recorded.

    Raises Tampered where its content is not what was kept.
    """
    with as_viewer(viewer, at=at):
        sits = {each.partition(":")[0] for each in viewer.forums}
        row = (
            Pack.objects.filter(meeting_id=meeting_id, forum__in=sits)
            .select_related("asked_by")
            .order_by("-number")
            .first()
        )
        if row is None:
            return None
        accounts.require(viewer, "meeting.read", row.forum)
        opened(viewer=viewer, action="pack.read", object_type="pack", object_id=row.id, found=True, at=at)
    if row.state == "made" and rules.digest(json.dumps(row.content, sort_keys=True, ensure_ascii=False)) != row.digest:
        raise Tampered(
            "This pack is not the one that was made.",
            why="Its figures no longer have the digest that was kept when they were approved.",
            next_step="Tell your data protection officer: the trail holds the digest.",
        )
    return _page(row)


@reading("release.approve", "pack")
def packs_waiting(viewer: Viewer, *, at: datetime) -> tuple[PackPage, ...]:
    """Packs that wait for somebody's approval, oldest first, without what is in them. Raises NotAllowed for others."""
    accounts.require(viewer, "release.approve")
    with as_viewer(viewer, at=at):
        found = Pack.objects.filter(state=PACK.initial).select_related("asked_by")
        return tuple(_page(row) for row in found.order_by("asked_at", "id")[:PAGE])


def population(viewer: Viewer, key: str, *, at: datetime) -> Brought | None:
    """The newest population of that name; None before the first was brought. It is an open figure."""
    with as_viewer(viewer, at=at):
        row = Population.objects.filter(partnership=viewer.partnership, key=key).order_by("-brought_at").first()
    return None if row is None else Brought(row.persons, row.source, row.code, row.brought_at.astimezone(LONDON))


def _page(row: Pack) -> PackPage:
    return PackPage(
        pack_id=row.id,
        forum=row.forum,
        number=row.number,
        publication=row.publication,
        state=row.state,
        state_name=PACK.states[row.state],
        asked_by=row.asked_by.display_name,
        asked_by_id=row.asked_by_id,
        asked_at=row.asked_at.astimezone(LONDON),
        approved_by=row.approved_by,
        made_at=row.made_at.astimezone(LONDON) if row.made_at else None,
        content=row.content if row.state == "made" else {},
        trouble=row.trouble,
    )
