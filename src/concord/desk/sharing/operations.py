"""Sharing a record, and keeping somebody out of it. Called by other rooms' operations, inside their transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record_many
from concord.desk.sharing import rules
from concord.desk.sharing.models import Exclusion, Grant
from concord.desk.sharing.rules import Level
from concord.kernel.errors import Refused


class AgreementEnded(Refused):
    """Nothing is shared on an agreement that is not in force."""


def share(
    *,
    viewer: Viewer,
    subjects: Iterable[tuple[str, UUID]],
    holders: Mapping[str, datetime | None],
    level: Level = "full",
    purpose: str,
    gateway: str,
    agreement: str,
    at: datetime,
) -> None:
    """Share records, each a (kind, identifier), with every holder until the time given for it (None: no end).

    Recorded as one disclosure a record. Raises AgreementEnded where the agreement is unknown or not in force at `at`.
    """
    known = accounts.partnership().agreements
    if agreement not in known or agreement not in rules.in_force([known[agreement]], at):
        name = known[agreement].name if agreement in known else agreement
        raise AgreementEnded(
            f"Nothing can be shared under the agreement “{name}”.",
            why=f"It ended on {known[agreement].expires_on} or has not begun."
            if agreement in known
            else "It is unknown.",
            next_step="Ask the data protection officer to renew it.",
        )
    subjects = list(subjects)
    Grant.objects.bulk_create(
        Grant(
            partnership=viewer.partnership,
            subject_kind=kind,
            subject_id=each,
            holder=holder,
            level=level,
            purpose=purpose,
            gateway=gateway,
            agreement=agreement,
            starts_at=at,
            ends_at=until,
        )
        for kind, each in subjects
        for holder, until in sorted(holders.items())
    )
    record_many(
        viewer=viewer,
        objects=[(kind, each, [each] if kind == "person" else []) for kind, each in subjects],
        operation="disclosure",
        action="share",
        gateway=gateway,
        agreement=agreement,
        detail={"holders": sorted(holders), "level": level, "purpose": purpose},
        at=at,
    )


def keep_out(*, viewer: Viewer, subjects: Iterable[tuple[str, UUID]], user_id: UUID, at: datetime) -> None:
    """From now on the records are not there for this person: lists, search, counts and pages alike."""
    subjects = list(subjects)
    Exclusion.objects.bulk_create(
        [
            Exclusion(
                partnership=viewer.partnership,
                subject_kind=kind,
                subject_id=each,
                user_id=user_id,
                declared_by=viewer.user_id,
                declared_at=at,
            )
            for kind, each in subjects
        ],
        ignore_conflicts=True,
    )
    record_many(
        viewer=viewer,
        objects=[(kind, each, [each] if kind == "person" else []) for kind, each in subjects],
        operation="alteration",
        action="keep_out",
        detail={"user": str(user_id)},
        at=at,
    )


def repeat_exclusions(*, viewer: Viewer, persons: Iterable[UUID], kind: str, object_id: UUID, at: datetime) -> None:
    """Whoever is kept out of one of these persons is kept out of the new record about them too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sharing_copy_exclusions(%s, %s, %s::uuid[], %s)", [kind, object_id, list(persons), at])
