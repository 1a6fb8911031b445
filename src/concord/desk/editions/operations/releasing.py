"""The desk's record of a decision about one release. The decision itself is the release ledger's."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.editions.rules import NotReady, OwnRequest, require_reason
from concord.desk.sharing.session import operation

STEPS = {"approve": "release.approve", "refuse": "release.approve", "withdraw": "release.request"}


@operation("release.decide", "release")
def decide_release(
    *,
    viewer: Viewer,
    request: str,
    release: str,
    audience: str,
    requested_by: str,
    step: str,
    reason: str,
    at: datetime,
) -> None:
    """Record that a request to release was approved, refused or withdrawn, and why; the caller takes the step in the
    same transaction. Raises NotAllowed, OwnRequest where somebody decides on what they asked for (they withdraw it),
    NotReady without a reason."""
    if step not in STEPS:
        raise NotReady(f"There is no step “{step}”.", next_step=f"One of {', '.join(STEPS)}.")
    accounts.require(viewer, STEPS[step])
    if step != "withdraw" and requested_by.casefold() == viewer.display_name.casefold():
        raise OwnRequest
    record(
        viewer=viewer,
        operation="disclosure" if step == "approve" else "refusal",
        action=f"release.{step}",
        object_type="release",
        object_id=request,
        reason=require_reason(reason, "why it may leave, or may not"),
        outcome="done",
        detail={"release": release, "audience": audience, "requested_by": requested_by},
        at=at,
    )


@operation("paper.read", "paper")
def open_paper(*, viewer: Viewer, audience: str, paper: str, at: datetime) -> None:
    """Record that somebody opens a paper that is not for everybody: it may hold what section 8(8) keeps from them.
    Raises NotAllowed unless they read papers or work on editions."""
    if not accounts.may(viewer, "edition.read"):
        accounts.require(viewer, "paper.read")
    record(
        viewer=viewer,
        operation="consultation",
        action="paper.read",
        object_type="paper",
        object_id=f"{audience}/{paper}"[:80],
        at=at,
    )
