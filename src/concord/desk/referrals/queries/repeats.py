"""Whether a referral is a repeat under its forum's rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.people import queries as people
from concord.desk.people.rules import root
from concord.desk.referrals import rules
from concord.desk.referrals.models import Contact, Identified
from concord.desk.referrals.queries.reach import visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Past, RepeatFinding
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


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
    forums = accounts.partnership().forums
    on = pathway(row.pathway)
    rule = next(
        (forums[each.forum].repeat for each in on.route if each.forum in forums and forums[each.forum].repeat), None
    )
    if rule is None:
        return RepeatFinding(False, None, "This pathway has no repeat rule.")
    now = _roles_of(Identified.objects.filter(contact=row))
    victims, perpetrators = now.get("victim", set()), now.get("perpetrator", set())
    if not victims or not perpetrators:
        return RepeatFinding(
            False, None, "Not known yet: identify the person at risk and the alleged perpetrator first."
        )
    victim = next(iter(victims))
    # A person kept under several records is one person to the rule.
    joins = people.joins(viewer, victims | perpetrators, at=at)
    earlier = (
        visible_contacts(viewer, at)
        .filter(
            pathway=row.pathway,
            decided_at__isnull=False,
            identified__person_id__in=people.records_of(viewer, [victim], at=at),
        )
        .filter(route__in=[each.key for each in on.route if each.forum], received_at__lt=row.received_at)
        .exclude(id=row.id)
        .distinct()
        .prefetch_related("identified")
    )
    past = []
    for each in earlier:
        named = _roles_of(each.identified.all())
        past += [
            Past(
                root(joins, one),
                frozenset(root(joins, p) for p in named.get("perpetrator", ())),
                each.received_at.astimezone(LONDON).date(),
            )
            for one in named.get("victim", ())
        ]
    return rules.is_repeat(
        rule,
        victim=root(joins, victim),
        perpetrators={root(joins, each) for each in perpetrators},
        incident_on=row.referral.incident_on,
        incident_kind=row.referral.incident_kind,
        referred_on=row.received_at.astimezone(LONDON).date(),
        past=past,
    )


def _roles_of(rows: Iterable[Identified]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.role, set()).add(row.person_id)
    return found
