"""`instruments/<key>.toml`: a versioned form with sections, skip logic, scores, bands, routes and a judgement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Answer = Literal["yes_no", "sign", "choice", "several", "number", "date", "text", "long_text"]
"""yes_no: yes, no, not known. sign: present, suspected, not known. choice: one of `option`. several: any of them."""

FIXED = {
    "yes_no": {"yes": "Yes", "no": "No", "not_known": "Not known"},
    "sign": {"present": "Present", "suspected": "Suspected", "not_known": "Not known"},
}
"""The answers of kinds that bring their own."""

STATUS = Literal["draft", "active", "retired"]

INFORMATION = Literal["personal", "criminal_offence", "special_category", "patient"]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Option:
    """One answer of a choice. `points` is what a score counts for it."""

    key: Key
    name: Text
    points: float = 0
    hint: str = ""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Question:
    """One question. It is asked where `shown_when` (an expression over earlier answers) is certainly true, or blank.

    `loaded` says that its wording, or its options, are the borough's licensed ones: absent here, loaded into the home;
    `text` is then a neutral example. `topic` names what the question is about, so that what the person already said to
    another instrument is offered with its date and need not be told again. `declinable` lets the person decide that
    the answer is not written.
    """

    key: Key
    text: Text
    kind: Answer
    hint: str = ""
    option: tuple[Option, ...] = ()
    shown_when: str = ""
    required: bool = False
    loaded: bool = False
    topic: str = ""
    declinable: bool = False
    lowest: float | None = None
    highest: float | None = None

    @model_validator(mode="after")
    def _options(self) -> Question:
        needs = self.kind in ("choice", "several")
        if needs and len(self.option) < 2:
            raise ValueError(f"question “{self.key}” is a {self.kind}: it needs two or more options")
        if not needs and self.option:
            raise ValueError(f"question “{self.key}” is a {self.kind}: it takes no options")
        if (self.lowest is not None or self.highest is not None) and self.kind != "number":
            raise ValueError(f"question “{self.key}” is no number: it takes no lowest and highest")
        return self

    @property
    def answers(self) -> dict[str, str]:
        """The answers to choose from, by key; empty for numbers, dates and text."""
        return FIXED.get(self.kind) or {each.key: each.name for each in self.option}


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Repeats:
    """A part that is filled in once for each of several: people, offences, addresses."""

    noun: Text
    most: int


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Section:
    """One page. With `repeats` it is asked again for each; nothing outside may lean on one of its rows."""

    key: Key
    title: Text
    intro: str = ""
    question: tuple[Question, ...]
    repeats: Repeats | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Score:
    """`counts` is an expression. `missing`: an unanswered question counts as zero, or leaves the score unknown."""

    key: Key
    name: Text
    counts: Text
    missing: Literal["zero", "unknown"]
    note: str = ""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Band:
    """The values of a score from `at_least` up to the next band; the lowest band has no `at_least`."""

    key: Key
    score: Key
    name: Text
    at_least: float | None = None
    advice: str = ""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Route:
    """Where the answers point: advice, never a decision. `when` may read scores, bands and the level judged."""

    key: Key
    name: Text
    when: Text
    says: Text
    pathway: str = ""
    forum: str = ""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Prompt:
    """Something not to forget while `when` is true: a duty, a missed step. It decides nothing."""

    key: Key
    when: Text
    says: Text
    law: str = ""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Level:
    """A level somebody judges. `bands` are those of the score that point to it, if any do."""

    key: Key
    name: Text
    meaning: Text
    bands: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Joint:
    """A second agency's view beside the decision: given by one of `given_by` from one of `sectors`, never by whoever
    decides. It must be there where `needed_when` (over answers, scores and `level`, the one about to be decided) is not
    certainly false; elsewhere the deciding agency may decide alone, by `basis`.
    """

    name: Text
    given_by: tuple[Key, ...]
    sectors: tuple[Key, ...]
    needed_when: Text
    basis: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Judgement:
    """The professional's decision, always with a reason. `sectors` limits it to some agencies, with the reason."""

    question: Text
    level: tuple[Level, ...]
    decided_by: tuple[Key, ...]
    sectors: tuple[Key, ...] = ()
    sectors_why: str = ""
    asks: tuple[Question, ...] = ()
    joint: Joint | None = None

    @model_validator(mode="after")
    def _sectors(self) -> Judgement:
        if self.sectors and not self.sectors_why:
            raise ValueError("sectors limits who decides: say why in sectors_why")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Ground:
    """What the answers are collected and shared for: one is chosen at the beginning, where there are several."""

    key: Key
    name: Text
    purpose: Key
    gateway: Key
    agreement: Key
    why: str = ""
    """Why this may be asked, in words for whoever asks and whoever is asked. The section comes with the gateway."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Factor:
    """Something present, told with the result where the answers are not: a panel counts factors by `key`."""

    key: Key
    name: Text
    when: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Trigger:
    """Whoever a referral names in `role` is due this assessment: on any ground, or on `ground`; at any age, or under
    `under_age` (full years, on the day of the referral; an unknown age counts as under). `answers` are known by it.
    """

    pathway: Key
    role: Key
    ground: str = ""
    under_age: int | None = None
    says: Text
    answers: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Eligible:
    """Whom the instrument is for. Somebody else may still be assessed: the page says `otherwise`."""

    when: Text
    says: Text
    otherwise: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Deadline:
    """Working days from the date answered to `starts` (or from the beginning) to the decision, for the eligible."""

    name: Text
    working_days: int
    starts: str = ""
    basis: Text
    holidays: str = "bank_holidays"


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Transparency:
    """What the public is told, in the order of the Algorithmic Transparency Recording Standard."""

    description: Text
    rationale: Text
    decision_process: Text
    human_oversight: Text
    challenge: Text
    data: Text
    method: Text
    risks: Text
    impact_assessment: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Instrument(Common):
    """One instrument. A change of what is asked or counted raises `version`: answers keep the one they were given."""

    key: Key
    name: Text
    version: int
    status: STATUS = "draft"
    subject: Literal["child", "adult", "person"]
    what_for: Text
    from_age: int | None = None
    to_age: int | None = None
    """In full years, both included: whom it may be begun about. An unknown age passes."""
    not_about: tuple[Key, ...] = ()
    """Roles in a referral or a case that it is not offered about: a checklist for victims, about whoever harmed one."""
    information: tuple[INFORMATION, ...] = ("personal", "special_category")
    """The classes of information its answers may hold: they go nowhere that the agreement there does not cover."""
    fresh_days: int = 180
    """For so long an earlier answer counts as known: it is shown with its source and need not be asked again."""
    due_from: dt.date | None = None
    """The day from which the partnership assesses: a referral sent before it makes nobody due (see `trigger`). None:
    every referral counts."""
    ground: tuple[Ground, ...]
    used_by: tuple[Key, ...]
    owner: str = ""
    validation: str = ""
    review_on: dt.date | None = None
    equality: str = ""
    example: str = ""
    """What is said on every page while the wording is a neutral example."""
    section: tuple[Section, ...]
    score: tuple[Score, ...] = ()
    band: tuple[Band, ...] = ()
    route: tuple[Route, ...] = ()
    prompt: tuple[Prompt, ...] = ()
    factor: tuple[Factor, ...] = ()
    trigger: tuple[Trigger, ...] = ()
    judgement: Judgement
    eligible: Eligible | None = None
    deadline: Deadline | None = None
    transparency: Transparency | None = None

    @model_validator(mode="after")
    def _fit_for_use(self) -> Instrument:
        needed = {
            "owner": self.owner,
            "validation": self.validation,
            "review_on": self.review_on,
            "equality": self.equality,
            "transparency": self.transparency,
        }
        if not self.ground:
            raise ValueError("an instrument needs a [[ground]]: purpose, gateway and agreement")
        lacking = [name for name, given in needed.items() if not given]
        if self.status == "active" and lacking:
            raise ValueError(f"an active instrument needs {', '.join(lacking)}; without, it stays a draft")
        if any(question.loaded for question in self.questions()) and not self.example:
            raise ValueError("wording is loaded by the borough: say in example what stands here instead")
        return self

    def questions(self) -> Iterator[Question]:
        """Every question in the order it is asked, those of the decision last."""
        for section in self.section:
            yield from section.question
        yield from self.judgement.asks

    @property
    def takes_wording(self) -> bool:
        return any(question.loaded for question in self.questions())


SHAPE = Instrument
