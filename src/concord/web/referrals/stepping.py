"""One step of a pathway's own, and the places, groups and online spaces that contacts are about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere
from concord.desk.referrals import operations, queries, rules
from concord.web.referrals import forms, presenters, steps
from concord.web.referrals.tray import form_page, opened, posted
from concord.web.shared import partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form, day, long_text, radios, select
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

RESULTS = (("better", "Better"), ("same", "No change"), ("worse", "Worse"))


@require_http_methods(["GET", "POST"])
@may("contact.move")
def move(request: Request, contact_id: UUID, verb: str) -> HttpResponse:
    viewer, found = viewer_of(request), opened(request, contact_id)
    if verb not in found.moves:
        raise Http404
    on = queries.pathway(found.pathway)
    transition = next(each for each in on.transition if each.verb == verb)
    form = forms.move(on, verb, posted(request))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        asked = rules.questions_of(on, verb)
        done, target = attempt(
            form,
            lambda: operations.advance(
                viewer=viewer,
                contact_id=contact_id,
                verb=verb,
                given={name: given.get(name) for name in transition.needs},
                answers={each.key: given.get(f"{steps.OWN}{each.key}") for each in asked},
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done and target is not None:
            messages.success(request, f"Saved: {rules.state_named(on, target).lower()}.")
            still = _still_there(request, contact_id)
            return redirect("contact", contact_id) if still else redirect("contacts")
    ruled = queries.rules_before(viewer, contact_id, at=timezone.now()).get(verb, ())
    return form_page(
        request,
        found,
        form,
        heading=presenters.step_name(transition),
        button="Save",
        rules=[presenters.rule(each) for each in ruled],
    )


def _still_there(request: Request, contact_id: UUID) -> bool:
    """Whether the viewer can still open the contact: for some, it ends with the state."""
    try:
        opened(request, contact_id)
    except NotHere:
        return False
    return True


@require_http_methods(["GET", "POST"])
@may("contact.identify")
def name(request: Request, contact_id: UUID, party_id: UUID) -> HttpResponse:
    """Which place, group or online space it is: one on record, or a new one."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    on = queries.pathway(found.pathway)
    party = next((each for each in found.parties if each.party_id == party_id), None)
    kind = next((each.kind for each in on.party if party and each.role == party.role), "person")
    if party is None or kind == "person":
        raise Http404
    known = queries.subjects(viewer, at=timezone.now(), kind=kind)
    choices = [(str(each.subject_id), each.name) for each in known]
    which = radios("Which is it?", [*choices, ("new", f"Not on record yet: {party.details.family_name}")])
    form = _form("WhichForm", {"which": which}, posted(request))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["which"]
        subject_id = operations.name_subject(
            viewer=viewer,
            contact_id=contact_id,
            party_id=party_id,
            subject_id=None if chosen == "new" else UUID(chosen),
            version=found.version,
            at=timezone.now(),
        )
        return redirect("subject", subject_id)
    return form_page(request, found, form, heading="Which is it?", button="Save")


@require_GET
@may("subject.read")
def subjects(request: Request) -> HttpResponse:
    like = request.GET.get("like", "").strip()[:100]
    found = queries.subjects(viewer_of(request), at=timezone.now(), like=like)
    return render(request, "referrals/subjects.html", {"subjects": found, "like": like})


@require_http_methods(["GET", "POST"])
@may("subject.read")
def subject(request: Request, subject_id: UUID) -> HttpResponse:
    """A place, group or online space with its contacts, its plans and their results; a new plan is made here."""
    viewer = viewer_of(request)
    found = queries.subject(viewer, subject_id, at=timezone.now())
    plans = accounts.may(viewer, "subject.plan")
    form = _form(
        "PlanForm",
        {
            "aim": long_text("What is to change?", rows=3, missing="Say what is to change"),
            "agency": select(
                "Who sees to it?",
                sorted(
                    ((key, each.name) for key, each in partnership.current().agencies.items()), key=lambda pair: pair[1]
                ),
                missing="Choose who sees to it",
            ),
            "review_on": day("When is it looked at again?", missing="Enter when it is looked at again"),
        },
        posted(request) if plans else None,
    )
    if request.method == "POST" and plans and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.plan_for(viewer=viewer, subject_id=subject_id, at=timezone.now(), **given),
        )
        if done:
            messages.success(request, "The plan is saved.")
            return redirect("subject", subject_id)
    context = {"page": found, "form": form, "can_plan": plans, "agency": partnership.agency}
    context["plans"] = [presenters.plan(each) for each in found.plans]
    return render(request, "referrals/subject.html", context)


@require_http_methods(["GET", "POST"])
@may("subject.plan")
def result(request: Request, subject_id: UUID, plan_id: UUID) -> HttpResponse:
    viewer = viewer_of(request)
    found = queries.subject(viewer, subject_id, at=timezone.now())
    if plan_id not in {each.plan_id for each in found.plans}:
        raise Http404
    form = _form(
        "ResultForm",
        {
            "result": radios("What came of it?", RESULTS, missing="Choose what came of it"),
            "note": long_text("What shows it?", rows=3, missing="Say what shows it"),
        },
        posted(request),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form, lambda: operations.record_result(viewer=viewer, plan_id=plan_id, at=timezone.now(), **given)
        )
        if done:
            messages.success(request, "The result is saved.")
            return redirect("subject", subject_id)
    return render(request, "referrals/result.html", {"page": found, "form": form})


def _form(name_: str, fields: dict[str, Any], data: Any) -> Form:
    built: Form = type(name_, (Form,), fields)(data)
    return built
