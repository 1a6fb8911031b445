"""What the frame of every page needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from concord.desk.accounts import queries
from concord.desk.accounts.rules import Viewer
from concord.web.shared import middleware, navigation, partnership


@dataclass(frozen=True, slots=True)
class Page:
    partnership_name: str
    synthetic: bool
    phase: str
    viewer: Viewer | None
    viewer_does: str
    keep_for: str
    """Whose words a browser window may keep; tells nothing about who that is."""
    navigation: dict[str, Any]
    session_minutes: int
    session_warn_minutes: int
    session_ends_at: datetime | None
    """When the session ends whatever happens: work must be kept before it."""
    keeps_sessions: bool = False
    """Whether this person's phone may hold sessions that are not delivered yet."""


def page(request: HttpRequest) -> dict[str, Page]:
    viewer: Viewer | None = getattr(request, "viewer", None)
    home, session = partnership.current(), queries.sign_in().session
    return {
        "page": Page(
            partnership_name=home.name,
            synthetic=home.synthetic,
            phase="Demo" if settings.CONCORD_DEMO else "Pilot",
            viewer=viewer,
            viewer_does=_does(viewer) if viewer else "",
            keep_for=salted_hmac("typed words", viewer.user_id.hex).hexdigest()[:16] if viewer else "",
            navigation=navigation.service_navigation(viewer, request.path),
            session_minutes=session.idle_minutes,
            session_warn_minutes=session.warn_minutes,
            session_ends_at=middleware.session_ends_at(request),
            keeps_sessions=viewer is not None and queries.may(viewer, "session.write"),
        )
    }


def _does(viewer: Viewer) -> str:
    """“MACE chair, Police” : the hats somebody wears, so that they know which one they act in."""
    hats = [partnership.role(key) for key in sorted(viewer.roles)]
    seats = [seat.partition(":")[::2] for seat in sorted(viewer.forums)]
    if len(seats) > navigation.FEW_FORUMS:
        parts = sorted({part for _, part in seats})
        hats.append(f"{' and '.join(parts)} at {len({forum for forum, _ in seats})} forums".capitalize())
        seats = []
    for forum, part in seats:
        found = partnership.current().forums.get(forum)
        hats.append(f"{found.abbreviation if found else forum} {part}")
    return f"{', '.join(hats)} – {partnership.agency(viewer.agency)}" if hats else partnership.agency(viewer.agency)
