"""The list, the beginning and the pages of an assessment. The decision and what follows are in `deciding`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts.rules import ChangedMeanwhile
from concord.desk.instruments import operations, queries
from concord.desk.instruments.rules import AssessmentPage, Earlier, NotUsable
from concord.desk.people import queries as people
from concord.desk.people.rules import PersonPage
from concord.desk.referrals import queries as referrals
from concord.desk.referrals.rules import NamedParty
from concord.kernel.errors import ConcordError
from concord.strategy.shapes.instrument import Section
from concord.web.instruments import forms, presenters
from concord.web.shared import once, partnership
from concord.web.shared.acts import attempt
from concord.web.shared.forms import Form
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_GET
@may("assessment.read")
def mine(request: Request) -> HttpResponse:
    """What is under way, due first; or what was decided. And what may be begun."""
    viewer, closed = viewer_of(request), request.GET.get("show") == "closed"
    number = request.GET.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number) < 1000 else 1
    lines = queries.mine(viewer, at=timezone.now(), closed=closed, page=page)
    usable = queries.usable(viewer)
    context = {
        "lines": [(each, *presenters.STATES[each.state]) for each in lines],
        "closed": closed,
        "usable": usable,
        "asks_due": any(each.trigger for each in usable),
        "more": f"?show={'closed' if closed else 'open'}&page={page + 1}" if len(lines) == 50 else "",
    }
    return render(request, "instruments/list.html", context)


@require_http_methods(["GET", "POST"])
@may("assessment.write")
def begin(request: Request, key: str) -> HttpResponse:
    """Whom it is about. From a person's page they are known already."""
    viewer, now = viewer_of(request), timezone.now()
    try:
        of, grounds = queries.usable_one(viewer, key)
    except NotUsable:
        raise Http404 from None
    person_id = _uuid(request.POST.get("person") or request.GET.get("person", ""))
    party_id = _uuid(request.POST.get("party") or request.GET.get("party", ""))
    known: PersonPage | NamedParty | None = None
    if party_id:
        known = referrals.party_named(viewer, party_id, at=now)
    elif person_id:
        known = people.names(viewer, [person_id], at=now).get(person_id)
    if (person_id or party_id) and known is None:
        raise Http404
    form = forms.begin_form(grounds, known is not None, request.POST if request.method == "POST" else None)
    press = _uuid(request.POST.get("press", "")) or uuid4()
    if request.method == "POST" and form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if value}
        done, made = attempt(
            form,
            lambda: operations.begin(
                viewer=viewer,
                instrument=key,
                person_id=None if party_id else person_id,
                party_id=party_id,
                submission=press,
                at=now,
                **said,
            ),
        )
        if done:
            return redirect("assessment", made)
    context = {
        "form": form,
        "of": of,
        "known": known,
        "person": person_id,
        "party": party_id,
        "press": press,
        "grounds": [(each, presenters.legal(each.why, each.gateway, each.agreement)) for each in grounds],
    }
    return render(request, "instruments/begin.html", context)


@require_GET
@may("assessment.read")
def assessment(request: Request, assessment_id: UUID) -> HttpResponse:
    """The parts and how far each is; once decided, the result."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    if page.state in ("decided", "stopped"):
        return redirect("assessment-result", assessment_id)
    context = {
        "page_of": page,
        "tasks": presenters.tasks(page),
        "prompts": presenters.prompts(page),
        "state": presenters.STATES[page.state],
        "opinion": presenters.opinion(page, page.opinion),
        "ground": presenters.ground(page),
        "left": len(page.outcome.unanswered),
        "earlier": len(queries.earlier_answers(viewer, assessment_id, at=now)),
        "first": presenters.section_address(page, page.instrument.section[0]),
    }
    return render(request, "instruments/overview.html", context)


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("assessment.write")
def section(request: Request, assessment_id: UUID, key: str) -> HttpResponse:
    """One part. Saved at once; words that blame are met with a prompt afterwards, never before."""
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    parts = page.instrument.section
    at = next((number for number, each in enumerate(parts) if each.key == key), None)
    if at is None:
        raise Http404
    if page.state not in ("open", "paused"):
        return redirect("assessment-result", assessment_id)
    part, theirs = parts[at], False
    offered = queries.earlier_answers(viewer, assessment_id, at=now)
    if request.method == "POST":
        form = forms.section_form(page, part, request.POST, offered)
        if form.is_valid():
            done, clash = _save(request, form, page, offered)
            if done:
                return _onward(request, page, at)
            theirs = clash
    else:
        form = forms.section_form(page, part, None, offered)
    following = parts[at + 1] if at + 1 < len(parts) else None
    context = {
        "form": form,
        "page_of": page,
        "part": part,
        "rows": _rows(form, page, part, offered, theirs),
        "number": at + 1,
        "total": len(parts) + 2,
        "press": uuid4(),
        "back": presenters.section_address(page, parts[at - 1]) if at else reverse("assessment", args=[assessment_id]),
        "onward": presenters.section_address(page, following) if following else _check(assessment_id),
        "blamed": presenters.blamed(page, part, queries.words()) if request.GET.get("words") else [],
        "asked_more": bool(request.GET.get("more")),
    }
    return render(request, "instruments/section.html", context)


@require_POST
@may("assessment.write")
def keep(request: Request, assessment_id: UUID, key: str) -> JsonResponse:
    """One answer, kept as soon as its field is left: what a browser with a script sends while the page is filled in.

    Answers {"revision"} and, where it was not kept, {"says"}: what is wrong, or who answered it meanwhile and how.
    """
    viewer, now = viewer_of(request), timezone.now()
    page = queries.assessment(viewer, assessment_id, at=now)
    part = next((each for each in page.instrument.section if each.key == key), None)
    address = request.POST.get("field", "")
    if part is None or page.state not in ("open", "paused"):
        raise Http404
    form = forms.section_form(page, part, request.POST, {})
    if address not in form.fields or address.endswith((forms.WITHHELD, forms.USE)):
        raise Http404
    form.is_valid()
    if form.errors.get(address):
        return JsonResponse({"revision": page.revision, "says": str(form.errors[address][0])}, status=422)
    answers, withheld = forms.given(form, {}, only=address)
    revision = request.POST.get("revision", "")
    try:
        kept = operations.save(
            viewer=viewer,
            assessment_id=assessment_id,
            answers=answers,
            withheld=withheld,
            revision=int(revision) if revision.isdecimal() else page.revision,
            at=now,
        )
    except ChangedMeanwhile:
        place = next(each for each in forms.places(page, part) if each.address == address)
        said = page.answers.get(address)
        told = f"Not saved: meanwhile {presenters.noted(said)} answered “{presenters.answered(place.question, said)}”. "
        return JsonResponse(
            {"revision": page.revision, "says": told + "Save the page to replace it, or open it again."}, status=409
        )
    except ConcordError as problem:
        return JsonResponse({"revision": page.revision, "says": problem.what}, status=422)
    return JsonResponse({"revision": kept})


def _save(request: Request, form: Form, page: AssessmentPage, offered: Mapping[str, Earlier]) -> tuple[bool, bool]:
    """Whether it was saved; if not, whether because a colleague was there first."""
    clash: list[bool] = []

    def act() -> int:
        answers, withheld = forms.given(form, offered)
        revision = request.POST.get("revision", "")
        try:
            return operations.save(
                viewer=viewer_of(request),
                assessment_id=page.assessment_id,
                answers=answers,
                withheld=withheld,
                revision=int(revision) if revision.isdecimal() else page.revision,
                save_id=_uuid(request.POST.get("press", "")),
                at=timezone.now(),
            )
        except ChangedMeanwhile:
            clash.append(True)
            raise

    done, _ = attempt(form, act)
    return done, bool(clash)


def _onward(request: Request, before: AssessmentPage, at: int) -> HttpResponse:
    """To the next part; back to this one for a question that the answers brought up, or a word to look at."""
    parts = before.instrument.section
    if request.POST.get("later"):
        operations.pause(viewer=viewer_of(request), assessment_id=before.assessment_id, at=timezone.now())
        messages.success(request, "Saved and paused. Nothing is lost: go on from here on another day.")
        return redirect("assessments")
    here = presenters.section_address(before, parts[at])
    after = queries.assessment(viewer_of(request), before.assessment_id, at=timezone.now())
    if request.POST.get("another"):
        return HttpResponseRedirect(here)
    new = set(after.outcome.asked) - set(before.outcome.asked)
    if parts[at].repeats is None and any(presenters.belongs(parts[at], each) for each in new - set(after.answers)):
        return HttpResponseRedirect(f"{here}?more=1")
    if presenters.blamed(after, parts[at], queries.words()) and not request.GET.get("words"):
        return HttpResponseRedirect(f"{here}?words=1")
    if at + 1 < len(parts):
        return HttpResponseRedirect(presenters.section_address(after, parts[at + 1]))
    return HttpResponseRedirect(_check(before.assessment_id))


def _rows(
    form: Form, page: AssessmentPage, part: Section, offered: Mapping[str, Earlier], theirs: bool
) -> list[dict[str, Any]]:
    """Each question with what was said before, what a colleague wrote, and its “do not write” box."""
    rows = []
    for place in forms.places(page, part):
        earlier = offered.get(place.address)
        said = page.answers.get(place.address)
        rows.append(
            {
                "bound": form[place.address],
                "withheld": form[place.address + forms.WITHHELD] if place.question.declinable else None,
                "heading": f"{part.repeats.noun} {place.row}".capitalize()
                if part.repeats and place.question is part.question[0]
                else "",
                "earlier": presenters.answered(place.question, earlier.said) if earlier else "",
                "source": earlier.source if earlier else (said.source if said else ""),
                "use": form[place.address + forms.USE] if place.address + forms.USE in form.fields else None,
                "theirs": presenters.answered(place.question, said) if theirs and said else "",
                "theirs_by": presenters.noted(said) if theirs and said else "",
            }
        )
    return rows


@require_GET
@may("assessment.read")
def check(request: Request, assessment_id: UUID) -> HttpResponse:
    """Everything once more before the decision."""
    page = queries.assessment(viewer_of(request), assessment_id, at=timezone.now())
    if page.state in ("decided", "stopped"):
        return redirect("assessment-result", assessment_id)
    context = {
        "page_of": page,
        "parts": presenters.answers(page),
        "scores": presenters.scores(page),
        "prompts": presenters.prompts(page),
        "left": len(page.outcome.unanswered),
        "number": len(page.instrument.section) + 1,
        "total": len(page.instrument.section) + 2,
    }
    return render(request, "instruments/check.html", context)


@require_POST
@may("assessment.write")
def resume(request: Request, assessment_id: UUID) -> HttpResponse:
    operations.resume(viewer=viewer_of(request), assessment_id=assessment_id, at=timezone.now())
    return redirect("assessment", assessment_id)


@require_GET
def transparency(request: Request, key: str) -> HttpResponse:
    """What the public is told about an instrument: who owns it, how it decides nothing, how to challenge it."""
    of = partnership.current().instruments.get(key)
    if of is None or of.status != "active" or of.transparency is None:
        raise Http404
    loaded = queries.wording_of(key)
    # What is only assumed is the partnership's own to settle: shown to whoever signed in.
    assumed = presenters.assumed(of) if request.viewer is not None else []
    context = {
        "of": of,
        "loaded": loaded,
        "record": of.transparency,
        "assumed": assumed,
        "open_questions": of.open_question if request.viewer is not None else (),
        "grounds": [(each, presenters.legal(each.why, each.gateway, each.agreement)) for each in of.ground],
    }
    return render(request, "instruments/transparency.html", context)


def _check(assessment_id: UUID) -> str:
    return reverse("assessment-check", args=[assessment_id])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
