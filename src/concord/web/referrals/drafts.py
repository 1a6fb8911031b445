"""A referral begun and not yet sent. It waits in the session, sealed, for the one who began it.

Sealed, because a session row is not a casework table: no policy guards it. It ends with the session.
"""

from __future__ import annotations

from typing import Any

from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.sealing import opened, seal

KEY, USE = "drafts", "referral drafts"
SUGGESTED, ENCLOSED = "suggested", "enclosed"
"""What another page knows already, filled in where a page was not answered yet; the assessment that goes with it."""

Draft = dict[str, dict[str, Any]]
"""Answers by step, as they were typed."""


def load(request: Request, pathway: str) -> Draft:
    """This person's draft for the pathway; empty where there is none, or none that this key opens."""
    return _all(request).get(pathway, {})


def begun(request: Request) -> list[str]:
    """Pathways for which this person has a draft."""
    return sorted(_all(request))


def keep(request: Request, pathway: str, step: str, answers: dict[str, Any]) -> None:
    found = _all(request)
    found.setdefault(pathway, {})[step] = answers
    _write(request, found)


def discard(request: Request, pathway: str) -> None:
    found = _all(request)
    found.pop(pathway, None)
    _write(request, found)


def _all(request: Request) -> dict[str, Draft]:
    sealed = request.session.get(KEY, {}).get(str(viewer_of(request).user_id))
    if not sealed:
        return {}
    found: dict[str, Draft] = opened(sealed, use=USE) or {}
    return found


def _write(request: Request, found: dict[str, Draft]) -> None:
    held = dict(request.session.get(KEY, {}))
    if found:
        held[str(viewer_of(request).user_id)] = seal(found, use=USE)
    else:
        held.pop(str(viewer_of(request).user_id), None)
    request.session[KEY] = held
