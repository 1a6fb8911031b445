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

WAYS = {
    "referred": "Referred here, with this assessment",
    "shown": "Told to the panel",
    "otherwise": "Done another way",
    "not_taken": "Not taken",
}
"""What may become of an advised route."""


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
class Advised:
    """What the second agency advises: the level, why, who. `current` while no answer changed since."""

    level: str
    reason: str
    by: str
    by_id: UUID
    agency: str
    at: datetime
    revision: int
    current: bool


@dataclass(frozen=True, slots=True)
class OnwardLine:
    """What became of an advised route, the newest word on it."""

    route: str
    way: str
    reason: str
    whole: bool
    by: str
    agency: str
    at: datetime
    referral_id: UUID | None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    key: str
    name: str
    value: float | None
    band: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What a decision came to, for those who may not read the answers. `assessment_id` only for those who may."""

    result_id: UUID
    assessment_id: UUID | None
    reference: str
    instrument: str
    name: str
    version: int
    about: str
    level: str
    scores: tuple[ScoreLine, ...]
    factors: tuple[tuple[str, str], ...]
    """Key and name of each factor present."""
    decided_by: str
    agency: str
    at: datetime

    def score(self, key: str) -> float | None:
        return next((each.value for each in self.scores if each.key == key), None)


@dataclass(frozen=True, slots=True)
class RecountLine:
    """One score: with the decision, as it stands beside the answers, and counted again."""

    name: str
    counts: str
    decided: float | None
    stored: float | None
    again: float | None

    @property
    def holds(self) -> bool:
        return self.stored == self.again


@dataclass(frozen=True, slots=True)
class DueLine:
    """Somebody whom a referral makes due for an assessment. `assessment_id` where it is under way."""

    instrument: str
    name: str
    party_id: UUID
    about: str
    says: str
    known_on: date
    due_on: date | None
    overdue: bool
    reference: str
    assessment_id: UUID | None


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: the level, what the score pointed to, why, and why otherwise where it departs. `opinion` is the
    second agency's view it was made with, and `differs_because` why it was not followed."""

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
    opinion: Advised | None = None
    differs_because: str = ""

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
    gateway: str = ""
    agreement: str = ""
    opinion: Advised | None = None
    may_advise: bool = False
    onward: tuple[OnwardLine, ...] = ()

    @property
    def decision(self) -> Decided | None:
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the person already said, to which assessment and when."""

    topic: str
    said: Said
    source: str
    fresh: bool = True
    """Recent enough to be shown as known, and not asked again unless somebody wants to."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One question, then and now."""

    question: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after
