"""A contact opened for a change and locked until it is done, and the line the trail keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.referrals import queries
from concord.desk.referrals.models import Contact
from concord.desk.sharing import queries as sharing_queries
from concord.strategy.shapes.pathway import Pathway


def opened_contact(
    viewer: Viewer, contact_id: UUID, verb: str, version: int | None, at: datetime
) -> tuple[Pathway, Contact]:
    """The contact, locked until the transaction ends, if the viewer may do this to it and saw its newest version."""
    accounts.require(viewer, verb)
    found = sharing_queries.visible(viewer, Contact.objects.select_related("referral"), "contact", at=at)
    row = found.select_for_update(of=("self",)).filter(id=contact_id).first()
    if row is None:
        raise NotHere("contact")
    on = queries.pathway(row.pathway)
    # A part in one forum gives nothing on a pathway that another team receives.
    accounts.require(viewer, verb, queries.receiving_forum(on) or "")
    if version is not None and version != row.version:
        raise changed_meanwhile(viewer, "contact", "contact", row.id, version=row.version)
    return on, row


def save(row: Contact) -> None:
    row.version += 1
    row.save()


def record_on(
    viewer: Viewer,
    kind: str,
    action: str,
    object_type: str,
    object_id: UUID,
    on: Pathway,
    at: datetime,
    *,
    reason: str = "",
    subjects: Sequence[UUID] = (),
    detail: dict[str, object] | None = None,
) -> None:
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type=object_type,
        object_id=object_id,
        subjects=subjects,
        reason=reason,
        gateway=on.gateway,
        agreement=on.agreement,
        detail=detail,
        at=at,
    )
