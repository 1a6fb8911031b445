from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.editions import operations, queries
from concord.desk.sharing.session import as_viewer
from concord.evidence.disclosure import queue
from concord.kernel.errors import BadInput
from concord.web.editions import work
from concord.web.publications import presenters as figures
from concord.web.releases import forms, presenters
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.present import extended

DECIDED = 50
"""So many past decisions stand on the queue's page, the newest first."""


@require_GET
@may("release.request", "release.approve")
def releases(request: Request) -> HttpResponse:
    """What waits, the oldest first; below it what was decided."""
    viewer = viewer_of(request)
    every = queue.requests(work.home())
    waiting = [each for each in every if each.state == "pending"]
    decided = sorted(
        (each for each in every if each.state != "pending"), key=lambda one: one.decided_at or one.requested_at
    )
    named = {}
    if accounts.may(viewer, "edition.read"):
        named = {
            str(each.edition_id): f"{each.title}, {each.name}" for each in queries.editions(viewer, at=timezone.now())
        }
    context = {
        "bundles": presenters.bundles(waiting, named),
        "decided": [presenters.line(each) for each in decided[::-1][:DECIDED]],
        "may_approve": accounts.may(viewer, "release.approve"),
    }
    return render(request, "releases/releases.html", context)


@require_http_methods(["GET", "POST"])
@may("release.request", "release.approve")
def release(request: Request, identity: str) -> HttpResponse:
    """One request: what is asked, what the attacker found, what was suppressed and what it cost, what it touches."""
    viewer = viewer_of(request)
    try:
        found = queue.get(work.home(), identity)
    except BadInput as missing:
        raise Http404 from missing
    own = found.requested_by.casefold() == viewer.display_name.casefold()
    approves = accounts.may(viewer, "release.approve") and not own
    may_act = found.state == "pending" and (approves or own)
    form = forms.decision(own, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_act:
            raise Http404
        if form.is_valid():
            done, said = attempt(form, lambda: _decide(request, identity, form.cleaned_data))
            if done:
                messages.success(request, str(said))
                return redirect("releases")
    context = {
        "line": presenters.line(found),
        "touches": [extended(each, name=each.finding.replace("_", " ")) for each in found.touches],
        "tables": [figures.figure(found.release, table) for table in found.release.tables],
        "form": form if may_act else None,
        "own": own,
        "edition": found.bundle.partition("/")[0] if "/" in found.bundle else "",
        "may_read_edition": accounts.may(viewer, "edition.read"),
    }
    return render(request, "releases/release.html", context)


def _decide(request: Request, identity: str, given: dict[str, str]) -> str:
    """The line of the trail and the step in the queue: both, or neither."""
    viewer, now = viewer_of(request), timezone.now()
    step, reason, said = {
        "approve": ("approve", given["reason"], "Approved. It can be published."),
        "change": ("refuse", f"To be changed: {given['reason']}", "Sent back to be changed, with your reason."),
        "refuse": ("refuse", given["reason"], "Refused, with your reason."),
        "withdraw": ("withdraw", given["reason"], "Withdrawn."),
    }[given["decision"]]
    found = queue.get(work.home(), identity)
    with as_viewer(viewer, at=now):
        operations.decide_release(
            viewer=viewer,
            request=identity,
            release=found.release.id,
            audience=found.release.audience,
            requested_by=found.requested_by,
            step=step,
            reason=reason,
            at=now,
        )
        act = {"approve": queue.approve, "refuse": queue.refuse, "withdraw": queue.withdraw}[step]
        act(work.home(), identity, by=viewer.display_name, reason=reason, clock=work.clock)
    return said
