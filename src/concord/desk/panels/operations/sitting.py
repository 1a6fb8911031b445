"""The meeting itself: who is here, open, close, sign the minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, NotHere, Viewer
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Attendance, Minutes
from concord.desk.panels.operations.locked import locked_meeting, record_under
from concord.desk.panels.rules import MEETING, NotNow
from concord.desk.sharing.session import operation


@operation("meeting.run", "meeting")
def record_attendance(
    *, viewer: Viewer, meeting_id: UUID, user_id: UUID, present: bool, signed: bool = False, at: datetime
) -> None:
    """Who is here, and whether they signed the confidentiality statement. Without it they do not count.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "meeting.run")
    member = _sitting(viewer, of.key).get(user_id)
    if member is None:
        raise NotHere("member")
    Attendance.objects.update_or_create(
        meeting=meeting,
        user_id=user_id,
        defaults={
            "agency": member.agency,
            "seat": member.seat,
            "present": present,
            "confidentiality_signed_at": at if present and signed else None,
        },
    )
    record_under(viewer, "alteration", "meeting.attendance", "meeting", meeting.id, of, at, detail={"present": present})


@operation("meeting.run", "meeting")
def everybody_here(*, viewer: Viewer, meeting_id: UUID, absent: Iterable[UUID] = (), at: datetime) -> None:
    """Record every member as present and signed, except those named as absent. Replaces what was recorded.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "meeting.run")
    away = set(absent)
    Attendance.objects.bulk_create(
        [
            Attendance(
                meeting=meeting,
                user_id=each.user_id,
                agency=each.agency,
                seat=each.seat,
                present=each.user_id not in away,
                confidentiality_signed_at=None if each.user_id in away else at,
            )
            for each in _sitting(viewer, of.key).values()
        ],
        update_conflicts=True,
        unique_fields=["meeting", "user"],
        update_fields=["agency", "seat", "present", "confidentiality_signed_at"],
    )
    record_under(
        viewer, "alteration", "meeting.attendance", "meeting", meeting.id, of, at, detail={"absent": len(away)}
    )


@operation("meeting.run", "meeting")
def open_meeting(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> None:
    """The meeting sits. Raises NotAllowed, NotHere, NotNow."""
    _step(viewer, meeting_id, "open", "meeting.run", at)


@operation("meeting.run", "meeting")
def close_meeting(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> None:
    """The meeting is over. Raises NotNow while a case is neither decided, carried over nor withdrawn.

    A case that the person at the screen is kept out of neither stops them nor shows: undecided, it is carried over.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "meeting.run", any_state=True)
    if queries.visible_items(viewer, at).filter(meeting=meeting, state="listed").exists():
        raise NotNow(
            f"{of.abbreviation} cannot close: not every case has been decided.",
            why="Each case ends with a decision, or is carried over.",
            next_step="Go through the agenda once more.",
        )
    queries.carry_hidden(meeting.id)
    _step(viewer, meeting_id, "close", "meeting.run", at)


@operation("meeting.sign", "meeting")
def sign_minutes(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> str:
    """The chair signs the minutes drafted from the record; they cannot change afterwards. Returns them.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "meeting.sign", any_state=True)
    page = queries.meeting(viewer, meeting_id, at=at)
    text = queries.draft_minutes(viewer, page, at)
    meeting.state = MEETING.after(meeting.state, "sign")
    meeting.version += 1
    meeting.save()
    sealed = rules.digest(text)
    Minutes.objects.create(
        meeting=meeting,
        text=text,
        digest=sealed,
        covers=[str(line.item_id) for line in page.items],
        signed_by_id=viewer.user_id,
        signed_at=at,
    )
    # The trail is chained, so whoever alters the minutes past the program would have to alter the trail too.
    record_under(viewer, "alteration", "meeting.sign", "meeting", meeting.id, of, at, detail={"sha256": sealed})
    return text


def _sitting(viewer: Viewer, forum: str) -> dict[UUID, Member]:
    """Everybody who sits, once each: whoever has two parts fills the seat of the one that has a seat."""
    return {each.user_id: each for each in sorted(accounts.members(viewer, forum), key=lambda one: bool(one.seat))}


def _step(viewer: Viewer, meeting_id: UUID, verb: str, permission: str, at: datetime) -> None:
    of, meeting = locked_meeting(viewer, meeting_id, permission, any_state=True)
    meeting.state = MEETING.after(meeting.state, verb)
    meeting.version += 1
    meeting.save()
    record_under(viewer, "alteration", f"meeting.{verb}", "meeting", meeting.id, of, at)
