"""One person, many panels: what they ask of whom, and what of it does not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.panels.models import Action, Involvement, Rating
from concord.desk.panels.queries.actions import action_lines
from concord.desk.panels.queries.agenda import for_agenda, lines_of
from concord.desk.panels.queries.forums import forum
from concord.desk.panels.queries.reach import PAGE, consulted, open_to, visible_items
from concord.desk.panels.rules import ActionLine, Clash, ItemLine
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON

FEW = 60
"""People of one agenda whose actions are laid side by side."""


def clashes(viewer: Viewer, actions: Sequence[ActionLine]) -> tuple[Clash, ...]:
    """Duplicates and contradictions among actions this viewer was given already. Reads nothing more of anybody."""
    rows = accounts.partnership().codelists.get("action_oppositions", ())
    return rules.clashes(actions, rules.oppositions(rows))


def clashes_at(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> tuple[Clash, ...]:
    """Duplicates and contradictions among open actions about the people on one agenda, across every forum whose actions
    the viewer may see. One look at all of them: nothing is read of a forum that is not theirs."""
    with as_viewer(viewer, at=at):
        on = Involvement.objects.filter(item__in=visible_items(viewer, at).filter(meeting_id=meeting_id).values("id"))
        persons = set(on.values_list("person_id", flat=True)[:FEW])
        if not persons:
            return ()
        found = open_to(viewer, at).filter(item__involved__person_id__in=persons, status="open")
        about = found.values_list("id", "item__involved__person_id").order_by("due_on", "id")[: 4 * PAGE]
        pairs = [(action, person) for action, person in about if person in persons]
        rows = {row.id: row for row in Action.objects.filter(id__in={action for action, _ in pairs})}
        lines = {line.action_id: line for line in action_lines(viewer, rows.values(), at)}
    mine: dict[UUID, list[ActionLine]] = {}
    for action, person in pairs:
        mine.setdefault(person, []).append(lines[action])
    seen: dict[frozenset[UUID], Clash] = {}
    for each in (clash for held in mine.values() for clash in clashes(viewer, held)):
        seen.setdefault(frozenset({each.first.action_id, each.second.action_id}), each)
    return tuple(seen.values())


@reading("risk.review", "item")
def reviews_due(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[tuple[ItemLine, tuple[int, ...]], ...]:
    """Cases whose risk is to be judged again by now, with the months that are due. For the coordinator."""
    accounts.require(viewer, "risk.review", forum_key)
    of = forum(forum_key)
    if of.movement is None:
        return ()
    today = at.astimezone(LONDON).date()
    with as_viewer(viewer, at=at):
        found = visible_items(viewer, at).filter(meeting__forum=forum_key, review_on__lte=today)
        rows = list(for_agenda(found).order_by("review_on", "id")[:PAGE])
        given: dict[UUID, dict[int, date]] = {row.id: {} for row in rows}
        for item_id, month, when in Rating.objects.filter(item__in=rows).values_list("item_id", "month", "at"):
            given[item_id][month] = when.astimezone(LONDON).date()
        due = {
            row.id: rules.months_due(of.movement.months, given[row.id][0], today, given[row.id])
            for row in rows
            if 0 in given[row.id]
        }
        lines = lines_of(viewer, rows, at)
        consulted(viewer, "item.list", "item", [row.id for row in rows], at)
    return tuple((line, due[line.item_id]) for line in lines if due.get(line.item_id))


@reading("action.read", "action")
def escalated(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[ActionLine, ...]:
    """Actions so late that they go back to the chair, by the forum's own days. Recorded as one consultation."""
    accounts.require(viewer, "meeting.run", forum_key)
    of = forum(forum_key)
    with as_viewer(viewer, at=at):
        late = rules.escalates_before(of.escalate_after_days, at.astimezone(LONDON).date())
        found = open_to(viewer, at).filter(forum=forum_key, status="open", due_on__lt=late)
        rows: list[Action] = list(found.order_by("due_on", "id")[:PAGE])
        consulted(viewer, "action.list", "action", [row.id for row in rows], at)
        return action_lines(viewer, rows, at)
