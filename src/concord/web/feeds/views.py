from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.accounts import queries as accounts
from concord.desk.sharing import queries as sharing
from concord.evidence import extracts
from concord.web.feeds import presenters
from concord.web.shared import partnership
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number

PAGE = 50


@require_GET
@may("dataset.read", "agreement.read")
def feeds(request: Request) -> HttpResponse:
    """Due, received, refused and why; for the data protection officer the agreements they rest on as well."""
    viewer, home, now = viewer_of(request), partnership.current(), timezone.now()
    statuses = extracts.feed_status(settings.CONCORD_HOME, home.feeds.values(), now)
    page = number(request)
    every = extracts.receipts(settings.CONCORD_HOME)
    shown = every[(page - 1) * PAGE : page * PAGE]
    agreements = sharing.agreements(viewer, at=now) if accounts.may(viewer, "agreement.read") else ()
    order = {"late": 0, "due": 1, "never received": 2, "received": 3}
    context = {
        "statuses": sorted((presenters.status(each, home) for each in statuses), key=lambda s: order.get(s.state, 9)),
        "receipts": [presenters.receipt(each) for each in shown],
        "agreements": [presenters.agreement(each, home) for each in agreements],
        "previous_page": page - 1,
        "next_page": page + 1 if len(every) > page * PAGE else 0,
    }
    return render(request, "feeds/feeds.html", context)
