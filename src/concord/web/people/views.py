from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.people import operations, queries
from concord.desk.sharing import queries as sharing
from concord.web.actions import presenters as actions
from concord.web.people import forms, presenters
from concord.web.shared.acts import attempt
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of

FROM = re.compile(r"(case|contact|emergency|merge|record)-([A-Z0-9]{4,12})")


@require_http_methods(["GET", "POST"])
@may("person.read")
def person(request: Request, person_id: UUID) -> HttpResponse:
    """From a case or a contact the reason is known; otherwise it is asked first, whoever is behind the address."""
    viewer, now = viewer_of(request), timezone.now()
    came = FROM.fullmatch(request.GET.get("from", ""))
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if came:
        reason = f"opened from {came[1]} {came[2]}"
    elif request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
    else:
        return render(request, "people/reason.html", {"form": form})
    found = queries.person(viewer, person_id, at=now, reason=reason)
    sits = accounts.may(viewer, "item.read")
    pointers = panels.for_person(viewer, person_id, at=now)
    about = panels.actions_about(viewer, person_id, at=now) if sits else ()
    why = sharing.why_visible(viewer, "person", person_id, at=now)
    context = {
        "person": found,
        "safe": presenters.safe_contacts(found),
        "summary": presenters.summary(found),
        "aliases": [(each.name, presenters.ALIAS_KINDS[each.kind], each.source) for each in found.aliases],
        "pointers": pointers,
        "actions": [actions.line(each) for each in about],
        "clashes": panels.clashes(viewer, about),
        "timeline": presenters.timeline(pointers, about),
        "related": presenters.related(found),
        "why": why,
        "withheld": [presenters.WITHHELD[kind] for kind in found.withheld],
        "reason": reason,
        "usable": instruments.usable_about(viewer, found.age),
        "can_note": accounts.may(viewer, "person.match"),
        "can_merge": accounts.may(viewer, "person.merge"),
        "can_audit": accounts.may(viewer, "audit.read"),
    }
    return render(request, "people/person.html", context)


@require_http_methods(["GET", "POST"])
@may("person.match")
def needs(request: Request, person_id: UUID) -> HttpResponse:
    """How somebody may safely be reached, and what they need to take part."""
    viewer, now = viewer_of(request), timezone.now()
    found = queries.person(viewer, person_id, at=now, reason="to record how to reach them")
    given = {
        "safe_contact": found.safe_contact,
        "interpreter": found.interpreter,
        "access_needs": found.access_needs,
        "version": found.version,
    }
    form = forms.NeedsForm(request.POST if request.method == "POST" else None, initial=given)
    if "special_category" in found.withheld:
        del form.fields["access_needs"]
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form,
            lambda: operations.set_needs(
                viewer=viewer, person_id=person_id, at=now, **{"access_needs": "", **form.cleaned_data}
            ),
        )
        if done:
            messages.success(request, "Saved. Everybody who opens the record sees it first.")
            return redirect(_back(person_id))
    return _form(request, person_id, form, "How to reach them, and what they need", "Save", found.name)


@require_http_methods(["GET", "POST"])
@may("person.match")
def alias(request: Request, person_id: UUID) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    found = queries.person(viewer, person_id, at=now, reason="to record another name")
    form = forms.AliasForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done, _ = attempt(
            form, lambda: operations.add_alias(viewer=viewer, person_id=person_id, at=now, **form.cleaned_data)
        )
        if done:
            messages.success(request, "The name is on record, and found in searches.")
            return redirect(_back(person_id))
    return _form(request, person_id, form, "Record another name", "Save the name", found.name)


def _back(person_id: UUID) -> str:
    return f"{reverse('person', args=[person_id])}?from=record-SAVED"


def _form(request: Request, person_id: UUID, form: forms.Form, heading: str, button: str, name: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "button": button,
        "caption": name,
        "back": _back(person_id),
        "back_words": "Back to the person",
    }
    return render(request, "people/form.html", context)
