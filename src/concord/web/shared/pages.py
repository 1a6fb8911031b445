"""Lists in pages of fifty; the page is in the address."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest


def number(request: HttpRequest) -> int:
    """The page asked for; 1 where the address says nothing sensible."""
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1


def after(request: HttpRequest) -> tuple[datetime, UUID] | None:
    """The last line of the page before, where a list goes on from there; None where the address says nothing sensible.

    A list that grows while somebody pages through it skips and repeats nothing, and its last page is as fast as any.
    """
    when, _, identifier = request.GET.get("after", "").partition("_")
    try:
        moment = datetime.fromisoformat(when)
        return (moment, UUID(identifier)) if moment.tzinfo is not None else None
    except ValueError:
        return None


def following(when: datetime, identifier: UUID) -> str:
    """What the address of the next page says, for a page whose last line is this one."""
    return urlencode({"after": f"{when.isoformat()}_{identifier}"})
