"""What a form's second send is answered from, and what somebody wrote when their session was over.

Every row is sealed by the caller and found by a digest alone, so that the table tells nobody who wrote what.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from concord.desk.accounts.models import KeptForm, Visit
from concord.desk.accounts.rules import Viewer

KEPT_FOR = timedelta(days=1)
PATIENCE = 20.0
"""Seconds that a second send waits for the first to end."""


@dataclass(frozen=True, slots=True)
class Kept:
    at: datetime
    content: str
    """A digest of what was sent."""
    sealed: str


@contextmanager
def taking_turns(digest: str) -> Iterator[bool]:
    """Two sends of one form never run at once, on whichever process. Yields False where the other never ended.

    The lock belongs to the database session, so that a process that dies lets go of it.
    """
    number = int.from_bytes(hashlib.sha256(digest.encode()).digest()[:8], "big", signed=True)
    until = time.monotonic() + PATIENCE
    held = _ask("SELECT pg_try_advisory_lock(%s)", number)
    while not held and time.monotonic() < until:
        time.sleep(0.05)
        held = _ask("SELECT pg_try_advisory_lock(%s)", number)
    try:
        yield held
    finally:
        if held:
            try:
                _ask("SELECT pg_advisory_unlock(%s)", number)
            except DatabaseError:
                # A connection that cannot say so any more lets go by ending.
                with suppress(DatabaseError):
                    connection.close()


def find(digest: str, *, at: datetime) -> Kept | None:
    row = KeptForm.objects.filter(digest=digest, at__gt=at - KEPT_FOR).first()
    return Kept(row.at, row.content, row.sealed) if row is not None else None


def keep(digest: str, *, content: str, sealed: str, at: datetime) -> None:
    """Puts it down, in place of what stood there."""
    KeptForm.objects.update_or_create(digest=digest, defaults={"content": content, "sealed": sealed, "at": at})


def drop(digest: str) -> None:
    KeptForm.objects.filter(digest=digest).delete()


def forget_old(*, at: datetime) -> None:
    """Erases what is past its day. Called when somebody signs in."""
    KeptForm.objects.filter(at__lte=at - KEPT_FOR).delete()


def seen_until(viewer: Viewer) -> datetime | None:
    """Up to when this person has said that they saw what changed; None where they never did."""
    return Visit.objects.filter(user_id=viewer.user_id).values_list("seen_until", flat=True).first()


def saw(viewer: Viewer, *, until: datetime) -> None:
    """This person saw what changed up to `until`: the moment their list was made, not the moment they pressed the
    button, so that nothing that came between is lost. The mark never goes back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_visit (user_id, seen_until) VALUES (%s, %s) ON CONFLICT (user_id) "
            "DO UPDATE SET seen_until = greatest(accounts_visit.seen_until, excluded.seen_until)",
            [viewer.user_id, until],
        )


def _ask(sql: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [number])
        (answer,) = cursor.fetchone()
    return bool(answer)
