from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.accounts import queries as accounts
from concord.desk.audit import queries as audit
from concord.desk.sharing import queries
from concord.web.agreements import presenters
from concord.web.audit import presenters as trail
from concord.web.shared import partnership
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number


@require_GET
@may("agreement.read")
def agreements(request: Request) -> HttpResponse:
    """The register, those that end first on top."""
    lines = [presenters.line(each) for each in queries.agreements(viewer_of(request), at=timezone.now())]
    context = {
        "signed": [each for each in lines if each.signed],
        "patterns": [each for each in lines if not each.signed],
        "soon": [each for each in lines if each.signed and each.state == "Ends soon"],
    }
    return render(request, "agreements/agreements.html", context)


@require_GET
@may("agreement.read")
def agreement(request: Request, key: str) -> HttpResponse:
    found = queries.agreement(viewer_of(request), key, at=timezone.now())
    return render(request, "agreements/agreement.html", {"line": presenters.line(found.line), "page_of": found})


@require_GET
@may("audit.read")
def disclosures(request: Request) -> HttpResponse:
    """What left one body for another, to whom and on what ground; of one agreement if asked."""
    known = partnership.current().agreements
    chosen = request.GET.get("agreement", "")
    chosen = chosen if chosen in known else ""
    page = number(request)
    events = audit.disclosures(viewer_of(request), at=timezone.now(), agreement=chosen, page=page)
    context = {
        "lines": [trail.line(event) for event in events],
        "chosen": chosen,
        "agreements": sorted((each.name, key) for key, each in known.items() if each.parties),
        "may_register": accounts.may(viewer_of(request), "agreement.read"),
        "page_filter": f"&agreement={chosen}" if chosen else "",
        "previous_page": page - 1,
        "next_page": page + 1 if len(events) == audit.PAGE else 0,
    }
    return render(request, "agreements/disclosures.html", context)
