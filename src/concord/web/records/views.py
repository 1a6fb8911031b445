from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.records import operations, queries, rules
from concord.web.records import forms
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number

PAGE = 50
KINDS = {
    "person": "Person, and all that is about them",
    "contact": "Contact",
    "item": "Panel case",
    "assessment": "Assessment",
    "session": "Outreach session",
    "pair": "Pair of records under review",
    "request": "Rights request",
    "emergency": "Emergency opening",
    "entry": "Entry of a register",
}


@require_GET
@may("retention.decide")
def retention(request: Request) -> HttpResponse:
    """The schedule with what is past its time: a dry run. Holds, and what was erased."""
    viewer, now = viewer_of(request), timezone.now()
    made = queries.certificates(viewer, at=now)
    names = {each.key: f"“{each.name}”" for each in queries.schedule().category}
    context = {
        "lines": queries.summary(viewer, at=now),
        "holds": [(each, KINDS.get(each.kind, each.kind)) for each in queries.holds(viewer, at=now)],
        "certificates": [
            {"number": each.number, "category": names.get(each.category, each.category), "by": each.decided_by,
             "at": each.carried_out_at, "records": len(each.digests), "rows": sum(each.rows.values()),
             "sha256": each.sha256}
            for each in reversed(made)
        ],
        "broken": rules.broken(made),
    }  # fmt: skip
    return render(request, "records/retention.html", context)


@require_GET
@may("retention.decide")
def due(request: Request, category: str) -> HttpResponse:
    """The records of one category that are past their time, the longest past first: nobody is named."""
    viewer, now, page = viewer_of(request), timezone.now(), number(request)
    of = next((each for each in queries.schedule().category if each.key == category), None)
    if of is None:
        raise Http404
    every = [each for each in queries.due(viewer, at=now) if each.category == category]
    shown = every[(page - 1) * PAGE : page * PAGE]
    context = {
        "of": of,
        "found": len(every),
        "lines": [(each, KINDS[each.kind], each.kind in rules.HOLDABLE) for each in shown],
        "previous_page": page - 1,
        "next_page": page + 1 if len(every) > page * PAGE else 0,
    }
    return render(request, "records/due.html", context)


@require_POST
@may("retention.decide")
def approve(request: Request, category: str) -> HttpResponse:
    count = operations.approve_erasure(viewer=viewer_of(request), category=category, at=timezone.now())
    messages.success(
        request, f"Decided: {count} to erase. They go tonight, or when “concord retention --desk --erase” runs."
    )
    return redirect("retention")


@require_http_methods(["GET", "POST"])
@may("retention.decide")
def hold(request: Request) -> HttpResponse:
    start = {"kind": request.GET.get("kind", ""), "reference": request.GET.get("reference", "")}
    form = forms.HoldForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.hold(
                viewer=viewer_of(request),
                kind=given["kind"],
                subject_id=given["reference"],
                reason=given["reason"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Held. It stays whatever the schedule says, until you lift it.")
            return redirect("retention")
    return render(request, "records/form.html", {"form": form, "heading": "Hold a record", "button": "Hold it"})


@require_http_methods(["GET", "POST"])
@may("retention.decide")
def lift(request: Request, hold_id: UUID) -> HttpResponse:
    form = forms.LiftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.lift_hold(
                viewer=viewer_of(request), hold_id=hold_id, reason=form.cleaned_data["reason"], at=timezone.now()
            ),
        )
        if done:
            messages.success(request, "The hold is lifted.")
            return redirect("retention")
    return render(request, "records/form.html", {"form": form, "heading": "Lift a hold", "button": "Lift it"})
