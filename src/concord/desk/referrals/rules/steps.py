"""The steps of a pathway: what must hold before one is taken, how long each may last, what should be behind by an age.

Every rule stands in the pathway's file. Here is what each kind of rule means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from concord.desk.people.rules import age_on
from concord.desk.referrals.rules.clocks import due, look_at
from concord.desk.referrals.rules.moves import NotThatWay
from concord.desk.referrals.rules.repeats import add_months
from concord.desk.referrals.rules.views import ClockView, MilestoneView
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.pathway import Clock, Milestone, Pathway, Question, Rule

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
class Entered:
    """A state the case came into, when, and by which step (none: it came in)."""

    state: str
    at: datetime
    verb: str = ""


def questions_of(pathway: Pathway, verb: str = "") -> tuple[Question, ...]:
    """The questions asked with a step, or (no verb) of the referrer."""
    return tuple(each for each in pathway.question if (verb in each.on if verb else not each.on))


def rules_of(pathway: Pathway, verb: str, case: Case, today: date, route: str | None = None) -> tuple[RuleView, ...]:
    """Each rule of one step, met or not. A rule for people of another age is left out, and one for other ways than
    `route` where that is chosen already."""
    age = age_on(case.born_on, today)
    return tuple(
        _seen(rule, holds(rule, pathway, case, today))
        for rule in pathway.rule
        if verb in rule.on
        and (age is None or rule.only_from_age <= age <= rule.only_to_age)
        and not (age is None and rule.only_from_age > 0)
        and (route is None or not rule.routes or route in rule.routes)
    )


def _seen(rule: Rule, met: Met) -> RuleView:
    stops = rule.stops and not (rule.unknown_passes and met == "not_known")
    return RuleView(rule.key, met, rule.said, rule.basis, stops)


def shown(pathway: Pathway, found: Iterable[RuleView]) -> tuple[RuleView, ...]:
    """The rules as a screen may say them: those that somebody else answers become one line, in the same words whichever
    of them it was, because one of them may rest on a case that the reader may not know of."""
    asked = {each.key: each.ask for each in pathway.rule if each.ask}
    views = tuple(found)
    sealed = [each for each in views if each.key in asked]
    if not sealed:
        return views
    met = next((each for each in ("not_met", "not_known") if any(one.met == each for one in sealed)), "met")
    whom = asked[sealed[0].key]
    said = {
        "met": "Nothing that is on record stands against it.",
        "not_met": f"This cannot be offered here. Ask {whom}.",
        "not_known": f"It is not known yet whether this can be offered. Say who it is, or ask {whom}.",
    }
    one = RuleView("asked", met, said[met], f"What “{pathway.name}” checks and does not show here", True)  # type: ignore[arg-type]
    return (*(each for each in views if each.key not in asked), one)


def require(pathway: Pathway, verb: str, case: Case, today: date, route: str | None = None) -> None:
    """Raises NotThatWay for the first rule that forbids the step, in the words of the pathway's file."""
    for rule in shown(pathway, rules_of(pathway, verb, case, today, route)):
        if rule.stops and rule.met != "met":
            if rule.key == "asked":
                raise NotThatWay(
                    rule.said,
                    why="Whatever the reason is, it is not shown here.",
                    next_step="What you wrote is kept on this page. Choose another step meanwhile.",
                )
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
        said = {str(each) for each in (answer if isinstance(answer, list) else [answer])}
        return "not_known" if answer in (None, "", []) else _met(not said.isdisjoint(rule.one_of))
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
        if value in (None, "", []):
            if question.required:
                raise NotThatWay(
                    f"Answer “{question.name}”.",
                    why=f"“{pathway.name}” needs it.",
                    next_step="Fill it in and send it again. Nothing you wrote is lost.",
                )
            continue
        allowed = {each.key for each in question.choice} or ({"yes", "no"} if question.kind == "yes_no" else set())
        several = value if question.kind == "several" and isinstance(value, list | tuple) else [value]
        for one in several:
            if allowed and str(one) not in allowed:
                raise NotThatWay(
                    f"“{one}” is not an answer to “{question.name}”.", next_step=f"Choose one of: {sorted(allowed)}."
                )
        if question.kind == "several":
            # In the order of the file, each once: two people who mean the same have written the same.
            kept[question.key] = [each.key for each in question.choice if each.key in several]
            continue
        if question.kind == "time":
            kept[question.key] = _clock_time(question, value)
            continue
        kept[question.key] = value.isoformat() if isinstance(value, date) else value
    return kept


def chosen(pathway: Pathway, verb: str, kept: Mapping[str, object]) -> dict[str, str]:
    """Of the answers to a step's questions, those picked from a list: codes, and nothing that somebody wrote."""
    picked = (each.key for each in questions_of(pathway, verb) if each.kind in ("choice", "yes_no"))
    return {key: str(kept[key]) for key in picked if key in kept}


def _clock_time(question: Question, value: object) -> str:
    """A time of day as it is stored: “22:30”."""
    said = str(value).strip().replace(".", ":")
    try:
        return f"{time.fromisoformat(said.zfill(5)):%H:%M}"
    except ValueError:
        raise NotThatWay(f"“{value}” is no time of day.", next_step=f"Answer “{question.name}” like 22:30.") from None


def clocks_of(
    pathway: Pathway,
    rag: str,
    received_at: datetime,
    entered: Iterable[Entered],
    working: WorkingTime,
    *,
    now: datetime,
    decided_at: datetime | None,
    began_at: datetime | None = None,
) -> tuple[ClockView, ...]:
    """The clocks that run or ran on a case. One that starts with a state is there once the state was entered; one that
    runs from what happened starts at `began_at`, or on receipt where that is not known."""
    trail = list(entered)
    found = []
    for clock in pathway.clock:
        if clock.rag is not None and clock.rag != rag:
            continue
        began = start_of(clock, received_at, began_at)
        if clock.starts:
            times = [each.at for each in trail if each.state == clock.starts]
            if not times:
                continue
            began = times[-1]
        ends = [each.at for each in trail if each.state in clock.stops and each.at >= began]
        stopped_at = min(ends) if ends else decided_at
        since = next((f"“{each.name}”" for each in pathway.state if each.key == clock.starts), "receipt")
        if clock.since and began_at is not None:
            since = clock.since_words or since
        found.append(look_at(clock, began, working, now=now, stopped_at=stopped_at, since=since))
    return tuple(found)


def start_of(clock: Clock, received_at: datetime, began_at: datetime | None) -> datetime:
    """Where a clock that no state starts begins to run."""
    return began_at if clock.since and began_at is not None else received_at


def began(pathway: Pathway, answers: Mapping[str, object], received_at: datetime) -> datetime | None:
    """When what the case is about happened, as the referrer answered; None where no clock runs from it.

    Raises NotThatWay for a time that is still to come.
    """
    clock = next((each for each in pathway.clock if each.since), None)
    if clock is None or not answers.get(clock.since):
        return None
    day = date.fromisoformat(str(answers[clock.since]))
    at = time.fromisoformat(str(answers.get(clock.since_time) or "00:00"))
    found = datetime.combine(day, at, LONDON)
    if found > received_at:
        question = next(each.name for each in pathway.question if each.key == clock.since)
        raise NotThatWay(
            f"“{question}” is still to come.",
            why=f"“{clock.name}” runs from it.",
            next_step="Put the day and the time right and send it again.",
        )
    return found


def next_due(
    pathway: Pathway,
    rag: str,
    received_at: datetime,
    entered: Iterable[Entered],
    working: WorkingTime,
    began_at: datetime | None = None,
) -> datetime | None:
    """When the first clock still running runs out; None where none runs."""
    found = next_clock(pathway, rag, received_at, entered, working, began_at)
    return found[0] if found else None


def next_clock(
    pathway: Pathway,
    rag: str,
    received_at: datetime,
    entered: Iterable[Entered],
    working: WorkingTime,
    began_at: datetime | None = None,
) -> tuple[datetime, Clock] | None:
    """The clock still running that runs out first, with when; None where none runs."""
    trail = list(entered)
    running: list[tuple[datetime, Clock]] = []
    for clock in pathway.clock:
        if clock.rag is not None and clock.rag != rag:
            continue
        times = (
            [each.at for each in trail if each.state == clock.starts]
            if clock.starts
            else [start_of(clock, received_at, began_at)]
        )
        if times and not any(each.state in clock.stops and each.at >= times[-1] for each in trail):
            running.append((due(clock, times[-1], working), clock))
    return min(running, key=lambda each: each[0], default=None)


def milestones_of(
    pathway: Pathway,
    born_on: date | None,
    trail: Iterable[Entered],
    today: date,
    answers: Mapping[str, object] | None = None,
) -> tuple[MilestoneView, ...]:
    """What should be behind by a day: done, missed from the day after, still to come, or not known without a date of
    birth. One that starts with a state or an answer is there once there is such a state or answer.

    `trail` are the states the case came into with the verb that led there, oldest first.
    """
    been, said = list(trail), answers or {}
    found = (_milestone(each, born_on, been, said, today) for each in pathway.milestone)
    return tuple(each for each in found if each is not None)


def _milestone(
    each: Milestone, born_on: date | None, trail: list[Entered], answers: Mapping[str, object], today: date
) -> MilestoneView | None:
    due_on: date | None = None
    since = 0
    if each.by_years is not None:
        due_on = add_months(born_on, each.by_years * 12 + each.by_months) if born_on else None
    elif each.question:
        if not answers.get(each.question):
            return None
        due_on = date.fromisoformat(str(answers[each.question]))
    else:
        places = [place for place, one in enumerate(trail) if one.state == each.after]
        if not places:
            return None
        # A step that leads back into the same state does not begin the wait anew, unless the file says so.
        began = [place for place in places if not (place and trail[place - 1].state == each.after)][-1]
        again = [place for place, one in enumerate(trail) if place > began and one.verb in each.verbs]
        since = began
        due_on = trail[max([began, *again])].at.astimezone(LONDON).date() + timedelta(days=each.days)
    if any(one.state in each.states for one in trail[since:]):
        return MilestoneView(each.key, each.name, due_on, "done", each.basis)
    if due_on is None:
        return MilestoneView(each.key, each.name, None, "not_known", each.basis)
    return MilestoneView(each.key, each.name, due_on, "missed" if today > due_on else "coming", each.basis)


def _met(value: bool) -> Met:
    return "met" if value else "not_met"
