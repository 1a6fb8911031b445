"""What follows a decision, and what goes before it: the routes advised, the second agency's view, who is due, print."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.instruments import operations, queries
from concord.desk.instruments.rules import AssessmentPage
from concord.desk.referrals import queries as referrals
from concord.strategy.shapes.instrument import Route
from concord.web.instruments import forms, presenters
from concord.web.referrals import drafts
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

HERE, OTHERWISE, NOT_TAKEN = "here", "otherwise", "not_taken"


@require_http_methods(["GET", "POST"])
@may("assessment.write")
def route(request: Request, assessment_id: UUID, key: str) -> HttpResponse:
    """One advised route: take it here, say that it was done another way, or that it is not taken, and why."""
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    advised = next((each for each in page.instrument.route if each.key == key), None)
    if page.state != "decided" or advised is None or key not in page.outcome.routes:
        raise Http404
    runs = advised.pathway in {each.key for each in referrals.pathways(viewer)} if advised.pathway else True
    form = forms.route_form(advised, runs, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        way, reason = form.cleaned_data["way"], form.cleaned_data["reason"]
        if way == HERE and advised.pathway:
            _begin_referral(request, page, advised)
            return redirect("referral-resume", advised.pathway)
        done, _ = attempt(form, lambda: _settle(request, assessment_id, key, way, reason))
        if done:
            said = "Told to the coordinator." if way == HERE else "Kept beside the advice, with your name."
            messages.success(request, said)
            return redirect("assessment-result", assessment_id)
    context = {
        "form": form,
        "page_of": page,
        "route": advised,
        "going": presenters.going(viewer, page, advised),
        "replaces": advised.pathway in drafts.begun(request),
    }
    return render(request, "instruments/route.html", context)


def _settle(request: Request, assessment_id: UUID, key: str, way: str, reason: str) -> None:
    given = {"viewer": viewer_of(request), "assessment_id": assessment_id, "route": key, "at": timezone.now()}
    if way == HERE:
        operations.tell_panel(**given, reason=reason)
    else:
        operations.leave_route(**given, way=way, reason=reason)


def _begin_referral(request: Request, page: AssessmentPage, advised: Route) -> None:
    """A draft of the referral with what the assessment knows already filled in. Nothing is sent."""
    on = referrals.pathway(advised.pathway)
    drafts.discard(request, on.key)
    main = next((each for each in on.party if each.kind == "person" and each.required), None)
    first = next((each for each in on.party if each.kind == "person"), None)
    role = main or first
    if role is not None:
        subject = page.subject
        drafts.keep(
            request,
            on.key,
            f"person-{role.role}",
            {
                "given_name": subject.given_name,
                "family_name": subject.family_name,
                "born_on": subject.born_on.isoformat() if subject.born_on else None,
                "sex": "U",
                "postcode": "",
                "note": "",
            },
        )
    drafts.keep(request, on.key, drafts.SUGGESTED, {"concern": presenters.concern(page), **_known(page, on.key)})
    drafts.keep(request, on.key, drafts.ENCLOSED, {"assessment": str(page.assessment_id), "route": advised.key})


def _known(page: AssessmentPage, pathway: str) -> dict[str, str]:
    """What the assessment answered that the referral asks too: why now, and how to reach them safely."""
    on = referrals.pathway(pathway)
    found = {}
    grounds = {each.key for each in on.ground}
    chosen = next((each for each in page.outcome.routes if each in grounds), "")
    reason = page.answers.get("reason")
    if not chosen and reason is not None and reason.value in grounds:
        chosen = str(reason.value)
    if not chosen and "victim_under_25" in grounds and reason is not None and reason.value == "violence":
        chosen = "victim_under_25"
    if chosen:
        found["ground"] = chosen
    safe = page.answers.get("safe_contact")
    if safe is not None and isinstance(safe.value, str):
        found["safe_contact"] = safe.value
    return found


@require_http_methods(["GET", "POST"])
@may("assessment.decide")
def advise(request: Request, assessment_id: UUID) -> HttpResponse:
    """The second agency's view, beside what the answers come to."""
    viewer = viewer_of(request)
    page = queries.assessment(viewer, assessment_id, at=timezone.now())
    if not page.may_advise:
        raise Http404
    form = forms.advice_form(page.instrument, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        revision = request.POST.get("revision", "")
        done, _ = attempt(
            form,
            lambda: operations.advise(
                viewer=viewer,
                assessment_id=assessment_id,
                level=said["level"],
                reason=said["reason"],
                revision=int(revision) if revision.isdecimal() else page.revision,
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(
                request, "Your view is kept beside the assessment. Whoever decides sees it and must answer it."
            )
            return redirect("assessment", assessment_id)
    context = {
        "form": form,
        "page_of": page,
        "parts": presenters.answers(page),
        "scores": presenters.scores(page),
        "prompts": presenters.prompts(page),
    }
    return render(request, "instruments/advise.html", context)


@require_GET
@may("assessment.write")
def due(request: Request) -> HttpResponse:
    """Who is due an assessment, what is due first on top."""
    viewer, now = viewer_of(request), timezone.now()
    lines = queries.due(viewer, at=now)
    asked = [each for each in queries.usable(viewer) if each.trigger]
    context = {"lines": lines, "asked": asked, "overdue": sum(each.overdue for each in lines)}
    return render(request, "instruments/due.html", context)


@require_GET
@may("assessment.read")
def recount(request: Request, assessment_id: UUID) -> HttpResponse:
    """Every score counted again from the answers, by the questions they were given to."""
    viewer, now = viewer_of(request), timezone.now()
    lines = queries.recount(viewer, assessment_id, at=now)
    page = queries.assessment(viewer, assessment_id, at=now)
    return render(request, "instruments/recount.html", {"page_of": page, "lines": lines})


@require_GET
@may("assessment.read")
def printed(request: Request, assessment_id: UUID) -> HttpResponse:
    """The whole assessment on paper: its answers with their days, what they come to, who decided."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    context = {
        "page_of": page,
        "parts": presenters.answers(page),
        "scores": presenters.scores(page),
        "decisions": [presenters.decision(page, each) for each in reversed(page.decisions)],
        "state": presenters.STATES[page.state],
        "ground": presenters.ground(page),
        "printed_at": now,
    }
    return render(request, "instruments/print.html", context)
