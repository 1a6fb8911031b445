"""A page of an instrument as a form: each question with the control that suits its kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from concord.desk.accounts.rules import Member
from concord.desk.instruments.rules import AssessmentPage as Page
from concord.desk.instruments.rules import Earlier, Place, Said, address, rows_of, values
from concord.strategy.shapes.instrument import Ground, Instrument, Question, Route, Section
from concord.web.shared import partnership
from concord.web.shared.forms import Form, checkboxes, day, long_text, radios, text

WITHHELD, USE = "__withheld", "__use"


def begin_form(grounds: Iterable[Ground], named: bool, data: Any) -> Form:
    """Whom it is about (unless they are on record) and, where there are several, on which ground."""
    held = list(grounds)
    fields: dict[str, forms.Field] = {}
    if not named:
        fields["given_name"] = text("First name", required=False, width="20")
        fields["family_name"] = text(
            "Last name", missing="Enter a last name", hint="Write “Unknown” if you do not know it", width="20"
        )
        fields["born_on"] = day("Date of birth", required=False, hint="For example 27 3 2011")
    if len(held) > 1:
        fields["ground"] = radios(
            "What is it for?", [(each.key, each.name) for each in held], missing="Choose what it is for"
        )
    built: Form = type("BeginForm", (Form,), fields)(data)
    return built


def places(page: Page, section: Section) -> list[Place]:
    """The questions of a part that are asked now; in a repeated part, of every row and of one more, empty."""
    asked = set(page.outcome.asked)
    if section.repeats is None:
        return [Place(each.key, section, each) for each in section.question if each.key in asked]
    filled = rows_of(section, values({key: said.kept() for key, said in page.answers.items()}))
    found = []
    for row in range(1, min(filled + 1, section.repeats.most) + 1):
        for question in section.question:
            here = address(section, question, row)
            if here in asked or (row > filled and not question.shown_when):
                found.append(Place(here, section, question, row))
    return found


def section_form(page: Page, section: Section, data: Any, offered: Mapping[str, Earlier]) -> Form:
    """The part as a form, with what was answered filled in. What is still known from before is not asked again: it is
    ticked to be used, and the question waits behind it."""
    fields: dict[str, forms.Field] = {}
    initial: dict[str, Any] = {}
    for place in places(page, section):
        fields[place.address] = field(place.question)
        said = page.answers.get(place.address)
        if said is not None:
            initial[place.address] = shown(place.question, said)
        earlier = offered.get(place.address)
        if earlier is not None and earlier.fresh and said is None:
            fields[place.address + USE] = checkboxes(
                f"“{place.question.text}” is known already",
                [("yes", "It still holds: use it")],
                required=False,
            )
            initial[place.address + USE] = ["yes"]
        if place.question.declinable:
            fields[place.address + WITHHELD] = checkboxes(
                f"About “{place.question.text}”", [("yes", "They do not want this written")], required=False
            )
            if said is not None and said.withheld:
                initial[place.address + WITHHELD] = ["yes"]
    built: Form = type("SectionForm", (Form,), {**fields, "reads_again": False})(data, initial=initial)
    return built


def field(question: Question, *, required: bool = False) -> Any:
    """The control of one question. Nothing is required while answering: the check page says what is missing."""
    more: dict[str, Any] = {"hint": question.hint, "required": required}
    if question.kind == "several":
        return checkboxes(question.text, list(question.answers.items()), **more)
    if question.answers:
        hints = {each.key: each.hint for each in question.option if each.hint}
        short = question.kind in ("yes_no", "sign")
        return radios(question.text, list(question.answers.items()), hints=hints, inline=short, **more)
    if question.kind == "date":
        return day(question.text, **more)
    if question.kind == "long_text":
        return long_text(question.text, **more)
    return text(question.text, width="5" if question.kind == "number" else "", **more)


def shown(question: Question, said: Said) -> Any:
    """An answer as its control takes it."""
    if question.kind == "date" and isinstance(said.value, str):
        return date.fromisoformat(said.value)
    return "" if said.value is None else said.value


def given(form: Form, offered: Mapping[str, Earlier], *, only: str = "") -> tuple[dict[str, object], list[str]]:
    """What was answered, by address, and what the person did not want written. A question left empty whose earlier
    answer was ticked takes that answer. `only` reads one question's fields."""
    said = {name: value for name, value in form.cleaned_data.items() if not only or name in (only, only + WITHHELD)}
    kept = [name.removesuffix(WITHHELD) for name, value in said.items() if name.endswith(WITHHELD) and value]
    answers = {name: value for name, value in said.items() if not name.endswith((WITHHELD, USE)) and name not in kept}
    for name, value in said.items():
        address = name.removesuffix(USE)
        if name.endswith(USE) and value and address in offered and answers.get(address) in (None, "", []):
            answers[address] = offered[address].said.value
    return answers, kept


def decision_form(of: Instrument, data: Any) -> Form:
    """The judgement: the level, why, why otherwise than the score, and what else is asked with it."""
    asks = {f"ask_{each.key}": field(each) for each in of.judgement.asks}
    fields: dict[str, forms.Field] = {
        "level": radios(
            of.judgement.question,
            [(each.key, each.name) for each in of.judgement.level],
            hints={each.key: each.meaning for each in of.judgement.level},
            missing="Choose a level",
        ),
        "reason": long_text("Why do you judge so?", missing="Say why you judge so"),
    }
    if any(level.bands for level in of.judgement.level):
        fields["override"] = long_text(
            "If you judge otherwise than the score points to: what does the score not see?", required=False, rows=3
        )
    if of.judgement.joint is not None:
        fields["differs_because"] = long_text(
            f"If you decide otherwise than {of.judgement.joint.name} advises: why?", required=False, rows=3
        )
    built: Form = type("DecisionForm", (Form,), {**fields, **asks})(data)
    return built


def advice_form(of: Instrument, data: Any) -> Form:
    """The second agency's view: a level and why."""
    fields = {
        "level": radios(
            "What do you advise?",
            [(each.key, each.name) for each in of.judgement.level],
            hints={each.key: each.meaning for each in of.judgement.level},
            missing="Choose what you advise",
        ),
        "reason": long_text("Why?", missing="Say why you advise so"),
    }
    built: Form = type("AdviceForm", (Form,), fields)(data)
    return built


def route_form(route: Route, runs: bool, data: Any) -> Form:
    """Whether an advised route is taken. `runs`: this viewer may take it here."""
    here = "Refer now, with this assessment" if route.pathway else "Tell the coordinator now"
    ways = [("here", here)] if runs else []
    ways += [("otherwise", "It was done another way"), ("not_taken", "It is not taken")]
    hints = (
        {"here": "The referral is filled in with what is known; you read it before it is sent"} if route.pathway else {}
    )
    fields = {
        "way": radios("What do you do?", ways, hints=hints, missing="Choose what you do"),
        "reason": long_text(
            "Why?", rows=3, required=False, hint="Needed unless you refer now: your decision says why already"
        ),
    }

    class RouteForm(Form):
        def clean(self) -> dict[str, Any]:
            said = super().clean() or self.cleaned_data
            if (
                said.get("way")
                and not (said.get("reason") or "").strip()
                and not (said["way"] == "here" and route.pathway)
            ):
                self.add_error("reason", "Say why")
            return dict(said)

    built: Form = type("RouteForm", (RouteForm,), fields)(data)
    return built


def amend_form(question: Question, said: Said | None, data: Any) -> Form:
    """One answer put right, with the reason."""
    fields = {"value": field(question), "reason": text("Why is it put right?", missing="Say why it is put right")}
    initial: Mapping[str, Any] = {"value": shown(question, said)} if said is not None else {}
    built: Form = type("AmendForm", (Form,), fields)(data, initial=initial)
    return built


def hand_over_form(people: Iterable[Member], routes: Iterable[tuple[str, str]], data: Any) -> Form:
    """Whom it goes to: one colleague, or a team that the answers point to."""
    choices = [(f"route:{key}", f"The team behind “{name}”") for key, name in routes]
    choices += [(str(each.user_id), f"{each.display_name}, {partnership.agency(each.agency)}") for each in people]
    fields = {
        "to": radios("Who needs it?", choices, missing="Choose who needs it"),
        "reason": text("Why do they need it?", missing="Say why they need it"),
    }
    built: Form = type("HandOverForm", (Form,), fields)(data)
    return built


class StopForm(Form):
    reason = text(
        "Why does it stop here?", missing="Say why it stops here", hint="For example “they do not want to go on”"
    )
