"""In the room: one item on one screen, its running minute, and what is thrown on the wall."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import ItemPage
from concord.web.panels import forms, presenters
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("meeting.run")
def sit(request: Request, item_id: UUID) -> HttpResponse:
    """What is known, what is said, the decision, one action, then the next item.

    The button “Save and stay” keeps the minute and an action before there is a decision.
    """
    viewer, now = viewer_of(request), timezone.now()
    page = queries.item(viewer, item_id, at=now)
    if not accounts.may(viewer, "meeting.run", page.forum):
        raise Http404
    if request.method == "GET" and (page.meeting_state != "open" or page.state != "listed"):
        return redirect("item", item_id)
    stay = "stay" in request.POST or not page.may_decide
    form = _form(viewer, page, now, request.POST if request.method == "POST" else None, stay)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["task"] and not (given["agency"] and given["due_on"]):
            form.add_error("agency", "Choose the agency that does it, and enter the day it is due")
        else:
            done, _ = attempt(form, lambda: _record(viewer, item_id, given, now, stay))
            if done and stay:
                messages.success(request, "Saved so far.")
                return redirect("item-sit", item_id)
            if done:
                messages.success(request, f"Recorded for {page.about}.")
                return redirect("item-sit", page.next_id) if page.next_id else redirect("meeting", page.meeting_id)
            form, page = _beside_theirs(viewer, item_id, request, form, now, stay)
    theirs = request.method == "POST" and str(page.version) != request.POST.get("version")
    context = presenters.item(page, viewer) | {"form": form, "theirs": theirs, "may_decide": page.may_decide}
    return render(request, "panels/sit.html", context)


def _form(viewer: Viewer, page: ItemPage, now: datetime, data: Any, stay: bool) -> Any:
    return forms.sitting(queries.forum(page.forum), page, presenters.owners(viewer, page, now), data, stay=stay)


def _beside_theirs(
    viewer: Viewer, item_id: UUID, request: Request, form: Any, now: datetime, stay: bool
) -> tuple[Any, ItemPage]:
    """After a refusal: where somebody else saved first, the form again with all that was typed, on their version, so
    that it can be sent once both were read."""
    page = queries.item(viewer, item_id, at=now)
    if str(page.version) == request.POST.get("version"):
        return form, page
    data = request.POST.copy()
    data["version"] = str(page.version)
    again = _form(viewer, page, now, data, stay)
    again.is_valid()
    for words in form.non_field_errors():
        again.add_error(None, words)
    return again, page


def _record(viewer: Viewer, item_id: UUID, given: dict[str, Any], at: datetime, stay: bool) -> None:
    agency, owner = forms.taken_on(given["agency"])
    common = {
        "viewer": viewer,
        "item_id": item_id,
        "version": given["version"],
        "minute": given["minute"],
        "task": given["task"],
        "agency": agency,
        "owner": owner,
        "due_on": given["due_on"],
        "at": at,
    }
    if stay:
        operations.record_so_far(**common)
        return
    operations.settle(**common, outcome=given["outcome"], reason=given["reason"], level=given.get("level") or "")


@require_GET
@may("meeting.run")
def wall(request: Request, item_id: UUID) -> HttpResponse:
    """The item as it is thrown on the wall."""
    viewer = viewer_of(request)
    page = queries.item(viewer, item_id, at=timezone.now())
    if not accounts.may(viewer, "meeting.run", page.forum):
        raise Http404
    return render(request, "panels/wall.html", presenters.wall(page))
