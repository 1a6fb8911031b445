"""The steps of a pathway: what must hold before one is taken, how long each may last, what should be behind by an age.

Every rule stands in the pathway's file. Here is what each kind of rule means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from concord.desk.people.rules import age_on
from concord.desk.referrals.rules.clocks import due, look_at
from concord.desk.referrals.rules.moves import NotThatWay
from concord.desk.referrals.rules.repeats import add_months
from concord.desk.referrals.rules.views import ClockView
from concord.kernel.working_time import WorkingTime
from concord.strategy.shapes.pathway import Milestone, Pathway, Question, Rule

Met = Literal["met", "not_met", "not_known"]
ADULT = 18


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules may look at. `reached` are the states that other cases of the same person ever reached."""

    born_on: date | None
    sector: str
    answers: Mapping[str, object]
    reached: frozenset[str] = frozenset()
    """States that other cases of the main person on this pathway reached."""
    identified: bool = True
    """Whether the main person is known, so that `reached` can be trusted."""


@dataclass(frozen=True, slots=True)
class RuleView:
    key: str
    met: Met
    said: str
    basis: str
    stops: bool


@dataclass(frozen=True, slots=True)
class MilestoneView:
    name: str
    due_on: date | None
    state: Literal["done", "missed", "coming", "not_known"]
    basis: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A state the case came into, and when."""

    state: str
    at: datetime


def questions_of(pathway: Pathway, verb: str = "") -> tuple[Question, ...]:
    """The questions asked with a step, or (no verb) of the referrer."""
    return tuple(each for each in pathway.question if (verb in each.on if verb else not each.on))


def rules_of(pathway: Pathway, verb: str, case: Case, today: date) -> tuple[RuleView, ...]:
    """Each rule of one step, met or not. A rule for people of another age is left out."""
    age = age_on(case.born_on, today)
    return tuple(
        RuleView(rule.key, holds(rule, pathway, case, today), rule.said, rule.basis, rule.stops)
        for rule in pathway.rule
        if verb in rule.on
        and (age is None or rule.only_from_age <= age <= rule.only_to_age)
        and not (age is None and rule.only_from_age > 0)
    )


def require(pathway: Pathway, verb: str, case: Case, today: date) -> None:
    """Raises NotThatWay for the first rule that forbids the step, in the words of the pathway's file."""
    for rule in rules_of(pathway, verb, case, today):
        if rule.stops and rule.met != "met":
            unknown = rule.met == "not_known"
            raise NotThatWay(
                rule.said if not unknown else f"It is not known yet whether this holds: {rule.said}",
                why=rule.basis or f"“{pathway.name}” works by this rule.",
                next_step="Find out and record it first."
                if unknown
                else "Choose another step, or put right what was recorded if it is wrong.",
            )


def holds(rule: Rule, pathway: Pathway, case: Case, today: date) -> Met:
    """Whether one rule holds on a day. What is not recorded is not known, and never taken to hold."""
    answer = case.answers.get(rule.question) if rule.question else None
    if rule.test == "age":
        age = age_on(case.born_on, today)
        return "not_known" if age is None else _met(rule.from_age <= age <= rule.to_age)
    if rule.test == "recent":
        if not answer:
            return "not_known"
        day = date.fromisoformat(str(answer))
        return _met(day <= today <= add_months(day, rule.months))
    if rule.test == "once":
        if not case.identified:
            return "not_known"
        return _met(not case.reached & set(rule.states))
    if rule.test == "answer":
        return "not_known" if answer in (None, "") else _met(str(answer) in rule.one_of)
    if rule.test == "setting":
        value = next((each.value for each in pathway.setting if each.key == rule.setting), "")
        return "not_known" if value in ("", "unknown") else _met(value in rule.one_of)
    if rule.test == "sector":
        return _met(case.sector in rule.one_of)
    if case.born_on is None:
        return "not_known"
    return _met((add_months(case.born_on, ADULT * 12) - today).days > rule.days)


def checked(pathway: Pathway, verb: str, given: Mapping[str, object]) -> dict[str, object]:
    """The answers to a step's questions, in a form that can be stored; unknown keys are dropped.

    Raises NotThatWay for a question that must be answered and was not, and for an answer that is none of its choices.
    """
    kept: dict[str, object] = {}
    for question in questions_of(pathway, verb):
        value = given.get(question.key)
        if value in (None, ""):
            if question.required:
                raise NotThatWay(
                    f"Answer “{question.name}”.",
                    why=f"“{pathway.name}” needs it.",
                    next_step="Fill it in and send it again. Nothing you wrote is lost.",
                )
            continue
        allowed = {each.key for each in question.choice} or ({"yes", "no"} if question.kind == "yes_no" else set())
        if allowed and str(value) not in allowed:
            raise NotThatWay(
                f"“{value}” is not an answer to “{question.name}”.", next_step=f"Choose one of: {sorted(allowed)}."
            )
        kept[question.key] = value.isoformat() if isinstance(value, date) else value
    return kept


def clocks_of(
    pathway: Pathway,
    rag: str,
    received_at: datetime,
    entered: Iterable[Entered],
    working: WorkingTime,
    *,
    now: datetime,
    decided_at: datetime | None,
) -> tuple[ClockView, ...]:
    """The clocks that run or ran on a case. One that starts with a state is there once the state was entered."""
    trail = list(entered)
    found = []
    for clock in pathway.clock:
        if clock.rag is not None and clock.rag != rag:
            continue
        began = received_at
        if clock.starts:
            times = [each.at for each in trail if each.state == clock.starts]
            if not times:
                continue
            began = times[-1]
        ends = [each.at for each in trail if each.state in clock.stops and each.at >= began]
        stopped_at = min(ends) if ends else decided_at
        found.append(look_at(clock, began, working, now=now, stopped_at=stopped_at))
    return tuple(found)


def next_due(
    pathway: Pathway, rag: str, received_at: datetime, entered: Iterable[Entered], working: WorkingTime
) -> datetime | None:
    """When the first clock still running runs out; None where none runs."""
    trail = list(entered)
    running = []
    for clock in pathway.clock:
        if clock.rag is not None and clock.rag != rag:
            continue
        times = [each.at for each in trail if each.state == clock.starts] if clock.starts else [received_at]
        if times and not any(each.state in clock.stops and each.at >= times[-1] for each in trail):
            running.append(due(clock, times[-1], working))
    return min(running, default=None)


def milestones_of(
    pathway: Pathway, born_on: date | None, reached: Iterable[str], today: date
) -> tuple[MilestoneView, ...]:
    """What should be behind by an age: done, missed, still to come, or not known without a date of birth."""
    been = set(reached)
    return tuple(_milestone(each, born_on, been, today) for each in pathway.milestone)


def _milestone(each: Milestone, born_on: date | None, been: set[str], today: date) -> MilestoneView:
    due_on = add_months(born_on, each.by_years * 12 + each.by_months) if born_on else None
    if been & set(each.states):
        return MilestoneView(each.name, due_on, "done", each.basis)
    if due_on is None:
        return MilestoneView(each.name, None, "not_known", each.basis)
    return MilestoneView(each.name, due_on, "missed" if today > due_on else "coming", each.basis)


def _met(value: bool) -> Met:
    return "met" if value else "not_met"
