"""Real sign-in. In a demonstration these addresses are not there (see `shared/middleware.py`)."""

from __future__ import annotations

from allauth.account import views as account
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from concord.web.signin import views


def closed(request: HttpRequest, **_: object) -> HttpResponse:
    """What allauth knows and we do not offer: signing up, mail addresses, resets by mail."""
    raise Http404


urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", views.sign_out, name="account_logout"),
    path("inactive/", closed, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("signup/", closed, name="account_signup"),
    path("email/", closed, name="account_email"),
    path("email/sent/", closed, name="account_email_verification_sent"),
    path("password/set/", closed, name="account_set_password"),
    path("password/reset/", closed, name="account_reset_password"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("join/<str:token>/", views.join, name="join"),
    path("2fa/", include("allauth.mfa.urls")),
    path("signup/social/", closed, name="socialaccount_signup"),
    path("connections/", closed, name="socialaccount_connections"),
    path("cancelled/", views.cancelled, name="socialaccount_login_cancelled"),
    path("error/", views.cancelled, name="socialaccount_login_error"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
