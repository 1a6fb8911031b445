"""Handing a case to a forum: who it is about must be known, and its coordinator receives it on the forum's ground."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.referrals.models import About, Contact, Identified
from concord.desk.referrals.rules import NotThatWay
from concord.desk.sharing import operations as sharing
from concord.strategy.shapes.pathway import Pathway

A_PANEL = "A panel hears somebody or some place, not a name on a form."


def require_identified(on: Pathway, row: Contact, before: str = "you list this case", why: str = A_PANEL) -> None:
    """Raises NotThatWay while somebody or something that the pathway needs is not known yet."""
    found = set(Identified.objects.filter(contact=row).values_list("role", flat=True))
    subjects = set(About.objects.filter(contact=row).values_list("subject__kind", flat=True))
    for role in on.party:
        if role.required and (role.kind not in subjects if role.kind != "person" else role.role not in found):
            raise NotThatWay(
                f"Say who the {role.name.lower()} is before {before}."
                if role.kind == "person"
                else f"Say which place, group or online space it is before {before}.",
                why=why,
                next_step="Choose a match, or record somebody new, and decide again.",
            )


def hand_over(viewer: Viewer, on: Pathway, row: Contact, forum: str, at: datetime) -> None:
    """Share the contact, what was sent and the people in it with the forum's coordinator, on the forum's ground."""
    holder = f"forum:{forum}:coordinator"
    if holder == on.received_by:
        return
    to = accounts.partnership().forums[forum]
    persons = list(Identified.objects.filter(contact=row).values_list("person_id", flat=True))
    sharing.share(
        viewer=viewer,
        subjects=[("contact", row.id), ("referral", row.referral_id), *(("person", each) for each in persons)],
        holders={holder: None},
        purpose=to.purpose,
        gateway=to.gateway,
        agreement=to.agreement,
        at=at,
    )
