"""Coming in: by choosing who to be where the installation says it is a demonstration, else with password and second
factor or through one's own organisation."""

from __future__ import annotations

from allauth.account import views as account
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from concord.desk.accounts import joining, queries
from concord.web.shared import leaving, partnership
from concord.web.shared.middleware import Request
from concord.web.signin import forms
from concord.web.signin.coming import came_in, note


@require_GET
def start(request: Request) -> HttpResponse:
    return redirect("today" if request.viewer else "sign-in")


@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    if not settings.CONCORD_DEMO:
        # Without demo mode there is no way to become somebody by choosing a name.
        return account.login(request)  # type: ignore[no-any-return]
    if request.method == "POST":
        people = {person.username for person in queries.demo_people()}
        username = request.POST.get("person", "")
        user = queries.user_named(username) if username in people else None
        if user is None:
            raise Http404
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        came_in(request, user)
        return HttpResponseRedirect(_after(request))
    offered = [{"person": person, "agency": partnership.agency(person.agency)} for person in queries.demo_people()]
    return render(request, "signin/sign_in.html", {"people": offered, "next": request.GET.get("next", "")})


@require_POST
def sign_out(request: Request) -> HttpResponse:
    if request.viewer is not None:
        note(request.viewer, "sign_out")
    leaving.sign_out(request)
    answer = redirect("sign-in")
    # What the pages of a phone without a signal keep goes too; a session that ended by itself leaves it.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@require_GET
def stay(request: Request) -> HttpResponse:
    """Keeps a session alive; answers nothing but whether it is."""
    return HttpResponse(status=204 if request.viewer else 401)


@require_GET
def session_ended(request: Request) -> HttpResponse:
    leaving.sign_out(request)
    return render(request, "signin/ended.html", {"next": _safe(request, request.GET.get("next", ""))})


@require_GET
def second_factor(request: Request) -> HttpResponse:
    """Where somebody without a second factor is sent, whatever page they asked for."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    return render(request, "signin/second_factor.html")


@require_http_methods(["GET", "POST"])
def join(request: Request, token: str) -> HttpResponse:
    """A one-time link: choose a password. A link that was used, has ended or never was looks the same."""
    user = queries.invited(token, timezone.now())
    if user is None:
        return render(request, "signin/no_link.html", status=404)
    form = forms.PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        joining.set_password(token=token, password=form.cleaned_data["password"], at=timezone.now())
        messages.success(request, "Your password is set. Sign in with it now.")
        return redirect("sign-in")
    return render(request, "signin/join.html", {"form": form, "name": user.display_name, "username": user.username})


@require_GET
def cancelled(request: Request) -> HttpResponse:
    """Single sign-on that was broken off, or whose answer made no sense."""
    return render(request, "signin/no_account.html", {"cancelled": True}, status=403)


def _after(request: Request) -> str:
    return _safe(request, request.POST.get("next", "")) or reverse("today")


def _safe(request: Request, wanted: str) -> str:
    """An address of this site, or nothing."""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return ""
