"""One step of a pathway's own, and which place, group or online space a contact is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts.rules import NotHere
from concord.desk.referrals import operations, queries, rules
from concord.web.referrals import forms, presenters, steps
from concord.web.referrals.tray import form_page, opened
from concord.web.shared.acts import attempt, posted
from concord.web.shared.forms import Form, radios
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


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


def _form(name_: str, fields: dict[str, Any], data: Any) -> Form:
    built: Form = type(name_, (Form,), fields)(data)
    return built
