"""Lists in pages of fifty; the page is in the address."""

from __future__ import annotations

from django.http import HttpRequest


def number(request: HttpRequest) -> int:
    """The page asked for; 1 where the address says nothing sensible."""
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
