"""A board that sits in public: its agenda, its papers, what residents asked. No account is needed and none is asked."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.panels import operations, queries
from concord.strategy.shapes.forum import Forum
from concord.web.panels import forms
from concord.web.publications import site
from concord.web.referrals import limits
from concord.web.shared import partnership
from concord.web.shared.acts import attempt
from concord.web.shared.pages import number

SERVICE = "public_form"
AN_HOUR = 5
"""Questions that one connection may ask in an hour."""
RECEIPT = "board question receipt"


@require_GET
def board(request: HttpRequest, key: str) -> HttpResponse:
    """When it meets, what it reads, what it was asked."""
    of, now, page = _open(key), timezone.now(), number(request)
    service = accounts.service(SERVICE)
    there = {f"/published/{each.address}" for each in site.documents(settings.CONCORD_HOME / "site")}
    asked = queries.public_questions(service, key, at=now, page=page)
    context = {
        "board": of,
        "meetings": queries.public_board(service, key, at=now),
        # A paper that was withdrawn is named without its address.
        "papers": there,
        "questions": asked,
        "previous_page": page - 1,
        "next_page": page + 1 if len(asked) == queries.PAGE else 0,
    }
    return render(request, "panels/board.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, key: str) -> HttpResponse:
    """Ask without an account. Who asked is not kept, nor where from."""
    of = _open(key)
    form = forms.ask(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if limits.too_many(request, f"question-{key}", AN_HOUR):
            return render(request, "panels/board_later.html", {"board": of}, status=429)
        if form.is_valid():
            done, reference = attempt(
                form,
                lambda: operations.ask_question(
                    viewer=accounts.service(SERVICE), board=key, text=form.cleaned_data["text"], at=timezone.now()
                ),
            )
            if done:
                return redirect(
                    f"{reverse('board-asked', args=[key])}?receipt={signing.dumps(reference, salt=RECEIPT)}"
                )
    return render(request, "panels/board_ask.html", {"board": of, "form": form})


@never_cache
@require_GET
def asked(request: HttpRequest, key: str) -> HttpResponse:
    of = _open(key)
    try:
        reference = signing.loads(request.GET.get("receipt", ""), salt=RECEIPT, max_age=3600)
    except signing.BadSignature:
        return redirect("board", key)
    panel = format_html('Your reference is<br><strong class="concord-code">{}</strong>', reference)
    return render(request, "panels/board_asked.html", {"board": of, "panel_html": panel})


def _open(key: str) -> Forum:
    found = partnership.current().forums.get(key)
    if found is None or not found.public:
        raise Http404
    return found
