"""GOV.UK components from HM Land Registry's macros, so that no markup is copied by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader


@cache
def _environment() -> Environment:
    # Autoescape is on for everything: a component's `text` is escaped, only its `html` is trusted.
    return Environment(
        autoescape=True,
        undefined=ChainableUndefined,
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    )


@cache
def _macro(component: str) -> Any:
    name = "govuk" + "".join(part.title() for part in component.split("-"))
    template = _environment().get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
    return getattr(template.module, name)


def render(component: str, parameters: dict[str, Any]) -> SafeString:
    """The component's markup. `parameters` are those of the design system's macro (`text`, `html`, `items`, ...)."""
    return mark_safe(str(_macro(component)(parameters)))  # noqa: S308 - the macros escape every text they are given
