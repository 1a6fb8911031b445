"""Whether a referral is a repeat under its forum's rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.referrals import rules
from concord.desk.referrals.models import Contact, Identified
from concord.desk.referrals.queries.reach import visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Past, RepeatFinding
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import RepeatRule
from concord.strategy.shapes.pathway import Pathway


@reading("contact.read", "contact")
def repeat(viewer: Viewer, contact_id: UUID, *, at: datetime) -> RepeatFinding:
    """Whether this referral is a repeat under its forum's rule. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "contact.read")
    with as_viewer(viewer, at=at):
        row = visible_contacts(viewer, at).filter(id=contact_id).first()
        if row is None:
            raise NotHere("contact")
        return repeat_of(viewer, row, at)


def repeat_of(viewer: Viewer, row: Contact, at: datetime) -> RepeatFinding:
    """The repeat rule on one contact already opened in this transaction."""
    on = pathway(row.pathway)
    rule = repeat_rule(on)
    if rule is None:
        return RepeatFinding(False, None, "This pathway has no repeat rule.")
    now = _roles_of(Identified.objects.filter(contact=row))
    victims, perpetrators = now.get("victim", set()), now.get("perpetrator", set())
    if not victims or not perpetrators:
        return RepeatFinding(
            False, None, "Not known yet: identify the person at risk and the alleged perpetrator first."
        )
    said: dict[str, Any] = {
        "victim": next(iter(victims)),
        "perpetrators": perpetrators,
        "incident_on": row.referral.incident_on,
        "incident_kind": row.referral.incident_kind,
        "referred_on": row.received_at.astimezone(LONDON).date(),
    }
    earlier = _accepted_before(on, row, at)
    seen = set(visible_contacts(viewer, at).filter(id__in=[key for key, _ in earlier]).values_list("id", flat=True))
    known = rules.is_repeat(rule, **said, past=[past for key, past in earlier if key in seen])
    # The rule holds across the partnership; what the viewer is told of the earlier referral is the same whether they
    # may see it or not.
    if known.is_repeat or rules.is_repeat(rule, **said, past=[past for _, past in earlier]).is_repeat:
        return RepeatFinding(
            True,
            None,
            f"Repeat: a further incident within {rule.months} months of an earlier referral. It is heard whatever the "
            f"threshold. Earlier referrals that you may read are listed with the contact; for others ask "
            f"{on.receiver_name}.",
        )
    return known


def repeat_rule(on: Pathway) -> RepeatRule | None:
    """The repeat rule of the forum that a pathway leads to, where one has it."""
    forums = accounts.partnership().forums
    led_to = [forums[each.forum] for each in on.route if each.forum in forums]
    return next((each.repeat for each in led_to if each.repeat), None)


def _accepted_before(on: Pathway, row: Contact, at: datetime) -> list[tuple[UUID, Past]]:
    """Earlier referrals of the same person that went to a forum, across the partnership: whom they named and when.

    Somebody kept under several records is named as the contact at hand names them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT earlier, received, part, person FROM referrals_accepted_before(%s, %s, %s)",
            [row.id, [each.key for each in on.route if each.forum], at],
        )
        rows = cursor.fetchall()
    named: dict[tuple[UUID, datetime], dict[str, set[UUID]]] = {}
    for key, received, part, person in rows:
        named.setdefault((key, received), {}).setdefault(part, set()).add(person)
    return [
        (key, Past(one, frozenset(parts.get("perpetrator", ())), received.astimezone(LONDON).date()))
        for (key, received), parts in named.items()
        for one in parts.get("victim", ())
    ]


def _roles_of(rows: Iterable[Identified]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.role, set()).add(row.person_id)
    return found
