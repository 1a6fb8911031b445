"""Setting one's own password by a one-time link: the only change to an account that its holder makes themselves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from concord.desk.accounts import queries
from concord.desk.accounts.guarding import digest
from concord.desk.accounts.models import Invitation
from concord.desk.accounts.rules import NotHere
from concord.desk.accounts.session import tell_database


@transaction.atomic
def set_password(*, token: str, password: str, at: datetime) -> str:
    """Use the link and set the password. Returns the username. Raises NotHere for a link that does not hold.

    The caller has checked the password's strength. Other sessions of the account end with the old password.
    """
    used = Invitation.objects.select_for_update().filter(digest=digest(token), used_at__isnull=True, ends_at__gt=at)
    row = used.first()
    if row is None or not row.user.active:
        raise NotHere("link")
    row.used_at = at
    row.save(update_fields=["used_at"])
    # The trigger that records changes of accounts reads who acts: the holder themselves.
    tell_database(queries.viewer_for(row.user), at=at)
    row.user.set_password(password)
    row.user.save(update_fields=["password"])
    return row.user.username
