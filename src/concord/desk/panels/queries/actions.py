"""Actions: an agency's own, a forum's, those about a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.panels.models import Action, HandOff
from concord.desk.panels.queries.forums import agency_name, forum
from concord.desk.panels.queries.reach import PAGE, consulted, open_to, visible_items
from concord.desk.panels.rules import ACTION, ActionLine, escalates_before
from concord.desk.people import queries as people
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


def my_actions(
    viewer: Viewer, *, at: datetime, status: str = "open", forum_key: str = "", own: bool = False, page: int = 1
) -> tuple[ActionLine, ...]:
    """Actions of the viewer's agency, or with `own` those they took on themselves: soonest due first; closed ones
    newest first. What several forums handed over of one person is one line. Recorded as one consultation."""
    with as_viewer(viewer, at=at):
        found = open_to(viewer, at).filter(agency=viewer.agency)
        if own:
            found = found.filter(owner_id=viewer.user_id)
        found = found.filter(status="open") if status == "open" else found.exclude(status="open")
        if forum_key:
            found = found.filter(forum=forum_key)
        order = ("due_on", "id") if status == "open" else ("-completed_at", "id")
        rows = list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE])
        return _once(rows, _listed(viewer, rows, at))


def _once(rows: list[Action], lines: tuple[ActionLine, ...]) -> tuple[ActionLine, ...]:
    """Hand-offs of one person for one purpose as one line that names every forum. `lines` are those of `rows`."""
    handed = {
        action: (person, purpose)
        for action, person, purpose in HandOff.objects.filter(action__in=[row.id for row in rows]).values_list(
            "action_id", "person_id", "purpose"
        )
    }
    kept: dict[object, ActionLine] = {}
    for row, line in zip(rows, lines, strict=True):
        key = (*handed[row.id], row.status) if row.id in handed else row.id
        first = kept.get(key)
        kept[key] = line if first is None else replace(first, also=(*first.also, line.abbreviation))
    return tuple(kept.values())


@reading("action.read", "action")
def forum_actions(
    viewer: Viewer, forum_key: str, *, at: datetime, status: str = "open", page: int = 1
) -> tuple[ActionLine, ...]:
    """Every agency's actions from one forum, soonest due first; those that ended, newest first.

    Raises NotAllowed for those who do not sit there.
    """
    accounts.require(viewer, "action.read", forum_key)
    with as_viewer(viewer, at=at):
        found = open_to(viewer, at).filter(forum=forum_key)
        still = status == "open"
        found = found.filter(status="open") if still else found.exclude(status="open")
        order = ("due_on", "id") if still else ("-completed_at", "id")
        return _listed(viewer, list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE]), at)


def action(viewer: Viewer, action_id: UUID, *, at: datetime) -> ActionLine:
    """One action, opened and recorded. Raises NotHere."""
    with as_viewer(viewer, at=at):
        rows = list(open_to(viewer, at).filter(id=action_id))
        opened(
            viewer=viewer,
            action="action.read",
            object_type="action",
            object_id=action_id,
            found=bool(rows),
            at=at,
        )
        lines = action_lines(viewer, rows, at)
    if not lines:
        raise NotHere("action")
    return lines[0]


def actions_about(
    viewer: Viewer, person_id: UUID, *, at: datetime, records: frozenset[UUID] | None = None
) -> tuple[ActionLine, ...]:
    """Open actions about a person across the forums that the viewer may see, soonest due first. `records` as in
    `for_person`."""
    with as_viewer(viewer, at=at):
        records = records or people.records_of(viewer, [person_id], at=at)
        rows = open_to(viewer, at).filter(item__involved__person_id__in=records, status="open").distinct()
        return action_lines(viewer, list(rows.order_by("due_on", "id")[:PAGE]), at)


def actions_of_contacts(viewer: Viewer, contact_ids: Iterable[UUID], *, at: datetime) -> tuple[ActionLine, ...]:
    """Actions that forums agreed on cases which came from these contacts, open ones first: for the page of a place or a
    group. Not recorded: the caller opened that page."""
    with as_viewer(viewer, at=at):
        rows = open_to(viewer, at).filter(item__contact_id__in=set(contact_ids))
        return action_lines(viewer, list(rows.order_by("-status", "due_on", "id")[:PAGE]), at)


def _listed(viewer: Viewer, rows: list[Action], at: datetime) -> tuple[ActionLine, ...]:
    consulted(viewer, "action.list", "action", [row.id for row in rows], at)
    return action_lines(viewer, rows, at)


def action_lines(
    viewer: Viewer, rows: Iterable[Action], at: datetime, *, about: str | None = None
) -> tuple[ActionLine, ...]:
    rows, day = list(rows), at.astimezone(LONDON).date()
    owners = accounts.names(viewer, wanted) if (wanted := {row.owner_id for row in rows if row.owner_id}) else {}
    named: dict[UUID, str] = {}
    if about is None and rows:
        named = dict(visible_items(viewer, at).filter(id__in={row.item_id for row in rows}).values_list("id", "about"))
    return tuple(
        ActionLine(
            action_id=row.id,
            forum=row.forum,
            abbreviation=forum(row.forum).abbreviation,
            item_id=row.item_id,
            about=named.get(row.item_id, "") if about is None else about,
            agency=agency_name(row.agency),
            text=row.text,
            raised_on=row.raised_on,
            due_on=row.due_on,
            status=row.status,
            status_name=ACTION.states[row.status],
            overdue=row.status == "open" and row.due_on < day,
            reason=row.reason,
            completed_at=row.completed_at.astimezone(LONDON) if row.completed_at else None,
            version=row.version,
            mine=row.agency == viewer.agency,
            owner=owners.get(row.owner_id, "") if row.owner_id else "",
            owned=row.owner_id == viewer.user_id,
            with_chair=row.status == "open"
            and row.due_on < escalates_before(forum(row.forum).escalate_after_days, day),
        )
        for row in rows
    )
