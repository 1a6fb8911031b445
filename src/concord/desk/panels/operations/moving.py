"""What changes of a meeting and its cases: time and place, their order, a case that waits, what is recorded of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from concord.desk.accounts.rules import Viewer
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Item, Meeting
from concord.desk.panels.operations.listing import by_threshold
from concord.desk.panels.operations.locked import locked_item, locked_meeting, record_under, save
from concord.desk.panels.rules import MEETING, Facets, NotNow
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.strategy.shapes.forum import Forum


@operation("meeting.plan", "meeting")
def move_meeting(
    *, viewer: Viewer, meeting_id: UUID, starts_at: datetime, place: str, version: int, at: datetime
) -> None:
    """Another time or place for a meeting that has not sat. Research closes with the new time; whoever may see its
    cases sees them until the forum's time after the new day.

    Raises NotAllowed, NotHere, NotNow for a meeting that sat, a day that is over, or a time that is taken,
    ChangedMeanwhile where somebody moved it since `version`.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "meeting.plan", any_state=True)
    if meeting.state != MEETING.initial:
        raise NotNow(
            f"This meeting is “{MEETING.states[meeting.state]}”.",
            why="Only a meeting that has not sat can be moved.",
            next_step="Plan another one.",
        )
    if version != meeting.version:
        raise changed_meanwhile(viewer, "meeting", "meeting", meeting.id, version=meeting.version)
    rules.require_to_come(starts_at, at)
    if starts_at != meeting.starts_at:
        taken = Meeting.objects.filter(partnership=viewer.partnership, forum=of.key, starts_at=starts_at)
        if taken.exists():
            raise NotNow(f"{of.abbreviation} already meets then.", next_step="Choose another time.")
    was, later = meeting.cut_off_at, starts_at > meeting.starts_at
    meeting.starts_at, meeting.place = starts_at, place.strip()
    meeting.cut_off_at = rules.cut_off(of, starts_at)
    meeting.version += 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_move_cut_off(%s, %s, %s)", [meeting.id, was, meeting.cut_off_at])
    meeting.save()
    if later and of.hears == "cases":
        for row in queries.visible_items(viewer, at).filter(meeting=meeting, state="listed").order_by("position"):
            _shown_until(viewer, of, row, starts_at, at)
    record_under(viewer, "alteration", "meeting.move", "meeting", meeting.id, of, at)


@operation("meeting.run", "item")
def hear_earlier(*, viewer: Viewer, item_id: UUID, at: datetime) -> None:
    """One place further up the agenda, of the cases that the viewer sees: a case kept from them keeps its place and
    does not show. The first stays the first. Raises NotAllowed, NotHere, NotNow once the case was heard."""
    of, row = locked_item(viewer, item_id, "meeting.run", None, at)
    if row.state != "listed" or row.meeting.state not in ("planned", "open"):
        raise NotNow("This case has been heard.", next_step="Order those that are still to be heard.")
    before = (
        queries.visible_items(viewer, at)
        .filter(meeting_id=row.meeting_id, state="listed", position__lt=row.position)
        .order_by("-position")
        .first()
    )
    if before is None:
        return
    Item.objects.filter(id=row.id).update(position=before.position)
    Item.objects.filter(id=before.id).update(position=row.position)
    record_under(viewer, "alteration", "item.order", "item", row.id, of, at)


@operation("item.list", "item")
def hear_at(*, viewer: Viewer, item_id: UUID, meeting_id: UUID, reason: str, version: int, at: datetime) -> None:
    """A case goes to another meeting of its forum, with the reason and all that was given on it.

    Raises NotAllowed, NotHere, NotNow for a case that was heard, a meeting that is over, or one that hears it already.
    """
    of, row = locked_item(viewer, item_id, "item.list", version, at)
    if row.state != "listed" or row.meeting.state not in ("planned", "open"):
        raise NotNow("This case has been heard.", next_step="Carry it over, or list it again.")
    if not reason.strip():
        raise NotNow("Say why it is not heard this time.", next_step="Give a reason and send it again.")
    to_of, to = locked_meeting(viewer, meeting_id, "item.list")
    if to_of.key != of.key or to.id == row.meeting_id:
        raise NotNow("Choose another meeting of this forum.", next_step="Plan one first where there is none.")
    if row.contact_id and Item.objects.filter(meeting=to, contact_id=row.contact_id).exists():
        raise NotNow("That meeting hears this case already.", next_step="Take it off this one instead.")
    row.meeting = to
    row.position = (Item.objects.filter(meeting=to).aggregate(last=Max("position"))["last"] or 0) + 1
    save(row)
    if of.hears == "cases":
        _shown_until(viewer, of, row, to.starts_at, at)
    record_under(viewer, "alteration", "item.move", "item", row.id, of, at, reason=reason)


@operation("item.list", "item")
def record_facets(*, viewer: Viewer, item_id: UUID, facets: Facets, version: int, at: datetime) -> None:
    """What the forum records of a case, as it is known now: the return counts it. Until the minutes are signed.

    Raises NotAllowed, NotHere, NotNow for an answer the forum's file does not have, or a score that the case does not
    rest on, ChangedMeanwhile.
    """
    of, row = locked_item(viewer, item_id, "item.list", version, at)
    if row.meeting.state == "signed" or row.state == "withdrawn":
        raise NotNow("The minutes are signed.", next_step="It counts as it was recorded.")
    kept = rules.checked_facets(of, row.kind, facets)
    kept = rules.checked_facets(of, row.kind, by_threshold(viewer, of, row.kind, kept, row.result_id, at))
    changed = sorted(key for key in {*kept, *row.facets} if kept.get(key) != row.facets.get(key))
    row.facets = kept
    save(row)
    record_under(viewer, "alteration", "item.facets", "item", row.id, of, at, detail={"changed": changed})


def _shown_until(viewer: Viewer, of: Forum, row: Item, starts_at: datetime, at: datetime) -> None:
    """The members keep a case and its people until the forum's time after the meeting is over."""
    persons = sorted(set(row.involved.values_list("person_id", flat=True)))
    sharing.share(
        viewer=viewer,
        subjects=[("item", row.id), *(("person", each) for each in persons)],
        holders={f"forum:{of.key}": starts_at + timedelta(days=of.access_days_after)},
        purpose=of.purpose,
        gateway=of.gateway,
        agreement=of.agreement,
        at=at,
    )
