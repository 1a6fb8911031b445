from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.people import queries
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer
from concord.web.actions import presenters as actions
from concord.web.people import forms, presenters, reasons, timeline
from concord.web.shared import restricted
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of


@require_http_methods(["GET", "POST"])
@may("person.read")
def person(request: Request, person_id: UUID) -> HttpResponse:
    """From a case or a contact the reason is known; otherwise it is asked first, whoever is behind the address."""
    viewer, now = viewer_of(request), timezone.now()
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    reason = reasons.given(request, person_id, at=now)
    if not reason and request.method == "POST" and form.is_valid():
        reason = reasons.typed(form.cleaned_data["reason"])
    if not reason:
        return render(request, "people/reason.html", {"form": form})
    found = queries.person(viewer, person_id, at=now, reason=reason)
    reasons.note(request, person_id, *(each.person_id for each in found.same))
    # One transaction in the viewer's name for all that follows: each would otherwise tell the database again.
    with as_viewer(viewer, at=now):
        records = queries.records_of(viewer, [person_id], at=now)
        sits = accounts.may(viewer, "item.read")
        pointers = panels.for_person(viewer, person_id, at=now, records=records)
        about = panels.actions_about(viewer, person_id, at=now, records=records) if sits else ()
        can = queries.changes(viewer, person_id, ("person.match", "person.merge"), at=now)
        why = sharing.why_visible(viewer, "person", person_id, at=now)
        context = {
            "person": found,
            "safe": presenters.safe_contacts(found),
            "summary": presenters.summary(found),
            "aliases": [(each.name, presenters.ALIAS_KINDS[each.kind], each.source) for each in found.aliases],
            "pointers": pointers,
            "actions": [actions.line(each) for each in about],
            "clashes": panels.clashes(viewer, about),
            "hand_offs": [(when, actions.line(each)) for when, each in panels.hand_offs(viewer, records, at=now)],
            "related": presenters.related(found),
            "corrections": presenters.corrections(found),
            "can_ethnicity": "special_category" in viewer.fields,
            "why": why,
            "withheld": [presenters.WITHHELD[kind] for kind in found.withheld],
            "reason": reason,
            "usable": instruments.usable_about(viewer, found.age),
            "can_note": "person.match" in can,
            "can_merge": "person.merge" in can,
            "can_look": accounts.may(viewer, "person.looked"),
        }
        context |= restricted.notice(viewer, {person_id: found.name}, at=now)
        context |= timeline.context(viewer, person_id, records, timeline.Wanted(), at=now)
    return render(request, "people/person.html", context)


@require_GET
@may("person.read")
def history(request: Request, person_id: UUID) -> HttpResponse:
    """The timeline by itself: by kind, by agency, and further back."""
    viewer, now = viewer_of(request), timezone.now()
    found = queries.person(viewer, person_id, at=now, reason="reading on in the timeline")
    with as_viewer(viewer, at=now):
        records = queries.records_of(viewer, [person_id], at=now)
        context = {"person": found, "safe": presenters.safe_contacts(found)}
        context |= timeline.context(viewer, person_id, records, timeline.wanted(request), at=now)
    return render(request, "people/timeline.html", context)
