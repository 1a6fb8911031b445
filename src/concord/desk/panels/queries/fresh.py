"""What changed for a viewer at their forums: cases and papers listed, research, actions, minutes."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts.rules import News, Viewer
from concord.desk.panels.models import Item, Research
from concord.desk.panels.queries.forums import forum
from concord.desk.panels.queries.reach import open_to, readable_research, signings, visible_items
from concord.desk.sharing.session import as_viewer
from concord.kernel.working_time import LONDON

MOST = 20


def news(viewer: Viewer, *, since: datetime, at: datetime) -> tuple[News, ...]:
    """Kinds `listed`, `paper`, `research`, `action`, `ended` and `minutes`, by others; empty for who sits nowhere."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    if not sits:
        return ()
    runs = {each.partition(":")[0] for each in viewer.forums if each.partition(":")[2] in ("coordinator", "chair")}
    with as_viewer(viewer, at=at):
        cases = visible_items(viewer, at)
        found = _listed(viewer, cases.filter(listed_at__gt=since, meeting__forum__in=sits))
        if runs:
            given = readable_research(viewer, Research.objects.filter(forum__in=runs, at__gt=since), at)
            given = given.filter(item__in=cases.values("id")).exclude(by_id=viewer.user_id).select_related("item")
            found += [
                News("research", each.item.about, each.at, each.item_id, each.agency)
                for each in given.order_by("-at")[:MOST]
            ]
        found += _actions(viewer, runs, since, at)
        found += [
            News("minutes", forum(key).abbreviation, when, meeting_id)
            for meeting_id, key, when, by in signings(since=since, most=MOST)
            if by != viewer.user_id
        ]
    return tuple(found)


def _listed(viewer: Viewer, rows: object) -> list[News]:
    found = rows.filter(meeting__state__in=["planned", "open"]).exclude(listed_by=viewer.user_id)  # type: ignore[attr-defined]
    lines: list[Item] = list(found.exclude(state="withdrawn").select_related("meeting").order_by("-listed_at")[:MOST])
    return [
        News(
            "paper" if each.hears == "papers" else "listed",
            each.about,
            each.listed_at,
            each.id,
            forum(each.meeting.forum).abbreviation,
        )
        for each in lines
    ]


def _actions(viewer: Viewer, runs: set[str], since: datetime, at: datetime) -> list[News]:
    """New to the viewer's agency, by the day they were raised; and ended, for those who run the forum."""
    reach = open_to(viewer, at)
    new = reach.filter(agency=viewer.agency, status="open", raised_on__gte=since.astimezone(LONDON).date())
    new = new.exclude(raised_by=viewer.user_id).select_related("item__meeting").order_by("-raised_on", "id")[:MOST]
    # An action knows its day alone: it counts as raised when its meeting began.
    found = [
        News("action", each.text, each.item.meeting.starts_at, each.id, each.forum)
        for each in new
        if each.item.meeting.starts_at > since
    ]
    if runs:
        ended = (
            reach.filter(forum__in=runs, completed_at__gt=since)
            .exclude(status="open")
            .exclude(closed_by=viewer.user_id)
        )
        found += [
            News("ended", each.text, each.completed_at, each.item_id, each.agency)
            for each in ended.order_by("-completed_at")[:MOST]
        ]
    return found
