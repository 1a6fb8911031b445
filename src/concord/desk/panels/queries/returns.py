"""A forum's return, for its coordinator: every figure with the cases behind it. It never leaves the desk."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.panels.models import Item
from concord.desk.panels.queries.forums import forum
from concord.desk.panels.queries.packs import population
from concord.desk.panels.queries.reach import consulted, visible_items
from concord.desk.panels.rules import CaseFacts, ReturnLine
from concord.desk.people import queries as people
from concord.desk.people.rules import PersonPage, age_on
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


@reading("item.list", "item")
def forum_return(
    viewer: Viewer, forum_key: str, starts: date, ends: date, *, at: datetime
) -> tuple[tuple[ReturnLine, ...], dict[UUID, str]]:
    """The return of cases decided in meetings from `starts` to `ends` inclusive, and each case's reference.

    Small numbers are not hidden: they are the coordinator's own cases. Recorded as one consultation. Raises NotAllowed
    for anybody but the coordinator, NotNow for a forum without a return.
    """
    accounts.require(viewer, "item.list", forum_key)
    of = forum(forum_key)
    if of.returns is None:
        raise rules.NotNow(f"{of.abbreviation} makes no return.", next_step="Its file would name the figures.")
    with as_viewer(viewer, at=at):
        rows = list(
            visible_items(viewer, at)
            .filter(
                meeting__forum=forum_key,
                state="decided",
                meeting__starts_at__gte=datetime.combine(starts, time.min, LONDON),
                meeting__starts_at__lte=datetime.combine(ends, time.max, LONDON),
            )
            .select_related("meeting", "contact__referral", "decision")
            .prefetch_related("involved")
            .order_by("meeting__starts_at", "position")
        )
        persons = people.names(viewer, {each.person_id for row in rows for each in row.involved.all()}, at=at)
        consulted(viewer, "item.list", "item", [row.id for row in rows], at)
    cases = [_facts(row, persons) for row in rows]
    people_here = population(viewer, of.returns.population_from, at=at) if of.returns.population_from else None
    lines = rules.counted(of.returns, cases, people_here.persons if people_here else None)
    return lines, {row.id: row.reference for row in rows}


def _facts(row: Item, persons: dict[UUID, PersonPage]) -> CaseFacts:
    day = row.meeting.starts_at.astimezone(LONDON).date()
    facts = {key: frozenset(values) for key, values in row.facets.items()}
    facts["repeat"] = frozenset({"yes" if row.repeat else "no"})
    facts["kind"] = frozenset({row.kind})
    facts["outcome"] = frozenset({row.decision.outcome})
    if row.contact is not None:
        facts["referrer"] = frozenset({row.contact.referral.referrer_kind})
    roles: Counter[str] = Counter()
    for each in row.involved.all():
        roles[each.role] += 1
        page = persons.get(each.person_id)
        if page is None:
            continue
        age = age_on(page.born_on, day)
        facts[f"{each.role}_sex"] = facts.get(f"{each.role}_sex", frozenset()) | {page.sex}
        if age is not None:
            facts[f"{each.role}_age"] = facts.get(f"{each.role}_age", frozenset()) | {str(age)}
            if age < 18:
                facts[f"{each.role}_child"] = frozenset({"yes"})
    return CaseFacts(row.id, facts, roles)
