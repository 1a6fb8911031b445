"""Anything that sits: lifecycles, quorum, readiness, minutes. Pure: the clock and the forum are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.forum import Forum, Outcome


class NotNow(Refused):
    """The lifecycle has no such step from here."""


class NoQuorum(Refused):
    """Too few of the core agencies are here to decide."""


@dataclass(frozen=True, slots=True)
class Step:
    verb: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One transition table. The diagram in docs/reference/lifecycles.md is drawn from it."""

    name: str
    initial: str
    states: Mapping[str, str]
    steps: tuple[Step, ...]

    def after(self, state: str, verb: str) -> str:
        """The state that `verb` leads to. Raises NotNow."""
        for step in self.steps:
            if step.verb == verb and state in step.sources:
                return step.target
        raise NotNow(
            f"You cannot {verb.replace('_', ' ')} a {self.name.lower()} that is “{self.states.get(state, state)}”.",
            why="Its lifecycle has no such step from there.",
            next_step="Open it again: a colleague may have moved it on.",
        )

    def can(self, state: str, verb: str) -> bool:
        return any(step.verb == verb and state in step.sources for step in self.steps)


MEETING = Lifecycle(
    "Meeting",
    "planned",
    {"planned": "Planned", "open": "Sitting", "closed": "Closed", "signed": "Minutes signed"},
    (
        Step("open", ("planned",), "open"),
        Step("close", ("open",), "closed"),
        Step("sign", ("closed",), "signed"),
    ),
)

ITEM = Lifecycle(
    "Case",
    "listed",
    {"listed": "Listed", "decided": "Decided", "carried_over": "Carried over", "withdrawn": "Withdrawn"},
    (
        Step("decide", ("listed",), "decided"),
        Step("carry_over", ("listed",), "carried_over"),
        Step("withdraw", ("listed",), "withdrawn"),
    ),
)

ACTION = Lifecycle(
    "Action",
    "open",
    {
        "open": "Open",
        "done": "Done",
        "circumstances_changed": "Circumstances changed",
        "not_undertaken": "Not undertaken",
    },
    (
        Step("done", ("open",), "done"),
        Step("circumstances_changed", ("open",), "circumstances_changed"),
        Step("not_undertaken", ("open",), "not_undertaken"),
    ),
)

LIFECYCLES = (MEETING, ITEM, ACTION)

NEEDS_REASON = ("circumstances_changed", "not_undertaken")
"""Ways to end an action that say why: they mean different things in the return, so they are kept apart."""


# --- quorum and readiness ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quorum:
    met: bool
    present: tuple[str, ...]
    missing: tuple[str, ...]
    """Names of core seats that must be there and are not."""
    needed: int
    said: str


def quorum(forum: Forum, seats_present: Iterable[str]) -> Quorum:
    """Whether enough core seats are filled: `minimum` of them, and each that must be there."""
    names = {seat.key: seat.name for seat in forum.seat}
    here = {seat for seat in seats_present if seat in names}
    missing = tuple(names[seat] for seat in forum.quorum.must_have if seat not in here)
    met = not missing and len(here) >= forum.quorum.minimum
    said = f"{len(here)} of the core agencies here; {forum.quorum.minimum} needed."
    if missing:
        said += f" Missing: {', '.join(missing)}."
    return Quorum(met, tuple(names[seat] for seat in sorted(here)), missing, forum.quorum.minimum, said)


def require_quorum(forum: Forum, seats_present: Iterable[str]) -> None:
    """Raises NoQuorum, naming who is missing."""
    found = quorum(forum, seats_present)
    if not found.met:
        raise NoQuorum(
            f"{forum.abbreviation} has no quorum, so nothing can be decided.",
            why=found.said,
            next_step="Record who is here, wait for them, or carry the case over.",
        )


def cut_off(forum: Forum, starts_at: datetime) -> datetime:
    """When research closes."""
    return starts_at - timedelta(hours=forum.research.cut_off_hours)


def outcome_named(forum: Forum, key: str) -> Outcome:
    """Raises NotNow for an outcome this forum does not use."""
    outcomes = {each.key: each for each in forum.outcome}
    if key not in outcomes:
        raise NotNow(f"{forum.abbreviation} has no outcome “{key}”.", next_step=did_you_mean(key, outcomes))
    return outcomes[key]


# --- read models -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfMeeting:
    """Which meeting, of which forum: said on its line, on its page and on the page of each of its cases."""

    meeting_id: UUID
    forum: str
    forum_name: str
    abbreviation: str
    starts_at: datetime
    cut_off_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingLine(OfMeeting):
    place: str
    state: str
    state_name: str
    items: int
    research_missing: int
    """Cases for which the viewer's own agency has not yet given research."""


@dataclass(frozen=True, slots=True)
class AgencyResearch:
    """One agency's research on one case. `hidden` until the cut-off when it is another agency's."""

    research_id: UUID | None
    agency: str
    text: str
    nothing_held: bool
    by: str
    at: datetime | None
    late: bool
    mine: bool
    given: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class PersonInItem:
    person_id: UUID
    role: str
    name: str
    age: int | None
    safe_contact: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    action_id: UUID
    forum: str
    abbreviation: str
    item_id: UUID
    about: str
    """Empty where the case itself is no longer shared with the viewer."""
    agency: str
    text: str
    raised_on: date
    due_on: date
    status: str
    status_name: str
    overdue: bool
    reason: str
    completed_at: datetime | None
    version: int
    mine: bool


@dataclass(frozen=True, slots=True)
class ItemLine:
    item_id: UUID
    position: int
    reference: str
    kind: str
    kind_name: str
    about: str
    age: int | None
    reason: str
    repeat: bool
    state: str
    state_name: str
    research_given: tuple[str, ...]
    research_missing: tuple[str, ...]
    open_actions: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class DecisionView:
    outcome: str
    outcome_name: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemPage(OfMeeting):
    item_id: UUID
    version: int
    meeting_state: str
    reference: str
    kind: str
    kind_name: str
    about: str
    reason: str
    concern: str
    repeat: bool
    state: str
    state_name: str
    persons: tuple[PersonInItem, ...]
    research: tuple[AgencyResearch, ...]
    earlier_actions: tuple[ActionLine, ...]
    actions: tuple[ActionLine, ...]
    decision: DecisionView | None
    outcomes: tuple[tuple[str, str], ...]
    quorum: Quorum
    previous_id: UUID | None
    next_id: UUID | None
    may_decide: bool
    may_add_action: bool
    may_research: bool


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    user_id: UUID
    name: str
    agency: str
    seat: str | None
    seat_name: str
    part: str
    present: bool | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeetingPage(OfMeeting):
    version: int
    place: str
    state: str
    state_name: str
    confidentiality: str
    items: tuple[ItemLine, ...]
    attendance: tuple[AttendanceLine, ...]
    quorum: Quorum
    expected_quorum: Quorum
    """As if everybody who sits on the forum came."""
    minutes_due: datetime
    signed_by: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    agency: str
    seats: str
    items: tuple[str, ...]
    """References of the cases this agency has given nothing on."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the coordinator has to chase before the next meeting."""

    meeting: MeetingLine
    listed: int
    research_missing: tuple[Missing, ...]
    quorum: Quorum
    conflicts: int
    carried_over: int
    waiting: int
    open_actions: int
    overdue_actions: int
    ready: bool
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A contact routed to the forum that nobody has listed yet."""

    contact_id: UUID
    reference: str
    about: str
    decided_at: datetime
    rationale: str
    repeat: bool


@dataclass(frozen=True, slots=True)
class PanelPointer:
    """A forum that hears a person, as a link to the case or as a name to ring."""

    forum: str
    abbreviation: str
    item_id: UUID | None
    starts_at: datetime | None
    state_name: str
    contact: str


# --- minutes -----------------------------------------------------------------------------------------------------


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
