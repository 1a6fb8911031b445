from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from concord.desk.accounts import queries
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
