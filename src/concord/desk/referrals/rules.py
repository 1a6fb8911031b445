"""The front door: states, clocks, the repeat rule. Pure: the clock and the pathway are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.forum import RepeatRule
from concord.strategy.shapes.pathway import Clock, Hours, Pathway, Route

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class NotThatWay(Refused):
    """The pathway's table has no such move from here, or something it needs was not given."""


class RepeatMustBeHeard(Refused):
    """A repeat is heard whatever its threshold."""


# --- read models -----------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier referral that was accepted: whom it was about, and when it was made."""

    victim: UUID
    perpetrators: frozenset[UUID]
    referred_on: date


@dataclass(frozen=True, slots=True)
class RepeatFinding:
    is_repeat: bool
    last_referred_on: date | None
    why: str


# --- the transition table ----------------------------------------------------------------------------------------


def move(pathway: Pathway, state: str, verb: str, given: Mapping[str, object]) -> str:
    """The state that `verb` leads to from `state`.

    Raises NotThatWay where the pathway's table has no such move, or where something it needs is missing or blank.
    """
    for transition in pathway.transition:
        if transition.verb == verb and state in transition.sources:
            missing = [name for name in transition.needs if given.get(name) in (None, "", ())]
            if missing:
                raise NotThatWay(
                    f"To {verb} this contact, give: {', '.join(missing)}.",
                    why=f"“{pathway.name}” asks for it, so that the decision can be understood later.",
                    next_step="Fill in what is missing and send it again. Nothing you wrote is lost.",
                )
            return transition.target
    name = next((each.name for each in pathway.state if each.key == state), state)
    raise NotThatWay(
        f"You cannot {verb} a contact that is “{name}”.",
        why=f"The pathway “{pathway.name}” has no such step from there.",
        next_step="Open the contact again: a colleague may have moved it on.",
    )


def allowed(pathway: Pathway, state: str) -> tuple[str, ...]:
    """Verbs that lead somewhere from `state`, in the table's order."""
    return tuple(dict.fromkeys(each.verb for each in pathway.transition if state in each.sources))


def route_for(pathway: Pathway, key: str, level: int | None) -> Route:
    """The route called `key`. Raises NotThatWay for one that does not exist or does not fit the threshold level."""
    routes = {route.key: route for route in pathway.route}
    if key not in routes:
        raise NotThatWay(f"“{pathway.name}” has no route “{key}”.", next_step=did_you_mean(key, routes))
    route = routes[key]
    if route.levels and level not in route.levels:
        fits = " or ".join(str(each) for each in route.levels)
        raise NotThatWay(
            f"“{route.name}” does not go with threshold level {level}.",
            why=f"It fits level {fits}.",
            next_step="Change the level or the route.",
        )
    return route


def state_named(pathway: Pathway, key: str) -> str:
    return next((state.name for state in pathway.state if state.key == key), key)


# --- clocks ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def working_time(hours: Hours, closed_on: frozenset[date]) -> WorkingTime:
    days = frozenset(DAYS.index(day) for day in hours.days)
    return WorkingTime(opens=hours.opens, closes=hours.closes, days=days, closed_on=closed_on)


def due(clock: Clock, received_at: datetime, working: WorkingTime) -> datetime:
    """When the clock runs out.

    Working days end at close of business; something received out of hours counts from the next opening. A clock
    in `hours` runs on day and night.
    """
    if clock.working_days is not None:
        return working.add_working_days(received_at, clock.working_days)
    if clock.working_hours is not None:
        return working.add(received_at, timedelta(hours=clock.working_hours))
    assert clock.elapsed is not None  # noqa: S101 - the shape allows exactly one of the three
    return received_at + clock.elapsed


def clock_named(pathway: Pathway, rag: str | None) -> Clock | None:
    """The pathway's clock for a rating; `None` asks for the one that runs for every contact."""
    return next((clock for clock in pathway.clock if clock.rag == rag), None)


def look_at(
    clock: Clock, received_at: datetime, working: WorkingTime, *, now: datetime, stopped_at: datetime | None
) -> ClockView:
    due_at = due(clock, received_at, working)
    runs_on = clock.hours is not None
    until = stopped_at or now
    left = timedelta()
    if until < due_at:
        left = due_at - until if runs_on else working.between(until, due_at)
    if runs_on:
        why = f"{clock.hours:g} hours from receipt, day and night. {clock.basis}."
    else:
        length = (
            f"{clock.working_days} working day" if clock.working_days is not None else f"{clock.working_hours:g} hours"
        )
        plural = "s" if clock.working_days not in (None, 1) else ""
        why = (
            f"{length}{plural} from receipt. It stands still outside {working.opens:%H:%M} to {working.closes:%H:%M}, "
            f"at weekends and on bank holidays. {clock.basis}."
        )
    return ClockView(
        key=clock.key,
        name=clock.name,
        due_at=due_at.astimezone(LONDON),
        overdue=stopped_at is None and now > due_at,
        stopped_at=stopped_at,
        met=None if stopped_at is None else stopped_at <= due_at,
        left=left,
        runs_on=runs_on,
        why=why,
    )


# --- the repeat rule ---------------------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError("unreachable: every month has 28 days")


def is_repeat(
    rule: RepeatRule,
    *,
    victim: UUID,
    perpetrators: Iterable[UUID],
    incident_on: date | None,
    incident_kind: str,
    referred_on: date,
    past: Iterable[Past],
) -> RepeatFinding:
    """Whether a referral is a repeat: same victim, same perpetrator(s), a qualifying incident after the last
    referral and within `rule.months` of it, counted to the same day of the month, that day included.

    `incident_on` unknown is read as the day of referral. Source: SafeLives' definition of a repeat (see
    `forums/marac.toml`).
    """
    named = frozenset(perpetrators)
    same = [each for each in past if each.victim == victim and _same_people(rule, named, each.perpetrators)]
    if not same:
        return RepeatFinding(False, None, "No earlier referral of this person with the same alleged perpetrator.")
    last = max(each.referred_on for each in same)
    happened = incident_on or referred_on
    until = add_months(last, rule.months)
    if incident_kind not in rule.incidents:
        return RepeatFinding(False, last, f"Referred on {last}, but what happened since is not of a kind that counts.")
    if happened < last:
        return RepeatFinding(False, last, f"What happened on {happened} came before the last referral, on {last}.")
    if happened > until:
        return RepeatFinding(
            False, last, f"Last referred on {last}: more than {rule.months} months ago, so this is a new referral."
        )
    return RepeatFinding(
        True,
        last,
        f"Repeat: last referred on {last}, and a further incident on {happened}, within {rule.months} months. "
        "It is heard whatever the threshold.",
    )


def _same_people(rule: RepeatRule, now: frozenset[UUID], before: frozenset[UUID]) -> bool:
    return bool(now & before) if rule.perpetrators == "any" else bool(now) and now == before


# --- for the desk's own extract ------------------------------------------------------------------------------------

AGE_BANDS = ((0, 9, "0-9"), (10, 17, "10-17"), (18, 24, "18-24"), (25, 39, "25-39"), (40, 64, "40-64"))


def age_band(age: int | None) -> str:
    """The band that partners' extracts use; blank for an unknown age."""
    if age is None:
        return ""
    return next((name for low, high, name in AGE_BANDS if low <= age <= high), "65+")
