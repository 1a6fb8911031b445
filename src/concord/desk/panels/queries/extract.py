"""The desk's own extract of actions: dates and statuses, nothing else."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


@reading("extract.actions", "action")
def extract_actions(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Rows of the desk's depersonalised extract: dates and statuses of actions, nothing else.

    Columns: action_ref (opaque), forum, agency, raised_on, due_on, completed_on (None while open), status.
    Read through a database view that holds no other column. Raises NotAllowed unless the viewer is the service.
    """
    accounts.require(viewer, "extract.actions")
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, forum, agency, raised_on, due_on, completed_at, status FROM panels_extract_actions"
                " WHERE raised_on <= %s ORDER BY raised_on, id",
                [at.astimezone(LONDON).date()],
            )
            rows = cursor.fetchall()
        record(
            viewer=viewer,
            operation="disclosure",
            action="extract.actions",
            object_type="action",
            reason="the desk's depersonalised extract",
            detail={"rows": len(rows)},
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
