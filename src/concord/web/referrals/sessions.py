"""Patrol and outreach sessions: a page that works without a signal, and the door it delivers through."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.referrals import operations, queries
from concord.desk.referrals.rules import NotThatWay, SessionEntry
from concord.kernel.errors import ConcordError
from concord.kernel.working_time import LONDON
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, long_text, radios, text
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

KINDS = (("patrol", "Patrol"), ("outreach", "Detached youth work or outreach"))
SAID = {
    "stored": "Delivered.",
    "again": "Delivered before.",
    "conflict": "Another version of this session was delivered before. That one stays: nothing was overwritten.",
}
LONGEST_BODY = 8192
MORNING = 6
"""Until this hour a time still to come is last evening's: a late shift writes up what it did before midnight."""
MENDED = (
    ("place", "Where?"),
    ("started", "Started"),
    ("ended", "Ended"),
    ("contacts", "People spoken with"),
)
"""What can be put right of a session that was refused, on the phone that keeps it."""
PLACES = 3
"""Places of the last sessions, each one tap away."""


@require_http_methods(["GET", "POST"])
@may("session.write")
def sessions(request: Request) -> HttpResponse:
    """One's own sessions, and a new one. With a script: one tap to start and stop, with or without a signal."""
    viewer = viewer_of(request)
    kind = "outreach" if "exploitation" in viewer.teams else "patrol"
    start = {"kind": kind, "session": str(uuid4()), "contacts": "0"}
    form: Form = type("SessionForm", (Form,), _fields())(
        request.POST if request.method == "POST" else None, initial=start
    )
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        done, result = attempt(
            form, lambda: operations.deliver_session(viewer=viewer, entry=_typed(form.cleaned_data, at), at=at)
        )
        if done and result is not None:
            messages.success(request, SAID[result])
            return redirect("sessions")
    mine = queries.my_sessions(viewer, at=timezone.now())
    places = list(dict.fromkeys(each.place for each in mine))[:PLACES]
    context = {"form": form, "sessions": mine, "places": places, "worker": viewer.user_id, "mended": MENDED}
    return render(request, "referrals/sessions.html", context)


@require_POST
@may("session.write")
def deliver(request: Request) -> HttpResponse:
    """One session as the phone kept it. The answer says what became of it; a wrong one says what to put right."""
    try:
        if len(request.body) > LONGEST_BODY:
            raise ValueError
        if b"\\u0000" in request.body or b"\0" in request.body:
            # The one character the database keeps in no text.
            raise ValueError
        sent = json.loads(request.body)
        entry = SessionEntry(
            session_id=UUID(sent["session"]),
            kind=str(sent["kind"]),
            place=str(sent["place"]),
            started_at=_moment(sent["started"]),
            ended_at=_moment(sent["ended"]),
            contacts=int(sent["contacts"]),
            note=str(sent.get("note", "")),
        )
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"status": "refused", "said": "This session could not be read."}, status=400)
    try:
        result = operations.deliver_session(viewer=viewer_of(request), entry=entry, at=timezone.now())
    except ConcordError as problem:
        return JsonResponse({"status": "refused", "said": f"{problem.what} {problem.next_step}"}, status=422)
    return JsonResponse({"status": result, "said": SAID[result]}, status=409 if result == "conflict" else 200)


@require_GET
def worker(request: Request) -> HttpResponse:
    """The script that keeps the page on the phone. It is served from here, because it may only keep what is below."""
    found = finders.find("concord/sessions-worker.js")
    if not found:
        raise Http404
    return HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript; charset=utf-8")


def _fields() -> dict[str, Any]:
    return {
        "kind": radios("What was it?", KINDS, inline=True),
        "place": text("Where?", max_length=120, missing="Say where you were", hint="A street, an estate, a park"),
        "started": text("Started at", width="5", missing="Enter when it started", hint="For example 18:30"),
        "ended": text("Ended at", width="5", missing="Enter when it ended", hint="For example 19:15"),
        "contacts": text("How many people did you speak with?", width="3", missing="Enter how many, 0 if nobody"),
        "note": long_text("Note", rows=3, required=False, max_length=1000, hint="What was done. No names"),
        "session": forms.CharField(widget=forms.HiddenInput, required=False),
    }


def _typed(given: dict[str, Any], at: datetime) -> SessionEntry:
    """Times without a day are today's, or after midnight the night before's; an end before the start is past it."""
    now = at.astimezone(LONDON)
    today = now.replace(second=0, microsecond=0)
    try:
        started, ended = (
            today.replace(hour=int(hour), minute=int(minute))
            for hour, _, minute in (str(given[name]).partition(":") for name in ("started", "ended"))
        )
        contacts = int(given["contacts"])
        key = UUID(given["session"]) if given.get("session") else uuid4()
    except ValueError:
        raise NotThatWay(
            "A time or the number could not be read.", next_step="Write times as 18:30 and the number in figures."
        ) from None
    if ended < started:
        started -= timedelta(days=1)
    if started > now and now.hour < MORNING:
        started, ended = started - timedelta(days=1), ended - timedelta(days=1)
    return SessionEntry(key, given["kind"], given["place"], started, ended, contacts, given.get("note") or "")


def _moment(text_: str) -> datetime:
    found = datetime.fromisoformat(str(text_))
    if found.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return found
