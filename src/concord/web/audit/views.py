from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.audit import queries
from concord.desk.audit.rules import OPERATIONS as KINDS
from concord.desk.people import queries as people
from concord.desk.records import queries as records
from concord.desk.sharing import queries as sharing
from concord.web.audit import presenters
from concord.web.shared import once
from concord.web.shared.forms import Form, text
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.pages import number

LONGEST_KIND, LONGEST_REFERENCE = 40, 80
"""Letters of what a line of the trail can name: a longer address names nothing."""


class SearchForm(Form):
    reason = text(
        "Why do you need to see what was searched for?",
        missing="Say why you need to see the search",
        hint="It names people. Opening it is a line of the trail, with your reason",
    )


@require_GET
@may("audit.read")
def who_looked(request: Request) -> HttpResponse:
    """What is worth a second look, then the newest lines, or those of one kind or one account, fifty at a time."""
    viewer, now = viewer_of(request), timezone.now()
    operation = request.GET.get("operation", "")
    operation = operation if operation in KINDS else ""
    username, page = request.GET.get("who", "").strip()[:60], number(request)
    events = queries.recent(viewer, at=now, page=page, operation=operation, username=username)
    position, newest = queries.head()
    chosen = {"operation": operation, "who": username}
    context = {
        "lines": [presenters.line(event) for event in events],
        "operation": operation,
        "who": username,
        "operations": [(key, presenters.OPERATIONS[key]) for key in KINDS],
        "broken": queries.verify_newest(),
        "links": position,
        "newest": newest,
        "page_filter": "".join(f"&{key}={value}" for key, value in chosen.items() if value),
        "previous_page": page - 1,
        "next_page": page + 1 if len(events) == queries.PAGE else 0,
    }
    if page == 1 and not operation and not username:
        rule = sharing.oversight()
        since = now - timedelta(days=rule.look_back_days)
        found = queries.odd(viewer, rule.pattern, since=since, day=(rule.day_starts, rule.day_ends), at=now)
        for pattern in rule.pattern:
            if pattern.sign == "same_name":
                found += people.same_names(viewer, pattern, since=since, at=now)
        order = {pattern.key: place for place, pattern in enumerate(rule.pattern)}
        context["odd"] = [presenters.odd(each) for each in sorted(found, key=lambda each: order[each.key])]
        context["look_back_days"] = rule.look_back_days
    return render(request, "audit/who_looked.html", context)


@require_GET
@may("audit.read")
def one_record(request: Request, object_type: str, reference: str) -> HttpResponse:
    page = number(request)
    if len(object_type) > LONGEST_KIND or len(reference) > LONGEST_REFERENCE:
        raise Http404
    events = queries.who_looked(viewer_of(request), object_type, reference, at=timezone.now(), page=page)
    context = {
        "lines": [presenters.line(event) for event in events],
        "object_type": object_type.replace("_", " "),
        "reference": reference,
        "known": presenters.known(object_type, reference),
        "one": True,
        "previous_page": page - 1,
        "next_page": page + 1 if len(events) == queries.PAGE else 0,
    }
    return render(request, "audit/one_record.html", context)


@require_GET
@may("person.looked")
def person(request: Request, person_id: UUID) -> HttpResponse:
    """Who looked at one person, for whoever answers for the record: odd patterns first."""
    viewer, now, page = viewer_of(request), timezone.now(), number(request)
    events, odd = records.looked(viewer, person_id, at=now, page=page)
    position, _ = queries.head()
    context = {
        "lines": [presenters.line(event) for event in events],
        "odd": [presenters.odd(each) for each in odd],
        "person_id": person_id,
        "broken": queries.verify_newest(),
        "links": position,
        "one": True,
        "previous_page": page - 1,
        "next_page": page + 1 if len(events) == records.PAGE else 0,
    }
    return render(request, "audit/person.html", context)


@once.may_repeat
@require_http_methods(["GET", "POST"])
@may("audit.read")
def search(request: Request, event_id: UUID) -> HttpResponse:
    """What somebody searched for, once the reader has said why they need to see it."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "opened": False}
    if request.method == "POST" and form.is_valid():
        asked = queries.open_search(viewer_of(request), event_id, reason=form.cleaned_data["reason"], at=timezone.now())
        context |= {"opened": True, "asked": sorted((asked or {}).items()), "closed": asked is None}
    return render(request, "audit/search.html", context)
