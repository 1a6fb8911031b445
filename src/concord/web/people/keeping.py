"""Keeping somebody's record right: how to reach them, names, numbers, ethnicity, fields put right, relationships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.people import operations, queries
from concord.desk.people.rules import PersonPage
from concord.web.people import forms, presenters, reasons
from concord.web.people.joining import searched
from concord.web.shared.acts import attempt, posted
from concord.web.shared.forms import Form
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("person.match")
def needs(request: Request, person_id: UUID) -> HttpResponse:
    """How somebody may safely be reached, and what they need to take part."""
    found = _opened(request, person_id, "to record how to reach them")
    given = {
        "safe_contact": found.safe_contact,
        "interpreter": found.interpreter,
        "access_needs": found.access_needs,
        "version": found.version,
    }
    form = forms.NeedsForm(posted(request), initial=given)
    viewer = viewer_of(request)
    if "special_category" not in viewer.fields:
        del form.fields["access_needs"]
    return _kept(
        request,
        found,
        form,
        lambda given: operations.set_needs(
            viewer=viewer, person_id=person_id, at=timezone.now(), **{"access_needs": "", **given}
        ),
        heading="How to reach them, and what they need",
        button="Save",
        done="Saved. Everybody who opens the record sees it first.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def alias(request: Request, person_id: UUID) -> HttpResponse:
    return _kept(
        request,
        _opened(request, person_id, "to record another name"),
        forms.AliasForm(posted(request)),
        lambda given: operations.add_alias(viewer=viewer_of(request), person_id=person_id, at=timezone.now(), **given),
        heading="Record another name",
        button="Save the name",
        done="The name is on record, and found in searches.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def number(request: Request, person_id: UUID) -> HttpResponse:
    """An agency's own number."""
    return _kept(
        request,
        _opened(request, person_id, "to record an agency’s number"),
        forms.number(posted(request)),
        lambda given: operations.add_identifier(
            viewer=viewer_of(request), person_id=person_id, at=timezone.now(), **given
        ),
        heading="Record an agency’s number",
        button="Save the number",
        done="The number is on record.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def ethnicity(request: Request, person_id: UUID, basis: str) -> HttpResponse:
    """As they say, or as an officer recorded: two pages, so that nobody takes one for the other."""
    viewer = viewer_of(request)
    if basis not in presenters.BASES or "special_category" not in viewer.fields:
        raise Http404
    found = _opened(request, person_id, "to record ethnicity")
    held = next(({"code": code, "source": source} for each, code, source in found.ethnicity if each == basis), {})
    own = basis == "self_defined"
    return _kept(
        request,
        found,
        forms.ethnicity(basis, posted(request), {**held, "version": found.version}),
        lambda given: operations.set_ethnicity(
            viewer=viewer, person_id=person_id, basis=basis, at=timezone.now(), **given
        ),
        heading="Ethnicity, as they describe it" if own else "Ethnicity, as an officer recorded it",
        button="Save",
        lede="Ask, and record their own answer. “Prefers not to say” is an answer."
        if own
        else "This is what somebody saw. It never replaces what the person says of themselves.",
        after="It is never used to search for anybody, to compare records or in any score.",
        done="Saved. The other answer was not changed.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def correct(request: Request, person_id: UUID) -> HttpResponse:
    """Names, date of birth, sex and postcode put right, with what they said before kept."""
    viewer, found = viewer_of(request), _opened(request, person_id, "to put details right")
    held = {name: getattr(found, name) for name in presenters.CORRECTED} | {"version": found.version}

    def put_right(given: dict[str, Any]) -> None:
        operations.put_right(
            viewer=viewer,
            person_id=person_id,
            fields={name: forms.as_text(given[name]) for name in presenters.CORRECTED if name in given},
            reason=given["reason"],
            version=given["version"],
            at=timezone.now(),
        )

    return _kept(
        request,
        found,
        forms.correct(posted(request), held, viewer.fields),
        put_right,
        heading="Put details right",
        button="Save the correction",
        lede="Change what is wrong and leave the rest as it is.",
        done="Put right. What it said before is kept below, with your reason.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def related(request: Request, person_id: UUID) -> HttpResponse:
    """Whom a relationship is to: looked for first, among the people the viewer's team works with."""
    found = _opened(request, person_id, "to record a relationship")
    form, candidates = searched(request)
    others = None if candidates is None else [each for each in candidates if each.person_id != person_id]
    context = {
        "person": found,
        "safe": presenters.safe_contacts(found),
        "form": form,
        "found": others,
        "back": _back(person_id),
    }
    return render(request, "people/related.html", context)


@require_http_methods(["GET", "POST"])
@may("person.match")
def relate(request: Request, person_id: UUID, other_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    if person_id == other_id:
        raise Http404
    found, other = queries.pair_to_relate(viewer, person_id, other_id, at=now)
    reasons.note(request, person_id)

    def kept(given: dict[str, Any]) -> None:
        kind, _, way = given.pop("kind").partition(":")
        one, two = (person_id, other_id) if way == "out" else (other_id, person_id)
        operations.relate(viewer=viewer, person_id=one, other_id=two, kind=kind, at=now, **given)

    return _kept(
        request,
        found,
        forms.relate(found.name, other.name, presenters.relations(found.name, other.name), posted(request)),
        kept,
        heading=f"{found.name} and {other.name}",
        button="Save the relationship",
        done=f"On record, and shown on {other.name}’s record too.",
    )


@require_http_methods(["GET", "POST"])
@may("person.match")
def end(request: Request, person_id: UUID, relationship_id: UUID) -> HttpResponse:
    found = _opened(request, person_id, "to end a relationship")
    this = next((each for each in found.related if each.relationship_id == relationship_id), None)
    if this is None:
        raise Http404
    return _kept(
        request,
        found,
        forms.EndForm(posted(request)),
        lambda given: operations.end_relationship(
            viewer=viewer_of(request),
            person_id=person_id,
            relationship_id=relationship_id,
            at=timezone.now(),
            **given,
        ),
        heading="This relationship has ended",
        button="Save the end",
        lede=f"{this.name}, {presenters.kind_of(this)}. It stays on both records as something that was.",
        done="Saved. It stays on both records, with its end.",
    )


def _opened(request: Request, person_id: UUID, reason: str) -> PersonPage:
    found = queries.person(viewer_of(request), person_id, at=timezone.now(), reason=reason)
    reasons.note(request, person_id)
    return found


def _back(person_id: UUID) -> str:
    return f"{reverse('person', args=[person_id])}?from=record-SAVED"


def _kept(
    request: Request,
    found: PersonPage,
    form: Form,
    act: Callable[[dict[str, Any]], None],
    *,
    done: str,
    **words: str,
) -> HttpResponse:
    """One form about somebody: tried, and back to their record; or drawn, their warnings first."""
    if request.method == "POST" and form.is_valid():
        kept, _ = attempt(form, lambda: act(dict(form.cleaned_data)))
        if kept:
            messages.success(request, done)
            return redirect(_back(found.person_id))
    context = {
        "form": form,
        "caption": found.name,
        "safe": presenters.safe_contacts(found),
        "back": _back(found.person_id),
        "back_words": "Back to the person",
    }
    return render(request, "people/form.html", context | words)
