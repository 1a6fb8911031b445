from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils import timezone

from concord.desk.accounts import guarding, queries
from concord.web.shared.forms import Form, text


class PasswordForm(Form):
    """A new password, typed twice. What is wrong with it is said in the validators' words."""

    password = text("Password", max_length=128)
    again = text("The same again", missing="Type the password again", max_length=128)

    def __init__(self, *args: Any, user: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.user = user
        least = queries.sign_in().password.least_characters
        self.fields["password"].help_text = f"At least {least} characters. Three or four words are easier than one"
        for name in ("password", "again"):
            self.fields[name].widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "width": "20"})
            self.fields[name].strip = False

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            password_validation.validate_password(password, self.user)
        except ValidationError as weak:
            raise forms.ValidationError(" ".join(weak.messages)) from None
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "The two passwords differ")
        return given


class _Guarded(BaseAuthenticateForm):
    """A code is taken once, however long it would still hold; and wrong ones stop the second factor for a while, as
    wrong passwords stop a name. Both are counted in the database, whichever process answers."""

    def clean_code(self) -> str:
        now, whose = timezone.now(), f"second factor of {self.user.pk}"
        if guarding.locked(whose, at=now):
            raise forms.ValidationError("Too many wrong codes. Wait a while, then try again.")
        try:
            code: str = super().clean_code()
            by_app = self.authenticator.type == Authenticator.Type.TOTP
            if by_app and not guarding.first_use(f"{self.user.pk} {_digits(code)}", at=now):
                raise get_adapter().validation_error("incorrect_code")
        except ValidationError:
            guarding.failed(whose, at=now)
            raise
        guarding.succeeded(whose)
        return code


def _digits(code: str) -> str:
    """However it was typed."""
    return "".join(each for each in code if each.isdigit())


class SecondFactorForm(_Guarded, AuthenticateForm):
    """The second factor when signing in."""


class SecondFactorAgainForm(_Guarded, ReauthenticateForm):
    """The second factor once more, before something about it is changed."""
