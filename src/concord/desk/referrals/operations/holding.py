"""Who has a contact in hand: taken by a worker, handed to one by the manager, or given back to the team."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.referrals import queries
from concord.desk.referrals.operations.locked import opened_contact, record_on, save
from concord.desk.referrals.rules import NotThatWay
from concord.desk.sharing.session import operation


@operation("contact.take", "contact")
def hold(*, viewer: Viewer, contact_id: UUID, user_id: UUID | None, version: int, at: datetime) -> None:
    """The contact is in the hands of `user_id` from now on; None: of nobody, so of the team.

    Everybody takes a contact for themselves, and gives back their own. Whoever may `contact.allocate` hands it to any
    colleague who can open it. Nobody else's access changes: a colleague can still act on it.
    Raises NotAllowed, NotHere, NotThatWay for a contact that is decided or a colleague who cannot have it,
    ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.take", version, at)
    if on.received_by not in viewer.holders:
        raise NotHere("contact")
    if row.decided_at is not None:
        raise NotThatWay("This contact is decided.", next_step="Nobody needs to hold it.")
    own = user_id == viewer.user_id or (user_id is None and row.held_by_id in (None, viewer.user_id))
    if not own and not accounts.may(viewer, "contact.allocate"):
        raise NotAllowed("You cannot hand this contact to somebody else.", next_step="Ask the manager of the team.")
    if user_id is not None and user_id not in {each.user_id for each in queries.can_hold(viewer, contact_id, at=at)}:
        raise NotThatWay(
            "That colleague cannot have this contact.",
            why="They are not of the team that received it, or they are kept out of it.",
            next_step="Choose another colleague.",
        )
    before, row.held_by_id = row.held_by_id, user_id
    row.held_at = at if user_id is not None else None
    save(row)
    detail: dict[str, object] = {"to": str(user_id or ""), "from": str(before or "")}
    record_on(viewer, "alteration", "contact.hold", "contact", row.id, on, at, detail=detail)
