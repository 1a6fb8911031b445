from __future__ import annotations

from uuid import UUID

from django import forms

from concord.desk.records.rules import REQUESTS
from concord.web.shared.forms import Form, day, long_text, radios, text


class HoldForm(Form):
    kind = radios(
        "What is held?",
        [("person", "A person, and all that is about them"), ("contact", "One contact"), ("item", "One panel case")],
        missing="Choose what is held",
    )
    reference = text(
        "Its reference", missing="Enter the reference", hint="The long one from “Who looked”, with its hyphens"
    )
    reason = text("Why?", missing="Say why", hint="For example “inquest opened 3 March 2026”")

    def clean_reference(self) -> UUID:
        try:
            return UUID(self.cleaned_data["reference"].strip())
        except ValueError:
            raise forms.ValidationError("Enter the whole reference, 36 characters with its hyphens") from None


class LiftForm(Form):
    reason = text("Why does the hold end?", missing="Say why the hold ends")


class RequestForm(Form):
    kind = radios("What do they ask for?", list(REQUESTS.items()), missing="Choose what they ask for")
    given_name = text("First name", missing="Enter the first name in full", width="20")
    family_name = text("Last name", missing="Enter the last name in full", width="20")
    born_on = day("Date of birth", hint="For example, 27 3 1990", missing="Enter the date of birth")
    identity = text(
        "How was their identity checked?",
        missing="Say how identity was checked",
        hint="For example “passport seen at the counter”",
    )
    received_on = day("When did the request come?", missing="Enter the day it came", hint="For example, 27 3 2026")


class AnswerForm(Form):
    note = long_text("How was it answered?", rows=4, missing="Say how it was answered")
