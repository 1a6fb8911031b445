"""Sharing a record, pointing to it, and keeping somebody out of it. Called by other rooms' operations, inside their
transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record_many
from concord.desk.sharing import queries, rules
from concord.desk.sharing.models import Exclusion, Grant, Pointer, Restriction
from concord.desk.sharing.rules import Level, NotNamed, Sensitivity
from concord.kernel.errors import Refused
from concord.strategy import law
from concord.strategy.shapes.agreement import Agreement


class AgreementEnded(Refused):
    """Nothing is shared on an agreement that is not in force."""


class NotCovered(Refused):
    """The agreement is for other purposes, or rests on other law."""


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

    Recorded as one disclosure a record. Raises AgreementEnded where the agreement is unknown or not in force at `at`,
    NotCovered where the viewer's agency is no party to it, or it names neither this purpose nor this gateway.
    """
    known = accounts.partnership().agreements
    _covered(viewer, known.get(agreement), purpose, gateway)
    require_covered(viewer=viewer, agency=viewer.agency, agreement=agreement, gateway=gateway, at=at)
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


def _covered(viewer: Viewer, agreement: Agreement | None, purpose: str, gateway: str) -> None:
    """A share is made by a party, for a purpose and under a gateway that its agreement names, and never past what that
    gateway excludes: a record is about somebody, so it is personal information. Raises NotCovered."""
    if agreement is None:
        return
    if agreement.key not in queries.agreements_with(viewer):
        raise NotCovered(
            f"Your agency is not a party to “{agreement.name}”.",
            why="What is shared here rests on it.",
            next_step="If somebody is in danger call 999. Otherwise ring the team, and ask the data protection officer "
            "to make your agency a party.",
        )
    lacking = [
        f"{what} “{value}”"
        for what, value, names in (("purpose", purpose, agreement.purposes), ("gateway", gateway, agreement.gateways))
        if value not in names
    ]
    if lacking:
        raise NotCovered(
            f"“{agreement.name}” does not cover this.",
            why=f"It does not name the {' nor the '.join(lacking)}.",
            next_step="Ask the data protection officer which agreement does.",
        )


def require_covered(*, viewer: Viewer, agency: str, agreement: str, gateway: str, at: datetime) -> None:
    """What an agency tells of somebody rests on an agreement in force at `at`, and never moves under a gateway that
    excludes it, whatever the agreement says: under section 16 no personal information of a health or social care
    authority. `viewer` enters it, for their own agency or for one that answered them.

    Raises AgreementEnded for an agreement that is unknown or not in force, NotCovered.
    """
    home = accounts.partnership()
    found = home.agreements.get(agreement)
    if found is None or agreement not in rules.in_force([found], at):
        raise AgreementEnded(
            f"Nothing can be shared under the agreement “{found.name if found else agreement}”.",
            why=f"It ended on {found.expires_on} or has not begun." if found else "It is unknown.",
            next_step="Ask the data protection officer to renew it.",
        )
    held = queries.gateways().get(gateway)
    bar = law.bars_personal(held, law.body_kind(home, agency)) if held is not None else ""
    if bar:
        raise NotCovered(
            "The law does not let this agency tell it here.",
            why=bar,
            next_step="If somebody is in danger call 999. Otherwise ring the team, and ask the data protection officer "
            "which section carries it.",
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
    _recorded(viewer, subjects, "keep_out", at, {"user": str(user_id)})


def restrict(
    *,
    viewer: Viewer,
    subjects: Iterable[tuple[str, UUID]],
    level: Sensitivity,
    named: Iterable[UUID],
    reason: str,
    at: datetime,
) -> None:
    """From now on the records are there only for the people named, whoever else they were shared with.

    "restricted" for staff and family cases, "sealed" for those whose very existence must not show: no pointer, no
    emergency access. Replaces an earlier restriction by which the viewer was named. Raises NotNamed where the viewer
    leaves themselves out: nobody could then open it.
    """
    subjects, people = list(subjects), sorted(set(named))
    if viewer.user_id not in people:
        raise NotNamed
    _lift(viewer, subjects, at)
    Restriction.objects.bulk_create(
        Restriction(
            partnership=viewer.partnership,
            subject_kind=kind,
            subject_id=each,
            level=level,
            named=people,
            keepers=_keepers(kind, each),
            reason=reason.strip(),
            set_by=viewer.user_id,
            set_at=at,
        )
        for kind, each in subjects
    )
    _recorded(viewer, subjects, "restrict", at, {"level": level, "named": [str(each) for each in people]}, reason)


def _keepers(kind: str, subject: UUID) -> list[UUID]:
    """Who answers for this record in every team and forum that holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sharing_holders(%s, %s)", [kind, subject])
        holders = [row[0] for row in cursor.fetchall()]
    return sorted(accounts.keepers_of(holders))


def lift_restriction(*, viewer: Viewer, subjects: Iterable[tuple[str, UUID]], reason: str, at: datetime) -> None:
    """The records are there again for whoever they are shared with. Somebody named does it; for others it does
    nothing."""
    subjects = list(subjects)
    _lift(viewer, subjects, at)
    _recorded(viewer, subjects, "lift", at, {}, reason)


def _lift(viewer: Viewer, subjects: list[tuple[str, UUID]], at: datetime) -> None:
    for kind, each in subjects:
        Restriction.objects.filter(
            partnership=viewer.partnership, subject_kind=kind, subject_id=each, lifted_at__isnull=True
        ).update(lifted_at=at, lifted_by=viewer.user_id)


def point_to(
    *,
    viewer: Viewer,
    persons: Iterable[UUID],
    forum: str,
    holder: str,
    purpose: str,
    gateway: str,
    agreement: str,
    until: datetime,
    at: datetime,
) -> None:
    """Let a holder know that a forum hears these people, and whom to ring. Recorded as a disclosure of that much."""
    people = sorted(set(persons))
    _covered(viewer, accounts.partnership().agreements.get(agreement), purpose, gateway)
    Pointer.objects.bulk_create(
        Pointer(
            partnership=viewer.partnership,
            person_id=each,
            forum=forum,
            holder=holder,
            purpose=purpose,
            gateway=gateway,
            agreement=agreement,
            starts_at=at,
            ends_at=until,
        )
        for each in people
    )
    record_many(
        viewer=viewer,
        objects=[("person", each, [each]) for each in people],
        operation="disclosure",
        action="point_to",
        gateway=gateway,
        agreement=agreement,
        detail={"holders": [holder], "level": "pointer", "purpose": purpose, "forum": forum},
        at=at,
    )


def _recorded(
    viewer: Viewer,
    subjects: list[tuple[str, UUID]],
    action: str,
    at: datetime,
    detail: dict[str, object],
    reason: str = "",
) -> None:
    record_many(
        viewer=viewer,
        objects=[(kind, each, [each] if kind == "person" else []) for kind, each in subjects],
        operation="alteration",
        action=action,
        reason=reason,
        detail=detail,
        at=at,
    )


def repeat_exclusions(*, viewer: Viewer, persons: Iterable[UUID], kind: str, object_id: UUID, at: datetime) -> None:
    """Whoever is kept out of one of these persons is kept out of the new record about them too, and a restriction of
    one of them is a restriction of it. Whoever answers for the record where it is held keeps it."""
    keepers = _keepers(kind, object_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sharing_follow(%s, %s, %s::uuid[], %s, %s::uuid[])", [kind, object_id, list(persons), at, keepers]
        )
