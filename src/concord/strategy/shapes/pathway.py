"""Pathways: referral to decision, with states, clocks and routes. One file each in `pathways/`."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.kernel.names import did_you_mean
from concord.strategy.shapes.common import FORBID, Common

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SubjectKind = Literal["person", "place", "group", "online"]
QuestionKind = Literal["text", "long", "day", "time", "yes_no", "choice", "several", "count"]
Test = Literal["age", "recent", "once", "answer", "setting", "sector", "before_18"]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Hours:
    """Working hours of the team that receives. `holidays` names a code list with a `date` column."""

    opens: time
    closes: time
    days: tuple[Day, ...]
    holidays: str | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Clock:
    """A time limit that starts on receipt. Exactly one of `working_days`, `working_hours`, `hours`.

    `hours` run on day and night; the other two stand still when the team is closed. `rag` limits the clock
    to contacts of that rating. It starts on receipt, or on entry to the state `starts`; it stops on entry to one of
    `stops`, or with the decision. With `since` it starts on the day that the referrer answered to that question, at the
    time answered to `since_time`; without one at the beginning of that day, so that nobody is later than they think.
    `since_words` are what that was: “the child's return”.
    """

    key: str
    name: str
    rag: str | None = None
    starts: str = ""
    stops: tuple[str, ...] = ()
    since: str = ""
    since_time: str = ""
    since_words: str = ""
    working_days: int | None = None
    working_hours: float | None = None
    hours: float | None = None
    basis: str = ""

    @model_validator(mode="after")
    def _one_length(self) -> Clock:
        if sum(value is not None for value in (self.working_days, self.working_hours, self.hours)) != 1:
            raise ValueError(f"clock “{self.key}” needs exactly one of working_days, working_hours, hours")
        return self

    @property
    def elapsed(self) -> timedelta | None:
        return None if self.hours is None else timedelta(hours=self.hours)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class State:
    """`told` is all that the referrer reads while the case is in this state.

    `open_to` are holders ("team:…") who can open the case while it is in this state, and only then.
    """

    key: str
    name: str
    told: str
    final: bool = False
    open_to: tuple[str, ...] = ()
    listed: bool = False
    """Whether the tray offers the cases in this state as a list of their own."""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Transition:
    """`verb` moves a case from any of `sources` to `target`; `needs` names what must be given with it.

    `name` is what the button says.
    """

    verb: str
    sources: tuple[str, ...]
    target: str
    needs: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Route:
    """Where a decision sends the case: into the tray of `forum` if one is named. It fits the threshold `levels`."""

    key: str
    name: str
    told: str
    forum: str | None = None
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Level:
    level: int
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Ground:
    """A reason for which this pathway takes a referral."""

    key: str
    name: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class PartyRole:
    """Someone or something the referral names: the child, the alleged perpetrator, a place, a group of peers."""

    role: str
    name: str
    required: bool = False
    kind: SubjectKind = "person"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Question:
    """Something this pathway asks: of the referrer, or of whoever takes one of the steps `on`.

    `choice` lists the answers of a “choice”, of which one holds, and of “several”, of which any number may.
    """

    key: str
    name: str
    kind: QuestionKind = "text"
    hint: str = ""
    choice: tuple[Ground, ...] = ()
    required: bool = True
    on: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices(self) -> Question:
        if (self.kind in ("choice", "several")) != bool(self.choice):
            raise ValueError(f"question “{self.key}”: `choice` lists the answers of a “choice” or of “several”, only")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Setting:
    """Something about the outside world that this partnership must know and may change without changing a rule."""

    key: str
    name: str
    value: str
    basis: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Rule:
    """What must hold before a step `on` can be taken.

    age: the main person is between `from_age` and `to_age`. recent: the day answered to `question` lies no more than
    `months` ago. once: no other case of this person on this pathway ever reached one of `states`. answer: `question`
    has one of the answers `one_of`. setting: a setting has one of the values. sector: the actor's agency is of one of
    the sectors. before_18: more than `days` remain until the eighteenth birthday. A rule with `only_from_age` or
    `only_to_age` holds for people of that age alone. `stops` false: it is said, and stops nothing. `routes`: it binds
    these routes alone, so that a case it forbids to go one way can still go another. `unknown_passes`: what is not
    known stops nothing, where waiting to find out would harm.

    A rule with `ask` is answered by whoever that is: a screen says that the step cannot be taken and whom to ask, in
    the same words for every such rule, since the reason may lie in a case that the reader may not know of.
    """

    key: str
    on: tuple[str, ...]
    test: Test
    said: str
    basis: str = ""
    from_age: int = 0
    to_age: int = 150
    only_from_age: int = 0
    only_to_age: int = 150
    question: str = ""
    setting: str = ""
    one_of: tuple[str, ...] = ()
    months: int = 0
    days: int = 0
    states: tuple[str, ...] = ()
    stops: bool = True
    unknown_passes: bool = False
    routes: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Milestone:
    """A step that should be behind us by a day; it is, once the case reached one of `states` afterwards.

    The day is one of three: an age of the main person (`by_years`, `by_months`), `days` after the case came into the
    state `after`, or the day answered to `question`. With `again` the days count anew from each of the steps `verbs`,
    until the case reaches one of `states`.
    """

    key: str
    name: str
    by_years: int | None = None
    by_months: int = 0
    after: str = ""
    days: int = 0
    question: str = ""
    states: tuple[str, ...]
    again: bool = False
    verbs: tuple[str, ...] = ()
    basis: str = ""

    @model_validator(mode="after")
    def _one_day(self) -> Milestone:
        if sum((self.by_years is not None, bool(self.after), bool(self.question))) != 1:
            raise ValueError(f"milestone “{self.key}” needs exactly one of by_years, after, question")
        if bool(self.after) != bool(self.days):
            raise ValueError(f"milestone “{self.key}”: `after` and `days` go together")
        if self.again != bool(self.verbs):
            raise ValueError(f"milestone “{self.key}”: `again` and `verbs` go together")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Measure:
    """What the desk counts of the cases on this pathway, under the name its indicator uses.

    One of five. `clock`: of the cases whose clock's limit has passed, those in which it was stopped in time; counted on
    the day of the limit. `within_days`: of the cases that came into `after` (none: came in), those that reached one of
    `reached` within so many days; counted on the day they ran out. `of`: of the cases that reached one of `of`, those
    that reached one of `reached`. `question`: of the cases that reached one of `of` with that question answered by one
    of `among`, those answered by one of `answered`. None of these: a plain count of the cases that reached one of
    `reached`, by which.
    """

    key: str
    clock: str = ""
    after: str = ""
    within_days: int = 0
    reached: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    question: str = ""
    among: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Measure:
        if sum((bool(self.clock), bool(self.within_days), bool(self.of))) > 1:
            raise ValueError(f"measure “{self.key}” is one of clock, within_days, of")
        if sum((bool(self.clock), bool(self.reached), bool(self.question))) != 1:
            raise ValueError(f"measure “{self.key}” needs one of a clock, the states `reached`, a question")
        if self.question and not (self.of and self.answered and set(self.answered) < set(self.among)):
            raise ValueError(
                f"measure “{self.key}” counts answers: it needs the states `of`, the answers `among` which it counts, "
                "and those of them that are `answered`"
            )
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class OpenForm:
    """The pathway also takes reports from people without an account; `agency` receives and answers for them."""

    agency: str
    title: str
    intro: str
    receipt: str
    keep_days: int = 7
    per_hour: int = 20
    """How many reports one connection may send in an hour."""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Pathway(Common):
    key: str
    name: str
    subject: str
    purpose: str
    gateway: str
    agreement: str
    received_by: str
    """A holder: "team:mash", or "forum:marac:coordinator"."""
    receiver_name: str
    shared_with: tuple[str, ...]
    hours: Hours
    initial: str
    state: tuple[State, ...]
    transition: tuple[Transition, ...]
    route: tuple[Route, ...]
    clock: tuple[Clock, ...] = ()
    level: tuple[Level, ...] = ()
    ground: tuple[Ground, ...] = ()
    party: tuple[PartyRole, ...] = ()
    rag: tuple[str, ...] = ()
    check_agencies: tuple[str, ...] = ()
    check_basis: tuple[str, ...] = Field(default=())
    question: tuple[Question, ...] = ()
    setting: tuple[Setting, ...] = ()
    rule: tuple[Rule, ...] = ()
    milestone: tuple[Milestone, ...] = ()
    measure: tuple[Measure, ...] = ()
    open_form: OpenForm | None = None
    asked: str = ""
    """The answer to “Who or what are you worried about?” that leads here; without one it is among the others."""
    asked_hint: str = ""
    from_sectors: tuple[str, ...] = ()
    """Sectors whose agencies may refer; none named, any."""

    @model_validator(mode="after")
    def _names_agree(self) -> Pathway:
        states = {state.key for state in self.state}
        for what, name in [("initial", self.initial)] + [
            (f"transition “{move.verb}”", name) for move in self.transition for name in (*move.sources, move.target)
        ]:
            if name not in states:
                raise ValueError(f"{what} names the state “{name}”, which is not defined. {did_you_mean(name, states)}")
        for clock in self.clock:
            if clock.rag is not None and clock.rag not in self.rag:
                raise ValueError(f"clock “{clock.key}” is for “{clock.rag}”. {did_you_mean(clock.rag, self.rag)}")
            for name in (*clock.stops, *((clock.starts,) if clock.starts else ())):
                if name not in states:
                    raise ValueError(f"clock “{clock.key}” names the state “{name}”. {did_you_mean(name, states)}")
        self._steps_agree(states)
        return self

    def _steps_agree(self, states: set[str]) -> None:
        verbs, questions = {move.verb for move in self.transition}, {each.key for each in self.question}
        settings, routes = {each.key for each in self.setting}, {each.key for each in self.route}
        for key, on in [(each.key, each.on) for each in self.question] + [(each.key, each.on) for each in self.rule]:
            for verb in on:
                if verb not in verbs:
                    raise ValueError(f"“{key}” is for the step “{verb}”. {did_you_mean(verb, verbs)}")
        for rule in self.rule:
            ways = [(each, routes) for each in rule.routes]
            for name, known in ((rule.question, questions), (rule.setting, settings), *ways):
                if name and name not in known:
                    raise ValueError(f"rule “{rule.key}” asks for “{name}”. {did_you_mean(name, known)}")
        for clock in self.clock:
            for name in filter(None, (clock.since, clock.since_time)):
                if name not in questions:
                    raise ValueError(f"clock “{clock.key}” runs from “{name}”. {did_you_mean(name, questions)}")
        for one in self.measure:
            clocks = {each.key for each in self.clock}
            asked = next((each for each in self.question if each.key == one.question), None)
            codes = {each.key for each in asked.choice} or {"yes", "no"} if asked else set()
            named = [(each, states) for each in (*one.reached, *one.of, one.after)]
            named += [(one.clock, clocks), (one.question, questions), *((each, codes) for each in one.among)]
            for name, known in named:
                if name and name not in known:
                    raise ValueError(f"measure “{one.key}” names “{name}”. {did_you_mean(name, known)}")
        for each in self.milestone:
            named = [(name, verbs) for name in each.verbs]
            for name, known in (*named, (each.after, states), (each.question, questions)):
                if name and name not in known:
                    raise ValueError(f"milestone “{each.key}” names “{name}”. {did_you_mean(name, known)}")
        listed = [(each.key, each.states) for each in self.rule] + [(each.key, each.states) for each in self.milestone]
        for key, names in listed:
            for name in names:
                if name not in states:
                    raise ValueError(f"“{key}” names the state “{name}”. {did_you_mean(name, states)}")


SHAPE = Pathway
