"""Who a contact must be kept from: somebody who knows the family, or everybody but the people named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.people import queries as people
from concord.desk.referrals.models import Contact, Identified
from concord.desk.referrals.operations.locked import opened_contact, record_on
from concord.desk.referrals.rules import NotThatWay
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.rules import SENSITIVITIES, Sensitivity
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean


@operation("connection.declare", "contact")
def declare_connection(*, viewer: Viewer, contact_id: UUID, why: str, at: datetime) -> None:
    """The viewer knows somebody in this contact outside work: family, a friend, a colleague, themselves. From now on
    the contact and the people in it are not there for them. Raises NotAllowed, NotHere, NotThatWay for a blank reason.
    """
    on, row = opened_contact(viewer, contact_id, "connection.declare", None, at)
    if not why.strip():
        raise NotThatWay("Say what the connection is.", next_step="A few words are enough, for example “cousin”.")
    record_on(viewer, "alteration", "connection.declare", "contact", row.id, on, at, reason=why.strip())
    if row.held_by_id == viewer.user_id:
        _give_back(row)
    sharing.keep_out(viewer=viewer, subjects=_subjects(viewer, row), user_id=viewer.user_id, at=at)


@operation("contact.restrict", "contact")
def restrict_contact(
    *, viewer: Viewer, contact_id: UUID, level: str, named: Sequence[UUID], reason: str, at: datetime
) -> None:
    """Keep a contact and the people in it to the colleagues named: a case about staff, family, or somebody whose
    record must not show at all. The referrer keeps reading what became of their referral.

    `level` is "restricted", "sealed", or "ordinary" to lift it. Raises NotAllowed, NotHere, NotThatWay, NotNamed.
    """
    on, row = opened_contact(viewer, contact_id, "contact.restrict", None, at)
    if level not in SENSITIVITIES:
        raise NotThatWay(f"“{level}” is not a sensitivity.", next_step=did_you_mean(level, SENSITIVITIES))
    if not reason.strip():
        raise NotThatWay("Say why.", next_step="Give the reason and send it again.")
    colleagues = {each.user_id for each in accounts.colleagues(viewer)}
    if not set(named) <= colleagues | {viewer.user_id}:
        raise NotThatWay("Choose from your own team.", next_step="Name people who work from the same tray.")
    sent_by = row.referral.referrer_id
    record_on(viewer, "alteration", "contact.restrict", "contact", row.id, on, at, detail={"level": level})
    if level == "ordinary":
        sharing.lift_restriction(viewer=viewer, subjects=_subjects(viewer, row), reason=reason, at=at)
        return
    if row.held_by_id not in {None, *named}:
        _give_back(row)
    for subject in _subjects(viewer, row):
        people_named = {*named, sent_by} if subject[0] == "referral" else set(named)
        sharing.restrict(
            viewer=viewer,
            subjects=[subject],
            level=cast(Sensitivity, level),
            named=people_named,
            reason=reason,
            at=at,
        )


def _give_back(row: Contact) -> None:
    """Nobody holds what they can no longer open."""
    row.held_by_id, row.held_at = None, None
    row.save(update_fields=["held_by", "held_at"])


def _subjects(viewer: Viewer, row: Contact) -> list[tuple[str, UUID]]:
    """The people in every record of theirs, the contact and what was sent. What else is about the people follows in the
    database."""
    persons = people.every_record(viewer, Identified.objects.filter(contact=row).values_list("person_id", flat=True))
    return [*(("person", each) for each in sorted(persons)), ("contact", row.id), ("referral", row.referral_id)]
