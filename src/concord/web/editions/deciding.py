"""Settling an edition, deciding about it, giving it out, taking it back, making it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries as accounts
from concord.evidence.disclosure import queue
from concord.web.editions import forms, presenters, work
from concord.web.editions.work import Opened
from concord.web.publications import site
from concord.web.releases import presenters as releases
from concord.web.shared import partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

EDITIONS = ("public", "restricted")


def _found(request: Request, edition_id: UUID, verb: str) -> Opened:
    found = work.opened(viewer_of(request), edition_id)
    if verb not in found.page.may:
        raise Http404
    return found


def _bundle(found: Opened) -> list[Any]:
    """What the edition asked for, as it stands in the release queue."""
    made = work.jobs().figures_of(work.home(), found.page.line.edition_id, found.page.line.figures)
    if made is None:
        return []
    return [each for each in queue.in_bundle(work.home(), made.bundle) if each.bundle == made.bundle]


def _taken(
    request: Request, form: Form, edition_id: UUID, step: Callable[..., Any], *where: object, said: str, **given: object
) -> HttpResponse | None:
    """The step done: back to the edition, with what happened. None where a rule says no, in words on the form."""

    def take() -> Any:
        viewer = viewer_of(request)
        return step(work.home(), *where, viewer=viewer, edition_id=edition_id, clock=work.clock, **given)

    done, _ = attempt(form, take)
    if not done:
        return None
    messages.success(request, said)
    return redirect("edition", edition_id=edition_id)


def _with_reason(form: Form) -> dict[str, object]:
    return {"reason": form.cleaned_data["reason"], "version": form.cleaned_data["version"]}


@require_http_methods(["GET", "POST"])
@may("edition.ask")
def ask(request: Request, edition_id: UUID) -> HttpResponse:
    """Settle it and ask for approval; or read what is still missing."""
    found = _found(request, edition_id, "edition.ask")
    line = found.page.line
    form = forms.reason_form(
        "What is this edition for?",
        "The approver reads it, and it is kept with the figures.",
        request.POST if request.method == "POST" else None,
        line.version,
    )
    if request.method == "POST" and form.is_valid():
        said = "It is settled. Another person approves it: nothing in it changes until then."
        step, current = work.jobs().freeze, partnership.current()
        if back := _taken(request, form, edition_id, step, current, said=said, **_with_reason(form)):
            return back
    context = {
        "edition": presenters.line(line),
        "form": form,
        "lacks": found.readiness.lacks,
        "in_review": line.state == "in_review",
    }
    return render(request, "editions/ask.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.approve")
def decide(request: Request, edition_id: UUID) -> HttpResponse:
    """What is asked, what the attacker found, what it cost; then approve it or send it back."""
    found = _found(request, edition_id, "edition.approve")
    line = found.page.line
    form = forms.decision_form(request.POST if request.method == "POST" else None, line.version)
    if request.method == "POST" and form.is_valid():
        approves = form.cleaned_data["decision"] == "approve"
        step = work.jobs().approve if approves else work.jobs().send_back
        said = "Approved. Publish it next." if approves else "Sent back, with your reason."
        if back := _taken(request, form, edition_id, step, said=said, **_with_reason(form)):
            return back
    asked = _bundle(found)
    context = {
        "edition": presenters.line(line),
        "form": form,
        "requests": [releases.line(each) for each in asked],
        "total": releases.total(asked),
        "kept_back": [each for each in found.page.screened if each.withheld],
        "grounds": work.jobs().grounds_of(partnership.current()),
    }
    return render(request, "editions/decide.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.read")
def send_back(request: Request, edition_id: UUID) -> HttpResponse:
    """Back to writing: by whoever asked, or by an approver."""
    found = work.opened(viewer_of(request), edition_id)
    line = found.page.line
    approver = accounts.may(viewer_of(request), "edition.approve")
    if line.state not in ("frozen", "approved") or not (line.asked_by_me or approver):
        raise Http404
    form = forms.reason_form(
        "What has to change?",
        "Kept in the change log.",
        request.POST if request.method == "POST" else None,
        line.version,
    )
    if request.method == "POST" and form.is_valid():
        step = work.jobs().send_back
        if back := _taken(request, form, edition_id, step, said="It can be written again.", **_with_reason(form)):
            return back
    context = {
        "edition": presenters.line(line),
        "form": form,
        "heading": "Take it back to writing",
        "button": "Take it back",
    }
    return render(request, "editions/form.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.publish")
def publish(request: Request, edition_id: UUID) -> HttpResponse:
    found = _found(request, edition_id, "edition.publish")
    line = found.page.line
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        version = request.POST.get("version", "")
        given = {"version": int(version) if version.isdecimal() else 0, "say": lambda _words: None}
        said = "Published. Its readers have it from now on."
        step, current = work.jobs().give_out, partnership.current()
        if back := _taken(request, form, edition_id, step, current, said=said, **given):
            return back
    public = line.audience == "public"
    disclosure = partnership.current().disclosure
    readers = disclosure.audiences[line.audience].label if disclosure else line.audience
    context = {"edition": presenters.line(line), "form": form, "public": public, "readers": readers}
    return render(request, "editions/publish.html", context)


@require_http_methods(["GET", "POST"])
@may("edition.read")
def withdraw(request: Request, edition_id: UUID) -> HttpResponse:
    """Take it back from its readers, or give the draft up."""
    found = work.opened(viewer_of(request), edition_id)
    line = found.page.line
    given_out = line.state in ("published", "superseded")
    own_draft = line.state in ("drafting", "in_review") and line.started_by == viewer_of(request).display_name
    if "edition.withdraw" not in found.page.may and not own_draft:
        raise Http404
    question = "What is wrong with it?" if given_out else "Why is it given up?"
    hint = "Its page says this, with today’s date." if given_out else "Kept in the change log."
    form = forms.reason_form(question, hint, request.POST if request.method == "POST" else None, line.version)
    if request.method == "POST" and form.is_valid():
        said = "Withdrawn. Its page says so." if given_out else "The draft is given up."
        step, current = work.jobs().withdraw, partnership.current()
        if back := _taken(request, form, edition_id, step, current, said=said, **_with_reason(form)):
            return back
    context = {
        "edition": presenters.line(line),
        "form": form,
        "heading": "Withdraw a published edition" if given_out else "Give up a draft",
        "button": "Withdraw it" if given_out else "Give it up",
    }
    return render(request, "editions/form.html", context)


@require_POST
@may("edition.read")
def again(request: Request, edition_id: UUID) -> HttpResponse:
    """Compute every figure again from its own data, write everything again, and compare every byte."""
    found = work.opened(viewer_of(request), edition_id)
    if found.page.line.state not in ("published", "superseded"):
        raise Http404
    result = work.jobs().make_again(work.home(), partnership.current(), found.page.line, lambda _words: None)
    return render(request, "editions/again.html", {"edition": presenters.line(found.page.line), "result": result})


@require_GET
@may("edition.read")
def preview(request: Request, edition_id: UUID, kind: str, address: str = "") -> HttpResponseBase:
    """A file of an edition as it would be read. Only for those who work on it."""
    found = work.opened(viewer_of(request), edition_id)
    if kind not in EDITIONS or not found.page.line.figures:
        raise Http404
    folder: Path = work.jobs().preview(work.home(), partnership.current(), found.page, kind, work.clock)
    if not address:
        return redirect(
            "edition-preview-file", edition_id=edition_id, kind=kind, address=f"{found.publication.key}/index.html"
        )
    path = site.find(folder, address)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type=site.content_type(path))
