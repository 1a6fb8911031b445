"""Contacts in the words of their screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from concord.desk.people.rules import Candidate, FieldReason
from concord.desk.referrals.rules import (
    Band,
    ClockView,
    Concern,
    ContactLine,
    ContactPage,
    MilestoneView,
    PartyView,
    PlanStepView,
    PlanView,
    RuleView,
)
from concord.strategy.shapes.instrument import Instrument
from concord.strategy.shapes.pathway import Pathway, Transition
from concord.web.referrals.forms import OUTCOMES
from concord.web.referrals.steps import CONSENT, SEXES
from concord.web.shared import partnership, words
from concord.web.shared.present import extended

AGREEMENT = {
    "same": ("Same", "done"),
    "near": ("Nearly", "amber"),
    "differs": ("Differs", "red"),
    "unknown": ("Not known", "grey"),
}


RULE = {"met": ("Holds", "done"), "not_met": ("Does not hold", "red"), "not_known": ("Not known yet", "amber")}
RESULT = {"better": "Better", "same": "No change", "worse": "Worse"}
STEP = {"open": ("To do", "grey"), "done": ("Done", "done"), "not_done": ("Not done", "amber")}
LINK = {
    "about": "About it",
    "member": "Belongs to it",
    "harmed": "Harmed there, or by it",
    "harming": "Said to cause harm there",
    "seen": "Seen there",
}
MILESTONE = {
    "done": ("Done", "done"),
    "missed": ("Missed", "red"),
    "coming": ("To come", "grey"),
    "not_known": ("Date of birth not known", "amber"),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a contact is about, for its identity bar."""

    name: str
    age: int | None
    born_on: date | None


def who(contact: ContactPage) -> Who:
    main = contact.parties[0] if contact.parties else None
    if main is None or main.role == "reporter":
        return Who(contact.pathway_name, None, None)
    return Who(_name(main), main.age, main.details.born_on)


def line(found: ContactLine) -> Any:
    remains = left(found.left, found.runs_on, found.day) if found.left is not None else ""
    return extended(
        found,
        agency_name=sender(found),
        route_name=found.route,
        left_words=remains,
        held="You" if found.held_by_me else found.held_by,
    )


def sender(found: ContactLine | ContactPage) -> str:
    """Who sent it: an agency, or somebody who gave no account."""
    return "Somebody without an account" if found.open_form else partnership.agency(found.agency)


def contact(found: ContactPage, on: Pathway) -> dict[str, Any]:
    level = next((f"Level {each.level}: {each.name}" for each in on.level if each.level == found.level), "")
    clocks = [extended(clock, left_words=_left(clock)) for clock in found.clocks]
    running = min((each for each in clocks if not each.stopped_at), key=lambda each: each.due_at, default=None)
    route = next((each.told for each in on.route if each.key == found.route), "")
    reads = next((each.told for each in on.state if each.key == found.state), "")
    return {
        "contact": found,
        "who": who(found),
        "agency": partnership.agency(found.agency),
        "warnings": warnings(found),
        "consent": dict(CONSENT).get(found.consent, found.consent),
        "clocks": clocks,
        "running": running,
        "referrer_reads": " ".join(part for part in (reads, route) if part),
        "parties": [party(each) for each in found.parties],
        "checks": [
            extended(
                each,
                agency_name=partnership.agency(each.agency),
                outcome_words=dict(OUTCOMES).get(each.outcome, each.outcome),
            )
            for each in found.checks
        ],
        "level_name": level,
    }


def before_deciding(found: ContactPage, on: Pathway) -> dict[str, Any]:
    """What whoever decides should see first: who is not known yet, which agency has not answered."""
    must = {each.role for each in on.party if each.required and each.kind == "person"}
    return {
        "unknown": [party(each) for each in found.parties if each.role in must and not each.person_id],
        "waiting": list(
            dict.fromkeys(partnership.agency(each.agency) for each in found.checks if each.answered_at is None)
        ),
        "to_panel": any(each.forum for each in on.route),
    }


def warnings(found: ContactPage) -> list[str]:
    """What the referral and the records of those it names say of how to reach them; what is said twice comes once."""
    referral = [f"Safe contact: {found.safe_contact}"] if found.safe_contact else []
    return referral + [
        f"Safe contact, {each.person_name}: {said}"
        for each in found.parties
        for said in each.warnings
        if said != found.safe_contact
    ]


def step_name(each: Transition) -> str:
    return each.name or each.verb.replace("_", " ").capitalize()


def rule(found: RuleView) -> Any:
    word, shape = RULE[found.met]
    return extended(found, word=word, shape=shape)


def plan(found: PlanView) -> Any:
    return extended(
        found,
        agency_name=partnership.agency(found.agency),
        result_words=RESULT.get(found.result, ""),
        steps=[_plan_step(each) for each in found.steps],
    )


def _plan_step(found: PlanStepView) -> Any:
    word, shape = ("Overdue", "red") if found.overdue else STEP[found.status]
    return extended(found, agency_name=partnership.agency(found.agency), word=word, shape=shape)


def concern(found: Concern) -> Any:
    return extended(found, role_name=LINK[found.role])


def band(found: Band) -> Any:
    """With the length of its bar, in percent of the longest possible."""
    return extended(found, length=round(100 * found.share), percent=f"{round(100 * found.share)}%")


def milestone(found: MilestoneView) -> Any:
    word, shape = MILESTONE[found.state]
    return extended(found, word=word, shape=shape)


def party(found: PartyView, assessable: Sequence[Instrument] = ()) -> Any:
    """`assessable` are the assessments this viewer may begin about them."""
    details = found.details
    known = [
        f"Aged {found.age}" if found.age is not None else "",
        f"born {details.born_on.day} {details.born_on:%B %Y}" if details.born_on else "",
        dict(SEXES).get(details.sex, "") if details.sex != "U" else "",
        details.postcode,
        details.note,
    ]
    summary = ", ".join(part for part in known if part)
    return extended(
        found,
        name=_name(found),
        summary=summary[:1].upper() + summary[1:] if summary else "Nothing else is known",
        assessable=assessable,
    )


def candidate(found: Candidate) -> Any:
    reasons = [_reason(each) for each in found.reasons]
    return extended(found, reasons=reasons)


def _reason(found: FieldReason) -> tuple[str, str, str]:
    word, shape = AGREEMENT[found.agreement]
    return word, shape, found.field if found.agreement == "same" else found.said


def _name(found: PartyView) -> str:
    return f"{found.details.given_name} {found.details.family_name}".strip() or "No name given"


def _left(clock: ClockView) -> str:
    return left(clock.left, clock.runs_on, clock.day)


def left(time: timedelta, runs_on: bool, day: timedelta) -> str:
    """What is left on a clock: working time, unless it runs day and night."""
    return words.span(time) if runs_on else words.working_time(time, day)
