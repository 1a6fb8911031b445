"""Who a forum manages, and when the rule takes somebody off: by dates alone, never by a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from concord.desk.panels.rules.listing import months_on
from concord.strategy.shapes.forum import Cohort, Forum

TELLS = {"mark": "Mark your own files", "unmark": "Take the mark off your own files"}


@dataclass(frozen=True, slots=True)
class CohortLine:
    """Somebody on a list of the forum, as its members see it. There is no export of it."""

    entry_id: UUID
    person_id: UUID
    item_id: UUID
    name: str
    kind_name: str
    rating_name: str
    entered_on: date
    review_on: date
    due: bool
    leaves_on: date
    """The day the rule takes them off unless they are reviewed."""
    holders_waiting: tuple[str, ...]
    """Agencies that have not said yet that they marked their files."""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """What an agency is asked to do with its own files. `name` is empty once the case is no longer shared with it."""

    notice_id: UUID
    forum: str
    says: str
    words: str
    name: str
    reference: str
    why: str
    made_on: date


def review_due(cohort: Cohort, reviewed_on: date) -> date:
    """The day somebody is to be looked at again."""
    return months_on(reviewed_on, cohort.review_months)


def leaves_on(cohort: Cohort, reviewed_on: date, ends_on: date | None) -> date:
    """The day the rule takes somebody off unless they are reviewed before."""
    lapses = months_on(reviewed_on, cohort.lapse_months)
    return min(lapses, ends_on) if ends_on else lapses


def why_removed(cohort: Cohort, reviewed_on: date, ends_on: date | None, today: date) -> str:
    """Why the rule takes somebody off today, in words; empty while it does not."""
    if ends_on is not None and ends_on <= today:
        return f"By rule: {cohort.until_age} years old."
    if months_on(reviewed_on, cohort.lapse_months) <= today:
        return f"By rule: not reviewed for {cohort.lapse_months} months."
    return ""


def ends_at(cohort: Cohort, born_on: date | None) -> date | None:
    """The birthday from which the rule keeps nobody of their age; None without such a rule or a date of birth."""
    return months_on(born_on, cohort.until_age * 12) if cohort.until_age and born_on else None


def rating_name(of: Forum, rating: str) -> str:
    return next((each.name for each in of.outcome if each.key == rating), "")
