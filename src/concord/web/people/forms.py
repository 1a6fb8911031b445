"""What is filled in about a person."""

from __future__ import annotations

from typing import Any

from django import forms

from concord.web.people.presenters import ALIAS_KINDS
from concord.web.shared.forms import Form, day, long_text, radios, text


class ReasonForm(Form):
    reason = text(
        "Why do you need to open this record?",
        missing="Say why you need to open this record",
        hint="For example “preparing for Thursday’s MACE”. It is kept with your name and the time",
    )


class FindForm(Form):
    """Two of the four, one of them a name: less finds nobody."""

    given_name = text("First name", required=False, max_length=100)
    family_name = text("Last name", required=False, max_length=100)
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
