"""The repeat rule of a forum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from concord.kernel.errors import Refused
from concord.strategy.shapes.forum import RepeatRule


class RepeatMustBeHeard(Refused):
    """A repeat is heard whatever its threshold."""


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
    before, since = _day(last), _day(happened)
    if incident_kind not in rule.incidents:
        return RepeatFinding(False, last, f"Referred on {before}, but what happened since is of no kind that counts.")
    if happened < last:
        return RepeatFinding(False, last, f"What happened on {since} came before the last referral, on {before}.")
    if happened > until:
        why = f"Last referred on {before}: more than {rule.months} months ago, so this is a new referral."
        return RepeatFinding(False, last, why)
    return RepeatFinding(
        True,
        last,
        f"Repeat: last referred on {before}, and a further incident on {since}, within {rule.months} months. "
        "It is heard whatever the threshold.",
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _same_people(rule: RepeatRule, now: frozenset[UUID], before: frozenset[UUID]) -> bool:
    return bool(now & before) if rule.perpetrators == "any" else bool(now) and now == before
