"""What changed for a viewer at the front door: what they were told of their referrals, answers to what they asked."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import News, Viewer
from concord.desk.referrals.models import Check, Referral
from concord.desk.referrals.queries.reach import about, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer

MOST = 20
"""So many of a kind: who was away longer goes to their lists."""


def news(viewer: Viewer, *, since: datetime, at: datetime) -> tuple[News, ...]:
    """Kinds `told` (of a referral of theirs) and `answered` (a check they asked). Empty for roles that
    neither refer nor ask."""
    found = []
    with as_viewer(viewer, at=at):
        if accounts.may(viewer, "referral.read"):
            told = sharing.visible(viewer, Referral.objects.prefetch_related("parties"), "referral", at=at)
            mine = told.filter(referrer_id=viewer.user_id, told_at__gt=since).order_by("-told_at")[:MOST]
            for row in mine:
                on = pathway(row.pathway)
                said = next(each.told for each in on.state if each.key == row.told_state)
                found.append(News("told", about(on, list(row.parties.all())), row.told_at, row.id, said))
        if accounts.may(viewer, "contact.check"):
            asked = Check.objects.filter(asked_by_id=viewer.user_id, answered_at__gt=since)
            asked = asked.filter(contact__in=visible_contacts(viewer, at).values("id"))
            asked = asked.select_related("contact__referral").prefetch_related("contact__referral__parties")
            for check in asked.order_by("-answered_at")[:MOST]:
                on = pathway(check.contact.pathway)
                who = about(on, list(check.contact.referral.parties.all()))
                found.append(News("answered", who, check.answered_at, check.contact_id, check.agency))
    return tuple(found)
