from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from concord.desk.audit import queries
from concord.desk.audit.rules import OPERATIONS as KINDS
from concord.web.audit import presenters
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number


@require_GET
@may("audit.read")
def who_looked(request: Request) -> HttpResponse:
    """The newest lines, or those of one kind of operation, fifty at a time."""
    operation = request.GET.get("operation", "")
    operation = operation if operation in KINDS else ""
    page = number(request)
    events = queries.recent(viewer_of(request), at=timezone.now(), page=page, operation=operation)
    broken = queries.verify()
    position, newest = queries.head()
    context = {
        "lines": [presenters.line(event) for event in events],
        "operation": operation,
        "operations": [(key, presenters.OPERATIONS[key]) for key in KINDS],
        "broken": broken,
        "links": position,
        "newest": newest,
        "page_filter": f"&operation={operation}" if operation else "",
        "previous_page": page - 1,
        "next_page": page + 1 if len(events) == queries.PAGE else 0,
    }
    return render(request, "audit/who_looked.html", context)


@require_GET
@may("audit.read")
def one_record(request: Request, object_type: str, reference: str) -> HttpResponse:
    events = queries.who_looked(viewer_of(request), object_type, reference, at=timezone.now())
    context = {
        "lines": [presenters.line(event) for event in events],
        "object_type": object_type.replace("_", " "),
        "reference": reference,
        "one": True,
    }
    return render(request, "audit/one_record.html", context)
