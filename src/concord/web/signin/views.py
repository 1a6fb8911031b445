"""Choosing who to be. It exists only where the installation says it is a demonstration."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import queries
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import as_viewer
from concord.web.shared import leaving, partnership
from concord.web.shared.middleware import LAST_HERE, Request


@require_GET
def start(request: Request) -> HttpResponse:
    return redirect("today" if request.viewer else "sign-in")


@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    if not settings.CONCORD_DEMO:
        # Without demo mode there is no way to become somebody by choosing a name.
        return render(request, "signin/closed.html", status=503)
    if request.method == "POST":
        people = {person.username for person in queries.demo_people()}
        username = request.POST.get("person", "")
        user = queries.user_named(username) if username in people else None
        if user is None:
            raise Http404
        before = user.last_login
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        # My day says what is new since; signing in itself moves the account's own mark.
        request.session[LAST_HERE] = before.isoformat() if before else ""
        _note(queries.viewer_for(user, request_id=request.request_id), "sign_in")
        return HttpResponseRedirect(_after(request))
    offered = [{"person": person, "agency": partnership.agency(person.agency)} for person in queries.demo_people()]
    return render(request, "signin/sign_in.html", {"people": offered, "next": request.GET.get("next", "")})


@require_POST
def sign_out(request: Request) -> HttpResponse:
    if request.viewer is not None:
        _note(request.viewer, "sign_out")
    leaving.sign_out(request)
    return redirect("sign-in")


@require_GET
def stay(request: Request) -> HttpResponse:
    """Keeps a session alive; answers nothing but whether it is."""
    return HttpResponse(status=204 if request.viewer else 401)


@require_GET
def session_ended(request: Request) -> HttpResponse:
    leaving.sign_out(request)
    return render(request, "signin/ended.html")


def _note(viewer: Viewer, action: str) -> None:
    """Coming and going are lines of the trail too. The first to come enters what ended since yesterday."""
    now = timezone.now()
    sharing.note_agreements(viewer=queries.service("records_keeper"), at=now)
    with as_viewer(viewer, at=now):
        record(
            viewer=viewer, operation="access", action=action, object_type="account", object_id=viewer.user_id, at=now
        )


def _after(request: Request) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("today")
