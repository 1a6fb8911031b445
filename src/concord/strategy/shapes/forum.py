"""Forums: anything that sits. Items, repeat rule, research, quorum, outcomes. One file each in `forums/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.kernel.names import did_you_mean
from concord.strategy.shapes.common import FORBID, Common, Key, Source, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ItemKind:
    """A kind of item this forum hears. `roles` are the parts people play in such an item.

    A “paper” is something published already, a “question” one that a resident asked: neither is about anybody.
    `from_age` and `to_age` are those of the first role, in full years, both included.
    """

    key: str
    name: str
    subject: Literal["person", "place", "group", "theme", "online", "paper", "question"]
    roles: tuple[str, ...] = ()
    from_age: int | None = None
    to_age: int | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Facet:
    """A thing recorded of each item in answers that can be counted: a route, a strand, a factor.

    `choices` are keys and their names. `kinds` are the kinds of item it is asked of; without them, of all.
    """

    key: Key
    name: Text
    choices: Mapping[Key, Text]
    many: bool = False
    required: bool = False
    hint: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Threshold:
    """A score above `above` is `name`; the instrument that gives it belongs to the borough. Judgement may differ.

    The score is read from a decided assessment on `instrument`, where `counts` names it; nobody types it. `ground` is
    the choice of the facet “ground” that rests on it. The factors that it tells go into the facet `factors`.
    """

    score: Text
    above: int
    name: Text
    instrument: Key
    counts: Key
    ground: str = ""
    factors: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Movement:
    """How risk moved, judged `months` after the first decision. `levels` go from the lowest to the highest."""

    months: tuple[int, ...]
    levels: Mapping[Key, Text]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class HandOff:
    """From this age on a person heard in one of `roles` is handed on, once: an action for whoever fills `seat`."""

    age: int
    roles: tuple[str, ...]
    seat: str
    text: Text
    days: int


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Pull:
    """What comes onto the agenda by itself: cases carried over, accepted referrals, contacts of `hours` rated one of
    `rag`, or the headline of the newest published pack named in `publication`, as an item of `kind`."""

    source: Literal["carried", "accepted", "contacts", "headline"]
    kind: str = ""
    hours: int = 24
    pathway: str = ""
    rag: tuple[str, ...] = ()
    publication: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Measure:
    """One line of a forum's return: cases whose facts are all among those named in `where`; or, with `count`, how
    many people in that role they hold. `of` is the measure it is a share of, `per` the population it is a rate of."""

    key: Key
    name: Text
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    count: str = ""
    of: str = ""
    per: int = 0


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Return:
    """The figures a forum counts from its own cases, for the body named. `population` is what a rate is per. What may
    be sent is released for `audience` under `rule` of disclosure.toml."""

    name: Text
    to: Text
    measure: tuple[Measure, ...]
    every: Literal["month", "quarter"] = "quarter"
    population_from: Key | None = None
    """The figure that the evidence side brings to the desk; no population is typed."""
    population_of: str = ""
    audience: Key = "public"
    rule: Key = "public"
    source: Source | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PriorContactRule:
    """Only whoever fills `seat` speaks with the person in the first role before the meeting, and says what they want.
    `name` is what it is called."""

    seat: str
    name: Text
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class TransferRule:
    """A case may go to another area's forum with the outcome `outcome`, and come from one on the ground `ground`."""

    outcome: str
    ground: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Cohort:
    """People whom the forum manages. `kinds` are its lists; `enter`, `stay` and `leave` are outcomes. `ratings` are the
    outcomes that rate, from the lowest to the highest.

    Each is looked at again after `review_months`. Without a review for `lapse_months`, or at `until_age`, the rule
    takes them off and every agency that sits here is told.
    """

    kinds: tuple[str, ...]
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    stay: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    review_months: int
    lapse_months: int
    until_age: int | None = None

    @model_validator(mode="after")
    def _lapses_after_review(self) -> Cohort:
        if self.lapse_months <= self.review_months:
            raise ValueError("lapse_months must be longer than review_months: nobody is removed before they are due")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PackRule:
    """Figures that are made for a meeting at one click: those of `publication`, released for `audience` under `rule`.

    `forums` are those of which the desk's own counts stand beside them.
    """

    publication: Key
    audience: Key
    rule: Key
    forums: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Seat:
    """A core agency's place at the table."""

    key: str
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Quorum:
    """`minimum` seats present, among them every one of `must_have`."""

    minimum: int
    must_have: tuple[str, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ResearchRule:
    """Research closes `cut_off_hours` before the meeting; until then agencies see only their own if `hidden_before`."""

    cut_off_hours: float
    hidden_before: bool = True


@dataclass(frozen=True, config=FORBID, kw_only=True)
class RepeatRule:
    """A further incident within `months` of the last referral, same victim, same perpetrator(s), is a repeat.

    `perpetrators`: "any" of them in common is enough, or "all" must be the same. A repeat is heard whatever
    its threshold.
    """

    months: int
    perpetrators: Literal["any", "all"]
    incidents: tuple[str, ...]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PointerRule:
    """Who learns that the forum hears somebody, and whom to ring, without the case.

    Only about people in one of `roles`: never about an alleged perpetrator, who could learn of it. `purpose` is the
    one the holder acts for.
    """

    holder: str
    roles: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class FollowUp:
    """An action that comes with an outcome, `days` after it, for whoever fills `seat` (else the chair's agency)."""

    text: Text
    days: int
    seat: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Outcome:
    key: str
    name: str
    carries_over: bool = False
    """The item goes to the next meeting's agenda."""
    follow_up: tuple[FollowUp, ...] = ()
    kinds: tuple[str, ...] = ()
    """The kinds of item it may end; without them, all."""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Forum(Common):
    key: str
    name: str
    abbreviation: str
    purpose: str
    gateway: str = ""
    agreement: str = ""
    """A forum that hears cases has both; one that hears papers alone has neither, because it shares nothing."""
    hears: Literal["cases", "papers"] = "cases"
    public: bool = False
    """Its papers, questions and decisions may be read by anybody."""
    advisory: bool = False
    """What it decides is advice: the agency in charge of the case decides."""
    pathway: str | None = None
    cadence: str
    item: tuple[ItemKind, ...]
    seat: tuple[Seat, ...]
    quorum: Quorum
    research: ResearchRule
    outcome: tuple[Outcome, ...]
    repeat: RepeatRule | None = None
    pointer: tuple[PointerRule, ...] = ()
    facet: tuple[Facet, ...] = ()
    threshold: Threshold | None = None
    movement: Movement | None = None
    hand_off: HandOff | None = None
    pull: tuple[Pull, ...] = ()
    returns: Return | None = None
    prior_contact: PriorContactRule | None = None
    transfer: TransferRule | None = None
    cohort: Cohort | None = None
    pack: PackRule | None = None
    flag_months: int = 0
    """Members mark their own files for so many months from the last listing."""
    escalate_after_days: int = 14
    """An action so many days late goes back to the chair."""
    minutes_working_days: int
    access_days_after: int
    """Members and chair keep a case this many days after the meeting; the coordinator keeps it."""
    confidentiality: str

    @model_validator(mode="after")
    def _shares_on_a_ground(self) -> Forum:
        if self.hears == "cases" and not (self.gateway and self.agreement):
            raise ValueError("a forum that hears cases names the gateway and the agreement it shares them under")
        subjects = {each.subject for each in self.item}
        if self.hears == "papers" and subjects - {"paper", "question", "theme"}:
            raise ValueError("a forum that hears papers hears nobody: its items are papers, questions and themes")
        self._names_its_own()
        return self

    def _names_its_own(self) -> None:
        """What the rules name is in this file."""
        outcomes, kinds = {each.key for each in self.outcome}, {each.key for each in self.item}
        seats = {each.key for each in self.seat}
        named: list[tuple[str, str, set[str]]] = []
        if self.cohort:
            held = self.cohort
            named += [("cohort", each, outcomes) for each in (*held.enter, *held.leave, *held.stay, *held.ratings)]
            named += [("cohort.kinds", each, kinds) for each in held.kinds]
        if self.prior_contact:
            named.append(("prior_contact.seat", self.prior_contact.seat, seats))
        if self.transfer:
            named.append(("transfer.outcome", self.transfer.outcome, outcomes))
        named += [("hand_off.seat", self.hand_off.seat, seats)] if self.hand_off else []
        for where, name, known in named:
            if name not in known:
                raise ValueError(f"{where} names “{name}”, which is not here. {did_you_mean(name, known)}")


SHAPE = Forum
