"""The forums' part of somebody's history: cases heard, actions agreed and closed, what agencies brought; and whether
the hand-off at seventeen was raised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, F, Func

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels.models import Action, Involvement, Research
from concord.desk.panels.queries.actions import action_lines
from concord.desk.panels.queries.forums import forum
from concord.desk.panels.queries.reach import open_to, readable_research, visible_items
from concord.desk.panels.rules import ACTION, ITEM, ActionLine
from concord.desk.people import queries as people
from concord.desk.people.rules import Happened, HistoryKind, Place
from concord.desk.sharing.session import as_viewer


def panel_history(
    viewer: Viewer,
    records: Iterable[UUID],
    kinds: frozenset[HistoryKind],
    *,
    most: int,
    before: Place | None = None,
    agency: str = "",
    at: datetime,
) -> list[Happened]:
    """Cases about somebody, their actions and research, as far as the viewer may open them. Not recorded: the caller
    opened the person."""
    if not accounts.may(viewer, "item.read"):
        return []
    found: list[Happened] = []
    with as_viewer(viewer, at=at):
        about = Involvement.objects.filter(person_id__in=set(records)).values("item_id")
        cases = visible_items(viewer, at).filter(id__in=about)
        if "panel" in kinds and not agency:
            rows = cases.select_related("meeting").filter(people.older(before, "meeting__starts_at"))
            for row in rows.order_by("-meeting__starts_at", "-id")[: most + 1]:
                said = forum(row.meeting.forum).abbreviation
                words = f"{said}: {ITEM.states[row.state].lower()}"
                found.append(Happened(row.meeting.starts_at, row.id, "panel", words, said, "", row.id))
        if "action" in kinds:
            actions = open_to(viewer, at).filter(item_id__in=about)
            actions = actions.filter(agency=agency) if agency else actions
            actions = actions.filter(people.older_days(before, "raised_on") | people.older(before, "completed_at"))
            raised = Func(F("raised_on"), template="(%(expressions)s::timestamp AT TIME ZONE 'Europe/London')")
            raised.output_field = DateTimeField()
            moments = people.latest(before, ("completed_at", F("completed_at")), ("raised_on", raised))
            for each in actions.annotate(latest=moments).order_by("-latest", "-id")[: most + 1]:
                found.append(_action(each, people.moment_of(each.raised_on), "Action agreed"))
                if each.completed_at is not None:
                    found.append(_action(each, each.completed_at, f"Action {ACTION.states[each.status].lower()}"))
        if "research" in kinds:
            brought = readable_research(viewer, Research.objects.filter(item_id__in=cases.values("id")), at)
            brought = brought.filter(agency=agency) if agency else brought
            for each in brought.filter(people.older(before, "at")).order_by("-at", "-id")[: most + 1]:
                said = forum(each.forum).abbreviation
                words = "Nothing held" if each.nothing_held else "Research given"
                found.append(Happened(each.at, each.id, "research", words, said, each.agency, each.item_id))
    return found


def _action(row: Action, when: datetime, words: str) -> Happened:
    said = forum(row.forum).abbreviation
    return Happened(when, row.id, "action", f"{words}: {row.text}", said, row.agency, row.item_id)


def hand_offs(viewer: Viewer, records: Iterable[UUID], *, at: datetime) -> tuple[tuple[datetime, ActionLine], ...]:
    """Hand-offs that were raised for somebody, by the action that carries each, as far as the viewer sees it. Not
    recorded: the caller opened the person."""
    if not accounts.may(viewer, "action.read"):
        return ()
    with as_viewer(viewer, at=at):
        rows = list(
            open_to(viewer, at)
            .filter(hand_off__person_id__in=set(records))
            .annotate(handed_at=F("hand_off__raised_at"))
            .order_by("hand_off__raised_at", "id")
        )
        lines = action_lines(viewer, rows, at, about="")
    return tuple((row.handed_at, line) for row, line in zip(rows, lines, strict=True))
