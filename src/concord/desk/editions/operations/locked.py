"""An edition opened for a change and locked until it is done; the line that its log and the trail keep of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.editions.models import Block, Change, Edition
from concord.desk.editions.rules import EDITION, Cited
from concord.kernel.lifecycles import NotNow


def locked(
    viewer: Viewer, edition_id: UUID, verb: str, *, states: Iterable[str] = (), version: int | None = None
) -> Edition:
    """The edition, locked until the transaction ends.

    Raises NotHere where there is none for this viewer, NotAllowed, NotNow outside `states`, ChangedMeanwhile where
    `version` is not its newest.
    """
    rows = Edition.objects.select_for_update(of=("self",)).filter(partnership=viewer.partnership, id=edition_id)
    row = rows.first()
    if row is None:
        raise NotHere("edition")
    accounts.require(viewer, verb)
    if states and row.state not in states:
        raise NotNow(
            f"This edition is “{EDITION.states[row.state]}”.",
            why=f"This is done while it is “{'” or “'.join(EDITION.states[each] for each in states)}”.",
            next_step="Open it again: a colleague may have moved it on.",
        )
    if version is not None and version != row.version:
        raise changed_meanwhile(viewer, "edition", "edition", row.id, version=row.version)
    return row


def save(row: Edition) -> None:
    row.version += 1
    row.save()


def add_block(viewer: Viewer, row: Edition, section: str, text: str, cited: Iterable[Cited], at: datetime) -> Block:
    """The next version of a section's narrative. The edition's lock makes two writers take turns."""
    newest = Block.objects.filter(edition=row, section=section).order_by("-number").first()
    return Block.objects.create(
        edition=row,
        section=section,
        number=(newest.number if newest else 0) + 1,
        text=text,
        cited=[{"citation": each.citation, "code": each.code, "words": each.words} for each in cited],
        by_id=viewer.user_id,
        at=at,
    )


def log(
    viewer: Viewer,
    row: Edition,
    action: str,
    what: str,
    at: datetime,
    *,
    section: str = "",
    reason: str = "",
    kind: str = "alteration",
    detail: dict[str, object] | None = None,
) -> None:
    """One line in the edition's change log and the same in the audit trail, in the caller's transaction."""
    Change.objects.create(edition=row, what=what, section=section, reason=reason, by_id=viewer.user_id, at=at)
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type="edition",
        object_id=row.id,
        reason=reason,
        detail={"publication": row.publication, "edition": row.name, "section": section, **(detail or {})},
        at=at,
    )
