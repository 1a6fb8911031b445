"""What comes onto an agenda by itself, by the forum's own file: nothing from outside the desk but what is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.panels import queries
from concord.desk.panels.models import Item, Meeting
from concord.desk.panels.operations.listing import new_reference, put_on
from concord.desk.panels.operations.locked import locked_meeting, record_under
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import Accepted
from concord.desk.sharing.session import operation
from concord.strategy.shapes.forum import Forum, Pull


@operation("item.list", "meeting")
def pull_in(*, viewer: Viewer, meeting_id: UUID, headlines: Mapping[str, tuple[str, str]], at: datetime) -> int:
    """Put on the agenda what the forum's file says comes by itself and is not on it yet. Returns how many came.

    `headlines` gives each publication's newest published headline and its address; a publication that is not in it has
    nothing published. Doing it twice adds nothing. Raises NotAllowed, NotHere, NotNow for a meeting that is over.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    came = 0
    for pull in of.pull:
        if pull.source == "carried":
            came += _carried(viewer, of, meeting, at)
        elif pull.source == "headline":
            came += _headline(viewer, of, meeting, pull, headlines, at)
        else:
            came += _contacts(viewer, of, meeting, pull, at)
    record_under(viewer, "combination", "meeting.pull", "meeting", meeting.id, of, at, detail={"items": came})
    return came


def _carried(viewer: Viewer, of: Forum, meeting: Meeting, at: datetime) -> int:
    waiting = queries.visible_items(viewer, at).filter(
        meeting__forum=of.key, meeting__starts_at__lt=meeting.starts_at, state="carried_over", listed_again=False
    )
    rows = list(waiting.prefetch_related("involved").order_by("listed_at", "id"))
    for row in rows:
        put_on(
            viewer,
            of,
            meeting,
            at,
            kind=row.kind,
            contact_id=row.contact_id,
            carried_from=row,
            reference=row.reference,
            about=row.about,
            reason=row.reason,
            concern=row.concern,
            repeat=row.repeat,
            persons=tuple((each.person_id, each.role) for each in row.involved.all()),
            whereabouts=row.whereabouts,
            facets=row.facets,
            result_id=row.result_id,
            heard_on=True,
        )
    return len(rows)


def _contacts(viewer: Viewer, of: Forum, meeting: Meeting, pull: Pull, at: datetime) -> int:
    found: tuple[Accepted, ...]
    if pull.source == "accepted":
        found = referrals.accepted(viewer, of.key, at=at, without=queries.listed_already(viewer, of.key))
    else:
        since = at - timedelta(hours=pull.hours)
        found = referrals.recent(viewer, pull.pathway, since=since, rags=pull.rag, at=at)
    on = Item.objects.filter(contact_id__in=[each.contact_id for each in found], meeting__forum=of.key)
    listed = set(on.values_list("contact_id", flat=True))
    fresh = [each for each in found if each.contact_id not in listed]
    kind = pull.kind or next(each.key for each in of.item if each.subject == "person")
    for each in fresh:
        put_on(
            viewer,
            of,
            meeting,
            at,
            kind=kind,
            contact_id=each.contact_id,
            reference=each.reference,
            about=each.about,
            reason=each.rationale or each.concern,
            concern=each.concern,
            repeat=each.repeat,
            persons=each.persons,
        )
    return len(fresh)


def _headline(
    viewer: Viewer,
    of: Forum,
    meeting: Meeting,
    pull: Pull,
    headlines: Mapping[str, tuple[str, str]],
    at: datetime,
) -> int:
    words, address = headlines.get(pull.publication, ("", ""))
    since = meeting.starts_at - timedelta(hours=pull.hours)
    same = queries.visible_items(viewer, at).filter(meeting__forum=of.key, about=words, meeting__starts_at__gte=since)
    if not words or same.exists():
        return 0
    put_on(
        viewer,
        of,
        meeting,
        at,
        kind=pull.kind,
        reference=new_reference(),
        about=words,
        reason="The newest published pack.",
        repeat=False,
        persons=(),
        whereabouts=address,
    )
    return 1
