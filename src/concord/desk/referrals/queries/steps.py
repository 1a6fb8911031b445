"""What the rules of a pathway may look at, read for one contact already opened in this transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.referrals import rules
from concord.desk.referrals.models import Contact, Identified, Party
from concord.desk.referrals.queries.reach import main_party, visible_contacts
from concord.desk.referrals.queries.ways import pathway, working
from concord.desk.referrals.rules import Case, Entered, MilestoneView, RuleView
from concord.desk.sharing.session import as_viewer
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Clock, Pathway


def entered(on: Pathway, row: Contact) -> list[Entered]:
    """The states a contact came into, in order, the first with its receipt."""
    steps = sorted(row.steps.all(), key=lambda step: step.at)
    return [Entered(on.initial, row.received_at), *(Entered(step.target, step.at, step.verb) for step in steps)]


def answers_of(row: Contact) -> dict[str, object]:
    """What was answered so far: by the referrer, then with each step, newest last."""
    said: dict[str, object] = dict(row.referral.answers)
    for step in sorted(row.steps.all(), key=lambda each: each.at):
        said |= step.answers
    return said


def milestones(on: Pathway, row: Contact, at: datetime) -> tuple[MilestoneView, ...]:
    """The milestones of one contact as they stand."""
    born_on = main_born_on(on, list(row.referral.parties.all()))
    return rules.milestones_of(on, born_on, entered(on, row), at.astimezone(LONDON).date(), answers_of(row))


def main_born_on(on: Pathway, parties: list[Party]) -> date | None:
    party = main_party(on, parties)
    return party.born_on if party else None


def next_due(on: Pathway, row: Contact) -> datetime | None:
    """When the first clock still running runs out; None where none runs."""
    return rules.next_due(on, row.rag, row.received_at, entered(on, row), working(on), row.began_at)


def next_clock(on: Pathway, row: Contact) -> tuple[datetime, Clock] | None:
    """The clock still running that runs out first, with when; None where none runs."""
    return rules.next_clock(on, row.rag, row.received_at, entered(on, row), working(on), row.began_at)


def case_of(viewer: Viewer, on: Pathway, row: Contact, answers: Mapping[str, object], at: datetime) -> Case:
    """One contact as its rules see it: `answers` join those given before, newest last."""
    parties = list(row.referral.parties.all())
    said = answers_of(row)
    if row.referral.ground and "ground" not in said:
        said["ground"] = row.referral.ground
    agency = accounts.partnership().agencies.get(viewer.agency)
    needs_past = any(rule.test == "once" for rule in on.rule)
    past, known = _reached(on, row, at) if needs_past else (frozenset(), True)
    return Case(
        born_on=main_born_on(on, parties),
        sector=agency.sector if agency else "",
        answers=said | dict(answers),
        reached=past,
        identified=known,
    )


def rules_before(viewer: Viewer, contact_id: object, *, at: datetime) -> dict[str, tuple[RuleView, ...]]:
    """Each open step of a contact with its rules as they stand, before anybody tries. Empty where none is seen."""
    with as_viewer(viewer, at=at):
        row = visible_contacts(viewer, at).prefetch_related("steps", "referral__parties").filter(id=contact_id).first()
        if row is None:
            return {}
        on = pathway(row.pathway)
        case = case_of(viewer, on, row, {}, at)
    today = at.astimezone(LONDON).date()
    return {verb: rules.shown(on, rules.rules_of(on, verb, case, today)) for verb in rules.allowed(on, row.state)}


def _reached(on: Pathway, row: Contact, at: datetime) -> tuple[frozenset[str], bool]:
    """The states that other cases of the same main person on this pathway reached, across the partnership, and whether
    it is known who that is. What is hidden from the viewer counts too, and is told apart nowhere: see `rules.shown`."""
    main = [role.role for role in on.party if role.required]
    if not Identified.objects.filter(contact=row, role__in=main).exists():
        return frozenset(), False
    with connection.cursor() as cursor:
        cursor.execute("SELECT referrals_reached_before(%s, %s, %s)", [row.id, main, at])
        (reached,) = cursor.fetchone()
    return frozenset(reached or ()), True
