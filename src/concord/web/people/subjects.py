"""Places, groups of peers and online spaces: found, one with its plans, and how a concern about somebody is linked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.panels import queries as panels
from concord.desk.referrals import operations, queries
from concord.desk.referrals.rules import SubjectPage
from concord.web.actions import presenters as actions
from concord.web.people import maps, subject_forms
from concord.web.referrals import presenters
from concord.web.referrals.tray import form_page, opened
from concord.web.shared.acts import attempt, posted
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number


@require_GET
@may("subject.read")
def subjects(request: Request) -> HttpResponse:
    viewer, page = viewer_of(request), number(request)
    like, kind = request.GET.get("like", "").strip()[:100], request.GET.get("kind", "")
    kind = kind if kind in subject_forms.KINDS else ""
    found = queries.subjects(viewer, at=timezone.now(), like=like, kind=kind, page=page)
    context = {
        "subjects": found,
        "like": like,
        "kind": kind,
        "kinds": subject_forms.KINDS.items(),
        "map": maps.of(found),
        "page_filter": f"&like={like}&kind={kind}",
        "previous_page": page - 1,
        "next_page": page + 1 if len(found) == queries.PAGE else 0,
    }
    return render(request, "referrals/subjects.html", context)


@require_http_methods(["GET", "POST"])
@may("subject.read")
def subject(request: Request, subject_id: UUID) -> HttpResponse:
    """One of them with its contacts, concerns, plans and their results, and when it happens; a plan is made here."""
    viewer, now = viewer_of(request), timezone.now()
    found = queries.subject(viewer, subject_id, at=now)
    plans = accounts.may(viewer, "subject.plan")
    form = subject_forms.plan(posted(request) if plans else None)
    if request.method == "POST" and plans and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form, lambda: operations.plan_for(viewer=viewer, subject_id=subject_id, at=timezone.now(), **given)
        )
        if done:
            messages.success(request, "The plan is saved.")
            return redirect("subject", subject_id)
    sits = accounts.may(viewer, "action.read")
    agreed = (
        panels.actions_of_contacts(viewer, queries.contacts_about(viewer, subject_id, at=now), at=now) if sits else ()
    )
    context = {
        "thing": found,
        "kind": subject_forms.KINDS[found.subject.kind],
        "form": form,
        "can_plan": plans,
        "plans": [presenters.plan(each) for each in found.plans],
        "concerns": [presenters.concern(each) for each in found.concerns],
        "bands": [presenters.band(each) for each in found.bands],
        "map": maps.of([found.subject]),
        "actions": [actions.line(each) for each in agreed],
    }
    return render(request, "referrals/subject.html", context)


@require_http_methods(["GET", "POST"])
@may("subject.plan")
def result(request: Request, subject_id: UUID, plan_id: UUID) -> HttpResponse:
    found = _with_plan(request, subject_id, plan_id)
    return _saved(
        request,
        found,
        subject_forms.ResultForm(posted(request)),
        lambda given: operations.record_result(viewer=viewer_of(request), plan_id=plan_id, at=timezone.now(), **given),
        heading="What came of the plan?",
        button="Save the result",
        done="The result is saved.",
    )


@require_http_methods(["GET", "POST"])
@may("subject.plan")
def step(request: Request, subject_id: UUID, plan_id: UUID) -> HttpResponse:
    """One thing to be done for a plan."""
    found = _with_plan(request, subject_id, plan_id)
    return _saved(
        request,
        found,
        subject_forms.step(posted(request)),
        lambda given: operations.add_step(viewer=viewer_of(request), plan_id=plan_id, at=timezone.now(), **given),
        heading="Add something to do",
        button="Save",
        done="Added to the plan.",
    )


@require_http_methods(["GET", "POST"])
@may("subject.plan")
def step_end(request: Request, subject_id: UUID, step_id: UUID) -> HttpResponse:
    found = _opened(request, subject_id)
    this = next((each for plan in found.plans for each in plan.steps if each.step_id == step_id), None)
    if this is None:
        raise Http404
    return _saved(
        request,
        found,
        subject_forms.StepEndForm(posted(request)),
        lambda given: operations.close_step(viewer=viewer_of(request), step_id=step_id, at=timezone.now(), **given),
        heading="What became of it?",
        lede=this.text,
        button="Save",
        done="Saved.",
    )


@require_http_methods(["GET", "POST"])
@may("subject.plan")
def locate(request: Request, subject_id: UUID) -> HttpResponse:
    found = _opened(request, subject_id)
    held = {"where": found.subject.where, "latitude": found.subject.latitude, "longitude": found.subject.longitude}
    return _saved(
        request,
        found,
        subject_forms.LocateForm(posted(request), initial=held),
        lambda given: operations.locate(viewer=viewer_of(request), subject_id=subject_id, at=timezone.now(), **given),
        heading="Where is it?",
        button="Save",
        done="Saved.",
    )


@require_http_methods(["GET", "POST"])
@may("contact.identify")
def link(request: Request, contact_id: UUID) -> HttpResponse:
    """Link a contact about somebody to a group, a place or an online space on record."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    if not accounts.may(viewer, "subject.read"):
        raise Http404
    own = {each.subject_id for each in found.subjects}
    known = [each for each in queries.subjects(viewer, at=timezone.now()) if each.subject_id not in own]
    form = subject_forms.link(known, found.version, posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        subject_id = UUID(given["subject"])
        done, _ = attempt(
            form,
            lambda: operations.link_concern(
                viewer=viewer,
                contact_id=contact_id,
                subject_id=subject_id,
                role=given["role"],
                source=given["source"],
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "Linked. Only those who may open this contact see the link.")
            return redirect("subject", subject_id)
    return form_page(
        request,
        found,
        form,
        heading="Link to a place, a group or an online space",
        button="Save the link",
        lede="" if known else "None is on record that you work with. One is put on record from a contact about it.",
        after="Nobody learns of this contact by the link who may not open it.",
    )


@require_http_methods(["GET", "POST"])
@may("contact.identify")
def unlink(request: Request, subject_id: UUID, contact_id: UUID) -> HttpResponse:
    found = _opened(request, subject_id)
    if contact_id not in {each.contact_id for each in found.concerns}:
        raise Http404
    return _saved(
        request,
        found,
        subject_forms.UnlinkForm(posted(request)),
        lambda given: operations.end_link(
            viewer=viewer_of(request),
            contact_id=contact_id,
            subject_id=subject_id,
            at=timezone.now(),
            **given,
        ),
        heading="This link holds no longer",
        button="Save",
        done="Saved. The link stays on record, with its end.",
    )


def _opened(request: Request, subject_id: UUID) -> SubjectPage:
    return queries.subject(viewer_of(request), subject_id, at=timezone.now())


def _with_plan(request: Request, subject_id: UUID, plan_id: UUID) -> SubjectPage:
    found = _opened(request, subject_id)
    if plan_id not in {each.plan_id for each in found.plans}:
        raise Http404
    return found


def _saved(request: Request, found: SubjectPage, form: Any, act: Any, *, done: str, **words: str) -> HttpResponse:
    """One form about a subject: tried, and back to its page; or drawn."""
    if request.method == "POST" and form.is_valid():
        kept, _ = attempt(form, lambda: act(dict(form.cleaned_data)))
        if kept:
            messages.success(request, done)
            return redirect("subject", found.subject.subject_id)
    return render(request, "referrals/result.html", {"thing": found, "form": form} | words)
