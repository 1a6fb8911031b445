"""Sign-in that fails too often stops for a while, alike for names somebody has and names nobody has.

How often, and for how long, is in the partnership's `signin.toml`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from concord.desk.accounts.models import SignInGuard
from concord.strategy.shapes.signin import Failures

ONCE_FOR = timedelta(minutes=5)
"""Longer than a code from an app holds, early and late ones included."""


def limits() -> Failures:
    """How many failures lock a name, and for how long."""
    from concord.desk.accounts import queries  # which takes the digest from here

    return queries.sign_in().failures


def locked(username: str, *, at: datetime) -> bool:
    """Whether sign-in under this name is stopped now."""
    return SignInGuard.objects.filter(digest=digest(username), locked_until__gt=at).exists()


@transaction.atomic
def failed(username: str, *, at: datetime) -> bool:
    """Count a failure. Returns whether the name is locked by it."""
    rule = limits()
    SignInGuard.objects.get_or_create(digest=digest(username), defaults={"since": at})
    row = SignInGuard.objects.select_for_update().get(digest=digest(username))
    if at - row.since > timedelta(minutes=rule.within_minutes):
        row.failures, row.since, row.locked_until = 0, at, None
    row.failures += 1
    if row.failures >= rule.attempts:
        row.locked_until = at + timedelta(minutes=rule.locked_minutes)
    row.save()
    return row.locked_until is not None


def succeeded(username: str) -> None:
    """Forget the failures under this name."""
    SignInGuard.objects.filter(digest=digest(username)).delete()


def first_use(what: str, *, at: datetime) -> bool:
    """Whether nobody has used this before within `ONCE_FOR`: a code that somebody read over a shoulder opens nothing.
    Held in the database, so that it holds whichever process answers."""
    row, made = SignInGuard.objects.get_or_create(digest=digest(f"used\x1f{what}"), defaults={"since": at})
    if made:
        return True
    over = SignInGuard.objects.filter(digest=row.digest, since__lte=at - ONCE_FOR)
    return bool(over.update(since=at))


def digest(text: str) -> str:
    """Keyed with the installation's secret, so that the table tells nobody which names were tried."""
    return hashlib.sha256(f"{settings.SECRET_KEY}:{text.strip().lower()}".encode()).hexdigest()
