"""Assessments in the words of their screens."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries
from concord.desk.instruments.rules import WAYS, Advised, Changed, Decided, Said, Wording, blaming, in_words, placed
from concord.desk.instruments.rules import AssessmentPage as Page
from concord.desk.sharing import queries as sharing
from concord.strategy.shapes.instrument import Instrument, Question, Route, Section
from concord.web.shared import partnership, words

STATES = {"open": ("Under way", "amber"), "paused": ("Paused", "grey"), "decided": ("Decided", "done"),
          "stopped": ("Stopped", "grey")}  # fmt: skip


def tasks(page: Page) -> list[dict[str, Any]]:
    """The parts as a task list: how far each is."""
    items = []
    for section in page.instrument.section:
        asked = [each for each in page.outcome.asked if belongs(section, each)]
        done = sum(each in page.answers and _filled(page.answers[each]) for each in asked)
        lacking = sum(belongs(section, each) for each in page.outcome.unanswered)
        if asked and not lacking and (done or section.repeats):
            status: dict[str, Any] = {"text": "Completed" if done == len(asked) else f"{done} of {len(asked)} answered"}
        elif section.repeats is not None and not asked:
            status = {"text": "Nobody entered"}
        elif done:
            status = {"tag": {"text": f"{lacking} to answer", "classes": "govuk-tag--blue"}}
        else:
            status = {"tag": {"text": "Not started", "classes": "govuk-tag--blue"}}
        items.append({"title": {"text": section.title}, "href": section_address(page, section), "status": status})
    return items


def belongs(section: Section, address: str) -> bool:
    """Whether an address is of this part."""
    if section.repeats is not None:
        return address.startswith(f"{section.key}.")
    return address in {each.key for each in section.question}


def _filled(said: Said) -> bool:
    return said.withheld or said.value not in (None, "", [])


def section_address(page: Page, section: Section) -> str:
    return reverse("assessment-section", args=[page.assessment_id, section.key])


def answers(page: Page) -> list[dict[str, Any]]:
    """Every part with the questions asked, the answers, their days and where they came from."""
    parts = []
    for section in page.instrument.section:
        rows = [row(page, each) for each in page.outcome.asked if belongs(section, each)]
        parts.append({"title": section.title, "rows": rows, "change": section_address(page, section)})
    return parts


def row(page: Page, address: str) -> dict[str, Any]:
    section, question, number = placed(page.instrument, address)
    said = page.answers.get(address)
    label = f"{question.text} ({section.repeats.noun} {number})" if section.repeats else question.text
    return {
        "label": label,
        "address": address,
        "value": answered(question, said),
        "note": noted(said),
        "missing": address in page.outcome.unanswered,
        "long": question.kind == "long_text",
    }


def answered(question: Question, said: Said | None) -> str:
    if said is not None and said.withheld:
        return "Not written: the person’s wish"
    return in_words(question, said.value if said is not None else None)


def noted(said: Said | None) -> str:
    """Who wrote an answer and when; where it was said before, if it was."""
    if said is None:
        return ""
    when = f"{said.at:%-d %B %Y}"
    return f"Said before: {said.source}" if said.source else f"{said.by}, {when}"


def scores(page: Page) -> list[dict[str, str]]:
    """Each score with its band, and the rule by which what is missing was counted."""
    bands = {each.key: each for each in page.instrument.band}
    lines = []
    for score in page.instrument.score:
        value = page.outcome.scores.get(score.key)
        band = bands.get(page.outcome.bands.get(score.key, ""))
        lines.append(
            {
                "name": score.name,
                "value": "No score: an answer it needs is missing" if value is None else f"{value:g}",
                "band": band.name if band else "",
                "advice": band.advice if band else "",
                "note": " ".join(
                    [score.note, "Unanswered counts as nothing." if score.missing == "zero" else ""]
                ).strip(),
            }
        )
    return lines


def advised(page: Page, may_refer: frozenset[str]) -> list[dict[str, Any]]:
    """Where the answers point, what became of each, and the way there where this viewer may take it."""
    became = {each.route: each for each in page.onward}
    found = []
    for route in page.instrument.route:
        if route.key in page.outcome.routes:
            told = became.get(route.key)
            found.append(
                {
                    "key": route.key,
                    "name": route.name,
                    "says": route.says,
                    "href": reverse("assessment-route", args=[page.assessment_id, route.key]),
                    "here": route.pathway in may_refer or bool(route.forum),
                    "became": told,
                    "way": WAYS[told.way] if told else "",
                    "agency": partnership.agency(told.agency) if told else "",
                    "shape": "done" if told and told.way != "not_taken" else "grey",
                }
            )
    return found


def opinion(page: Page, given: Advised | None) -> dict[str, Any] | None:
    """The second agency's view in words."""
    if given is None:
        return None
    names = {each.key: each.name for each in page.instrument.judgement.level}
    return {
        "level": names.get(given.level, given.level),
        "reason": given.reason,
        "by": given.by,
        "agency": partnership.agency(given.agency),
        "at": given.at,
        "current": given.current,
    }


def ground(page: Page) -> dict[str, str]:
    """Why this may be asked: the words of the instrument's file, the section of the law, the agreement."""
    chosen = next((each for each in page.instrument.ground if each.name == page.ground), None)
    return legal(chosen.why if chosen else "", page.gateway, page.agreement)


def legal(why: str, gateway: str, agreement: str) -> dict[str, str]:
    law = sharing.gateways().get(gateway)
    held = partnership.current().agreements.get(agreement)
    return {
        "why": why,
        "name": law.name if law else gateway,
        "section": law.section if law else "",
        "agreement": held.name if held else agreement,
    }


def assumed(of: Instrument) -> list[str]:
    """What the file assumes that no source states, in words for the partnership: each waits for somebody to confirm."""
    names = {
        "section": "The questions", "judgement": "The levels and who judges", "used_by": "Who uses it",
        "ground": "The ground it is asked on", "owner": "Who is responsible", "review_on": "When it is reviewed",
        "band": "The bands of the score", "factor": "Which factors are told with the result",
        "trigger": "Who is due it", "fresh_days": "For how long an answer counts as known",
        "judgement.joint.needed_when": "When two agencies decide together",
        "route.escalation.when": "When earlier reports count as getting worse",
        "section.about": "The questions about who is concerned",
        "score.final.counts": "How the score is counted",
    }  # fmt: skip
    return [names.get(key, key) for key in of.assumed]


def going(viewer: Viewer, page: Page, route: Route) -> str:
    """How much of the assessment goes along a route, in words; said before anything is sent."""
    home = partnership.current()
    to = home.pathways.get(route.pathway) or home.forums.get(route.forum)
    if to is None:
        return ""
    who = getattr(to, "receiver_name", "") or f"The coordinator of {to.name}"
    part = queries.part_for(viewer, page.instrument, to.agreement)
    law = sharing.gateways().get(to.gateway)
    section = f" ({law.section})" if law else ""
    return {
        "whole": f"{who} reads the whole assessment, under “{_agreement(to.agreement)}”{section}.",
        "result": f"{who} reads the result, not the answers: “{_agreement(to.agreement)}” does not cover what they "
        "hold.",
        "nothing": f"Nothing of the assessment goes to them: “{_agreement(to.agreement)}” does not cover what a health "
        "body wrote about a patient. A referral can be sent without it.",
    }[part]


def _agreement(key: str) -> str:
    held = partnership.current().agreements.get(key)
    return held.name if held else key


def concern(page: Page) -> str:
    """The first words of a referral that follows: the worker reads and changes them before anything is sent."""
    made = page.decision
    if made is None:
        return ""
    names = {each.key: each.name for each in page.instrument.judgement.level}
    seen = page.answers.get("seen")
    said = f"{seen.value}\n\n" if seen is not None and isinstance(seen.value, str) else ""
    return f"{said}{page.instrument.name}, judged {names.get(made.level, made.level).lower()}: {made.reason}"


def prompts(page: Page) -> list[dict[str, str]]:
    return [{"says": each.says, "law": each.law} for each in page.instrument.prompt if each.key in page.outcome.prompts]


def decision(page: Page, made: Decided) -> dict[str, Any]:
    names = {each.key: each.name for each in page.instrument.judgement.level}
    asks = {each.key: each for each in page.instrument.judgement.asks}
    return {
        "level": names.get(made.level, made.level),
        "suggested": words.listed([names.get(each, each) for each in made.suggested]),
        "departs": made.departs,
        "reason": made.reason,
        "override": made.override,
        "by": made.by,
        "agency": partnership.agency(made.agency),
        "at": made.at,
        "opinion": opinion(page, made.opinion),
        "differs_because": made.differs_because,
        "asks": [(asks[key].text, answered(asks[key], said)) for key, said in made.answers.items() if key in asks],
    }


def changes(page: Page, history: tuple[Changed, ...]) -> list[dict[str, Any]]:
    lines = []
    for each in history:
        _, question, _ = placed(page.instrument, each.address)
        lines.append(
            {
                "question": question.text,
                "before": answered(question, each.before) if each.before else "",
                "after": answered(question, each.after),
                "by": each.after.by,
                "at": each.after.at,
                "reason": each.reason,
                "source": each.after.source,
            }
        )
    return lines


def blamed(page: Page, section: Section, listed: tuple[Wording, ...]) -> list[dict[str, str]]:
    """Words in this part's texts that put the blame on the person, with what to write instead."""
    found = {}
    for address, said in page.answers.items():
        if belongs(section, address) and isinstance(said.value, str):
            for word in blaming(said.value, listed):
                found[word.phrase] = {"phrase": word.phrase.replace("*", "…"), "instead": word.instead, "why": word.why}
    return list(found.values())
