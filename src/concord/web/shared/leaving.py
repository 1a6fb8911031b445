"""Signing out. What somebody saved as a draft stays in the browser's session, sealed, for them alone."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest

KEPT = "drafts"


def sign_out(request: HttpRequest) -> None:
    """Ends the session and starts an empty one that carries nothing over but sealed drafts."""
    drafts = request.session.get(KEPT)
    logout(request)
    if drafts:
        request.session[KEPT] = drafts
