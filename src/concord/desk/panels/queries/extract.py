"""The desk's own extract of actions: dates and statuses, nothing else."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import reading, rows_of_extract
from concord.kernel.working_time import LONDON


@reading("extract.actions", "action")
def extract_actions(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Rows of the desk's depersonalised extract: dates and statuses of actions, nothing else.

    Columns: action_ref (opaque), forum, agency, raised_on, due_on, completed_on (None while open), status.
    Read through a database view that holds no other column. Raises NotAllowed unless the viewer is the service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.actions",
        object_type="action",
        sql="SELECT id, forum, agency, raised_on, due_on, completed_at, status FROM panels_extract_actions"
        " WHERE raised_on <= %s ORDER BY raised_on, id",
        until=at.astimezone(LONDON).date(),
        at=at,
    )
    return [
        {
            "action_ref": referrals.opaque("action", row[0]),
            "forum": row[1],
            "agency": row[2],
            "raised_on": row[3],
            "due_on": row[4],
            "completed_on": row[5].astimezone(LONDON).date() if row[5] else None,
            "status": row[6],
        }
        for row in rows
    ]


@reading("extract.actions", "meeting")
def extract_attendance(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Who was there, by agency and never by name: attendance_ref (opaque), forum, met_on, agency, present.

    Raises NotAllowed unless the viewer is the service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.actions",
        object_type="meeting",
        sql="SELECT id, forum, starts_at, agency, present FROM panels_extract_attendance"
        " WHERE starts_at <= %s ORDER BY starts_at, id",
        until=at,
        at=at,
    )
    return [
        {
            "attendance_ref": referrals.opaque("attendance", row[0]),
            "forum": row[1],
            "met_on": row[2].astimezone(LONDON).date(),
            "agency": row[3],
            "present": "yes" if row[4] else "no",
        }
        for row in rows
    ]


@reading("extract.actions", "item")
def extract_hearings(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Hearings without anybody in them: hearing_ref (opaque), forum, kind, met_on, first_hearing, repeat, days_to
    (whole days from the referral to this meeting; None without a referral), outcome (empty while undecided).

    Raises NotAllowed unless the viewer is the service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.actions",
        object_type="item",
        sql="SELECT id, forum, kind, starts_at, first_hearing, repeat, submitted_at, outcome"
        " FROM panels_extract_hearings WHERE starts_at <= %s ORDER BY starts_at, id",
        until=at,
        at=at,
    )
    return [
        {
            "hearing_ref": referrals.opaque("hearing", row[0]),
            "forum": row[1],
            "kind": row[2],
            "met_on": row[3].astimezone(LONDON).date(),
            "first_hearing": "yes" if row[4] else "no",
            "repeat": "yes" if row[5] else "no",
            "days_to": (row[3].astimezone(LONDON).date() - row[6].astimezone(LONDON).date()).days if row[6] else None,
            "outcome": row[7] or "",
        }
        for row in rows
    ]


@reading("extract.actions", "meeting")
def extract_sittings(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Sittings that are over: sitting_ref (opaque), forum, met_on, seats (core seats of the forum's file), filled
    (those of them filled by somebody who signed), quorate (by the forum's own rule).

    Raises NotAllowed unless the viewer is the service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.actions",
        object_type="meeting",
        sql="SELECT id, forum, starts_at, seats FROM panels_extract_sittings WHERE starts_at <= %s"
        " ORDER BY starts_at, id",
        until=at,
        at=at,
    )
    forums = accounts.partnership().forums
    found = []
    for key, forum, starts_at, seats in rows:
        if forum not in forums:
            continue
        core = [each.key for each in forums[forum].seat]
        found.append(
            {
                "sitting_ref": referrals.opaque("sitting", key),
                "forum": forum,
                "met_on": starts_at.astimezone(LONDON).date(),
                "seats": tuple(core),
                "filled": tuple(each for each in core if each in seats),
                "quorate": rules.quorum(forums[forum], seats).met,
            }
        )
    return found
