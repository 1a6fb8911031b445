from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.instruments import queries as instruments
from concord.desk.panels import queries as panels
from concord.desk.people import queries
from concord.desk.sharing import queries as sharing
from concord.web.actions import presenters as actions
from concord.web.people import forms, presenters
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
        "corrections": presenters.corrections(found),
        "can_ethnicity": "special_category" in viewer.fields,
        "why": why,
        "withheld": [presenters.WITHHELD[kind] for kind in found.withheld],
        "reason": reason,
        "usable": instruments.usable(viewer),
        "can_note": accounts.may(viewer, "person.match"),
        "can_merge": accounts.may(viewer, "person.merge"),
        "can_audit": accounts.may(viewer, "audit.read"),
    }
    return render(request, "people/person.html", context)
