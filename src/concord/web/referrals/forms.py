"""What the receiving team fills in. Choices come from the pathway, never from here."""

from __future__ import annotations

from typing import Any

from django import forms

from concord.desk.referrals import rules
from concord.strategy.shapes.pathway import Pathway
from concord.web.referrals import steps
from concord.web.shared import partnership
from concord.web.shared.forms import Form, long_text, radios

RAG = {
    "red": ("Red", "A child may be at immediate risk"),
    "amber": ("Amber", "Serious, and not immediate"),
    "green": ("Green", "A worry that more information should settle"),
}
OUTCOMES = (
    ("information", "They hold something that matters here"),
    ("nothing_held", "They hold nothing"),
    ("declined", "They declined to share"),
)


class Versioned(Form):
    """Carries which version of the record was read, so that nobody overwrites a colleague."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def rate(pathway: Pathway, data: Any = None, initial: Any = None) -> Form:
    choices = [(key, RAG.get(key, (key.capitalize(), ""))[0]) for key in pathway.rag]
    hints = {key: RAG[key][1] for key in pathway.rag if key in RAG}
    return _made(
        "RateForm",
        {
            "rag": radios("Rating", choices, hints=hints, missing="Choose a rating"),
            "reason": long_text("Why this rating?", rows=3, missing="Say why you give it this rating"),
        },
        data,
        initial,
        Versioned,
    )


def ask(pathway: Pathway, data: Any = None) -> Form:
    return _made(
        "AskForm",
        {
            "agency": radios(
                "Which agency?",
                [(key, partnership.agency(key)) for key in pathway.check_agencies],
                missing="Choose the agency you ask",
            ),
            "basis": radios(
                "On what basis do you ask?",
                [(basis, basis) for basis in pathway.check_basis],
                missing="Choose the legal basis",
            ),
            "question": long_text(
                "What do you ask them?",
                rows=3,
                missing="Write what you ask",
                hint="Ask only for what this decision needs",
            ),
        },
        data,
        None,
    )


def answer(data: Any = None) -> Form:
    return _made(
        "AnswerForm",
        {
            "outcome": radios("What came back?", OUTCOMES, missing="Choose what came back"),
            "answer": long_text("What they told you", rows=4, required=False, hint="Needed if they hold something"),
        },
        data,
        None,
    )


def decide(pathway: Pathway, data: Any = None, initial: Any = None) -> Form:
    fields: dict[str, Any] = {}
    if pathway.level:
        fields["level"] = radios(
            "Threshold level",
            [(str(each.level), f"Level {each.level}: {each.name}") for each in pathway.level],
            missing="Choose the threshold level",
        )
    hints = {route.key: _route_hint(route) for route in pathway.route}
    fields["route"] = radios(
        "Where does it go?",
        [(route.key, route.name) for route in pathway.route],
        hints=hints,
        missing="Choose where it goes",
    )
    fields["rationale"] = long_text(
        "Why? This is the record of your decision",
        rows=5,
        missing="Give the reason for your decision",
        hint="What you weighed, for and against. The referrer does not see this",
    )
    fields["feedback"] = long_text(
        "What will the referrer be told?",
        rows=3,
        missing="Write what the referrer will be told",
        hint="They see this together with the sentence under the route you chose. "
        "Nothing about other people, and nothing from the checks",
    )
    return _made("DecideForm", fields, data, initial, Versioned)


NEEDS = {
    "reason": ("Why?", "Write why", "What you know and how. The referrer does not see this"),
    "rationale": ("Why? This is the record of your decision", "Give the reason", "What you weighed, for and against"),
    "feedback": ("What will the referrer be told?", "Write what they will be told", "Nothing about other people"),
}


def move(pathway: Pathway, verb: str, data: Any = None, initial: Any = None) -> Form:
    """The form of one step: what the pathway's table needs and what its file asks with it."""
    needs = next(each.needs for each in pathway.transition if each.verb == verb)
    fields: dict[str, Any] = {
        f"{steps.OWN}{each.key}": steps.question_field(each) for each in rules.questions_of(pathway, verb)
    }
    if "route" in needs:
        fields["route"] = radios(
            "Where does it go?",
            [(route.key, route.name) for route in pathway.route],
            hints={route.key: _route_hint(route) for route in pathway.route},
            missing="Choose where it goes",
        )
    for name in needs:
        if name in NEEDS:
            label, missing, hint = NEEDS[name]
            fields[name] = long_text(label, rows=3, missing=missing, hint=hint)
    return _made("MoveForm", fields, data, initial, Versioned)


def _route_hint(route: Any) -> str:
    levels = [str(level) for level in route.levels]
    fits = f"For level {' or '.join(levels)}. " if levels else ""
    return f"{fits}The referrer reads: “{route.told}”"


def _made(name: str, fields: dict[str, Any], data: Any, initial: Any, base: type[Form] = Form) -> Form:
    built: Form = type(name, (base,), fields)(data, initial=initial)
    return built
