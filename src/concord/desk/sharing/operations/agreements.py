"""What the calendar does to agreements, entered in the trail."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit import queries as audit
from concord.desk.audit.operations import record
from concord.desk.sharing import queries
from concord.desk.sharing.session import operation


@operation("agreement.note", "agreement")
def note_agreements(*, viewer: Viewer, at: datetime) -> tuple[str, ...]:
    """Enter each agreement that has ended since this was last done, and what stopped with it: once an agreement and end
    date, by the London calendar. Returns their keys. What stops does so by the date alone, whether this runs or not.

    Done by the records keeper's service. Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "agreement.note")
    noted = {
        (line.object_id, str(line.detail.get("expires_on"))) for line in audit.own_lines(viewer, "agreement.ended")
    }
    ended = [
        line
        for line in queries.agreement_lines(at)
        if line.state == "ended" and line.parties and (line.key, line.expires_on) not in noted
    ]
    for line in ended:
        record(
            viewer=viewer,
            operation="alteration",
            action="agreement.ended",
            object_type="agreement",
            object_id=line.key,
            reason=f"Ended on {line.expires_on}. Stopped: {', '.join(line.stops) or 'nothing rested on it'}.",
            agreement=line.key,
            detail={"expires_on": line.expires_on, "stops": list(line.stops)},
            at=at,
        )
    return tuple(line.key for line in ended)
