"""The pages of a referral, worked out from the pathway: a pathway that needs less asks less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from concord.desk.referrals import rules
from concord.desk.referrals.rules import PartyDetails
from concord.strategy.shapes.forum import Forum
from concord.strategy.shapes.pathway import PartyRole, Pathway, Question
from concord.web.referrals.drafts import Draft
from concord.web.shared.forms import Form, checkboxes, day, long_text, radios, text

SEXES = (("F", "Female"), ("M", "Male"), ("X", "Another"), ("U", "Not known"))
CONSENT = (
    ("yes", "Yes, they know and agree"),
    ("told", "They know, and do not agree"),
    ("not_asked", "I have not told them"),
)
OWN = "own_"
"""What stands before the key of a pathway's own question, so that it cannot be taken for one of ours."""
THINGS = {
    "place": (
        "Where is it?",
        "The name people use: a park, a shop, a bus stop",
        "What else helps to find it?",
    ),
    "group": (
        "What is the group called?",
        "No names of children here",
        "Where are they seen?",
    ),
    "online": ("What is it called?", "The name of the account, chat, game or site", "Which app or site is it on?"),
}
WHY_NOT_ASKED = "Do not tell them if it could put somebody in danger"


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `role` is set on the pages that ask about somebody."""

    key: str
    title: str
    role: PartyRole | None = None


def of(pathway: Pathway) -> list[Step]:
    """What has happened, then each person the pathway knows of, then how to reach them, then what will be shared."""
    people = sorted(pathway.party, key=lambda role: not role.required)
    return [
        Step("concern", "What are you worried about?"),
        *(Step(f"person-{role.role}", _person_title(role), role) for role in people),
        Step("contact", "Reaching them safely"),
    ]


def _person_title(role: PartyRole) -> str:
    return role.name if role.required else f"{role.name} (if you know)"


def form(
    step: Step, pathway: Pathway, forum: Forum | None, data: Any = None, initial: dict[str, Any] | None = None
) -> Form:
    if step.role is not None:
        return _person(step.role, data, initial)
    return _concern(pathway, forum, data, initial) if step.key == "concern" else _contact(pathway, data, initial)


def _concern(pathway: Pathway, forum: Forum | None, data: Any, initial: Any) -> Form:
    fields: dict[str, Any] = {
        "concern": long_text(
            "What have you seen or heard, and why does it worry you?",
            rows=8,
            hint="Say what you know yourself and what others told you. Keep to what matters for this worry.",
            missing="Say what you have seen or heard",
        ),
        "incident_on": day(
            "When did it happen?",
            required=False,
            hint="Leave empty if it goes on, or you do not know. For example, 27 3 2026",
        ),
    }
    if pathway.ground:
        fields["ground"] = radios(
            "Why are you referring now?",
            [(each.key, each.name) for each in pathway.ground],
            missing="Choose why you are referring now",
        )
    if forum is not None and forum.repeat is not None:
        kinds = [(kind, kind.replace("_", " ").capitalize()) for kind in forum.repeat.incidents]
        fields["incident_kind"] = radios(
            "What kind of incident was it?",
            [*kinds, ("other", "Something else")],
            missing="Choose what kind of incident it was",
        )
    fields |= {f"{OWN}{each.key}": question_field(each) for each in rules.questions_of(pathway)}
    return _build("ConcernForm", fields, data, initial)


def question_field(each: Question) -> forms.Field:
    """A question of a pathway's file as a field."""
    asked = {"hint": each.hint, "missing": f"Answer “{each.name}”", "required": each.required}
    if each.kind == "choice":
        return radios(each.name, [(choice.key, choice.name) for choice in each.choice], **asked)
    if each.kind == "several":
        return checkboxes(each.name, [(choice.key, choice.name) for choice in each.choice], **asked)
    if each.kind == "yes_no":
        return radios(each.name, (("yes", "Yes"), ("no", "No")), inline=True, **asked)
    if each.kind == "time":
        clock = RegexValidator(r"^([01]?\d|2[0-3])[:.][0-5]\d$", message="Enter a time like 22:30")
        asked_time = text(each.name, width="5", max_length=5, **asked)
        asked_time.validators.append(clock)
        return asked_time
    if each.kind == "day":
        return day(each.name, **asked)
    return long_text(each.name, rows=3, **asked) if each.kind == "long" else text(each.name, **asked)


def own_answers(pathway: Pathway, said: dict[str, Any]) -> dict[str, Any]:
    """What was answered to the pathway's own questions, by their keys."""
    return {each.key: said.get(f"{OWN}{each.key}") for each in rules.questions_of(pathway)}


def _thing(role: PartyRole, data: Any, initial: Any) -> Form:
    """A place, a group or something online: what it is called, and how to find it."""
    ask, hint, where = THINGS[role.kind]
    fields: dict[str, Any] = {
        "family_name": text(ask, missing=f"{ask.rstrip('?')}: write it down", max_length=100, hint=hint),
        "postcode": text("Postcode, if you know it", required=False, width="10", max_length=10),
        "note": text(where, required=False, max_length=200),
    }
    if role.kind != "place":
        del fields["postcode"]
    return _build("ThingForm", fields, data, initial)


def _person(role: PartyRole, data: Any, initial: Any) -> Form:
    if role.kind != "person":
        return _thing(role, data, initial)
    known = role.required
    fields: dict[str, Any] = {
        "given_name": text("First name", required=False, width="20", max_length=100),
        "family_name": text(
            "Last name",
            required=known,
            missing="Enter their last name",
            width="20",
            max_length=100,
            hint="As best you can: the spelling helps to find them",
        ),
        "born_on": day("Date of birth", required=False, hint="Leave empty if you do not know. For example, 27 3 2011"),
        "sex": radios("Sex", SEXES, required=False, inline=True),
        "postcode": text("Postcode where they live or stay", required=False, width="10", max_length=10),
        "note": text(
            "Anything else that helps to know who they are",
            required=False,
            max_length=200,
            hint="For example a school, or a nickname",
        ),
    }
    return _build("PersonForm", fields, data, initial)


def _contact(pathway: Pathway, data: Any, initial: Any) -> Form:
    if not any(role.kind == "person" for role in pathway.party):
        asked = long_text(
            "How can we reach you safely about this?",
            required=False,
            rows=3,
            max_length=500,
            hint="Leave empty if your work details will do",
        )
        return _build("ReachForm", {"safe_contact": asked}, data, initial)
    fields = {
        "consent": radios(
            "Do they know that you are making this referral?",
            CONSENT,
            hints={"not_asked": WHY_NOT_ASKED},
            missing="Choose whether they know about this referral",
        ),
        "safe_contact": long_text(
            "How can they be reached safely?",
            required=pathway.subject == "adult",
            rows=3,
            max_length=500,
            hint="For example: ring the school office, never text, not after 5pm",
            missing="Say how they can be reached safely, or that you do not know",
        ),
    }
    return _build("ContactForm", fields, data, initial)


def _build(name: str, fields: dict[str, forms.Field], data: Any, initial: Any) -> Form:
    kind = type(name, (Form,), dict(fields))
    built: Form = kind(data, initial=initial) if data is not None else kind(initial=initial)
    return built


def answers(form_: Form) -> dict[str, Any]:
    """What was answered, in a form that JSON keeps; a postcode as it is written on a letter."""
    said = {key: value.isoformat() if isinstance(value, date) else value for key, value in form_.cleaned_data.items()}
    return said | ({"postcode": said["postcode"].upper()} if said.get("postcode") else {})


def initial(stored: dict[str, Any]) -> dict[str, Any]:
    """The other way round: dates are dates again."""
    return {
        key: as_day(value) if key.endswith("_on") and isinstance(value, str) else value for key, value in stored.items()
    }


def as_day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def first_missing(pathway: Pathway, draft: Draft) -> Step | None:
    """The first page not answered yet; None when the referral is ready to check."""
    return next((step for step in of(pathway) if step.key not in draft), None)


def parties(pathway: Pathway, draft: Draft) -> list[PartyDetails]:
    """Everybody the referrer named; a page left empty names nobody."""
    named = []
    for step in of(pathway):
        said = draft.get(step.key, {})
        if step.role is None or not (said.get("given_name") or said.get("family_name")):
            continue
        named.append(
            PartyDetails(
                role=step.role.role,
                given_name=said.get("given_name", ""),
                family_name=said.get("family_name", ""),
                born_on=as_day(said.get("born_on")),
                sex=said.get("sex") or "U",
                postcode=said.get("postcode", ""),
                note=said.get("note", ""),
            )
        )
    return named
