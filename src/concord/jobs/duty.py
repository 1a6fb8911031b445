"""What shows that an obligation is met: looked at where it lives, on the day, never taken on trust.

Each proof is a function from what is held to what it shows. `duty.toml` names the proofs of a requirement; what none
of them can see is in `duty_evidence.toml`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from concord.evidence.extracts import calendar
from concord.jobs.folders import contents
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.duty import Requirement

if TYPE_CHECKING:
    from concord.jobs.listings import About


@dataclass(frozen=True, slots=True)
class Shown:
    """What was found, in words, and whether it shows what was asked."""

    met: bool
    words: str


def shown(about: About, key: str, requirement: Requirement) -> list[Shown]:
    """Everything that bears on the requirement `key`. Empty where nothing is looked at and nothing was recorded."""
    found = []
    for proof in requirement.proof:
        if proof not in PROOFS:
            raise BadInput(
                f"There is no proof “{proof}”",
                where=Where("duty.toml", key=f"requirements.{key}.proof"),
                next_step=did_you_mean(proof, PROOFS),
            )
        found.append(PROOFS[proof](about))
    held = about.partnership.duty_evidence
    for entry in held.entry if held else ():
        if entry.requirement == key and entry.on <= about.day:
            who = f", {about.agency(entry.by)}" if entry.by else ""
            found.append(Shown(True, f"{entry.what}, {_day(entry.on)}{who} (kept in {entry.record})"))
    return found


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _lead(about: About) -> Shown:
    board = about.partnership.boards.get(about.partnership.partnership.lead_body or "")
    if board is None:
        return Shown(False, "No lead body is named")
    return Shown(True, f"{board.name} leads; {len(board.members)} members are named")


def _members(about: About) -> Shown:
    """Whether every specified kind of authority sits on the lead body or its executive."""
    duty = about.partnership.duty
    kinds = {key: sector.name for key, sector in duty.sectors.items() if sector.duty == "specified"} if duty else {}
    lead = about.partnership.boards.get(about.partnership.partnership.lead_body or "")
    boards = [lead, *(b for b in about.partnership.boards.values() if b.kind == "executive")]
    members = {key for board in boards if board for key in board.members}
    sit = {about.partnership.agencies[key].sector for key in members if key in about.partnership.agencies}
    # an agency sits for what is part of it: a council for its children's services and its youth justice service
    for agency in about.partnership.agencies.values():
        root, seen = agency, set()
        while root.part_of in about.partnership.agencies and root.part_of not in seen:
            seen.add(root.part_of)
            root = about.partnership.agencies[root.part_of]
        if any(about.partnership.agencies.get(key) is root for key in members):
            sit.add(agency.sector)
    missing = [name for key, name in kinds.items() if key not in sit]
    if missing:
        return Shown(False, f"Not on the lead body or the executive: {'; '.join(missing)}")
    return Shown(True, "Every kind of specified authority sits on the lead body or the executive")


def _definition(about: About) -> Shown:
    definition = about.partnership.definition
    if definition is None:
        return Shown(False, "No definition of serious violence is declared")
    late = definition.review_on is not None and definition.review_on < about.day
    review = f"; its review was due {_day(definition.review_on)}" if late else ""
    return Shown(not late, f"“{definition.title}”, version {definition.version}{review}")


def _assessment(about: About) -> Shown:
    return _published(about, "strategic_needs_assessment", 366 + 31, "needs assessment")


def _review(about: About) -> Shown:
    return _published(about, "annual_review", 366 + 31, "annual review")


def _published(about: About, key: str, within_days: int, what: str) -> Shown:
    """Whether a publication stands on the site or among the papers, and is no older than it may be."""
    places = [about.home / "site", *sorted((about.home / "papers").glob("*"))]
    held = [contents(place).get("publications", {}) for place in places]
    found = [each[key] for each in held if key in each]
    if not found:
        return Shown(False, f"No {what} has been made here")
    day = max(date.fromisoformat(each["made_on"]) for each in found)
    old = about.day - day > timedelta(days=within_days)
    return Shown(not old, f"The {what} of {_day(day)}{', which is more than a year old' if old else ''}")


def _causes(about: About) -> Shown:
    causes = about.partnership.causes
    if causes is None:
        return Shown(False, "No account of causes is declared")
    reasons = [factor for factor in causes.factors.values() if factor.not_possible]
    return Shown(
        True,
        f"Of {len(causes.factors)} factors, {len(causes.factors) - len(reasons)} are measured here and "
        f"{len(reasons)} have a recorded reason why that is not possible",
    )


def _strategy(about: About) -> Shown:
    strategy = about.partnership.partnership.strategy
    if strategy is None:
        return Shown(False, "No strategy is declared")
    if about.day > strategy.ends or about.day < strategy.starts:
        return Shown(False, f"“{strategy.title}” ran from {_day(strategy.starts)} to {_day(strategy.ends)}")
    return Shown(True, f"“{strategy.title}” runs to {_day(strategy.ends)}")


def _strategy_published(about: About) -> Shown:
    strategy = about.partnership.partnership.strategy
    if strategy is None or strategy.published is None:
        return Shown(False, "No day of publication is recorded")
    return Shown(True, f"Published {_day(strategy.published)}")


def _plan(about: About) -> Shown:
    themes = [each for each in about.partnership.themes.values() if each.kind == "theme"]
    actions = [action for theme in themes for action in theme.actions]
    late = [action for action in actions if action.due and action.due < about.day and action.status == "planned"]
    if not actions:
        return Shown(False, "The plan holds no action")
    overdue = f"; past their day and still planned: {', '.join(a.code for a in late)}" if late else ""
    return Shown(not late, f"{len(actions)} actions under {len(themes)} themes{overdue}")


def _measures(about: About) -> Shown:
    """Whether each outcome of the plan has an indicator that reads a finding."""
    outcomes = [o for theme in about.partnership.themes.values() if theme.kind == "theme" for o in theme.outcomes]
    measured = {each.outcome for each in about.partnership.indicators.values() if each.finding}
    without = [outcome.code for outcome in outcomes if outcome.code not in measured]
    if not outcomes:
        return Shown(False, "The plan states no outcome")
    if without:
        return Shown(False, f"Outcomes that no indicator measures yet: {', '.join(without)}")
    return Shown(True, f"Each of {len(outcomes)} outcomes has an indicator that is computed")


def _money(about: About) -> Shown:
    funding = about.partnership.funding
    current = [s for s in funding.streams.values() if not (s.ends and s.ends < about.day)] if funding else []
    if not current:
        return Shown(False, "No funding stream is current")
    return Shown(True, f"{len(current)} funding streams are current")


def _agreements(about: About) -> Shown:
    signed = [each for each in about.partnership.agreements.values() if each.signed_by]
    out = [each.name for each in signed if not each.in_force(about.day)]
    if not signed:
        return Shown(False, "No sharing agreement is signed")
    if out:
        return Shown(False, f"Out of force: {', '.join(out)}")
    return Shown(True, f"{len(signed)} sharing agreements are in force")


def _gateway(about: About) -> Shown:
    """Whether what rests on section 16 keeps within it, as the folder is checked for."""
    using = [each for each in about.partnership.agreements.values() if each.signed_by and "pcsc_s16" in each.gateways]
    return Shown(
        True,
        f"{len(using)} agreements name section 16; every feed is refused whose agreement or gateway does not cover it",
    )


def _exchange(about: About) -> Shown:
    duty = about.partnership.duty
    items = list(duty.exchange_items.values()) if duty else []
    missing, late = [], []
    for item in items:
        feed = about.partnership.feeds.get(item.feed or "")
        if feed is None:
            missing.append(item.law)
            continue
        kept = calendar.standing(feed, about.receipts.get(feed.key, ()), about.day, last=1)
        if kept.never_received:
            missing.append(item.law)
        elif kept.overdue:
            late.append(item.law)
    if missing or late:
        told = [f"never received: {_paragraphs(missing)}"] if missing else []
        told += [f"overdue: {_paragraphs(late)}"] if late else []
        return Shown(False, f"Of {len(items)} items, {'; '.join(told)}")
    return Shown(True, f"All {len(items)} items of the last quarter have come")


def _paragraphs(laws: list[str]) -> str:
    return "paragraph " + ", ".join(law.rsplit(" ", 1)[-1] for law in laws)


def _consultation(about: About) -> Shown:
    duty, held = about.partnership.duty, about.partnership.duty_evidence
    relevant = {
        key for key, agency in about.partnership.agencies.items()
        if duty and agency.sector in duty.sectors and duty.sectors[agency.sector].duty == "relevant"
    }  # fmt: skip
    replied = {each.authority for each in held.consulted if each.replied} if held else set()
    waiting = [about.agency(key) for key in sorted(relevant - replied)]
    if not relevant:
        return Shown(False, "The folder names no educational, prison or youth custody authority")
    if waiting:
        return Shown(False, f"No reply is recorded from {', '.join(waiting)}")
    return Shown(True, f"All {len(relevant)} named authorities have been asked and have replied")


def _disclosure(about: About) -> Shown:
    return Shown(True, "Restricted passages and cells are marked in the source and are left out of the public edition")


def _rules(about: About) -> Shown:
    """Whether the definition covers what section 13 makes violence."""
    limbs = about.partnership.definition.limbs if about.partnership.definition else {}
    wanted = {
        "domestic_abuse": "domestic abuse",
        "sexual_violence": "sexual offences",
        "property_violence": "property violence",
    }
    missing = [name for key, name in wanted.items() if key not in limbs]
    if missing:
        return Shown(False, f"The definition has no limb for {', '.join(missing)}")
    return Shown(True, "The definition covers domestic abuse, sexual offences and violence against property")


def _recommendations(about: About) -> Shown:
    held = about.partnership.recommendations
    if held is None or not held.recommendation:
        return Shown(False, "The assessment makes no recommendation")
    return Shown(
        True, f"{len(held.recommendation)} recommendations, each with its finding, outcome, action and indicator"
    )


def _survey(about: About) -> Shown:
    held = [name for name in ("young_people_survey", "mopac_public_attitudes") if about.releasing.store.has(name)]
    if not held:
        return Shown(False, "No survey of residents or workers has been received")
    return Shown(True, f"Surveys received: {', '.join(name.replace('_', ' ') for name in held)}")


def _papers(about: About) -> Shown:
    boards = [b.name for b in about.partnership.boards.values() if b.papers == "public"]
    if not boards:
        return Shown(False, "No board publishes its papers")
    return Shown(True, f"Papers are public: {', '.join(boards)}")


def _area(about: About) -> Shown:
    area = about.partnership.partnership.areas
    if area is None:
        return Shown(False, "No area is declared")
    return Shown(True, f"{about.partnership.name}, {area.level} {area.code}")


def _victims(about: About) -> Shown:
    """Outcomes of the plan that an indicator on victims measures."""
    outcomes = {o.code for theme in about.partnership.themes.values() for o in theme.outcomes}
    about_victims = {
        each.outcome
        for each in about.partnership.indicators.values()
        if each.outcome in outcomes and "victim" in f"{each.title} {each.numerator}".lower()
    }
    if not about_victims:
        return Shown(False, "No outcome is measured by what happens to victims")
    return Shown(
        True, f"Outcomes measured by what happens to victims: {', '.join(sorted(filter(None, about_victims)))}"
    )


def _weighed(about: About) -> Shown:
    """Whether each group of offences in the definition has its factors written down."""
    definition = about.partnership.definition
    factors = definition.offence if definition else ()
    given = ("impact_on_victims", "prevalence", "impact_on_community")
    unfinished = [each.group for each in factors if not all(getattr(each, name) for name in given)]
    if not factors:
        return Shown(False, "The definition says of no offence why it is serious here")
    if unfinished:
        return Shown(False, f"Factors are missing for {', '.join(name.replace('_', ' ') for name in unfinished)}")
    return Shown(True, f"The four factors are written down for {len(factors)} groups of offences")


def _answers(about: About) -> Shown:
    """Whether every provision that the needs assessment is obliged to answer has its section."""
    publication = about.partnership.publications.get("strategic_needs_assessment")
    if publication is None or not publication.obliged:
        return Shown(False, "The needs assessment does not say which provisions it answers")
    answered = {provision for section in publication.sections for provision in section.answers}
    missing = [each for each in publication.obliged if each not in answered]
    if missing:
        return Shown(False, f"No section answers {', '.join(missing)}")
    return Shown(True, "Each of regulation 7(a) to (g) is answered by a section of the needs assessment")


def _equality(about: About) -> Shown:
    without = [each.title for each in about.partnership.publications.values() if not each.equality]
    if without:
        return Shown(False, f"No equality note in {', '.join(without)}")
    return Shown(True, "Every publication carries its equality note")


def _summary(about: About) -> Shown:
    return _published(about, "public_strategy", 366 + 31, "public strategy")


PROOFS: dict[str, Callable[[About], Shown]] = {
    "lead": _lead,
    "members": _members,
    "definition": _definition,
    "assessment": _assessment,
    "review": _review,
    "causes": _causes,
    "strategy": _strategy,
    "strategy_published": _strategy_published,
    "plan": _plan,
    "measures": _measures,
    "money": _money,
    "agreements": _agreements,
    "gateway": _gateway,
    "exchange": _exchange,
    "consultation": _consultation,
    "edition": _disclosure,
    "violence": _rules,
    "recommendations": _recommendations,
    "survey": _survey,
    "papers": _papers,
    "area": _area,
    "victims": _victims,
    "weighed": _weighed,
    "answers": _answers,
    "equality": _equality,
    "summary": _summary,
}
"""Where each kind of evidence is looked at, by the name that `duty.toml` gives it."""
