"""A register's form, built from its file: one field of the page for one field of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms

from concord.desk.people.rules import Candidate, Details
from concord.desk.records.rules import EntryAbout
from concord.desk.registers.rules import LONGEST, Entry, NotEntered
from concord.strategy.shapes.kept import Field, KeptRegister
from concord.web.shared.forms import Form, checkboxes, day, long_text, radios, select, text

FEW = 8
"""Up to this many choices stand open on the page; more fold into a list."""
NEW = "new"
WHO = ("given_name", "family_name", "born_on")


class CloseForm(Form):
    """Built for one register by `closing`."""


def closing(of: KeptRegister, version: int, data: Any) -> Form:
    fields = {
        "outcome": radios("How did it end?", list(of.closing.items()), missing="Choose how it ended"),
        "note": long_text("What came of it?", rows=3, missing="Say what came of it"),
        "version": forms.IntegerField(widget=forms.HiddenInput),
    }
    return _built("CloseForm", fields, data, {"version": version})


class AgainForm(Form):
    reason = long_text("Why is it opened again?", rows=3, missing="Say why it is opened again")
    version = forms.IntegerField(widget=forms.HiddenInput)


def adding(of: KeptRegister, options: Mapping[str, Mapping[str, str]], agencies: Mapping[str, str], agency: str,
           found: Iterable[Candidate], data: Any) -> Form:  # fmt: skip
    """A new entry. `found` are people on record whom the details typed before may mean."""
    fields: dict[str, Any] = {"entry_id": forms.UUIDField(widget=forms.HiddenInput)}
    if of.about is not None:
        fields |= _who(of, list(found))
    fields |= _frame(of, agencies) | {_name(each): _field(each, options.get(each.key, {})) for each in of.field}
    return _built("AddForm", fields, data, {"entry_id": uuid4(), "agency": agency})


def correcting(
    of: KeptRegister,
    options: Mapping[str, Mapping[str, str]],
    agencies: Mapping[str, str],
    held: Entry,
    data: Any,
) -> Form:
    """An entry as it stands, to be put right. The person it is about is corrected in the person's own record."""
    fields: dict[str, Any] = _frame(of, agencies)
    fields |= {_name(each): _field(each, options.get(each.key, {})) for each in of.field}
    fields["reason"] = text("Why is it changed?", missing="Say why it is changed", hint="It stands in the history")
    fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
    line = held.line
    initial: dict[str, Any] = {
        "title": line.title, "agency": line.agency, "dated_on": line.dated_on, "due_on": line.due_on,
        "version": held.version,
    }  # fmt: skip
    return _built("CorrectForm", fields, data, initial | _held(of, held.raw))


def putting_right(of: KeptRegister, options: Mapping[str, Mapping[str, str]], held: EntryAbout, data: Any) -> Form:
    """An entry for whoever answers the person it is about: what it says, and never who owns it."""
    fields = {name: field for name, field in _frame(of, {}).items() if name != "agency"}
    fields |= {_name(each): _field(each, options.get(each.key, {})) for each in of.field}
    fields["reason"] = text("What shows it?", missing="Say what shows it", hint="For example “court order seen”")
    fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
    initial: dict[str, Any] = {
        "title": held.title, "dated_on": held.dated_on, "due_on": held.due_on, "version": held.version,
    }  # fmt: skip
    return _built("PutRightForm", fields, data, initial | _held(of, held.values))


def given(of: KeptRegister, form: Form) -> dict[str, object]:
    """What the form says of the register's own fields."""
    return {each.key: form.cleaned_data[_name(each)] for each in of.field if _name(each) in form.cleaned_data}


def who(of: KeptRegister, form: Form) -> Details | UUID | None:
    """Whom a new entry is about: somebody chosen, or the details typed."""
    if of.about is None:
        return None
    said = form.cleaned_data
    if said.get("person") and said["person"] != NEW:
        return UUID(said["person"])
    return Details(said["given_name"], said["family_name"], said["born_on"])


def put(form: Form, refusal: NotEntered, of: KeptRegister) -> None:
    """A refusal's messages, each by its field."""
    names = {each.key: _name(each) for each in of.field}
    for key, message in refusal.fields.items():
        name = names.get(key, key)
        form.add_error(name if name in form.fields else None, message)


def _who(of: KeptRegister, found: list[Candidate]) -> dict[str, Any]:
    role = of.about.role if of.about else ""
    fields: dict[str, Any] = {
        "given_name": text(f"{role}: first name", missing="Enter the first name", width="20"),
        "family_name": text(f"{role}: last name", missing="Enter the last name", width="20"),
        "born_on": day(f"{role}: date of birth", hint="For example, 27 3 1990", missing="Enter the date of birth"),
    }
    if found:
        people = [(str(each.person_id), f"{each.name}, born {each.born_on:%-d %B %Y}" if each.born_on else each.name)
                  for each in found]  # fmt: skip
        fields["person"] = radios(
            "Is it one of these people on record?",
            [*people, (NEW, "No, somebody not on record")],
            missing="Say whether it is one of these people",
        )
    return fields


def _frame(of: KeptRegister, agencies: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": text(of.title, hint=of.title_hint, missing=f"Fill in “{of.title}”"),
        "dated_on": day(of.dated, hint="For example, 27 3 2026", missing=f"Fill in “{of.dated}”"),
    }
    if of.due:
        fields["due_on"] = day(of.due, required=False, hint="From this day on it is overdue. Leave empty if none")
    fields["agency"] = select("Owner", agencies.items(), missing="Choose who owns it")
    return fields


def _held(of: KeptRegister, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says, by the fields of its form."""
    kept = ((each, values.get(each.key)) for each in of.field)
    return {_name(each): date.fromisoformat(was) if was and each.type == "day" else was for each, was in kept}


def _name(of: Field) -> str:
    return f"f_{of.key}"


def _field(of: Field, options: Mapping[str, str]) -> forms.Field:
    label, more = of.name, {"hint": of.hint, "required": of.required}
    # A field's name is no sentence: “Enter made on” would be none either.
    missing = f"Fill in “{label}”" if of.required else ""
    optional = "" if of.required else " (optional)"
    if of.type == "long_text":
        return long_text(label + optional, rows=4, max_length=LONGEST["long_text"], missing=missing, **more)
    if of.type == "day":
        return day(label + optional, missing=missing, **more)
    if of.type == "yes_no":
        return radios(
            label + optional,
            [("yes", "Yes"), ("no", "No")],
            inline=True,
            missing=missing and f"Choose “{label}”",
            **more,
        )
    if of.type == "choices":
        return checkboxes(label + optional, list(options.items()), missing=missing and f"Choose “{label}”", **more)
    if of.type in ("choice", "coded", "listed"):
        made = radios if len(options) <= FEW and of.required else select
        return made(label + optional, list(options.items()), missing=f"Choose “{label}”" if of.required else "", **more)
    width = "10" if of.type in ("number", "money") else ""
    return text(label + optional, width=width, max_length=LONGEST["text"], missing=missing, **more)


def _built(name: str, fields: dict[str, Any], data: Any, initial: dict[str, Any]) -> Form:
    built: Form = type(name, (Form,), fields)(data, initial=initial)
    return built
