"""The steps of an edition from a draft to its readers, and back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.editions.models import Edition
from concord.desk.editions.operations.locked import locked, log, save
from concord.desk.editions.queries import edition
from concord.desk.editions.rules import (
    DISCUSSED_IN,
    EDITION,
    Standing,
    require_other_person,
    require_ready,
    require_reason,
    what_is_missing,
)
from concord.desk.sharing.session import operation


@operation("edition.review", "edition")
def send_for_review(*, viewer: Viewer, edition_id: UUID, version: int, at: datetime) -> None:
    """The text stands still while colleagues read it. Raises NotHere, NotAllowed, NotNow, ChangedMeanwhile."""
    row = locked(viewer, edition_id, "edition.write", version=version)
    _move(row, "send_for_review")
    log(viewer, row, "edition.review", "Sent it for review", at)


@operation("edition.write_again", "edition")
def write_again(*, viewer: Viewer, edition_id: UUID, version: int, at: datetime) -> None:
    """Back from review to writing. Raises as `send_for_review`."""
    row = locked(viewer, edition_id, "edition.write", version=version)
    _move(row, "write_again")
    log(viewer, row, "edition.write_again", "Went back to writing", at)


@operation("edition.ask", "edition")
def freeze(
    *, viewer: Viewer, edition_id: UUID, standing: Standing, frozen: str, reason: str, version: int, at: datetime
) -> None:
    """Settle the edition and ask for its approval. `standing` is how it stands against its figures this moment,
    `frozen` the digest of what was settled.

    Raises NotHere, NotAllowed, NotNow unless it is in review, ChangedMeanwhile, and NotReady with everything that
    is missing: faults, changed figures nobody looked at, open comments, sections nobody went through.
    """
    row = locked(viewer, edition_id, "edition.ask", version=version)
    after = EDITION.after(row.state, "freeze")
    require_ready(what_is_missing(edition(viewer, edition_id, at=at), standing))
    row.state, row.frozen = after, frozen
    row.asked_by_id, row.asked_at, row.asked_reason = viewer.user_id, at, require_reason(reason, "what this is for")
    save(row)
    log(viewer, row, "edition.ask", "Settled it and asked for approval", at, reason=row.asked_reason,
        detail={"frozen": frozen})  # fmt: skip


@operation("edition.approve", "edition")
def approve(*, viewer: Viewer, edition_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Approve what somebody else asked for. Raises NotHere, NotAllowed, OwnRequest, NotNow, ChangedMeanwhile,
    NotReady without a reason."""
    row = locked(viewer, edition_id, "edition.approve", version=version)
    require_other_person(row.asked_by_id, viewer.user_id)
    said = require_reason(reason, "what you looked at and why it may go")
    _move(row, "approve", save_it=False)
    row.approved_by_id, row.approved_at, row.approved_reason = viewer.user_id, at, said
    save(row)
    log(viewer, row, "edition.approve", "Approved it", at, reason=said, detail={"frozen": row.frozen})


@operation("edition.send_back", "edition")
def send_back(*, viewer: Viewer, edition_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Not like this: back to writing, with a reason. Raises as `approve`, save for OwnRequest: whoever asked may
    take it back themselves."""
    row = locked(viewer, edition_id, "edition.read", version=version)
    if row.asked_by_id != viewer.user_id:
        locked(viewer, edition_id, "edition.approve")
    said = require_reason(reason, "what has to change")
    _move(row, "send_back", save_it=False)
    row.frozen = ""
    row.approved_by_id, row.approved_at, row.approved_reason = None, None, ""
    save(row)
    log(viewer, row, "edition.send_back", "Sent it back", at, reason=said)


@operation("edition.publish", "edition")
def give_out(*, viewer: Viewer, edition_id: UUID, version: int, at: datetime) -> UUID | None:
    """Its readers have it from now on; the edition that they had before is superseded in the same step. Returns
    that one, or None. Raises NotHere, NotAllowed, NotNow, ChangedMeanwhile."""
    row = locked(viewer, edition_id, "edition.publish", version=version)
    before = (
        Edition.objects.select_for_update(of=("self",))
        .filter(
            partnership=viewer.partnership, publication=row.publication, parameters=row.parameters, state="published"
        )
        .first()
    )
    after = EDITION.after(row.state, "publish")
    if before is not None:
        _move(before, "supersede")
        log(viewer, before, "edition.supersede", f"Superseded by {row.name}", at)
    row.state, row.published_by_id, row.published_at = after, viewer.user_id, at
    save(row)
    log(viewer, row, "edition.publish", "Published it", at, kind="disclosure", detail={"frozen": row.frozen})
    return before.id if before is not None else None


@operation("edition.withdraw", "edition")
def withdraw(*, viewer: Viewer, edition_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Take it back from its readers, or give the draft up, and say why. Raises NotHere, NotAllowed, NotNow,
    ChangedMeanwhile, NotReady without a reason. Somebody who began an edition may give up their own draft."""
    row = locked(viewer, edition_id, "edition.read", version=version)
    if not (row.state in DISCUSSED_IN and row.started_by_id == viewer.user_id):
        locked(viewer, edition_id, "edition.withdraw")
    said = require_reason(reason, "what is wrong with it")
    _move(row, "withdraw", save_it=False)
    row.ended_reason = said
    save(row)
    log(viewer, row, "edition.withdraw", "Withdrew it", at, reason=said)


def _move(row: Edition, verb: str, *, save_it: bool = True) -> None:
    row.state = EDITION.after(row.state, verb)
    if save_it:
        save(row)
