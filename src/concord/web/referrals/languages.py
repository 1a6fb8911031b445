"""Forms that need no account, in the languages of the partnership. Which one is in the address: no cookie is needed."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from concord.strategy.shapes.phrases import Phrases
from concord.web.shared import partnership
from concord.web.shared.forms import DayWidget, Form

ANSWER = "Answer this question"
"""Instead of a message that has no phrase of its own in a language."""


def chosen(request: HttpRequest) -> Phrases | None:
    """The language the address asks for, None for English and for one that the partnership does not have."""
    home, wanted = partnership.current(), request.GET.get("lang", "")
    return home.phrases.get(wanted) if wanted in home.languages else None


def offered() -> list[Phrases]:
    """The languages beside English that the partnership has words of forms in."""
    home = partnership.current()
    return [home.phrases[key] for key in home.languages if key in home.phrases and home.phrases[key].forms]


def put(form: Form, tongue: Phrases | None) -> Form:
    """The form with its labels, hints, choices and messages in that language; what has no phrase stays English."""
    if tongue is None:
        return form

    def say(text: object) -> str:
        return tongue.forms.get(str(text), str(text))

    form.problem = say("There is a problem")
    for field in form.fields.values():
        field.label, field.help_text = say(field.label or ""), say(field.help_text)
        asked = {} if str(field.error_messages["required"]) in tongue.forms else {"required": ANSWER}
        field.error_messages = {key: say(words) for key, words in (field.error_messages | asked).items()}
        if isinstance(field, forms.ChoiceField):
            field.choices = [(value, say(words)) for value, words in field.choices]
        if isinstance(field.widget, DayWidget):
            field.widget.parts = (say("Day"), say("Month"), say("Year"))
    return form
