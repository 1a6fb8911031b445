"""`{% govuk %}`, `{% field %}`, `{% errors %}` and the filters that put time and counts into words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import Form
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from concord.kernel.working_time import LONDON
from concord.strategy.shapes.phrases import Phrases
from concord.web.shared import components, forms, reading_again, words

register = template.Library()


@register.simple_tag
def govuk(component: str, parameters: dict[str, Any] | None = None, **more: Any) -> SafeString:
    """`{% govuk "button" text="Continue" %}`, or with a dictionary of the component's own parameters."""
    return components.render(component, {**(parameters or {}), **more})


@register.simple_tag
def field(bound: BoundField, heading: bool = False) -> SafeString:
    component, parameters = forms.component(bound, heading=heading)
    return components.render(component, parameters)


@register.simple_tag
def errors(form: Form | str | None) -> SafeString | str:
    """The summary at the top of the page, where the script puts the focus."""
    # A page without a form gives an empty string.
    if not isinstance(form, Form) or not form.is_bound or not form.errors:
        return ""
    title = getattr(form, "problem", "There is a problem")
    return components.render("error-summary", {"titleText": title, "errorList": forms.error_list(form)})


@register.inclusion_tag("shared/read_again.html", takes_context=True)
def read_again(context: dict[str, Any], form: forms.Form) -> dict[str, Any]:
    """The card that asks a writer to read again what they wrote about somebody harmed."""
    phrases = [
        {"phrase": reading_again.said(each), "instead": each.instead, "why": each.why} for each in form.read_again
    ]
    carried = reading_again.carried(form)
    return {"read_again": phrases, "carried": carried, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def status(text: str, kind: str = "grey") -> SafeString:
    """A status as word and shape: red, amber, green, done or grey."""
    return format_html('<strong class="concord-status concord-status--{}">{}</strong>', kind, text)


@register.filter
def said(text: str, tongue: Phrases | None) -> str:
    """A sentence of a form in another language; English where that language has none for it, or where none is asked."""
    return tongue.forms.get(text, text) if tongue else text


@register.filter
def when(value: datetime | None) -> str:
    return words.moment(value, timezone.now()) if value else ""


@register.filter
def due(value: datetime | date | None) -> str:
    """A deadline. A bare date is due at the end of its day, so only the day is said."""
    if isinstance(value, datetime):
        return words.due(value, timezone.now())
    if value is None:
        return "no date"
    today = timezone.now().astimezone(LONDON).date()
    late = (today - value).days
    return f"{words.day(value, today)}, {words.counted(late, 'day')} overdue" if late > 0 else words.day(value, today)


@register.filter
def ago(value: datetime | None) -> str:
    return words.away(value, timezone.now()) if value else ""


@register.filter
def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    now = timezone.now().astimezone(LONDON)
    return words.day(value.astimezone(LONDON).date() if isinstance(value, datetime) else value, now.date())


@register.filter
def full_day(value: date | datetime | None) -> str:
    """A date with its year: for records, where “today” would not age well."""
    if value is None:
        return ""
    local = value.astimezone(LONDON) if isinstance(value, datetime) else value
    return f"{local.day} {local:%B %Y}"


@register.filter
def working(value: timedelta | None) -> str:
    return words.working_time(value) if value is not None else ""


@register.filter
def counted(count: int, noun: str) -> str:
    """`{{ n|counted:"action" }}`; an irregular plural follows a comma: `"agency,agencies"`."""
    singular, _, plural = noun.partition(",")
    return words.counted(count, singular, plural or None)


@register.filter
def listed(items: Any) -> str:
    return words.listed([str(item) for item in items])
