"""The partnership this installation serves, read once per process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from concord import strategy
from concord.strategy.loader import Partnership


@cache
def current() -> Partnership:
    """Raises BadInput where the folder does not load; `concord serve` refuses to start before a page would."""
    return strategy.load(settings.CONCORD_PARTNERSHIP)


def agency_name(key: str) -> str:
    agency = current().agencies.get(key)
    return agency.name if agency else key.replace("_", " ").capitalize()
