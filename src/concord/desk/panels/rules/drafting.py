"""Words drafted from the record: what to do next before a meeting, and the minutes after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from concord.desk.panels.rules.sitting import Quorum
from concord.desk.panels.rules.views import ActionLine, AgencyResearch, DecisionView, MeetingPage, Missing, NextStep


def next_steps(
    listed: int,
    missing: Sequence[Missing],
    found: Quorum,
    waiting: int,
    *,
    cut_off_passed: bool,
    carried: int = 0,
    prior: tuple[int, str] = (0, ""),
    transfers: int = 0,
) -> tuple[NextStep, ...]:
    """What to do next, most urgent first, each with the button that does it; empty when the meeting is ready.

    `prior` is how many cases wait for contact with the person at risk, and what that is called here.
    """
    steps = []
    if waiting:
        steps.append(NextStep(f"List {_cases(waiting)} waiting in your tray.", "list"))
    if carried:
        steps.append(NextStep(f"List again {_cases(carried)} carried over.", "list"))
    if not listed:
        steps.append(NextStep("Nothing is listed yet.", "agenda"))
    for each in missing:
        late = "is late with" if cut_off_passed else "still owes"
        steps.append(NextStep(f"{each.agency} {late} research on {_cases(len(each.items))}.", "remind"))
    if prior[0]:
        steps.append(NextStep(f"{prior[1]} is not recorded for {_cases(prior[0])}.", "agenda"))
    if transfers:
        steps.append(NextStep(f"{_cases(transfers).capitalize()} to or from another area not confirmed.", "transfers"))
    if not found.met:
        steps.append(NextStep(f"The members of this forum cannot make a quorum: {found.said}", "members"))
    return tuple(steps)


def _cases(count: int) -> str:
    return f"{count} case{'s' if count != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the minutes say about one case."""

    about: str
    reference: str
    repeat: bool
    reason: str
    minute: str
    beside: tuple[str, ...]
    """What else the record holds, a line each: contact before the meeting, a transfer."""
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
    return "\n".join(lines) + "\n" + minutes_of(items)


def minutes_of(items: Sequence[Heard]) -> str:
    """The cases of the minutes, one block each."""
    lines: list[str] = []
    for number, item in enumerate(items, start=1):
        lines += ["", f"{number}. {item.about} ({item.reference}){', repeat' if item.repeat else ''}"]
        lines.append(f"   Why heard: {item.reason}")
        for given in item.research:
            if given.given and not given.hidden:
                lines.append(f"   {given.agency}: {'nothing held' if given.nothing_held else given.text}")
        lines += [f"   {line}" for line in item.beside]
        lines += [f"   Said: {line}" for line in item.minute.splitlines() if line.strip()]
        if item.decision is not None:
            lines.append(f"   Decision: {item.decision.outcome_name}. {item.decision.reason} ({item.decision.by})")
        for action in item.actions:
            who = f"{action.agency} ({action.owner})" if action.owner else action.agency
            lines.append(f"   Action, {who}, by {action.due_on:%d %B %Y}: {action.text}")
    return "\n".join(lines) + "\n" if lines else ""
