"""The pack of a meeting: asked for at one click, approved by somebody else, kept as it was when the meeting sat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.panels import queries, rules
from concord.desk.panels.operations.locked import locked_meeting, record_under
from concord.desk.panels.rules import PACK, NotNow
from concord.desk.panels.standing import Pack
from concord.desk.sharing.session import operation
from concord.strategy.shapes.forum import Forum


@operation("pack.ask", "meeting")
def ask_pack(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> UUID:
    """Ask for the meeting's pack. It is made once somebody else approves what it shows. Returns the pack.

    Raises NotAllowed, NotHere, NotNow for a forum without one, a meeting that has sat, or one that waits already.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "pack.ask", any_state=True)
    if of.pack is None:
        raise NotNow(f"{of.abbreviation} has no pack.", next_step="Its file would name the publication.")
    if meeting.state != "planned":
        raise NotNow("The meeting has sat: its pack stays as it was.", next_step="Make one for the next meeting.")
    before = list(Pack.objects.filter(meeting=meeting).values_list("number", "state"))
    if any(state == PACK.initial for _, state in before):
        raise NotNow("A pack waits for approval already.", next_step="Ask the approver.")
    row = Pack.objects.create(
        meeting=meeting,
        forum=of.key,
        number=max((number for number, _ in before), default=0) + 1,
        publication=of.pack.publication,
        asked_by_id=viewer.user_id,
        asked_at=at,
    )
    record_under(viewer, "collection", "pack.ask", "pack", row.id, of, at)
    return row.id


@operation("release.approve", "pack")
def keep_pack(*, viewer: Viewer, pack_id: UUID, content: Mapping[str, Any], at: datetime) -> None:
    """Keep what was released for a pack, in the name of whoever approved it. From now on it does not change.

    Raises NotAllowed for whoever asked for it, NotHere, NotNow for one that was made or whose meeting has sat.
    """
    of, row = _waiting(viewer, pack_id)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    row.state = PACK.after(row.state, "make")
    row.content, row.digest, row.made_at = json.loads(text), rules.digest(text), at
    row.approved_by = viewer.display_name
    row.save()
    record_under(viewer, "disclosure", "pack.make", "pack", row.id, of, at, detail={"sha256": row.digest})


@operation("release.approve", "pack")
def fail_pack(*, viewer: Viewer, pack_id: UUID, trouble: str, at: datetime) -> None:
    """Say why a pack could not be made, or was refused. Raises as `keep_pack`."""
    of, row = _waiting(viewer, pack_id)
    row.state = PACK.after(row.state, "fail")
    row.trouble, row.approved_by = trouble.strip() or "Refused.", viewer.display_name
    row.save()
    record_under(viewer, "alteration", "pack.fail", "pack", row.id, of, at, reason=row.trouble)


def _waiting(viewer: Viewer, pack_id: UUID) -> tuple[Forum, Pack]:
    accounts.require(viewer, "release.approve")
    row = Pack.objects.select_for_update(of=("self",)).filter(id=pack_id).first()
    if row is None:
        raise NotHere("pack")
    if row.asked_by_id == viewer.user_id:
        raise NotAllowed("Nobody approves what they asked for.", next_step="Ask another approver.")
    return queries.forum(row.forum), row
