from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.people.rules import Details
from concord.desk.records import operations, queries, rules
from concord.web.records import forms
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_GET
@may("retention.decide")
def retention(request: Request) -> HttpResponse:
    """The schedule with what is past its time: a dry run. Holds, and what was erased."""
    viewer, now = viewer_of(request), timezone.now()
    made = queries.certificates(viewer, at=now)
    context = {
        "lines": queries.summary(viewer, at=now),
        "holds": queries.holds(viewer, at=now),
        "certificates": [
            {"number": each.number, "category": each.category.replace("_", " "), "by": each.decided_by,
             "at": each.carried_out_at, "records": len(each.digests), "rows": sum(each.rows.values()),
             "sha256": each.sha256}
            for each in reversed(made)
        ],
        "broken": rules.broken(made),
    }  # fmt: skip
    return render(request, "records/retention.html", context)


@require_POST
@may("retention.decide")
def approve(request: Request, category: str) -> HttpResponse:
    count = operations.approve_erasure(viewer=viewer_of(request), category=category, at=timezone.now())
    messages.success(request, f"Decided: {count} to erase. They go when “concord retention --desk --erase” next runs.")
    return redirect("retention")


@require_http_methods(["GET", "POST"])
@may("retention.decide")
def hold(request: Request) -> HttpResponse:
    form = forms.HoldForm(request.POST if request.method == "POST" else None)
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


@require_GET
@may("rights.answer")
def requests(request: Request) -> HttpResponse:
    lines = queries.requests(viewer_of(request), at=timezone.now())
    context = {
        "waiting": [(each, rules.REQUESTS[each.kind]) for each in lines if each.state == "waits"],
        "answered": [(each, rules.REQUESTS[each.kind]) for each in lines if each.state != "waits"],
    }
    return render(request, "records/requests.html", context)


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def enter(request: Request) -> HttpResponse:
    form = forms.RequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.enter_request(
                viewer=viewer_of(request),
                kind=given["kind"],
                details=Details(given["given_name"], given["family_name"], given["born_on"]),
                identity=given["identity"],
                received_on=given["received_on"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Entered. It is due a calendar month after it came.")
            return redirect("requests")
    context = {"form": form, "heading": "Enter a request", "button": "Enter it", "back_to_requests": True}
    return render(request, "records/form.html", context)


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def answer(request: Request, request_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    line = next((each for each in queries.requests(viewer, at=timezone.now()) if each.request_id == request_id), None)
    if line is None or line.state != "waits":
        raise Http404
    form = forms.AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.answer_request(
                viewer=viewer, request_id=request_id, note=form.cleaned_data["note"], at=timezone.now()
            ),
        )
        if done:
            messages.success(request, "The answer is entered.")
            return redirect("requests")
    context = {"form": form, "line": line, "what": rules.REQUESTS[line.kind]}
    return render(request, "records/answer.html", context)


@require_POST
@may("rights.answer")
def pack(request: Request, request_id: UUID) -> HttpResponse:
    """The pack as a file for the officer to read, add to and send. Where there is nothing to give, the page says so."""
    try:
        found = queries.subject_pack(viewer_of(request), request_id, at=timezone.now())
    except rules.Refused:
        messages.info(request, "There is nothing here to give under this request.")
        return redirect("request-answer", request_id)
    answer = HttpResponse(json.dumps(found, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="subject-access-{str(request_id)[:8]}.json"'
    return answer
