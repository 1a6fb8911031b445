"""What a password must be, as the partnership's `signin.toml` says. Django's own validators do the looking."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation as django_rules

from concord.desk.accounts import queries


class AsTheFolderSays:
    """A validator for AUTH_PASSWORD_VALIDATORS. Raises Django's ValidationError, in its words, as it asks for one."""

    def validate(self, password: str, user: Any = None) -> None:
        for each in self._rules():
            each.validate(password, user)

    def get_help_text(self) -> str:
        return " ".join(str(each.get_help_text()) for each in self._rules())

    def _rules(self) -> list[Any]:
        rule = queries.sign_in().password
        asked: list[Any] = [django_rules.MinimumLengthValidator(rule.least_characters)]
        if rule.refuse_common:
            asked.append(django_rules.CommonPasswordValidator())
        if rule.refuse_own_name:
            asked.append(django_rules.UserAttributeSimilarityValidator(("username", "display_name")))
        return asked
