"""Words that put the blame on the person harmed, found in what somebody is about to send: a prompt, never a block.

Nothing of it is kept: what was written first is neither stored nor entered in the trail.
"""

from __future__ import annotations

from typing import Any

from django import forms

from concord.desk.instruments import queries
from concord.desk.instruments.rules import Wording, blaming

AS_IT_IS, CHANGE, LATER = "as_it_is", "change", "later"
SENTENCES = 200
"""A field that takes this many letters takes a sentence; shorter ones take names and numbers."""


def found(form: forms.Form) -> tuple[Wording, ...]:
    """Phrases in the free text of a valid form that its writer may want to put otherwise, in the list's order."""
    written = [
        str(form.cleaned_data.get(name) or "")
        for name, field in form.fields.items()
        if isinstance(field, forms.CharField) and _free(field)
    ]
    text = "\n".join(each for each in written if each)
    return blaming(text, queries.words()) if text else ()


def wanted(form: forms.Form) -> bool:
    """Whether the writer has not been asked yet: neither “send it as it is” nor “save for later” was pressed."""
    return not any(form.data.get(each) for each in (AS_IT_IS, LATER))


def carried(form: forms.Form) -> list[tuple[str, str]]:
    """Everything that was sent, so that the next press of a button sends it again."""
    lists: Any = form.data.lists() if hasattr(form.data, "lists") else ((key, [form.data[key]]) for key in form.data)
    left_out = {"csrfmiddlewaretoken", AS_IT_IS, CHANGE}
    return [(name, str(value)) for name, values in lists if name not in left_out for value in values]


def said(wording: Wording) -> str:
    """A phrase of the list as one reads it: a `*` stands for any ending."""
    return wording.phrase.replace("*", "…")


def _free(field: forms.CharField) -> bool:
    widget = field.widget
    if isinstance(widget, forms.HiddenInput | forms.PasswordInput):
        return False
    return isinstance(widget, forms.Textarea) or (field.max_length or 0) >= SENTENCES
