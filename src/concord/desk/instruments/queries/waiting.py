"""Who is due an assessment, by what a referral says of them: a worker's list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.instruments import rules
from concord.desk.instruments.queries.assessments import mine, visible_assessments
from concord.desk.instruments.queries.kinds import due_day, usable
from concord.desk.instruments.rules import AssessmentLine, DueLine
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import NamedParty
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.instrument import Instrument

WINDOW = timedelta(days=180)
"""How long somebody stays on the list, and how long before the referral an assessment still counts."""

MOST = 4
"""Pages of referrals looked through for one list, so that it costs the same however many there are."""


@reading("assessment.due", "assessment")
def due(viewer: Viewer, *, at: datetime, limit: int = 50) -> tuple[DueLine, ...]:
    """Who in the referrals shared with this viewer is due an assessment that they use, what is due first on top.

    Whoever has one that this viewer may open (under way, decided or stopped) is off the list, except that one under way
    is shown until it is decided. An assessment by another agency that was not shared leaves no trace here. Recorded as
    one consultation. Raises NotAllowed for roles that assess nobody.
    """
    accounts.require(viewer, "assessment.write")
    found: list[DueLine] = []
    with as_viewer(viewer, at=at):
        for of in usable(viewer):
            if of.trigger:
                found += _of(viewer, of, at)
        found.sort(key=lambda each: (each.due_on or each.known_on, each.about))
        found = found[:limit]
        record(
            viewer=viewer,
            operation="consultation",
            action="assessment.due",
            object_type="assessment",
            detail={"shown": [str(each.party_id) for each in found]},
            at=at,
        )
    return tuple(found)


def work(viewer: Viewer, *, at: datetime) -> tuple[tuple[AssessmentLine, ...], tuple[DueLine, ...]]:
    """What is under way, and who is due one that nobody began, in one go: for a page that shows the top of both."""
    with as_viewer(viewer, at=at):
        return mine(viewer, at=at), tuple(each for each in due(viewer, at=at) if each.assessment_id is None)


def _of(viewer: Viewer, of: Instrument, at: datetime) -> Iterator[DueLine]:
    wanted = [(each.pathway, each.role, each.ground) for each in of.trigger]
    seen: set[object] = set()
    for page in range(MOST):
        named = referrals.parties_named(viewer, wanted, since=at - WINDOW, at=at, skip=page * referrals.PAGE)
        had = _Had(viewer, of, named, at)
        for party in named:
            known_on = party.submitted_at.astimezone(LONDON).date()
            years = None if party.born_on is None else rules.months_between(party.born_on, known_on) // 12
            trigger = rules.triggered(of, party.pathway, party.role, party.ground)
            covered, under_way = had.about(party)
            who = _same_as(party)
            if trigger is None or covered or who & seen or not rules.is_due(of, trigger, years, known_on):
                continue
            seen |= who
            starts = {of.deadline.starts: known_on.isoformat()} if of.deadline and of.deadline.starts else {}
            day = due_day(of, dict(starts), True, party.submitted_at)
            yield DueLine(
                instrument=of.key,
                name=of.name,
                party_id=party.party_id,
                about=party.name,
                says=trigger.says,
                known_on=known_on,
                due_on=day,
                overdue=day is not None and day < at.astimezone(LONDON).date(),
                reference=party.reference,
                assessment_id=under_way,
            )
        if len(named) < referrals.PAGE:
            return


def _same_as(party: NamedParty) -> set[object]:
    """By what somebody referred twice is known to be the same: due once, from the first time."""
    name = (party.given_name.upper(), party.family_name.upper(), party.born_on)
    return {party.party_id} | ({party.person_id} if party.person_id else set()) | ({name} if party.born_on else set())


class _Had:
    """The assessments on one instrument that the viewer may open, about any of these people."""

    def __init__(self, viewer: Viewer, of: Instrument, named: tuple[NamedParty, ...], at: datetime) -> None:
        sent = [each.referral_id for each in named]
        people = [each.person_id for each in named if each.person_id]
        days = [each.born_on for each in named if each.born_on]
        rows = visible_assessments(viewer, at=at).filter(instrument=of.key, begun_at__gte=at - 2 * WINDOW)
        rows = rows.filter(Q(referral_id__in=sent) | Q(person_id__in=people) | Q(born_on__in=days))
        self.rows = list(
            rows.values_list(
                "id", "state", "begun_at", "referral_id", "person_id", "given_name", "family_name", "born_on"
            )
        ) if named else []  # fmt: skip

    def about(self, party: NamedParty) -> tuple[bool, UUID | None]:
        """(Whether they had one, the one that is under way)."""
        name = (party.given_name.upper(), party.family_name.upper(), party.born_on)
        under_way: UUID | None = None
        for key, state, begun_at, referral, person, given, family, born_on in self.rows:
            same = referral == party.referral_id or (person is not None and person == party.person_id)
            same = same or (born_on is not None and (given.upper(), family.upper(), born_on) == name)
            if not same or begun_at < party.submitted_at - WINDOW:
                continue
            if state in ("decided", "stopped"):
                return True, None
            under_way = key
        return False, under_way
