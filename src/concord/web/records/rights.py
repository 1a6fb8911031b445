"""What people ask about their own record: entered, read passage by passage, put right, answered."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts.rules import NotHere
from concord.desk.people.rules import Details
from concord.desk.records import operations, queries, rules
from concord.desk.records.rules import Passage, RequestLine
from concord.web.audit import presenters as trail
from concord.web.people import presenters as people
from concord.web.records import forms
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

SOURCES = {
    "referrals_referral": "Referral",
    "referrals_party": "Referral, about them",
    "referrals_contact": "What the receiving team made of it",
    "referrals_check": "Agency check",
    "referrals_step": "Step of the case",
    "panels_item": "Panel case",
    "panels_research": "Research for a panel",
    "panels_intelligence": "Police intelligence",
    "panels_decision": "Panel decision",
    "panels_rating": "Risk as the panel judged it",
    "panels_action": "Panel action",
    "panels_priorcontact": "Contact before the meeting",
    "panels_cohortentry": "Why they left a forum's list",
    "instruments_assessment": "Assessment",
    "instruments_judgement": "Decision on an assessment",
    "instruments_opinion": "Advice on an assessment",
    "instruments_onward": "What came of an advised route",
    "registers_entry": "Entry of a register",
}

FIELDS = {
    "rag_reason": "why it was rated so",
    "safe_contact": "how to reach them safely",
    "stopped_because": "why it was stopped",
    "entry": "the whole of it",
    "text": "what they wrote",
    "note": "what was noted",
    "answers": "the answers given",
    "rationale": "why it was decided so",
    "concern": "what the concern was",
    "feedback": "what the referrer was told",
    "basis": "on what ground it was asked",
    "question": "what was asked",
    "answer": "what was answered",
    "minute": "what was said at the meeting",
    "differs_because": "why two agencies decided differently",
    "override": "why the decision departs from the score",
}


@require_GET
@may("rights.answer")
def requests(request: Request) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    lines = queries.requests(viewer, at=now)
    context = {
        "waiting": [
            (each, rules.REQUESTS[each.kind], rules.REQUEST.states[each.state]) for each in lines if each.waits
        ],
        "answered": [
            (each, rules.REQUESTS[each.kind], rules.REQUEST.states[each.state]) for each in lines if not each.waits
        ],
        "restrictions": queries.restrictions(viewer, at=now),
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
    """One request: what there is to do on it, and the answer."""
    viewer, line = viewer_of(request), _waiting(request, request_id)
    form = forms.AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.answer_request(
                viewer=viewer,
                request_id=request_id,
                note=given["note"],
                refused=given["outcome"] == "refused",
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The answer is entered.")
            return redirect("requests")
    context: dict[str, Any] = {
        "form": form,
        "line": line,
        "what": rules.REQUESTS[line.kind],
        "state": rules.REQUEST.states[line.state],
        "can_extend": rules.REQUEST.can(line.state, "extend"),
    }
    if line.kind in ("rectification", "restriction"):
        told = queries.told(viewer, request_id, at=timezone.now())
        context["told"] = [(trail.holder(each.holder), trail.told(each.field), each) for each in told]
    if line.kind == "restriction":
        found = queries.restrictions(viewer, request_id, at=timezone.now())
        context["restrictions"] = found
    return render(request, "records/answer.html", context)


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def extend(request: Request, request_id: UUID) -> HttpResponse:
    _waiting(request, request_id)
    form = forms.ExtendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, due = attempt(
            form,
            lambda: operations.extend_request(
                viewer=viewer_of(request), request_id=request_id, why=form.cleaned_data["why"], at=timezone.now()
            ),
        )
        if done:
            messages.success(request, f"It is now due on {due:%-d %B %Y}. Tell the person, with the reason.")
            return redirect("request-answer", request_id)
    context = {
        "form": form,
        "heading": "Take more time",
        "button": "Take two more months",
        "back_to_request": request_id,
    }
    return render(request, "records/form.html", context)


@require_GET
@may("rights.answer")
def passages(request: Request, request_id: UUID) -> HttpResponse:
    """What was written about the person, those nobody has decided on top."""
    line = _waiting(request, request_id)
    found = queries.passages(viewer_of(request), request_id, at=timezone.now()) if line.kind == "access" else ()
    made = Counter("unread" if not each.decided else "withheld" if each.exemption else "given" for each in found)
    context = {
        "line": line,
        "passages": [_passage(each) for each in sorted(found, key=lambda each: (each.decided, each.at))],
        "counts": made,
    }
    return render(request, "records/passages.html", context)


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def passage(request: Request, request_id: UUID, key: str) -> HttpResponse:
    """One passage: as it was written, and what the person gets of it."""
    viewer = viewer_of(request)
    _waiting(request, request_id)
    every = queries.passages(viewer, request_id, at=timezone.now())
    found = next((each for each in every if each.key == key), None)
    if found is None:
        raise Http404
    form = forms.passage(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        withheld = given["outcome"] == "withhold"
        if withheld and not given["exemption"]:
            form.add_error("exemption", "Choose the ground on which it is withheld")
        else:
            done, _ = attempt(
                form,
                lambda: operations.decide_passage(
                    viewer=viewer,
                    request_id=request_id,
                    passage=key,
                    text="" if withheld else given["text"],
                    exemption=given["exemption"] if withheld else "",
                    why=given["why"],
                    at=timezone.now(),
                ),
            )
            if done:
                following = next((each for each in every if not each.decided and each.key != key), None)
                if following is None:
                    messages.success(request, "Every passage has been read.")
                    return redirect("request-passages", request_id)
                return redirect("request-passage", request_id, following.key)
    context = {
        "form": form,
        "request_id": request_id,
        "passage": _passage(found),
        "left": sum(not e.decided for e in every),
    }
    return render(request, "records/passage.html", context)


@require_http_methods(["GET", "POST"])
@may("rights.answer")
def correct(request: Request, request_id: UUID) -> HttpResponse:
    """What the person asks to have put right: the entry as it stands, and the change."""
    viewer, line = viewer_of(request), _waiting(request, request_id)
    if line.kind != "rectification":
        raise Http404
    entry = queries.entry_to_put_right(viewer, request_id, at=timezone.now())
    form = forms.CorrectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, told = attempt(
            form,
            lambda: operations.put_right(
                viewer=viewer,
                request_id=request_id,
                field=given["field"],
                after=given["after"],
                reason=given["reason"],
                at=timezone.now(),
            ),
        )
        if done and told is not None:
            whom = f"{len(told)} teams and forums that received it are told." if told else "Nobody else received it."
            messages.success(request, f"It is put right. {whom}")
            return redirect("request-answer", request_id)
    shown = [
        (rules.CORRECTED[field], people.said(field, value) if value else "Not known")
        for field, value in (entry or {}).items()
    ]
    entries = queries.entries_about(viewer, request_id, at=timezone.now())
    context = {"form": form, "line": line, "entry": shown, "entries": entries}
    return render(request, "records/correct.html", context)


@require_POST
@may("rights.answer")
def pack(request: Request, request_id: UUID) -> HttpResponse:
    """The pack as a file for the officer to read and send. Where there is nothing to give, the page says so."""
    try:
        found = queries.subject_pack(viewer_of(request), request_id, at=timezone.now())
    except NotHere:
        messages.info(request, "There is nothing here to give under this request.")
        return redirect("request-answer", request_id)
    made = HttpResponse(json.dumps(found, indent=2, ensure_ascii=False), content_type="application/json")
    made["Content-Disposition"] = f'attachment; filename="subject-access-{str(request_id)[:8]}.json"'
    return made


@require_http_methods(["GET", "POST"])
@may("person.read")
def put_right(request: Request) -> HttpResponse:
    """What this viewer's teams and forums received and was put right since."""
    viewer = viewer_of(request)
    if request.method == "POST":
        try:
            notice = UUID(request.POST.get("notice", ""))
        except ValueError:
            raise Http404 from None
        operations.read_notice(viewer=viewer, notice_id=notice, at=timezone.now())
        messages.success(request, "Marked as read. Put right what you copied elsewhere.")
        return redirect("put-right")
    lines = [
        (each, trail.holder(each.holder), trail.told(each.field))
        for each in queries.put_right(viewer, at=timezone.now())
    ]
    return render(request, "records/put_right.html", {"lines": lines, "means": rules.MEANS})


def _waiting(request: Request, request_id: UUID) -> RequestLine:
    line = queries.request(viewer_of(request), request_id, at=timezone.now())
    if not line.waits:
        raise NotHere("request")
    return line


def _passage(found: Passage) -> dict[str, Any]:
    state, shape = ("Not read yet", "amber")
    if found.exemption:
        state, shape = f"Withheld: {queries.exemptions().get(found.exemption, found.exemption)}", "red"
    elif found.given:
        state, shape = "Given", "done"
    return {
        "key": found.key,
        "source": SOURCES.get(found.source, found.source),
        "field": FIELDS.get(found.field, found.field.replace("_", " ")),
        "at": found.at,
        "said": found.said,
        "state": state,
        "shape": shape,
        "redacted": found.redacted,
    }
