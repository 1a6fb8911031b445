"""What is filled in about a place, a group of peers or an online space."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from concord.desk.referrals.rules import SubjectLine
from concord.web.shared import partnership
from concord.web.shared.forms import Form, day, long_text, radios, select, text

KINDS = {"place": "Place", "group": "Group of peers", "online": "Online space"}
RESULTS = (("better", "Better"), ("same", "No change"), ("worse", "Worse"))
LINKS = (
    ("member", "Belongs to it"),
    ("harmed", "Was harmed there, or by it"),
    ("harming", "Is said to cause harm there"),
    ("seen", "Was seen there"),
)


def plan(data: Any) -> Form:
    return _built(
        "PlanForm",
        {
            "aim": long_text("What is to change?", rows=3, missing="Say what is to change"),
            "agency": select("Who sees to it?", _agencies(), missing="Choose who sees to it"),
            "review_on": day("When is it looked at again?", missing="Enter when it is looked at again"),
        },
        data,
    )


def step(data: Any) -> Form:
    return _built(
        "StepForm",
        {
            "text": text("What is to be done?", missing="Say what is to be done", max_length=300),
            "agency": select("Who does it?", _agencies(), missing="Choose who does it"),
            "due_on": day("By when?", missing="Enter by when"),
        },
        data,
    )


def link(known: Iterable[SubjectLine], version: int, data: Any) -> Form:
    choices = [(str(each.subject_id), f"{each.name} ({KINDS[each.kind].lower()})") for each in known]
    fields = {
        "version": forms.IntegerField(widget=forms.HiddenInput),
        "subject": select("Which is it?", choices, missing="Choose which it is"),
        "role": radios("How do they hang together?", LINKS, missing="Choose how they hang together"),
        "source": text("Who says so?", missing="Say who says so", hint="For example “youth workers, 3 October”"),
    }
    return _built("LinkForm", fields, data, {"version": version})


class ResultForm(Form):
    result = radios("What came of it?", RESULTS, missing="Choose what came of it")
    note = long_text("What shows it?", rows=3, missing="Say what shows it")


class StepEndForm(Form):
    status = radios("Was it done?", (("done", "Done"), ("not_done", "Not done")), missing="Choose whether it was done")
    note = text("What was done, or why not?", missing="Say what was done, or why not", max_length=300)


class LocateForm(Form):
    where = text("Where is it, in words?", required=False)
    latitude = forms.FloatField(
        label="Latitude", required=False, help_text="For example 51.512", error_messages={"invalid": "Enter a number"}
    )
    longitude = forms.FloatField(
        label="Longitude", required=False, help_text="For example -0.031", error_messages={"invalid": "Enter a number"}
    )


class UnlinkForm(Form):
    reason = text("Why does it hold no longer?", missing="Say why it holds no longer")


def _agencies() -> list[tuple[str, str]]:
    return sorted(((key, each.name) for key, each in partnership.current().agencies.items()), key=lambda one: one[1])


def _built(name: str, fields: dict[str, Any], data: Any, initial: dict[str, Any] | None = None) -> Form:
    made: Form = type(name, (Form,), fields)(data, initial=initial)
    return made
