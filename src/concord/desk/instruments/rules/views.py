"""What the room gives out: lines of a list, one assessment, what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from concord.desk.instruments.rules.answers import Said
from concord.desk.instruments.rules.scoring import Outcome
from concord.kernel.lifecycles import Lifecycle, Step
from concord.strategy.shapes.instrument import Instrument

ASSESSMENT = Lifecycle(
    "Assessment",
    "open",
    {"open": "Under way", "paused": "Paused", "decided": "Decided", "stopped": "Stopped"},
    (
        Step("pause", ("open",), "paused"),
        Step("resume", ("paused",), "open"),
        Step("answer", ("open", "paused"), "open"),
        Step("decide", ("open", "decided"), "decided"),
        Step("amend", ("decided",), "decided"),
        Step("stop", ("open", "paused"), "stopped"),
    ),
)
"""Deciding again after an amendment keeps the first decision; stopping is the person's own wish, with their reason."""

LIFECYCLES = (ASSESSMENT,)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an assessment is about. `person_id` where they are on record and shared with the viewer."""

    given_name: str
    family_name: str
    born_on: date | None
    person_id: UUID | None = None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    assessment_id: UUID
    reference: str
    instrument: str
    name: str
    about: str
    state: str
    begun_at: datetime
    changed_at: datetime
    due_on: date | None
    overdue: bool
    level: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: the level, what the score pointed to, why, and why otherwise where it departs."""

    level: str
    suggested: tuple[str, ...]
    reason: str
    override: str
    answers: Mapping[str, Said]
    kept: Mapping[str, object]
    by: str
    agency: str
    at: datetime
    revision: int

    @property
    def departs(self) -> bool:
        return bool(self.suggested) and self.level not in self.suggested


@dataclass(frozen=True, slots=True)
class Changed:
    """One answer that was given, changed or taken back."""

    address: str
    before: Said | None
    after: Said
    reason: str
    revision: int


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """One assessment with the instrument as it was when it began, and what the answers come to now."""

    assessment_id: UUID
    reference: str
    instrument: Instrument
    wording: str
    subject: Subject
    ground: str
    state: str
    revision: int
    begun_at: datetime
    changed_at: datetime
    begun_by: str
    agency: str
    mine: bool
    age_months: int | None
    due_on: date | None
    overdue: bool
    answers: Mapping[str, Said]
    outcome: Outcome
    decisions: tuple[Decided, ...]
    stopped_because: str
    previous: UUID | None
    on_earlier_answers: bool
    """The last decision was made on answers that come to something else now."""
    may_decide: bool
    cannot_decide: str

    @property
    def decision(self) -> Decided | None:
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the person already said, to which assessment and when."""

    topic: str
    said: Said
    source: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One question, then and now."""

    question: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after
