"""A form begun without an account, for the one who has its code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.referrals import rules
from concord.desk.referrals.models import Kept
from concord.desk.sharing.session import as_viewer, reading


@reading("form.keep", "form")
def kept_form(viewer: Viewer, code: str, *, at: datetime) -> dict[str, Any] | None:
    """What was kept under a code, or None: wrong, expired and never given out alike. Raises NotAllowed."""
    accounts.require(viewer, "form.keep")
    with as_viewer(viewer, at=at):
        row = Kept.objects.filter(mark=rules.mark_of(code, settings.SECRET_KEY), until__gt=at).first()
    # Opened even where there is nothing, so that both take as long.
    sealed = row.sealed if row else rules.seal({}, "none", settings.SECRET_KEY)
    found = rules.unseal(sealed, code, settings.SECRET_KEY)
    return found if row else None
