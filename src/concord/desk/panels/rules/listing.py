"""What may be put on a forum's agenda, and what must be said of it: kinds, ages, facets, scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from concord.desk.panels.rules.lifecycles import NotNow
from concord.desk.people.rules import Details
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.forum import Facet, FollowUp, Forum, ItemKind

SUBJECTS = ("person", "place", "group", "theme", "online", "paper", "question")
ABOUT_NOBODY = ("paper", "question", "theme")
"""What a board may hear."""

NOBODY = Details("", "")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody to be heard in a role: on record already as `person_id`, else put on record with `details`."""

    role: str
    details: Details = NOBODY
    person_id: UUID | None = None
    safe_contact: str = ""


Facets = Mapping[str, Sequence[str]]


def kind_named(forum: Forum, key: str, subjects: Iterable[str] = SUBJECTS) -> ItemKind:
    """Raises NotNow for a kind of item that this forum does not hear, or that is about something else."""
    kinds = {each.key: each for each in forum.item if each.subject in set(subjects)}
    if key not in kinds:
        raise NotNow(f"{forum.abbreviation} does not hear “{key}”.", next_step=did_you_mean(key, kinds))
    return kinds[key]


def require_age(forum: Forum, kind: ItemKind, ages: Iterable[int | None]) -> None:
    """Raises NotNow where somebody in the kind's first role is too young or too old for it; unknown ages pass."""
    low, high = kind.from_age or 0, kind.to_age if kind.to_age is not None else 200
    if any(age is not None and not low <= age <= high for age in ages):
        span = f"from {low} on" if kind.to_age is None else f"up to {high}" if not low else f"{low} to {high}"
        raise NotNow(
            f"{forum.abbreviation} hears a “{kind.name}” aged {span}.",
            why="The date of birth on record is outside that.",
            next_step="Check the date of birth, or refer to the panel for that age.",
        )


def facets_of(forum: Forum, kind: str) -> tuple[Facet, ...]:
    """What this forum records of such an item."""
    return tuple(each for each in forum.facet if not each.kinds or kind in each.kinds)


def checked_facets(forum: Forum, kind: str, given: Facets) -> dict[str, list[str]]:
    """The answers as they are kept: known facets, known choices, in the file's order. Raises NotNow in words."""
    asked = {each.key: each for each in facets_of(forum, kind)}
    unknown = sorted(set(given) - set(asked))
    if unknown:
        raise NotNow(
            f"{forum.abbreviation} does not record “{unknown[0]}” of this.", next_step=did_you_mean(unknown[0], asked)
        )
    kept = {}
    for key, facet in asked.items():
        chosen = [each for each in given.get(key, ()) if each]
        strange = [each for each in chosen if each not in facet.choices]
        if strange:
            raise NotNow(
                f"“{strange[0]}” is no answer to “{facet.name}”.", next_step=did_you_mean(strange[0], facet.choices)
            )
        if facet.required and not chosen:
            raise NotNow(f"Say which: “{facet.name}”.", next_step="Choose an answer and send it again.")
        if len(chosen) > 1 and not facet.many:
            raise NotNow(f"“{facet.name}” has one answer.", next_step="Choose one and send it again.")
        if chosen:
            kept[key] = [each for each in facet.choices if each in chosen]
    return kept


def with_ground(forum: Forum, kind: str, given: Facets, ground: str) -> Facets:
    """The answers, with the ground that the referrer gave where the forum records it and nobody changed it."""
    known = any(each.key == "ground" and ground in each.choices for each in facets_of(forum, kind))
    return {"ground": [ground], **given} if known else given


def with_factors(forum: Forum, kind: str, given: Facets, told: Iterable[str]) -> Facets:
    """The answers, with the factors an instrument tells that this forum counts of such an item."""
    named = forum.threshold.factors if forum.threshold is not None else ""
    facet = next((each for each in facets_of(forum, kind) if each.key == named), None)
    counted = [each for each in told if facet is not None and each in facet.choices]
    if not counted:
        return given
    return {**given, named: [*given.get(named, ()), *(each for each in counted if each not in given.get(named, ()))]}


def require_threshold(forum: Forum, given: Facets, score: float | None) -> None:
    """Raises NotNow where the case is said to come by its score and the score does not say so."""
    rule = forum.threshold
    if rule is None or not rule.ground or rule.ground not in given.get("ground", ()):
        return
    if score is None:
        raise NotNow(
            f"The {rule.score.lower()} is read from a decided assessment, and none was chosen.",
            why="A score nobody can count again is no ground.",
            next_step="Choose the assessment it rests on, or another reason why it comes here.",
        )
    if score <= rule.above:
        raise NotNow(
            f"The {rule.score.lower()} is {score:g}: not above {rule.above}.",
            why=f"{forum.abbreviation} takes a case by its score above {rule.above}.",
            next_step="Choose another reason why it comes here: judgement may differ from the score.",
        )


def facet_words(forum: Forum, facets: Facets) -> tuple[tuple[str, str], ...]:
    """Each answered facet by its name, with its answers by theirs."""
    asked = {each.key: each for each in forum.facet}
    return tuple(
        (asked[key].name, ", ".join(asked[key].choices.get(each, each) for each in chosen))
        for key, chosen in facets.items()
        if key in asked
    )


def score_words(forum: Forum, score: float | None) -> str:
    """“Matrix score 34: high risk”, or nothing without a score or a threshold."""
    if score is None or forum.threshold is None:
        return ""
    level = forum.threshold.name if score > forum.threshold.above else f"not above {forum.threshold.above}"
    return f"{forum.threshold.score} {score:g}: {level}"


def due_of(follow_up: FollowUp, day: date) -> date:
    """The day a follow-up is due: 0 days is today."""
    return day + timedelta(days=follow_up.days)


def escalates_before(days: int, day: date) -> date:
    """Open actions due before this day go back to the chair."""
    return day - timedelta(days=days)


def months_due(months: Iterable[int], since: date, day: date, given: Iterable[int]) -> tuple[int, ...]:
    """The months after `since` at which a rating is due by `day` and not given yet."""
    return tuple(each for each in months if each not in set(given) and months_on(since, each) <= day)


def next_review(months: Iterable[int], given: Mapping[int, date]) -> date | None:
    """When the next rating is due, of the `months` after the first (month 0) not given yet. None after the last."""
    if 0 not in given:
        return None
    return min((months_on(given[0], each) for each in months if each not in given), default=None)


def moved(levels: Iterable[str], before: str, after: str) -> str:
    """“lower”, “same” or “higher”, by the order of the forum's levels."""
    order = list(levels)
    if before not in order or after not in order:
        return ""
    step = order.index(after) - order.index(before)
    return "same" if step == 0 else "higher" if step > 0 else "lower"


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
