"""What a referrer and a receiving team are given: lines and pages, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from concord.desk.referrals.rules.subjects import Band


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """Somebody a referral names, as the referrer wrote it. `role` is one of the pathway's parties."""

    role: str
    given_name: str
    family_name: str
    born_on: date | None = None
    sex: str = "U"
    postcode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SharingNotice:
    """What the referrer reads before sending: who will see it, for what, on which legal basis, until when."""

    pathway: str
    receiver: str
    shared_with: tuple[str, ...]
    purpose: str
    gateway: str
    section: str
    agreement: str
    agreement_ends: date
    decision_due: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    referral_id: UUID
    reference: str
    receiver: str
    submitted_at: datetime
    decision_due: datetime
    told: str


@dataclass(frozen=True, slots=True)
class ReferralStatus:
    """All that a referrer may know: what they sent and what the receiving team told them."""

    referral_id: UUID
    reference: str
    pathway: str
    pathway_name: str
    receiver: str
    submitted_at: datetime
    about: str
    concern: str
    told: str
    decided: bool
    route_told: str
    feedback: str
    due_at: datetime | None = None
    """When the decision is due, where the pathway has a time limit for it and there is none yet."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """A time limit as a screen shows it. `left` is working time, except on a clock that runs day and night."""

    key: str
    name: str
    due_at: datetime
    overdue: bool
    stopped_at: datetime | None
    met: bool | None
    left: timedelta
    runs_on: bool
    why: str
    day: timedelta = timedelta(hours=8)
    """How long the team's working day is."""


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact in a tray, what is due first on top."""

    contact_id: UUID
    reference: str
    pathway: str
    about: str
    age: int | None
    agency: str
    referrer_kind: str
    state: str
    state_name: str
    rag: str
    due_at: datetime
    next_due_at: datetime
    overdue: bool
    worker: str
    route: str
    changed_at: datetime | None = None
    has_clock: bool = True
    rated: bool = True
    pathway_name: str = ""
    left: timedelta | None = None
    """Time left on the clock that runs out first: working time, unless it `runs_on` day and night."""
    runs_on: bool = False
    day: timedelta = timedelta(hours=8)
    held_by: str = ""
    held_by_me: bool = False
    open_form: bool = False
    """Sent by somebody without an account."""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """How many open contacts somebody holds; no name: nobody does."""

    name: str
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The work of a team as its manager balances it."""

    held: tuple[HeldLine, ...]
    decided: int
    in_time: int
    weeks: int


@dataclass(frozen=True, slots=True)
class PartyView:
    """Somebody the referral names, and who they were found to be."""

    party_id: UUID
    role: str
    role_name: str
    details: PartyDetails
    age: int | None
    person_id: UUID | None
    person_name: str
    warnings: tuple[str, ...] = ()
    """How whoever it was found to be may safely be reached, as their own record says."""


@dataclass(frozen=True, slots=True)
class CheckView:
    check_id: UUID
    agency: str
    basis: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str
    outcome: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier contact about the same person on the same pathway."""

    contact_id: UUID
    reference: str
    received_at: datetime
    route_name: str


@dataclass(frozen=True, slots=True)
class MilestoneView:
    key: str
    name: str
    due_on: date | None
    state: Literal["done", "missed", "coming", "not_known"]
    basis: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    contact_id: UUID
    version: int
    reference: str
    pathway: str
    pathway_name: str
    state: str
    state_name: str
    decided: bool
    received_at: datetime
    referrer: str
    agency: str
    referrer_kind: str
    ground: str
    ground_name: str
    concern: str
    incident_on: date | None
    incident_kind: str
    safe_contact: str
    consent: str
    parties: tuple[PartyView, ...]
    rag: str
    rag_reason: str
    rag_by: str
    clocks: tuple[ClockView, ...]
    checks: tuple[CheckView, ...]
    earlier: tuple[Earlier, ...]
    level: int | None
    route: str
    route_name: str
    rationale: str
    decided_by: str
    decided_at: datetime | None
    feedback: str
    allowed: tuple[str, ...]
    """Verbs the pathway's table allows from this state and this viewer's role lists."""
    milestones: tuple[MilestoneView, ...] = ()
    """What should be behind the case by a day."""
    moves: tuple[str, ...] = ()
    """Those of them that are steps of the pathway's own, taken with `contact.move`."""
    answers: tuple[tuple[str, str], ...] = ()
    """Question and answer, as the referrer gave them."""
    steps: tuple[StepView, ...] = ()
    subjects: tuple[SubjectLine, ...] = ()
    main_born_on: date | None = None
    held_by: str = ""
    held_by_id: UUID | None = None
    open_form: bool = False
    """Sent by somebody without an account."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step that was taken, in the pathway's words."""

    name: str
    target: str
    state_name: str
    by: str
    at: datetime
    note: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NamedParty:
    """Somebody a referral names, with what of the referral an assessment about them may begin from."""

    party_id: UUID
    role: str
    name: str
    given_name: str
    family_name: str
    born_on: date | None
    person_id: UUID | None
    referral_id: UUID
    contact_id: UUID | None
    """None for the one who sent it: the contact is the receiving team's."""
    reference: str
    pathway: str
    pathway_name: str
    ground: str
    safe_contact: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class SubjectLine:
    subject_id: UUID
    kind: str
    name: str
    where: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class PlanStepView:
    step_id: UUID
    text: str
    agency: str
    due_on: date
    status: str
    note: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Concern:
    """A contact that is linked to a subject as one concern among others, for whoever may open it."""

    contact_id: UUID
    reference: str
    about: str
    role: str
    source: str
    by: str
    at: datetime | None
    ended_at: datetime | None
    ended_why: str


@dataclass(frozen=True, slots=True)
class PlanView:
    plan_id: UUID
    aim: str
    agency: str
    review_on: date
    made_by: str
    made_at: datetime
    result: str
    result_note: str
    result_at: datetime | None
    steps: tuple[PlanStepView, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectPage:
    subject: SubjectLine
    opened_at: datetime
    contacts: tuple[Earlier, ...]
    plans: tuple[PlanView, ...]
    concerns: tuple[Concern, ...] = ()
    bands: tuple[Band, ...] = ()
    not_said: int = 0


@dataclass(frozen=True, slots=True)
class MissedLine:
    """A step awaited on a case: by which day, whether that has passed, and who took the last step."""

    contact_id: UUID
    about: str
    pathway_name: str
    step: str
    due_on: date
    missed: bool
    raised_at: datetime | None
    worker: str
    mine: bool


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A session as the phone delivers it. `session_id` was chosen there, so that it can be delivered twice."""

    session_id: UUID
    kind: str
    place: str
    started_at: datetime
    ended_at: datetime
    contacts: int
    note: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A contact routed to a forum, with what its coordinator needs to list it."""

    contact_id: UUID
    referral_id: UUID
    reference: str
    pathway: str
    about: str
    decided_at: datetime
    rationale: str
    concern: str
    ground: str
    repeat: bool
    persons: tuple[tuple[UUID, str], ...]
    """(person, role) for everyone the referral names who was identified."""
    subjects: tuple[SubjectLine, ...] = ()
    """The place, group or online space it is about, where it is not about one person."""
