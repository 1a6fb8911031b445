"""What is filled in about a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from concord import codelists
from concord.web.people.presenters import ALIAS_KINDS, BASES, CORRECTED
from concord.web.referrals.steps import SEXES
from concord.web.shared import partnership
from concord.web.shared.forms import Form, day, long_text, radios, select, text


class ReasonForm(Form):
    reason = text(
        "Why do you need to open this record?",
        missing="Say why you need to open this record",
        hint="For example “preparing for Thursday’s MACE”. It is kept with your name and the time",
    )


class FindForm(Form):
    """Two of the four, one of them a name: less finds nobody."""

    given_name = text("First name", required=False, width="20", max_length=100)
    family_name = text("Last name", required=False, width="20", max_length=100)
    born_on = day("Date of birth", hint="For example 27 3 2011", required=False)
    postcode = text("Postcode", required=False, width="10", max_length=10)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        names = [given.get("given_name"), given.get("family_name")]
        filled = sum(bool(each) for each in (*names, given.get("born_on"), given.get("postcode")))
        if not self.errors and (filled < 2 or not any(names)):
            missing = "Enter a name and one thing more: another name, a date of birth or a postcode"
            self.add_error("family_name" if given.get("given_name") else "given_name", missing)
        return given


class NeedsForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    safe_contact = long_text(
        "How can they be reached safely?",
        hint="Say what must not be done, too. It is shown first, to everybody who may open the record",
        rows=3,
        required=False,
        max_length=500,
    )
    interpreter = text("Language of an interpreter", hint="Leave empty where none is needed", required=False)
    access_needs = long_text("What do they need to take part?", rows=3, required=False, max_length=500)


class AliasForm(Form):
    given_name = text("First name", required=False, max_length=100)
    family_name = text("Last name", required=False, max_length=100)
    kind = radios("What kind of name is it?", ALIAS_KINDS.items(), missing="Choose what kind of name it is")
    source = text("Who says so?", missing="Say who says so", hint="For example “police, custody record”")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("given_name") and not given.get("family_name"):
            self.add_error("given_name", "Enter the other name")
        return given


class MergeForm(Form):
    """Carries both versions, so that nothing a colleague changed meanwhile is overlooked."""

    kept_version = forms.IntegerField(widget=forms.HiddenInput)
    other_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = long_text("Why are they one person?", rows=3, missing="Say why they are one person")


class UnmergeForm(Form):
    reason = long_text("Why are they two people?", rows=3, missing="Say why they are two people")


def number(data: Any) -> Form:
    """An agency's own number. The agencies are the partnership's, so the form is made when it is asked for."""
    agencies = sorted(
        ((key, each.name) for key, each in partnership.current().agencies.items()), key=lambda one: one[1]
    )
    return _built(
        "NumberForm",
        {
            "scheme": select("Whose number is it?", agencies, missing="Choose whose number it is"),
            "value": text("The number", width="20", max_length=60, missing="Enter the number"),
        },
        data,
    )


def ethnicity(basis: str, data: Any, initial: dict[str, Any]) -> Form:
    entries = [(each.code, each.label) for each in codelists.get(BASES[basis][1])]
    asked = "How do they describe themselves?" if basis == "self_defined" else "What did the officer record?"
    said = "Who did they tell?" if basis == "self_defined" else "Which officer or service recorded it?"
    return _built(
        "EthnicityForm",
        {
            "version": forms.IntegerField(widget=forms.HiddenInput),
            "code": select(asked, entries, missing="Choose one of the list"),
            "source": text(said, missing="Say who says so", max_length=120),
        },
        data,
        initial,
    )


def correct(data: Any, initial: dict[str, Any], seen: frozenset[str]) -> Form:
    """Every field of the person that can be put right and that this viewer may see, and the reason."""
    fields: dict[str, Any] = {"version": forms.IntegerField(widget=forms.HiddenInput)}
    if "identifier" in seen:
        fields |= {
            "given_name": text(CORRECTED["given_name"], required=False, max_length=100),
            "family_name": text(CORRECTED["family_name"], missing="Enter the last name, or “Unknown”", max_length=100),
            "born_on": day(CORRECTED["born_on"], hint="For example 27 3 2011", required=False),
        }
    fields["sex"] = select(CORRECTED["sex"], SEXES, missing="Choose the sex, or “Not known”")
    if "precise_location" in seen:
        fields["postcode"] = text(CORRECTED["postcode"], required=False, width="10", max_length=10)
    fields["reason"] = long_text(
        "Why, and how do you know?",
        rows=3,
        missing="Say why, and how you know",
        hint="What it said before stays in the record, with this reason and your name",
        max_length=500,
    )
    return _built("CorrectForm", fields, data, initial)


def relate(one: str, other: str, choices: Iterable[tuple[str, str]], data: Any) -> Form:
    return _built(
        "RelateForm",
        {
            "kind": radios("What are they to each other?", choices, missing="Choose what they are to each other"),
            "source": text(
                "Who says so?",
                missing="Say who says so",
                hint="For example “mother, at the home visit”",
                max_length=120,
            ),
            "since": day("Since when?", hint="Leave empty if you do not know", required=False),
            "until": day("Until when?", hint="Only if it has ended", required=False),
        },
        data,
    )


class EndForm(Form):
    until = day("On which day did it end?", hint="For example 27 3 2026", missing="Enter the day it ended")
    reason = text("How do you know?", missing="Say how you know", max_length=200)


def as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _built(name: str, fields: dict[str, Any], data: Any, initial: dict[str, Any] | None = None) -> Form:
    made: Form = type(name, (Form,), fields)(data, initial=initial)
    return made
