"""What allauth asks us: who may sign in, what is written down when they do, how secrets are kept.

Accounts are made by an administrator alone. Nobody signs up, and single sign-on lets in only whoever has an account.
"""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from concord.desk.accounts import guarding, queries
from concord.web.shared import connection
from concord.web.signin.coming import came_in, refused
from concord.web.signin.second_factor import BY_PROVIDER


class AccountAdapter(DefaultAccountAdapter):
    """Passwords: an account an administrator made, stopped for a while after too many failures."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # The same words whether the name exists or not.
        if guarding.locked(credentials.get("username", ""), at=timezone.now()):
            refused(credentials.get("username", ""), "locked")
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        username = credentials.get("username", "")
        locked = guarding.failed(username, at=timezone.now())
        refused(username, "locked from now on" if locked else "wrong name or password")
        super().authentication_failed(request, **credentials)

    def get_client_ip(self, request: HttpRequest) -> str:
        return connection.of(request) or "unknown"

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        guarding.succeeded(user.get_username())
        came_in(request, user)

    def is_reauthentication_required(self, *, app: str, **keywords: Any) -> bool:
        """Whoever sets up their first factor has just typed their password. Later changes ask for it again."""
        user = context.request.user
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        if app == "allauth.mfa" and not get_mfa_adapter().is_mfa_enabled(user, kinds):
            return False
        return bool(super().is_reauthentication_required(app=app, **keywords))

    def send_notification_mail(self, *args: Any, **keywords: Any) -> None:
        """Nothing is mailed: accounts hold no address."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are sealed, and the last one cannot be taken off."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=kinds).exclude(
            pk=authenticator.pk
        )
        return others.exists()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on: the provider says who somebody is, an administrator has said what they may do."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Ties the provider's subject to the account whose username it names, the first time. Nobody else comes in: a
        name can be given to somebody new, or changed by its holder, and then names an account that is another's."""
        said = _claims(sociallogin.account.extra_data)
        username = str(said.get(settings.CONCORD_SINGLE_SIGN_ON.claim, "")).strip().lower()
        if not sociallogin.is_existing:
            user = queries.user_named(username) if username else None
            why = "no account for this single sign-on" if user is None else ""
            if (
                user is not None
                and SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider).exists()
            ):
                why = "the account is tied to somebody else of this single sign-on"
            if why:
                refused(username, why)
                raise ImmediateHttpResponse(render(request, "signin/no_account.html", status=403))
            sociallogin.connect(request, user)
        elif not sociallogin.user.is_active:
            refused(username, "account switched off")
            raise ImmediateHttpResponse(render(request, "signin/no_account.html", status=403))
        # A second factor that the provider asked for counts; without its word ours is asked for.
        methods = said.get("amr") or []
        with_factor = isinstance(methods, list) and "mfa" in methods
        request.session[BY_PROVIDER] = str(sociallogin.user.pk) if with_factor else ""


def _claims(extra: dict[str, Any]) -> dict[str, Any]:
    """The claims of the identity token and of the user's information, the former before the latter."""
    nested = [each for each in (extra.get("userinfo"), extra.get("id_token")) if isinstance(each, dict)]
    merged: dict[str, Any] = {key: value for key, value in extra.items() if not isinstance(value, dict)}
    for each in nested:
        merged |= each
    return merged


def _box() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"concord second factors")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
