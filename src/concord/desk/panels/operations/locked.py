"""A row opened for a change and locked until it is done, and the line the trail keeps of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.panels import queries
from concord.desk.panels.models import Action, Item, Meeting
from concord.desk.panels.rules import MEETING, NotNow
from concord.strategy.shapes.forum import Forum


def locked_meeting(viewer: Viewer, meeting_id: UUID, verb: str, *, any_state: bool = False) -> tuple[Forum, Meeting]:
    """The meeting, locked, if the viewer sits on its forum and their part there lists the verb."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    found = Meeting.objects.select_for_update(of=("self",)).filter(partnership=viewer.partnership, forum__in=sits)
    row = found.filter(id=meeting_id).first()
    if row is None:
        raise NotHere("meeting")
    accounts.require(viewer, verb, row.forum)
    of = queries.forum(row.forum)
    if not any_state and row.state not in ("planned", "open"):
        raise NotNow(
            f"This meeting is “{MEETING.states[row.state]}”.",
            why="What was decided there stays as it was.",
            next_step="Use the next meeting.",
        )
    return of, row


def locked_item(viewer: Viewer, item_id: UUID, verb: str, version: int | None, at: datetime) -> tuple[Forum, Item]:
    """The case, locked until the transaction ends, if it is shared with the viewer and they saw its newest version."""
    found = Item.objects.select_related("meeting").select_for_update(of=("self",))
    row = found.filter(id__in=queries.visible_items(viewer, at).filter(id=item_id).values("id")).first()
    if row is None:
        raise NotHere("case")
    accounts.require(viewer, verb, row.meeting.forum)
    if version is not None and version != row.version:
        raise changed_meanwhile(viewer, "case", "item", row.id, version=row.version)
    return queries.forum(row.meeting.forum), row


def save(row: Item | Action) -> None:
    row.version += 1
    row.save()


def record_under(
    viewer: Viewer,
    kind: str,
    action: str,
    object_type: str,
    object_id: UUID,
    of: Forum,
    at: datetime,
    *,
    reason: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type=object_type,
        object_id=object_id,
        reason=reason,
        gateway=of.gateway,
        agreement=of.agreement,
        detail=detail,
        at=at,
    )
