"""Words drafted from the record: what to do next before a meeting, and the minutes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from concord.desk.panels.rules.sitting import Quorum
from concord.desk.panels.rules.views import ActionLine, AgencyResearch, DecisionView, MeetingPage, Missing


def next_steps(
    listed: int, missing: Sequence[Missing], found: Quorum, waiting: int, *, cut_off_passed: bool
) -> tuple[str, ...]:
    """What to do next, most urgent first; empty when the meeting is ready."""
    steps = []
    if waiting:
        steps.append(f"List {waiting} case{'s' if waiting != 1 else ''} waiting in your tray, or say why not.")
    if not listed:
        steps.append("Nothing is listed yet.")
    for each in missing:
        cases = len(each.items)
        late = "is late with" if cut_off_passed else "still owes"
        steps.append(f"{each.agency} {late} research on {cases} case{'s' if cases != 1 else ''}.")
    if not found.met:
        steps.append(f"The members of this forum cannot make a quorum: {found.said}")
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the minutes say about one case."""

    about: str
    reference: str
    repeat: bool
    reason: str
    research: tuple[AgencyResearch, ...]
    decision: DecisionView | None
    actions: tuple[ActionLine, ...]


def minutes(page: MeetingPage, items: Sequence[Heard]) -> str:
    """The record of a meeting, drafted from what was entered. Plain text, one block a case."""
    here = [line.name for line in page.attendance if line.present]
    away = [line.name for line in page.attendance if line.present is False]
    lines = [
        f"{page.forum_name} ({page.abbreviation})",
        f"{page.starts_at:%d %B %Y, %H:%M}, {page.place}",
        f"Present: {', '.join(here) or 'nobody recorded'}",
        f"Apologies: {', '.join(away) or 'none'}",
        f"Quorum: {page.quorum.said}",
        page.confidentiality,
    ]
    for number, item in enumerate(items, start=1):
        lines += ["", f"{number}. {item.about} ({item.reference}){', repeat' if item.repeat else ''}"]
        lines.append(f"   Why heard: {item.reason}")
        for given in item.research:
            if given.given and not given.hidden:
                lines.append(f"   {given.agency}: {'nothing held' if given.nothing_held else given.text}")
        if item.decision is not None:
            lines.append(f"   Decision: {item.decision.outcome_name}. {item.decision.reason} ({item.decision.by})")
        for action in item.actions:
            lines.append(f"   Action, {action.agency}, by {action.due_on:%d %B %Y}: {action.text}")
    return "\n".join(lines) + "\n"
