"""Tells the database who is asking. Row-level security and the audit trail's triggers read it.

The settings last for one transaction, so a connection that goes back to a pool carries nobody's identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from concord.desk.accounts.rules import Viewer


def tell_database(viewer: Viewer, *, at: datetime, agreements: Iterable[str] = (), verbs: Iterable[str] = ()) -> None:
    """Set `concord.*` for the current transaction. `agreements` are the keys of those in force at `at`, `verbs` what
    the viewer's roles list (a part in a forum adds none)."""
    if at.tzinfo is None:
        raise ValueError("the desk's clock needs a time zone")
    values = {
        "partnership": viewer.partnership,
        "user": str(viewer.user_id),
        "username": viewer.username,
        "agency": viewer.agency,
        "roles": ",".join(sorted(viewer.roles)),
        "forums": ",".join(sorted(viewer.forums)),
        "holders": ",".join(sorted(viewer.holders)),
        "fields": ",".join(sorted(viewer.fields)),
        "purpose": viewer.purpose,
        "purposes": ",".join(sorted(viewer.acting_for)),
        "agreements": ",".join(sorted(agreements)),
        "verbs": ",".join(sorted(verbs)),
        "at": at.isoformat(),
    }
    _set(values)


def forget() -> None:
    """Nobody is asking any more: what follows in the transaction sees no person's row."""
    names = ("partnership", "user", "username", "agency", "roles", "forums", "holders", "purpose", "purposes")
    _set(dict.fromkeys((*names, "fields", "agreements", "verbs", "at"), ""))


def _set(values: dict[str, str]) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    arguments = [part for name, value in values.items() for part in (f"concord.{name}", value)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", arguments)
