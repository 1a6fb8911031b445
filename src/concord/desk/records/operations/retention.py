"""Deciding what is erased, holding it back, and erasing it with a certificate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.records import queries, rules
from concord.desk.records.models import Approval, ErasureCertificate, Hold
from concord.desk.records.rules import Certificate, NotDecidable
from concord.desk.sharing.session import operation


@operation("retention.decide", "retention")
def approve_erasure(*, viewer: Viewer, category: str, at: datetime) -> int:
    """Decide that what is past its time in a category, and not held, is erased. Returns how many records.

    The records keeper's service carries it out (`erase_approved`), so that nobody both decides and erases. Raises
    NotAllowed, NotDecidable where nothing is due.
    """
    accounts.require(viewer, "retention.decide")
    waiting = {each for row in Approval.objects.filter(carried_out_at__isnull=True) for each in row.records}
    found = [
        each
        for each in queries.due(viewer, at=at)
        if each.category == category and not each.held and each.id not in waiting
    ]
    if not found:
        raise NotDecidable(
            "Nothing in this category is past its time and waits for a decision.",
            next_step="Look at the list again, or lift a hold first.",
        )
    row = Approval.objects.create(
        partnership=viewer.partnership,
        category=category,
        kind=found[0].kind,
        records=[each.id for each in found],
        by=viewer.username,
        at=at,
    )
    record(
        viewer=viewer,
        operation="alteration",
        action="retention.approve",
        object_type="retention",
        object_id=row.id,
        reason=f"{len(found)} records of “{category}” are past their time.",
        detail={"category": category, "records": len(found)},
        at=at,
    )
    return len(found)


@operation("retention.carry_out", "retention")
def erase_approved(*, viewer: Viewer, at: datetime) -> tuple[Certificate, ...]:
    """Erase what was approved, is still past its time and is not held; a certificate for each approval.

    All of one approval or none of it. People about whom nothing is left go with their last record. What was in backups
    made before stays there until they lapse. Raises NotAllowed unless the viewer is the records keeper's service.
    """
    accounts.require(viewer, "retention.carry_out")
    still = {each.id for each in queries.due(viewer, at=at) if not each.held}
    made = []
    for approval in Approval.objects.select_for_update().filter(carried_out_at__isnull=True).order_by("at"):
        ids = [each for each in approval.records if each in still]
        rows: dict[str, int] = {}
        if ids:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM records_erase(%s, %s::uuid[])", [approval.kind, ids])
                for name, count in cursor.fetchall():
                    if count:
                        rows[name] = rows.get(name, 0) + count
        approval.carried_out_at = at
        approval.save(update_fields=["carried_out_at"])
        if ids:
            made.append(_certify(viewer, approval, ids, rows, at))
    return tuple(made)


@operation("retention.decide", "retention")
def hold(*, viewer: Viewer, kind: str, subject_id: UUID, reason: str, at: datetime) -> UUID:
    """Keep a record past its time, for an inquest, a claim or an inquiry. On a person, all that is about them.

    Raises NotAllowed, NotDecidable without a reason.
    """
    accounts.require(viewer, "retention.decide")
    if kind not in rules.HOLDABLE or not reason.strip():
        raise NotDecidable(
            "Say what is held and why.",
            why=f"A hold is on a {', '.join(rules.HOLDABLE[:-1])} or {rules.HOLDABLE[-1]}, with its reason.",
            next_step="Fill in both and send it again.",
        )
    row = Hold.objects.create(
        partnership=viewer.partnership,
        kind=kind,
        subject_id=subject_id,
        reason=reason.strip(),
        by=viewer.username,
        at=at,
    )
    record(
        viewer=viewer,
        operation="alteration",
        action="retention.hold",
        object_type=kind,
        object_id=subject_id,
        reason=reason.strip(),
        at=at,
    )
    return row.id


@operation("retention.decide", "retention")
def lift_hold(*, viewer: Viewer, hold_id: UUID, reason: str, at: datetime) -> None:
    """End a hold, with the reason. Raises NotAllowed, NotHere, NotDecidable without a reason."""
    accounts.require(viewer, "retention.decide")
    if not reason.strip():
        raise NotDecidable("Say why the hold ends.", next_step="Give the reason and send it again.")
    row = Hold.objects.filter(id=hold_id, lifted_at__isnull=True).first()
    if row is None:
        raise NotHere("hold")
    row.lifted_at, row.lifted_by, row.lifted_why = at, viewer.username, reason.strip()
    row.save()
    record(
        viewer=viewer,
        operation="alteration",
        action="retention.lift",
        object_type=row.kind,
        object_id=row.subject_id,
        reason=reason.strip(),
        at=at,
    )


def _certify(viewer: Viewer, approval: Approval, ids: list[UUID], rows: dict[str, int], at: datetime) -> Certificate:
    last = ErasureCertificate.objects.order_by("-number").first()
    body = {
        "number": last.number + 1 if last else 1,
        "category": approval.category,
        "decided_by": approval.by,
        "carried_out_at": rules.instant(at),
        "rows": rows,
        "digests": sorted(rules.digest_of(each) for each in ids),
    }
    previous = last.sha256 if last else ""
    sha256 = rules.seal(body, previous)
    ErasureCertificate.objects.create(
        **{**body, "carried_out_at": at}, partnership=viewer.partnership, previous=previous, sha256=sha256
    )
    record(
        viewer=viewer,
        operation="erasure",
        action="retention.erase",
        object_type="retention",
        object_id=body["number"],
        reason=f"{len(ids)} records of “{approval.category}”, decided by {approval.by}.",
        detail={"rows": rows, "certificate": sha256},
        at=at,
    )
    return Certificate(
        number=int(str(body["number"])),
        category=approval.category,
        decided_by=approval.by,
        carried_out_at=at,
        rows=rows,
        digests=tuple(sorted(rules.digest_of(each) for each in ids)),
        previous=previous,
        sha256=sha256,
    )
