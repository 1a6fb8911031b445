"""Nobody works here with a password alone: who has no second factor yet sets one up before anything else."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

BY_PROVIDER = "second_factor_by_provider"
"""The session's note of whose second factor the provider asked for: no other account's."""
HAS_ONE = "second_factor"
OPEN = ("/account/", "/sign-out/", "/sign-in/", "/static/", "/help-now/")


def asked_for(request: HttpRequest) -> HttpResponse | bool:
    """False where this session has its second factor. Else the way to setting one up, or True on that way itself."""
    by_provider = request.session.get(BY_PROVIDER) == str(request.user.pk)
    if settings.CONCORD_DEMO or by_provider or request.session.get(HAS_ONE):
        return False
    if get_adapter().is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        request.session[HAS_ONE] = True
        return False
    if request.path.startswith(OPEN):
        return True
    return HttpResponseRedirect(reverse("second-factor"))
