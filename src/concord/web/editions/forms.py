"""The forms of an edition's screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import forms

from concord.strategy.shapes.publication import Parameter
from concord.web.shared.forms import Form, long_text, radios, select, text

FEW = 8


class TextForm(Form):
    """A section's narrative. `base` is the version that it was opened at."""

    text = long_text("Narrative", rows=18, max_length=20_000, required=False)
    base = forms.IntegerField(widget=forms.HiddenInput)


class CommentForm(Form):
    text = long_text("What should be different?", missing="Write what should be different", rows=4)


class AnswerForm(Form):
    answer = long_text("What became of it?", missing="Write what became of the comment", rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(Form):
    reason = long_text("Why?", missing="Give a reason", rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)


def reason_form(question: str, hint: str, data: Mapping[str, object] | None, version: int) -> Form:
    """One reason, asked for in the words of the step it belongs to."""
    form = ReasonForm(data, initial={"version": version})
    form.fields["reason"].label, form.fields["reason"].help_text = question, hint
    return form


def publication_form(choices: Iterable[tuple[str, str]], data: Mapping[str, object] | None) -> Form:
    choices = list(choices)
    question = (radios if len(choices) <= FEW else select)("Which publication?", choices, missing="Choose one")
    return type("PublicationForm", (Form,), {"publication": question})(data)


def begin_form(
    parameters: Mapping[str, tuple[Parameter, Mapping[str, str]]], data: Mapping[str, object] | None
) -> Form:
    """The edition's name, and what its publication has to be told. `parameters` come with what each may be."""
    fields: dict[str, forms.Field] = {
        "name": text(
            "What is this edition called?",
            hint="For example the year it is about: 2026",
            missing="Give the edition a name",
            width="10",
            max_length=60,
        )
    }
    for key, (each, valid) in parameters.items():
        label = f"{key.replace('_', ' ').capitalize()}"
        if valid:
            fields[key] = select(label, valid.items(), hint=each.says, required=each.required)
        else:
            fields[key] = text(label, hint=each.says, width="20", required=each.required)
    return type("BeginForm", (Form,), fields)(data)


def screening_form(grounds: Mapping[str, str], data: Mapping[str, object] | None, initial: Mapping[str, str]) -> Form:
    """One passage or figure, one decision."""
    choices = [("publish", "Everybody may read it"), *((key, f"Keep it back. {said}") for key, said in grounds.items())]
    fields = {
        "decision": radios("May this be published?", choices, missing="Choose one"),
        "reason": long_text(
            "Why?",
            hint="What would happen if everybody read it, or why they may now. Kept on record, never published.",
            missing="Give a reason",
            rows=3,
        ),
    }
    return type("ScreeningForm", (Form,), fields)(data, initial=initial)


def decision_form(data: Mapping[str, object] | None, version: int) -> Form:
    """The approver's decision about an edition."""
    fields = {
        "decision": radios(
            "What is your decision?",
            [("approve", "Approve it"), ("change", "Send it back to be changed")],
            missing="Choose one",
            hints={
                "approve": "Its figures are let out at once, all of them or none. It is published in the next step.",
                "change": "The analyst reads your reason and settles it again.",
            },
        ),
        "reason": long_text("Why?", hint="What you looked at, or what has to change.", missing="Give a reason", rows=3),
        "version": forms.IntegerField(widget=forms.HiddenInput),
    }
    return type("DecisionForm", (Form,), fields)(data, initial={"version": version})
