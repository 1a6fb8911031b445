"""What the frame of every page needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.web.shared import middleware, navigation, partnership


@dataclass(frozen=True, slots=True)
class Page:
    partnership_name: str
    synthetic: bool
    phase: str
    viewer: Viewer | None
    viewer_does: str
    navigation: dict[str, Any]
    session_minutes: int = middleware.SESSION_MINUTES
    session_warn_minutes: int = middleware.WARN_MINUTES
    keeps_sessions: bool = False
    """Whether this person's phone may hold sessions that are not delivered yet."""


def page(request: HttpRequest) -> dict[str, Page]:
    viewer: Viewer | None = getattr(request, "viewer", None)
    home = partnership.current()
    return {
        "page": Page(
            partnership_name=home.name,
            synthetic=home.synthetic,
            phase="Demo" if settings.CONCORD_DEMO else "Pilot",
            viewer=viewer,
            viewer_does=_does(viewer) if viewer else "",
            navigation=navigation.service_navigation(viewer, request.path),
            keeps_sessions=viewer is not None and accounts.may(viewer, "session.write"),
        )
    }


def _does(viewer: Viewer) -> str:
    """“MACE chair, Police” : the hats somebody wears, so that they know which one they act in."""
    hats = [partnership.role(key) for key in sorted(viewer.roles)]
    for seat in sorted(viewer.forums):
        forum, _, part = seat.partition(":")
        found = partnership.current().forums.get(forum)
        hats.append(f"{found.abbreviation if found else forum} {part}")
    return f"{', '.join(hats)} – {partnership.agency(viewer.agency)}" if hats else partnership.agency(viewer.agency)
