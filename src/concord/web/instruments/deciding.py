"""The decision, the result and what may follow: putting right, handing over, stopping; history and comparison."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.instruments import operations, queries
from concord.desk.instruments.rules import NotAnswered, placed
from concord.desk.referrals import queries as referrals
from concord.web.instruments import forms, presenters
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("assessment.read")
def decide(request: Request, assessment_id: UUID) -> HttpResponse:
    """What the answers point to, and the judgement beside it."""
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    form = forms.decision_form(page.instrument, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        revision = request.POST.get("revision", "")
        done, _ = attempt(
            form,
            lambda: operations.decide(
                viewer=viewer,
                assessment_id=assessment_id,
                level=said["level"],
                reason=said["reason"],
                override=said.get("override", ""),
                differs_because=said.get("differs_because", ""),
                answers={name[4:]: value for name, value in said.items() if name.startswith("ask_") and value},
                revision=int(revision) if revision.isdecimal() else page.revision,
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Decided. What the answers advise is below; nothing has been sent to anybody.")
            return redirect("assessment-result", assessment_id)
    levels = {each.key: each.name for each in page.instrument.judgement.level}
    context = {
        "form": form,
        "page_of": page,
        "scores": presenters.scores(page),
        "prompts": presenters.prompts(page),
        "suggested": [levels[each] for each in page.outcome.suggested],
        "left": len(page.outcome.unanswered),
        "opinion": presenters.opinion(page, page.opinion),
        "number": len(page.instrument.section) + 2,
        "total": len(page.instrument.section) + 2,
    }
    return render(request, "instruments/decide.html", context)


@require_GET
@may("assessment.read")
def result(request: Request, assessment_id: UUID) -> HttpResponse:
    """Every input with its day, what is advised, who decided and why."""
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    if page.state not in ("decided", "stopped"):
        return redirect("assessment", assessment_id)
    refers = frozenset(each.key for each in referrals.pathways(viewer))
    context = {
        "page_of": page,
        "parts": presenters.answers(page),
        "scores": presenters.scores(page),
        "routes": presenters.advised(page, refers),
        "ground": presenters.ground(page),
        "prompts": presenters.prompts(page),
        "decisions": [presenters.decision(page, each) for each in reversed(page.decisions)],
        "state": presenters.STATES[page.state],
        "may_write": accounts.may(viewer, "assessment.write"),
    }
    return render(request, "instruments/result.html", context)


@require_GET
@may("assessment.read")
def history(request: Request, assessment_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    changes = presenters.changes(page, queries.history(viewer, assessment_id, at=now))
    return render(request, "instruments/history.html", {"page_of": page, "changes": changes})


@require_GET
@may("assessment.read")
def compare(request: Request, assessment_id: UUID) -> HttpResponse:
    """Beside the last one about the same person: what changed first."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    named, lines = queries.comparison(viewer, assessment_id, at=now)
    ordered = sorted(lines, key=lambda each: each.same)
    same = sum(each.same for each in lines)
    return render(
        request, "instruments/compare.html", {"page_of": page, "named": named, "lines": ordered, "same": same}
    )


@require_http_methods(["GET", "POST"])
@may("assessment.write")
def amend(request: Request, assessment_id: UUID, address: str) -> HttpResponse:
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    try:
        _, question, _ = placed(page.instrument, address)
    except NotAnswered:
        raise Http404 from None
    if page.state != "decided" or address not in page.outcome.asked:
        raise Http404
    form = forms.amend_form(question, page.answers.get(address), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.amend(
                viewer=viewer,
                assessment_id=assessment_id,
                address=address,
                value=said["value"],
                reason=said["reason"],
                revision=page.revision,
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Put right. What stood there is kept, and everything was counted again.")
            return redirect("assessment-result", assessment_id)
    return render(request, "instruments/amend.html", {"form": form, "page_of": page})


@require_http_methods(["GET", "POST"])
@may("assessment.write")
def hand_over(request: Request, assessment_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    routes = [(each.key, each.name) for each in page.instrument.route if each.key in page.outcome.routes]
    people = queries.colleagues(viewer, page.instrument)
    shown = routes if page.state == "decided" else []
    form = forms.hand_over_form(people, shown, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        where = {"route": to.removeprefix("route:")} if to.startswith("route:") else {"to": UUID(to)}
        done, _ = attempt(
            form,
            lambda: operations.hand_over(
                viewer=viewer, assessment_id=assessment_id, reason=reason, at=timezone.now(), **where
            ),
        )
        if done:
            messages.success(request, "Shared. They see the whole assessment; so do you.")
            return redirect("assessment", assessment_id)
    context = {"form": form, "page_of": page, "nobody": not people and not shown}
    return render(request, "instruments/hand_over.html", context)


@require_http_methods(["GET", "POST"])
@may("assessment.write")
def stop(request: Request, assessment_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    if page.state not in ("open", "paused"):
        return redirect("assessment-result", assessment_id)
    form = forms.StopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done, _ = attempt(
            form,
            lambda: operations.stop(viewer=viewer, assessment_id=assessment_id, reason=reason, at=timezone.now()),
        )
        if done:
            messages.success(request, "Stopped. What was written is kept, and nothing follows from it.")
            return redirect("assessments")
    return render(request, "instruments/stop.html", {"form": form, "page_of": page})
