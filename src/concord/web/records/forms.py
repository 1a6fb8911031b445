from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from concord.desk.records import queries
from concord.desk.records.rules import CORRECTED, REQUESTS, VERDICTS, EntryAbout, Passage
from concord.kernel.working_time import LONDON
from concord.web.referrals.steps import SEXES
from concord.web.shared.forms import Form, day, long_text, radios, select, text


class HoldForm(Form):
    kind = radios(
        "What is held?",
        [
            ("person", "A person, and all that is about them"),
            ("contact", "One contact"),
            ("item", "One panel case"),
            ("assessment", "One assessment"),
        ],
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
    outcome = radios(
        "What became of it?",
        [("answered", "Answered"), ("refused", "Refused")],
        missing="Choose whether it was answered or refused",
        hints={"refused": "Manifestly unfounded or excessive, or the law lets you. Tell them why, and how to complain"},
    )
    note = long_text("How was it answered?", rows=4, missing="Say how it was answered")


class ExtendForm(Form):
    why = long_text(
        "Why is more time needed?",
        rows=3,
        missing="Say why more time is needed",
        hint="Only where the request is complex or one of many. Tell the person within the first month",
    )


class CorrectForm(Form):
    field = radios("What is wrong?", list(CORRECTED.items()), missing="Choose what is wrong")
    after = text("What should it be?", required=False, hint="A date of birth like 14 3 2011; the sex in a word")
    reason = text("What shows it?", missing="Say what shows it", hint="For example “birth certificate seen”")

    def clean(self) -> dict[str, Any]:
        """What was typed, as the register keeps it. What is neither a date nor a known word is refused there."""
        given: dict[str, Any] = super().clean() or {}
        field, after = given.get("field"), (given.get("after") or "").strip()
        if field == "born_on":
            for shape in ("%d %m %Y", "%d/%m/%Y", "%d %B %Y"):
                with suppress(ValueError):
                    after = datetime.strptime(after, shape).replace(tzinfo=LONDON).date().isoformat()
                    break
        elif field == "sex":
            after = {name.casefold(): key for key, name in SEXES}.get(after.casefold(), after)
        return given | {"after": after}


def restriction(entries: Iterable[EntryAbout], data: Any) -> Form:
    """What is restricted: the whole record, or one entry of a register."""
    one = [(str(each.entry_id), f"{each.name}: {each.title}, {each.dated_on:%-d %B %Y}") for each in entries]
    fields = {
        "what": radios(
            "What is restricted?",
            [("whole", "The whole record, and every entry of a register about them"), *one],
            missing="Choose what is restricted",
        ),
        "ground": radios(
            "On what ground?", list(queries.restriction_grounds().items()), missing="Choose on what ground"
        ),
        "reason": long_text("Why does the ground apply?", rows=3, missing="Say why the ground applies"),
    }
    built: Form = type("RestrictForm", (Form,), fields)(data)
    return built


class LiftUseForm(Form):
    why = long_text(
        "Why does it end, and when was the person told?",
        rows=3,
        missing="Say why it ends, and when the person was told",
        hint="They are told before their data are used again",
    )


def passage(found: Passage, data: Any) -> Form:
    fields = {
        "outcome": radios(
            "Do they get it?",
            [("give", "Yes, in the words below"), ("withhold", "No, it is withheld")],
            missing="Choose whether they get it",
        ),
        "text": long_text(
            "What they get",
            rows=8,
            max_length=20000,
            required=False,
            hint="Other people and ways to reach anybody are blacked out for you. Read it all the same",
        ),
        "exemption": select(
            "On what ground is it withheld?", sorted(queries.exemptions().items()), required=False, missing="Choose it"
        ),
        "why": text("Why does the ground apply?", required=False),
    }
    start = {
        "outcome": "withhold" if found.exemption else "give" if found.given else "",
        "text": found.given or found.proposed,
        "exemption": found.exemption,
        "why": found.why,
    }
    built: Form = type("PassageForm", (Form,), fields)(data, initial=start)
    return built


class AccessForm(Form):
    verdict = radios("Do they keep it?", list(VERDICTS.items()), missing="Choose whether they keep it")
    why = text("Why does it end?", required=False, hint="An administrator reads this and takes it away")
