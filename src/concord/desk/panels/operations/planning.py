"""Plan a meeting; put cases on its agenda, carry them over, take them off."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Item, Meeting
from concord.desk.panels.operations.listing import put_on
from concord.desk.panels.operations.locked import locked_item, locked_meeting, record_under, save
from concord.desk.panels.rules import ITEM, Facets, NotNow
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import operation


@operation("meeting.plan", "meeting")
def plan_meeting(*, viewer: Viewer, forum: str, starts_at: datetime, place: str, at: datetime) -> UUID:
    """Put a meeting in the calendar. Research closes as the forum's file says. Returns the meeting.

    Raises NotAllowed unless the viewer coordinates the forum, NotNow for a day that is over or a time that is taken.
    """
    of = queries.forum(forum)
    accounts.require(viewer, "meeting.plan", forum)
    rules.require_to_come(starts_at, at)
    if Meeting.objects.filter(partnership=viewer.partnership, forum=forum, starts_at=starts_at).exists():
        raise NotNow(f"{of.abbreviation} already meets then.", next_step="Open that meeting, or choose another time.")
    row = Meeting.objects.create(
        partnership=viewer.partnership,
        forum=forum,
        starts_at=starts_at,
        cut_off_at=rules.cut_off(of, starts_at),
        place=place,
        hears=of.hears,
        public=of.public,
    )
    record_under(viewer, "collection", "meeting.plan", "meeting", row.id, of, at)
    return row.id


@operation("item.list", "item")
def list_contact(
    *,
    viewer: Viewer,
    meeting_id: UUID,
    contact_id: UUID,
    kind: str = "person_at_risk",
    reason: str,
    facets: Facets = MappingProxyType({}),
    result_id: UUID | None = None,
    at: datetime,
) -> UUID:
    """Put a contact from the forum's tray on an agenda. From now on the forum's members share the case and the
    people in it, until the forum's time after the meeting is over. Returns the case.

    Raises NotAllowed, NotHere, NotNow for a meeting that is over or a contact already on this agenda.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    asked = rules.kind_named(of, kind, ["person", "place", "group", "online"])
    found = referrals.accepted(viewer, of.key, at=at, ids=[contact_id])
    if not found:
        raise NotHere("contact")
    contact = found[0]
    on = Item.objects.filter(meeting=meeting, contact_id=contact_id).first()
    if on is not None and on.state == "withdrawn":
        raise NotNow("This case was taken off this agenda.", next_step="List it at another meeting.")
    if on is not None:
        raise NotNow("This contact is on this agenda already.", next_step="Open the case.")
    # A referral about a place is heard as that place; who else it names stays with the contact.
    thing = next((each for each in contact.subjects if each.kind == asked.subject), None)
    if asked.subject != "person" and thing is None:
        raise NotNow(
            f"This referral names no {asked.subject}.", next_step="Choose another kind of item, or list it by itself."
        )
    return put_on(
        viewer,
        of,
        meeting,
        at,
        kind=kind,
        contact_id=contact_id,
        reference=contact.reference,
        about=thing.name if thing else contact.about,
        whereabouts=thing.where if thing else "",
        reason=reason,
        concern=contact.concern,
        repeat=contact.repeat,
        persons=() if thing else contact.persons,
        facets=rules.with_ground(of, kind, facets, contact.ground),
        result_id=result_id,
    )


@operation("item.list", "item")
def carry_over(*, viewer: Viewer, item_id: UUID, meeting_id: UUID, at: datetime) -> UUID:
    """Put a case that was carried over on a later agenda. Returns the new case.

    Raises NotAllowed, NotHere, NotNow for a case that was not carried over, or is on a later agenda already.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    _, before = locked_item(viewer, item_id, "item.list", None, at)
    if before.state != "carried_over" or Item.objects.filter(carried_from=before).exists():
        raise NotNow("This case is not waiting to be heard again.", next_step="Open the case.")
    if before.meeting.forum != meeting.forum:
        raise NotHere("case")
    persons = tuple(before.involved.values_list("person_id", "role"))
    return put_on(
        viewer,
        of,
        meeting,
        at,
        kind=before.kind,
        contact_id=before.contact_id,
        carried_from=before,
        reference=before.reference,
        about=before.about,
        reason=before.reason,
        concern=before.concern,
        repeat=before.repeat,
        persons=persons,
        whereabouts=before.whereabouts,
        facets=before.facets,
        result_id=before.result_id,
        heard_on=True,
    )


@operation("item.list", "item")
def withdraw(*, viewer: Viewer, item_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Take a case off the agenda, with the reason: it is not heard. For one that only waits, see `hear_at`.

    Raises NotAllowed, NotHere, NotNow, ChangedMeanwhile.
    """
    of, row = locked_item(viewer, item_id, "item.list", version, at)
    if row.meeting.state not in ("planned", "open"):
        raise NotNow("The meeting is over.", next_step="What was decided there stays as it was.")
    if not reason.strip():
        raise NotNow("Say why the case is withdrawn.", next_step="Give a reason and send it again.")
    row.state = ITEM.after(row.state, "withdraw")
    save(row)
    record_under(viewer, "alteration", "item.withdraw", "item", row.id, of, at, reason=reason)
