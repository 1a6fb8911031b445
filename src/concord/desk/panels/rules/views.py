"""What a reader of a forum is given: lines and pages, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from concord.desk.instruments.rules import ResultLine
from concord.desk.panels.rules.sitting import Quorum


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
    reminded: bool = False
    """Whether the coordinator reminded the viewer's agency of them."""
    hears: str = "cases"

    @property
    def listed(self) -> str:
        """“2 cases”; a board's papers and questions are “items”."""
        one = "case" if self.hears == "cases" else "item"
        return f"{self.items} {one}{'' if self.items == 1 else 's'}"


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
    intelligence: str = ""
    """Empty for whoever does not see that class of field, and for whoever was given none: the two are the same."""


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
    owner: str = ""
    """Who of the agency took it on; empty where it is left to the agency."""
    owned: bool = False
    """Whether the viewer took it on themselves."""
    with_chair: bool = False
    """So late that it went back to the forum's chair."""
    also: tuple[str, ...] = ()
    """Other forums that asked for the same hand-off: one task, shown once."""


@dataclass(frozen=True, slots=True)
class PriorContactLine:
    outcome: str
    words: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferLine:
    direction: str
    area: str
    sent_on: date
    confirmed_on: date | None


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
    subject: str = "person"
    whereabouts: str = ""
    prior_missing: bool = False
    """Nobody has said yet whether the person at risk was spoken with, and this forum asks for it."""
    transfer_waits: bool = False
    """It goes to or comes from another area, and that is not said or not confirmed."""


@dataclass(frozen=True, slots=True)
class HeardBefore:
    """An earlier hearing of the same place, group or theme in this forum."""

    item_id: UUID
    starts_at: datetime
    outcome_name: str


@dataclass(frozen=True, slots=True)
class RatingLine:
    """The risk as judged, `month` months after the first decision."""

    month: int
    level_name: str
    reason: str
    by: str
    at: datetime
    moved: str
    """“lower”, “same” or “higher” than the judgement before; empty for the first."""


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
    subject: str = "person"
    whereabouts: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    recorded: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The same by their keys, to be put right."""
    """What the forum records of it, by name, with the answers."""
    score: str = ""
    results: tuple[ResultLine, ...] = ()
    """What assessments it rests on, or that came with its referral, came to: never their answers."""
    heard_before: tuple[HeardBefore, ...] = ()
    ratings: tuple[RatingLine, ...] = ()
    reviews_due: tuple[int, ...] = ()
    """Months at which the risk is to be judged again, due by now."""
    advisory: bool = False
    hears: str = "cases"
    minute: str = ""
    minuted_by: str = ""
    prior_contact: PriorContactLine | None = None
    asks_prior: str = ""
    """What contact before the meeting is called here, where this kind of case asks for it."""
    speaks_first: bool = False
    transfer: TransferLine | None = None
    transfer_way: str = ""
    """“in” or “out” where the case comes from or goes to another area."""
    kept_out: tuple[str, ...] = ()
    """Members who must not be in the room for this case; for whoever runs the meeting alone."""
    restriction: str = ""
    """“restricted” or “sealed” for those a restriction names; for everybody else there is no such page."""


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
    hears: str = "cases"
    public: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    agency: str
    seats: str
    items: tuple[str, ...]
    """References of the cases this agency has given nothing on."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do before a meeting, and which button does it."""

    words: str
    does: str
    """“list”, “agenda”, “remind”, “members”, “transfers” or “pack”."""


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
    """Both counted up to `queries.COUNTED`, those that are due first."""
    ready: bool
    next_steps: tuple[NextStep, ...]
    prior_missing: int = 0
    transfers_waiting: int = 0
    reminded: tuple[str, ...] = ()
    """Agencies reminded today."""


@dataclass(frozen=True, slots=True)
class FlagLine:
    """Somebody whose files the members stop marking on a day, unless they are heard again."""

    person_id: UUID
    name: str
    ends_on: date


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
    """A forum that hears a person: as a link to the case, or as a pointer, with whom to ring and nothing else."""

    forum: str
    abbreviation: str
    item_id: UUID | None
    starts_at: datetime | None
    state_name: str
    contact: str
