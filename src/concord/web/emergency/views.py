from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts.rules import Viewer
from concord.desk.people import operations as people
from concord.desk.people.rules import Details
from concord.desk.sharing import operations, queries
from concord.desk.sharing.rules import EmergencyLine
from concord.web.emergency import forms, presenters
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("glass.break")
def emergency(request: Request) -> HttpResponse:
    """Ask for one person by all that names them. Found or not, the answer is a page of the same shape."""
    viewer, now = viewer_of(request), timezone.now()
    form = forms.emergency(viewer, request.POST if request.method == "POST" else None)
    rule = queries.oversight().emergency
    context: dict[str, Any] = {"form": form, "minutes": rule.minutes}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, opened = attempt(
            form,
            lambda: people.open_in_emergency(
                viewer=viewer,
                details=Details(given["given_name"], given["family_name"], given["born_on"]),
                purpose=given["purpose"],
                reason=given["reason"],
                at=now,
            ),
        )
        if done and opened is not None:
            return render(request, "emergency/opened.html", {"opened": opened, "code": str(opened.entry)[:8].upper()})
    context["mine"] = _lines(viewer)[:5]
    return render(request, "emergency/emergency.html", context)


@require_GET
@may("glass.review")
def reviews(request: Request) -> HttpResponse:
    """Every opening, those that wait for review first."""
    lines = _lines(viewer_of(request))
    waiting = [each for each in lines if each.waits]
    context = {"waiting": waiting, "done": [each for each in lines if not each.waits]}
    return render(request, "emergency/reviews.html", context)


@require_http_methods(["GET", "POST"])
@may("glass.review")
def review(request: Request, entry: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    line = next((each for each in _raw(viewer) if each.entry == entry), None)
    if line is None:
        raise Http404
    form = forms.ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.review_emergency(
                viewer=viewer,
                entry=entry,
                justified=given["verdict"] == "justified",
                note=given["note"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Your review is recorded.")
            return redirect("emergency-reviews")
    return render(request, "emergency/review.html", {"form": form, "line": presenters.line(line)})


def _raw(viewer: Viewer) -> tuple[EmergencyLine, ...]:
    return queries.emergencies(viewer, at=timezone.now())


def _lines(viewer: Viewer) -> list[presenters.Line]:
    return [presenters.line(each) for each in _raw(viewer)]
