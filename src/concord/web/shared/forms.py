"""Django forms drawn with GOV.UK components: label, hint, error and value go where the design system puts them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField

from concord.desk.accounts.rules import ChangedMeanwhile
from concord.desk.instruments.rules import Wording
from concord.web.shared import reading_again

F = TypeVar("F", bound=forms.Field)


class Form(forms.Form):
    """A form whose messages are ours and whose fields carry no browser validation (errors come with a summary)."""

    use_required_attribute = False
    reads_again = True
    """Whether free text is looked through for words that blame somebody harmed before it is sent."""
    read_again: tuple[Wording, ...] = ()
    """What was found. While there is any, every page shows that instead of itself: see `shared/base.html`."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        keywords.setdefault("label_suffix", "")
        super().__init__(*args, **keywords)

    def is_valid(self) -> bool:
        """Also False while the writer is asked to read again, or goes back to change what they wrote."""
        if not super().is_valid():
            return False
        if self.data.get(reading_again.CHANGE):
            return False
        if self.reads_again and reading_again.wanted(self):
            self.read_again = reading_again.found(self)
        return not self.read_again


class Remembering(Form):
    """For a record without a version of its own: carries what stood in the form when it was opened, and refuses to
    replace what somebody else put there meanwhile. `by` and `at` say who did, where the record knows."""

    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, by: str = "", at: datetime | None = None, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        # A digest: what stood there may be nothing for an address bar, a log or a cache.
        stood = json.dumps({key: value for key, value in self.initial.items() if value}, sort_keys=True, default=str)
        self.stands = hashlib.sha256(f"{settings.SECRET_KEY}{stood}".encode()).hexdigest()[:24]
        self.initial = {**self.initial, "was": self.stands}
        self.changed = ChangedMeanwhile("record", by, at=at)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.pop("was", "") not in ("", self.stands):
            self.data = self.data.copy()
            self.data["was"] = self.stands
            raise forms.ValidationError(f"{self.changed.what} {self.changed.why} {self.changed.next_step}")
        return given


def text(
    label: str,
    *,
    hint: str = "",
    missing: str = "",
    width: str = "",
    max_length: int = 200,
    required: bool = True,
    autocomplete: str = "off",
) -> forms.CharField:
    """One line of text. `missing` is the message where it is required; `width` a GOV.UK width class suffix."""
    return _field(
        forms.CharField,
        label,
        hint,
        missing,
        required,
        max_length=max_length,
        widget=forms.TextInput(attrs={"width": width, "autocomplete": autocomplete}),
    )


def long_text(
    label: str, *, hint: str = "", missing: str = "", rows: int = 5, max_length: int = 4000, required: bool = True
) -> forms.CharField:
    return _field(
        forms.CharField,
        label,
        hint,
        missing,
        required,
        max_length=max_length,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def radios(
    label: str,
    choices: Iterable[tuple[str, str]],
    *,
    hint: str = "",
    missing: str = "",
    required: bool = True,
    hints: dict[str, str] | None = None,
    inline: bool = False,
) -> forms.ChoiceField:
    """One of a few. `hints` says more about a choice, by its value."""
    return _field(
        forms.ChoiceField,
        label,
        hint,
        missing,
        required,
        choices=list(choices),
        widget=forms.RadioSelect(attrs={"hints": hints or {}, "inline": inline}),
    )


def checkboxes(
    label: str,
    choices: Iterable[tuple[str, str]],
    *,
    hint: str = "",
    missing: str = "",
    required: bool = True,
    hints: dict[str, str] | None = None,
) -> forms.MultipleChoiceField:
    return _field(
        forms.MultipleChoiceField,
        label,
        hint,
        missing,
        required,
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple(attrs={"hints": hints or {}}),
    )


def select(
    label: str, choices: Iterable[tuple[str, str]], *, hint: str = "", missing: str = "", required: bool = True
) -> forms.ChoiceField:
    return _field(
        forms.ChoiceField, label, hint, missing, required, choices=[("", "Choose"), *choices], widget=forms.Select()
    )


def day(label: str, *, hint: str = "", missing: str = "", required: bool = True) -> DayField:
    return _field(DayField, label, hint, missing, required)


def _field(kind: type[F], label: str, hint: str, missing: str, required: bool, **more: Any) -> F:
    messages = {"required": missing or f"Enter {label[0].lower()}{label[1:]}"}
    if "choices" in more:
        messages["invalid_choice"] = "Choose one of the answers on this page"
    return kind(label=label, help_text=hint, required=required, error_messages=messages, **more)


class SeveralFiles(forms.ClearableFileInput):
    """A file field that takes more than one."""

    allow_multiple_selected = True


class DayWidget(forms.MultiWidget):
    """Day, month, year: three boxes, because people know dates by heart and pickers are slow."""

    parts = ("Day", "Month", "Year")

    def __init__(self) -> None:
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()])

    def decompress(self, value: date | None) -> list[str]:
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """A date typed as three numbers. An impossible one is refused in words."""

    def __init__(self, **keywords: Any) -> None:
        parts = [forms.CharField(required=False) for _ in range(3)]
        super().__init__(fields=parts, widget=DayWidget(), require_all_fields=False, **keywords)

    def compress(self, values: list[str]) -> date | None:
        if not any(values):
            return None
        try:
            day_, month, year = (int(value) for value in values)
            if year < 1900:
                raise ValueError(year)
            return date(year, month, day_)
        except ValueError:
            raise forms.ValidationError("Enter a real date, for example 27 3 2011") from None


def component(bound: BoundField, *, heading: bool = False) -> tuple[str, dict[str, Any]]:
    """The GOV.UK component for a bound field and its parameters. `heading`: the label is the page's heading."""
    widget, error = bound.field.widget, (bound.errors[0] if bound.errors else "")
    label: dict[str, Any] = {"text": bound.label, "classes": "govuk-label--l" if heading else "govuk-label--s"}
    legend: dict[str, Any] = {
        "text": bound.label,
        "classes": "govuk-fieldset__legend--l" if heading else "govuk-fieldset__legend--s",
        "isPageHeading": heading,
    }
    label["isPageHeading"] = heading
    identity = bound.id_for_label or bound.auto_id
    common: dict[str, Any] = {"id": identity, "name": bound.html_name}
    if bound.help_text:
        common["hint"] = {"text": bound.help_text}
    if error:
        common["errorMessage"] = {"text": error}
    if isinstance(widget, forms.Textarea):
        limit = getattr(bound.field, "max_length", None)
        return "character-count", {
            **common,
            "label": label,
            "value": bound.value() or "",
            "maxlength": limit,
            "threshold": "75",
            "rows": widget.attrs.get("rows", 5),
        }
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        chosen = bound.value()
        chosen = {str(item) for item in chosen} if isinstance(chosen, list | tuple) else {str(chosen)}
        items = [_item(widget, value, words, chosen) for value, words in _choices(bound)]
        kind = "checkboxes" if isinstance(widget, forms.CheckboxSelectMultiple) else "radios"
        classes = f"govuk-{kind}--inline" if widget.attrs.get("inline") else ""
        return kind, {
            **common,
            "idPrefix": bound.auto_id,
            "fieldset": {"legend": legend},
            "items": items,
            "classes": classes,
        }
    if isinstance(widget, forms.Select):
        items = [
            {"value": value, "text": words, "selected": str(bound.value() or "") == str(value)}
            for value, words in _choices(bound)
        ]
        return "select", {**common, "label": label, "items": items}
    if isinstance(widget, DayWidget):
        return "date-input", {
            **common,
            "id": bound.auto_id,
            "fieldset": {"legend": legend, "role": "group"},
            "items": _day_items(bound, bool(error)),
        }
    if isinstance(widget, forms.FileInput):
        # The browser's own field takes dropped files too; the component's script misnames its button for a reader.
        several = {"multiple": True, "classes": "concord-drop"} if widget.allow_multiple_selected else {}
        return "file-upload", {**common, "label": label, **several}
    width = widget.attrs.get("width")
    kind = "password" if isinstance(widget, forms.PasswordInput) else "text"
    return "input", {
        **common,
        "type": kind,
        "label": label,
        # What was typed as a password is never sent back.
        "value": "" if kind == "password" else bound.value() or "",
        "autocomplete": widget.attrs.get("autocomplete"),
        "spellcheck": False,
        "classes": f"govuk-input--width-{width}" if width else "",
    }


def _choices(bound: BoundField) -> list[tuple[Any, Any]]:
    return list(getattr(bound.field, "choices", ()))


def _item(widget: forms.Widget, value: Any, words: Any, chosen: set[str]) -> dict[str, Any]:
    hint = widget.attrs.get("hints", {}).get(value)
    item = {"value": value, "text": words, "checked": str(value) in chosen}
    return {**item, "hint": {"text": hint}} if hint else item


def _day_items(bound: BoundField, error: bool) -> list[dict[str, Any]]:
    value = bound.value()
    values = value if isinstance(value, list) else bound.field.widget.decompress(value)
    wrong = " govuk-input--error" if error else ""
    return [
        {
            "id": f"{bound.auto_id}_{index}",
            "name": f"{bound.html_name}_{index}",
            "label": words,
            "value": values[index] if index < len(values) else "",
            "classes": f"govuk-input--width-{width}{wrong}",
        }
        for index, (words, width) in enumerate(zip(bound.field.widget.parts, (2, 2, 4), strict=True))
    ]


def error_list(form: forms.Form) -> list[dict[str, str]]:
    """What is wrong, in page order, each pointing at the field to mend."""
    # What is wrong with the whole leads to where its mending begins.
    first = next((f"#{_target(bound)}" for bound in form if not bound.is_hidden), "")
    found = [{"text": str(message), **({"href": first} if first else {})} for message in form.non_field_errors()]
    found += [{"text": str(bound.errors[0]), "href": f"#{_target(bound)}"} for bound in form if bound.errors]
    return found


def _target(bound: BoundField) -> str:
    return f"{bound.auto_id}_0" if isinstance(bound.field.widget, DayWidget) else bound.auto_id
