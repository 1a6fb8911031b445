"""Every request gets its viewer, or none; a session nobody uses ends; a refusal becomes a page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from concord.desk.accounts import queries
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.kernel.errors import ConcordError, Refused
from concord.web.shared.errors import not_found
from concord.web.shared.leaving import sign_out
from concord.web.signin import second_factor

CAME = "came"
"""The session's note of when it began, as a number of seconds: whatever happens, it ends so many hours later."""


class Request(HttpRequest):
    """What views are given: Django's request with the viewer, or None where nobody is signed in."""

    viewer: Viewer | None
    request_id: str


def session_ends_at(request: HttpRequest) -> datetime | None:
    """When this session ends whatever happens; None where nobody is signed in."""
    came = request.session.get(CAME) if getattr(request, "viewer", None) else None
    hours = queries.sign_in().session.most_hours
    return None if came is None else datetime.fromtimestamp(came, UTC) + timedelta(hours=hours)


def viewer_of(request: HttpRequest) -> Viewer:
    """Who is looking. Raises NotAllowed where nobody is signed in; the guards of a view see to it first."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        raise NotAllowed("Nobody is signed in.", next_step="Sign in.")
    return viewer


class ViewerMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.request_id = uuid.uuid4().hex
        request.viewer = None
        if settings.CONCORD_DEMO and request.path.startswith("/account/"):
            # A demonstration has no passwords to set and no keys to add.
            return not_found(request)
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            # No text the database keeps holds this character, and no link of ours: it would be an error of the server.
            return not_found(request)
        if request.user.is_authenticated:
            ended = self._idle(request)
            if ended is not None:
                return ended
        user: Any = request.user
        if user.is_authenticated:
            waits = second_factor.asked_for(request)
            if isinstance(waits, HttpResponse):
                return waits
            try:
                if not waits:
                    request.viewer = queries.viewer_for(user, request_id=request.request_id)
            except NotAllowed:
                # Switched off since signing in: the session ends with the account.
                sign_out(request)
        response = self.get_response(request)
        if request.viewer is not None:
            # A page about a person must not stay in a shared computer's cache.
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: Request, problem: Exception) -> HttpResponse | None:
        return refusal(request, problem)

    def _idle(self, request: Request) -> HttpResponse | None:
        now, rule = timezone.now().timestamp(), queries.sign_in().session
        last, came = request.session.get("seen"), request.session.setdefault(CAME, now)
        words = ""
        if last is not None and now - last > rule.idle_minutes * 60:
            words = "You were signed out because nothing happened for a while."
        elif now - came > rule.most_hours * 3600:
            words = f"You were signed out because you had been signed in for {rule.most_hours} hours."
        if words:
            sign_out(request)
            if request.method == "POST":
                # What was written is kept until they sign in again: see `once`.
                return None
            messages.info(request, words)
            return HttpResponseRedirect(reverse("session-ended"))
        # Written at most once a minute: a session row is not a visit counter.
        if last is None or now - last > 60:
            request.session["seen"] = now
        return None


def refusal(request: HttpRequest, problem: Exception) -> HttpResponse | None:
    """The page for a problem a person can put right; None for a bug."""
    if isinstance(problem, NotHere):
        return not_found(request)
    if isinstance(problem, NotAllowed) and request.method in ("GET", "HEAD"):
        # What one may not open looks like what is not there.
        return not_found(request)
    if isinstance(problem, ConcordError):
        status = 403 if isinstance(problem, Refused) else 400
        return render(request, "shared/refused.html", {"problem": problem}, status=status)
    return None
