"""What coordinator, chair and members fill in. Choices come from the forum's file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from concord.desk.accounts.rules import Member
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum
from concord.web.shared import partnership
from concord.web.shared.forms import Form, checkboxes, day, long_text, radios, select, text


class PlanForm(Form):
    day = day("Which day?", missing="Enter the day of the meeting", hint="For example, 27 3 2026")
    time = text("What time does it start?", hint="For example, 14:00", missing="Enter the time it starts", width="5")
    place = text("Where?", hint="A room, or “video call”", missing="Say where it meets", max_length=120)

    def clean_time(self) -> dt.time:
        try:
            return dt.time.fromisoformat(self.cleaned_data["time"].replace(".", ":").zfill(5))
        except ValueError:
            raise forms.ValidationError("Enter a time like 14:00") from None

    def starts_at(self) -> dt.datetime:
        return dt.datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], LONDON)


class ResearchForm(Form):
    holds = radios(
        "What does your agency hold?",
        [("text", "Something that matters to this case"), ("nothing", "Nothing")],
        missing="Choose whether your agency holds anything",
    )
    text = long_text(
        "What you know, and what it means for the risk",
        required=False,
        rows=8,
        hint="Facts with their dates, then your view. Only what this case needs",
    )


class IntelligenceForm(ResearchForm):
    """For those whose role and organisation see intelligence."""

    intelligence = long_text(
        "Intelligence, kept apart",
        required=False,
        rows=4,
        hint="What you hold and cannot yet prove. Voluntary organisations and landlords never see it, nor that it was "
        "given. It is not in the minutes",
    )


class ConflictForm(Form):
    why = text("What is the conflict?", hint="A few words, for example “cousin”", missing="Say what the conflict is")


class Versioned(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


def listing(forum: Forum, data: Any, initial: Any) -> Form:
    kinds = [(each.key, each.name) for each in forum.item if each.subject == "person"]
    return _made(
        "ListForm",
        {
            "kind": radios("What kind of case is it?", kinds, missing="Choose what kind of case it is"),
            "reason": long_text(
                "Why is it heard?", rows=4, missing="Say why it is heard", hint="The members read this first"
            ),
        },
        data,
        initial,
    )


def decision(forum: Forum, data: Any, version: int) -> Form:
    return _made(
        "DecisionForm",
        {
            "outcome": radios(
                "What is decided?", [(each.key, each.name) for each in forum.outcome], missing="Choose what is decided"
            ),
            "reason": long_text(
                "Why?",
                rows=5,
                missing="Give the reason for the decision",
                hint="The risk as it stands, and what tipped the balance",
            ),
        },
        data,
        {"version": version},
        Versioned,
    )


def action(members: tuple[Member, ...], data: Any) -> Form:
    sits = sorted({each.agency for each in members}, key=partnership.agency)
    return _made(
        "ActionForm",
        {
            "text": long_text(
                "What is to be done?",
                rows=3,
                max_length=500,
                missing="Say what is to be done",
                hint="One thing, so that it can be said whether it was done",
            ),
            "agency": select(
                "Which agency does it?",
                [(key, partnership.agency(key)) for key in sits],
                missing="Choose the agency that does it",
            ),
            "due_on": day("By when?", missing="Enter the day it is due", hint="For example, 27 3 2026"),
        },
        data,
        None,
    )


def attendance(members: tuple[Member, ...], data: Any, initial: Any) -> Form:
    names = {str(each.user_id): f"{each.display_name}, {partnership.agency(each.agency)}" for each in members}
    return _made(
        "AttendanceForm",
        {
            "here": checkboxes(
                "Who is here, and has signed the confidentiality statement?",
                list(names.items()),
                required=False,
                hint="Only they count towards quorum. Leave out who is not here",
            ),
        },
        data,
        initial,
    )


def _made(name: str, fields: dict[str, Any], data: Any, initial: Any, base: type[Form] = Form) -> Form:
    built: Form = type(name, (base,), fields)(data, initial=initial)
    return built
