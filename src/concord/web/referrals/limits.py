"""How often one connection may try. No address is kept: a count under a mark that nothing can be worked back from, in
memory, for an hour."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import defaultdict

from django.http import HttpRequest

HOUR = 3600
_salt = secrets.token_bytes(32)
_tries: dict[tuple[str, str], list[float]] = defaultdict(list)


def too_many(request: HttpRequest, what: str, most: int, *, now: float | None = None) -> bool:
    """Counts this try, and says whether it is one too many within the hour."""
    at = time.monotonic() if now is None else now
    address = str(request.META.get("REMOTE_ADDR", ""))
    key = (what, hmac.new(_salt, address.encode(), "sha256").hexdigest())
    recent = [each for each in _tries[key] if at - each < HOUR]
    # Beyond the limit tries are not counted, so that the list stays short and the hour ends.
    _tries[key] = recent if len(recent) >= most else [*recent, at]
    if len(_tries) > 10_000:
        for old in [key for key, times in _tries.items() if not times or at - times[-1] >= HOUR]:
            del _tries[old]
    return len(recent) >= most


def forget() -> None:
    """Start counting afresh."""
    _tries.clear()
