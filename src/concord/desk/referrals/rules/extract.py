"""What the desk's own extract says instead of an age."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from concord.desk.referrals.rules.clocks import due
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.pathway import Clock, Measure, Pathway

AGE_BANDS = ((0, 9, "0-9"), (10, 17, "10-17"), (18, 24, "18-24"), (25, 39, "25-39"), (40, 64, "40-64"))


def age_band(age: int | None) -> str:
    """The band that partners' extracts use; blank for an unknown age."""
    if age is None:
        return ""
    return next((name for low, high, name in AGE_BANDS if low <= age <= high), "65+")


@dataclass(frozen=True, slots=True)
class Flow:
    """One case as the extract counts it: its pathway, where it was sent, and when it first reached each state."""

    pathway: str
    service: str
    received_at: datetime
    reached: Mapping[str, datetime]
    began_at: datetime | None = None
    """When what it is about happened, where a clock runs from then."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Codes picked at its steps, by question; the last where one was asked twice."""


@dataclass(frozen=True, slots=True)
class FlowCount:
    """Counts of the cases received in a month, on one pathway, sent to one service (blank: to none yet)."""

    pathway: str
    service: str
    month: str
    received: int
    started: int
    started_30: int
    started_42: int
    completed: int
    declined: int
    decided_in_time: int
    """Of those that reached the end of the pathway's own clock, how many did so before it ran out."""
    decided: int


STARTED, COMPLETED = ("started", "in_progress"), ("completed",)
DECLINED = ("declined", "not_completed", "not_referred")
WAITS = (timedelta(days=30), timedelta(days=42))


def count_flows(
    flows: Iterable[Flow], pathways: Mapping[str, Pathway], working: Callable[[Pathway], WorkingTime]
) -> tuple[FlowCount, ...]:
    """Counts by pathway, service and month of receipt, London time. A start counts from receipt, 30 and 42 days
    included; a clock from the state that starts it to the first that stops it."""
    groups: dict[tuple[str, str, str], list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.pathway in pathways:
            month = f"{flow.received_at.astimezone(LONDON):%Y-%m}"
            groups[flow.pathway, flow.service, month].append(flow)
    return tuple(
        _count(key, cases, pathways[key[0]], working(pathways[key[0]])) for key, cases in sorted(groups.items())
    )


def _count(key: tuple[str, str, str], cases: list[Flow], on: Pathway, hours: WorkingTime) -> FlowCount:
    starts = [(case, _first(case, STARTED)) for case in cases]
    in_30, in_42 = (sum(at is not None and at - case.received_at <= wait for case, at in starts) for wait in WAITS)
    judged = [in_time for case in cases if (in_time := _in_time(case, on, hours)) is not None]
    return FlowCount(
        *key,
        received=len(cases),
        started=sum(at is not None for _, at in starts),
        started_30=in_30,
        started_42=in_42,
        completed=sum(_first(case, COMPLETED) is not None for case in cases),
        declined=sum(_first(case, DECLINED) is not None for case in cases),
        decided_in_time=sum(judged),
        decided=len(judged),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """One case in one measure: the day it falls on, whether it counts, and in which groups. `whole` False: a plain
    count, which has no denominator."""

    measure: str
    day: date
    counts: bool
    groups: tuple[tuple[str, str], ...]
    whole: bool = True


def tally(
    flows: Iterable[Flow],
    pathways: Mapping[str, Pathway],
    working: Callable[[Pathway], WorkingTime],
    *,
    now: datetime,
) -> tuple[Tally, ...]:
    """Every case in every measure of its pathway's file, as it stood `now`. Days are London days."""
    found = []
    for flow in flows:
        on = pathways.get(flow.pathway)
        for measure in on.measure if on else ():
            one = _tallied(measure, flow, on, working(on), now) if on else None
            if one is not None:
                found.append(one)
    return tuple(found)


def _tallied(measure: Measure, flow: Flow, on: Pathway, hours: WorkingTime, now: datetime) -> Tally | None:
    groups = (("pathway", on.key), *((("service", flow.service),) if flow.service else ()))
    if measure.clock:
        clock = next(each for each in on.clock if each.key == measure.clock)
        began = _began(flow, clock)
        if began is None:
            return None
        limit = due(clock, began, hours)
        # A clock without an end of its own stops with the decision.
        ended = _first(flow, clock.stops or tuple(each.key for each in on.state if each.final))
        if now <= limit:
            return None
        return Tally(measure.key, _day(limit), ended is not None and ended <= limit, groups)
    ended = _first(flow, measure.reached)
    if measure.within_days:
        began = flow.reached.get(measure.after) if measure.after else flow.received_at
        limit = began + timedelta(days=measure.within_days) if began else None
        if limit is None or now <= limit:
            return None
        return Tally(measure.key, _day(limit), ended is not None and ended <= limit, groups)
    if measure.of:
        over = _first(flow, measure.of)
        if measure.question:
            said = flow.chosen.get(measure.question)
            if over is None or said not in measure.among:
                return None
            return Tally(measure.key, _day(over), said in measure.answered, groups)
        return None if over is None else Tally(measure.key, _day(over), ended is not None, groups)
    if ended is None:
        return None
    which = next(state for state in measure.reached if flow.reached.get(state) == ended)
    return Tally(measure.key, _day(ended), True, (("route", which),), whole=False)


def _began(case: Flow, clock: Clock) -> datetime | None:
    if clock.starts:
        return case.reached.get(clock.starts)
    return case.began_at if clock.since and case.began_at is not None else case.received_at


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _first(case: Flow, states: tuple[str, ...]) -> datetime | None:
    return min((case.reached[each] for each in states if each in case.reached), default=None)


def _in_time(case: Flow, on: Pathway, hours: WorkingTime) -> bool | None:
    """Whether the pathway's first clock with an end of its own was kept; None while it runs, or never ran."""
    clock = next((each for each in on.clock if each.stops and each.rag is None), None)
    if clock is None:
        return None
    began = _began(case, clock)
    ended = _first(case, clock.stops)
    return None if began is None or ended is None else ended <= due(clock, began, hours)
