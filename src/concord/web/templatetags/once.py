"""`{% csrf_token %}` as it is everywhere, and beside it the token by which a form is done once."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from concord.web.shared import once

register = template.Library()


@register.simple_tag(takes_context=True, name="csrf_token")
def tokens(context: template.Context) -> SafeString:
    """Both hidden fields. A page made without a request has neither."""
    ours: Any = context.get("request")
    theirs = CsrfTokenNode().render(context)
    return (
        theirs + format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, once.token(ours))
        if ours
        else theirs
    )
