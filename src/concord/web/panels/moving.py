"""What changes before a meeting: its time, the order of its cases, a case taken off or heard another time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import operations, queries
from concord.desk.panels.rules import ItemPage
from concord.kernel.working_time import LONDON
from concord.web.panels import forms, presenters
from concord.web.shared import words
from concord.web.shared.acts import attempt, posted
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

OFF = "off"


@require_http_methods(["GET", "POST"])
@may("meeting.plan")
def change(request: Request, meeting_id: UUID) -> HttpResponse:
    """Another time or place."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.meeting(viewer, meeting_id, at=now)
    if not accounts.may(viewer, "meeting.plan", page.forum) or page.state != "planned":
        raise Http404
    local = page.starts_at.astimezone(LONDON)
    initial = {"day": local.date(), "time": f"{local:%H:%M}", "place": page.place, "version": page.version}
    form = forms.MoveForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.move_meeting(
                viewer=viewer,
                meeting_id=meeting_id,
                starts_at=form.starts_at(),
                place=form.cleaned_data["place"],
                version=form.cleaned_data["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Changed. Its members see the new time and place; tell them that it moved.")
            return redirect("meeting", meeting_id)
    closes = presenters.closes(queries.forum(page.forum))
    context = {
        "form": form,
        "heading": "Change the time or place",
        "caption": f"{page.forum_name}, {words.moment(page.starts_at, now)}",
        "button": "Save",
        "back": reverse("meeting", args=[meeting_id]),
        "back_words": "Agenda",
        "after": f"{closes} What is listed, and what was given, stays.",
    }
    return render(request, "panels/form.html", context)


@require_POST
@may("meeting.run")
def earlier(request: Request, item_id: UUID) -> HttpResponse:
    """One place up the agenda."""
    viewer = viewer_of(request)
    page = queries.item(viewer, item_id, at=timezone.now())
    operations.hear_earlier(viewer=viewer, item_id=item_id, at=timezone.now())
    messages.success(request, f"{page.about} is heard earlier.")
    return redirect("meeting", page.meeting_id)


@require_http_methods(["GET", "POST"])
@may("item.list")
def off(request: Request, item_id: UUID) -> HttpResponse:
    """Off this agenda: not to be heard, or at another meeting."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.item(viewer, item_id, at=now)
    if not accounts.may(viewer, "item.list", page.forum) or page.state != "listed":
        raise Http404
    others = [
        (str(each.meeting_id), f"Hear it {words.moment(each.starts_at, now)}, {each.place}")
        for each in queries.meetings(viewer, at=now, forum_key=page.forum)
        if each.meeting_id != page.meeting_id
    ]
    form = forms.off([*others, (OFF, "Take it off: it is not to be heard")], posted(request), page.version)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(form, lambda: _off(viewer, page, given))
        if done:
            said = "is off the agenda." if given["where"] == OFF else "is heard at the meeting you chose."
            messages.success(request, f"{page.about} {said}")
            return redirect("meeting", page.meeting_id)
    context = {
        "form": form,
        "heading": "Take this case off the agenda",
        "button": "Save",
        "caption": f"{page.about}, {page.reference}",
        "back": reverse("item", args=[item_id]),
        "back_words": "Back to the case",
        "lede": "" if others else "No other meeting is planned. Plan one first if the case is only to wait.",
        "after": "What agencies gave on the case stays with it. The reason is kept; it is not in the minutes.",
    }
    return render(request, "panels/form.html", context)


@require_http_methods(["GET", "POST"])
@may("item.list")
def facets(request: Request, item_id: UUID) -> HttpResponse:
    """What the forum records of the case, as it is known now."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.item(viewer, item_id, at=now)
    if not presenters.item(page, viewer)["may_record"]:
        raise Http404
    of = queries.forum(page.forum)
    form = forms.facets(of, page, dict(page.recorded), posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.record_facets(
                viewer=viewer,
                item_id=item_id,
                facets=forms.facets_given(of, given | {"kind": page.kind}),
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. The return counts it so.")
            return redirect("item", item_id)
    context = {
        "form": form,
        "heading": "What is recorded of this case",
        "button": "Save",
        "caption": f"{page.about}, {page.reference}",
        "back": reverse("item", args=[item_id]),
        "back_words": "Back to the case",
        "after": "It can be changed until the minutes are signed.",
    }
    return render(request, "panels/form.html", context)


def _off(viewer: Viewer, page: ItemPage, given: dict[str, Any]) -> None:
    if given["where"] == OFF:
        operations.withdraw(
            viewer=viewer, item_id=page.item_id, reason=given["reason"], version=given["version"], at=timezone.now()
        )
        return
    operations.hear_at(
        viewer=viewer,
        item_id=page.item_id,
        meeting_id=UUID(given["where"]),
        reason=given["reason"],
        version=given["version"],
        at=timezone.now(),
    )
