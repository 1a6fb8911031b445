"""Going through an edition under section 8(8): what stays out of the public edition, on which ground, and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.editions.models import Block, Edition, Screening
from concord.desk.editions.operations.locked import add_block, locked, log
from concord.desk.editions.rules import DISCUSSED_IN, SECTION, NotReady, cited_in, require_reason
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.strategy import passages


@operation("edition.keep_back", "edition")
def keep_back(
    *, viewer: Viewer, edition_id: UUID, section: str, subject: str, ground: str, reason: str, at: datetime
) -> None:
    """Keep a passage or a figure out of the public edition: `subject` is "passage:DIGEST" or "figure:NAME".

    A passage is put inside a fence in the narrative itself, as its next version.
    Raises NotHere, NotAllowed, NotNow once the edition is settled, NotReady for no reason or a ground the law does
    not name, Refused where the passage is no longer there.
    """
    row = locked(viewer, edition_id, "edition.screen", states=DISCUSSED_IN)
    said = require_reason(reason, "what would happen if everybody could read this")
    names = [each["key"] for each in accounts.partnership().codelists["withholding_grounds"]]
    if ground not in names:
        raise NotReady(f"“{ground}” is no ground for keeping something back.", next_step=did_you_mean(ground, names))
    _decide(viewer, row, section, subject, ground, said, at)


@operation("edition.leave_in", "edition")
def leave_in(*, viewer: Viewer, edition_id: UUID, section: str, subject: str, reason: str, at: datetime) -> None:
    """Let the public read a passage or a figure that was kept back. Raises as `keep_back`."""
    row = locked(viewer, edition_id, "edition.screen", states=DISCUSSED_IN)
    _decide(viewer, row, section, subject, "", require_reason(reason, "why this can be read by everybody now"), at)


@operation("edition.screen", "edition")
def nothing_more(*, viewer: Viewer, edition_id: UUID, section: str, digest: str, at: datetime) -> None:
    """Say that nothing more in a section has to be kept back. `digest` names what was looked at: after a change the
    section has to be gone through again. Raises NotHere, NotAllowed, NotNow once the edition is settled."""
    row = locked(viewer, edition_id, "edition.screen", states=DISCUSSED_IN)
    _screened(viewer, row, section, SECTION, digest, "", "", at)
    log(viewer, row, "edition.screen", "Went through for section 8(8)", at, section=section)


def _decide(viewer: Viewer, row: Edition, section: str, subject: str, ground: str, reason: str, at: datetime) -> None:
    kind, _, name = subject.partition(":")
    if kind not in ("passage", "figure") or not name:
        raise NotReady("Only a passage or a figure is kept back.", next_step="Choose one on the section’s page.")
    if kind == "passage":
        newest = Block.objects.filter(edition=row, section=section).order_by("-number").first()
        known = [each["key"] for each in accounts.partnership().codelists["withholding_grounds"]]
        text = passages.keep_back(newest.text if newest else "", name, ground, known, file=section)
        if newest is not None and text != newest.text:
            add_block(viewer, row, section, text, cited_in(newest.cited), at)
    _screened(viewer, row, section, subject, name if kind == "passage" else "", ground, reason, at)
    what = f"Kept back a {kind}" if ground else f"Let a {kind} be published"
    detail: dict[str, object] = {"subject": subject, "ground": ground}
    log(viewer, row, "edition.keep_back" if ground else "edition.leave_in", what, at, section=section, reason=reason,
        detail=detail)  # fmt: skip


def _screened(
    viewer: Viewer, row: Edition, section: str, subject: str, digest: str, ground: str, reason: str, at: datetime
) -> None:
    Screening.objects.create(
        edition=row,
        section=section,
        subject=subject,
        digest=digest,
        withheld=bool(ground),
        ground=ground,
        reason=reason,
        by_id=viewer.user_id,
        at=at,
    )
