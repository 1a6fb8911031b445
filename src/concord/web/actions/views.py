from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.desk.panels import operations, queries
from concord.web.actions import presenters
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, long_text, radios
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number

ENDINGS = (
    ("done", "Done"),
    ("circumstances_changed", "Circumstances changed, so it is no longer needed"),
    ("not_undertaken", "Not undertaken"),
)


class EndForm(Form):
    status = radios("What became of it?", ENDINGS, missing="Choose what became of it")
    reason = long_text(
        "Why, or what came of it",
        required=False,
        rows=3,
        max_length=1000,
        hint="Needed if it was not done. The panel reads it",
    )
    version = django_forms.IntegerField(widget=django_forms.HiddenInput)


@require_GET
@may("action.read")
def mine(request: Request) -> HttpResponse:
    """The viewer's own actions, or their agency's: what is due first on top."""
    show = "closed" if request.GET.get("show") == "closed" else "open"
    own, page = request.GET.get("whose") == "mine", number(request)
    lines = queries.my_actions(viewer_of(request), at=timezone.now(), status=show, own=own, page=page)
    context = {
        "actions": [presenters.line(each) for each in lines],
        "show": show,
        "own": own,
        "page_filter": f"&show={show}{'&whose=mine' if own else ''}",
        "previous_page": page - 1,
        "next_page": page + 1 if len(lines) == queries.PAGE else 0,
    }
    return render(request, "actions/mine.html", context)


@require_GET
@may("meeting.run")
def of_forum(request: Request, key: str) -> HttpResponse:
    """Every agency's actions from one forum, for whoever runs it: what is due first on top."""
    viewer, now = viewer_of(request), timezone.now()
    if not accounts.may(viewer, "meeting.run", key):
        raise Http404
    status = "closed" if request.GET.get("show") == "closed" else "open"
    page = number(request)
    lines = queries.forum_actions(viewer, key, at=now, status=status, page=page)
    context = {
        "forum": queries.forum(key),
        "actions": [presenters.line(each) for each in lines],
        "show": status,
        "page_filter": f"&show={status}",
        "previous_page": page - 1,
        "next_page": page + 1 if len(lines) == queries.PAGE else 0,
    }
    return render(request, "actions/forum.html", context)


@require_POST
@may("action.update")
def done(request: Request, action_id: UUID) -> HttpResponse:
    """One tap: done. The others need a reason, and a page to write it on."""
    version = request.POST.get("version", "")
    operations.close_action(
        viewer=viewer_of(request),
        action_id=action_id,
        status="done",
        version=int(version) if version.isdecimal() and len(version) < 7 else 0,
        at=timezone.now(),
    )
    messages.success(request, "Done. The panel sees it at its next meeting.")
    back = f"{reverse('actions')}?whose=mine" if request.POST.get("whose") == "mine" else reverse("actions")
    return redirect(back)


@require_http_methods(["GET", "POST"])
@may("action.update")
def action(request: Request, action_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = queries.action(viewer, action_id, at=timezone.now())
    data: Any = request.POST if request.method == "POST" else None
    form = EndForm(data, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.close_action(
                viewer=viewer,
                action_id=action_id,
                status=given["status"],
                reason=given["reason"],
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Saved. The panel sees it at its next meeting.")
            return redirect("actions")
    context = {
        "form": form,
        "heading": "What became of it?",
        "button": "Save",
        "caption": found.abbreviation,
        "action": presenters.line(found),
        "back": reverse("actions"),
        "back_words": "Actions",
    }
    return render(request, "actions/action.html", context)
