from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.people import operations, queries
from concord.web.links import presenters
from concord.web.shared import partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, radios
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_GET
@may("pair.judge")
def links(request: Request) -> HttpResponse:
    """How many pairs wait for this reviewer, and the way to the next."""
    waiting, following = queries.pairs_waiting(viewer_of(request), at=timezone.now())
    return render(request, "links/links.html", {"waiting": waiting, "following": following})


@require_http_methods(["GET", "POST"])
@may("pair.judge")
def pair(request: Request, pair_id: UUID) -> HttpResponse:
    """Two records beside each other, what agrees, and what the reviewer thinks."""
    viewer, now = viewer_of(request), timezone.now()
    found = queries.pair_to_judge(viewer, pair_id, at=now)
    form = _form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.judge(
                viewer=viewer, pair_id=pair_id, verdict=given["verdict"], reason=given["reason"], at=now
            ),
        )
        if done:
            messages.success(request, "Kept. A second reviewer looks on their own; you will not see what they say.")
            _, following = queries.pairs_waiting(viewer, at=now)
            return redirect("link-pair", following) if following else redirect("links")
    feeds = partnership.current().feeds
    context = {
        "form": form,
        "why": found.why,
        "left": feeds[found.feeds[0]].title if found.feeds[0] in feeds else found.feeds[0],
        "right": feeds[found.feeds[1]].title if found.feeds[1] in feeds else found.feeds[1],
        "rows": [presenters.row(each) for each in found.fields],
    }
    return render(request, "links/pair.html", context)


def _form(data: object) -> Form:
    linkage = partnership.current().linkage
    reasons = linkage.reviewing.items() if linkage else ()
    fields = {
        "verdict": radios("Are they one person?", presenters.VERDICTS, missing="Choose what you think"),
        "reason": radios("Why?", reasons, missing="Choose the reason that fits best"),
    }
    return type("JudgeForm", (Form,), fields)(data)
