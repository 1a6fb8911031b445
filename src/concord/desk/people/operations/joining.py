"""Two records kept as one person, and taken apart again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries, rules
from concord.desk.people.models import Merge, Person
from concord.desk.people.rules import NotMerged
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation


@operation("person.merge", "person")
def merge(*, viewer: Viewer, kept: UUID, other: UUID, versions: tuple[int, int], reason: str, at: datetime) -> UUID:
    """Keep two records as one person, under `kept`, with the reason. Returns the merge, by which it is taken back.

    Nothing moves and nobody sees more than before: whoever may open one record alone goes on seeing that one, and
    whoever is kept out of one is kept out of both.
    `versions` are those of the two records when they were compared. Raises NotAllowed, NotHere, NotMerged,
    ChangedMeanwhile.
    """
    accounts.require(viewer, "person.merge")
    rows = _locked(viewer, kept, other, at)
    rules.require_joinable(queries.joins(viewer, rows, at=at), kept, other)
    if (rows[kept].version, rows[other].version) != versions:
        raise ChangedMeanwhile("person")
    if not reason.strip():
        raise NotMerged("Say why they are one person.", next_step="Write what the two records have in common.")
    made = Merge.objects.create(
        partnership=viewer.partnership,
        kept_id=kept,
        other_id=other,
        reason=reason.strip(),
        by=viewer.user_id,
        at=at,
    )
    _keep_out_alike(viewer, kept, at)
    _record(viewer, "person.merge", made, reason, at)
    return made.id


@operation("person.unmerge", "person")
def unmerge(*, viewer: Viewer, merge_id: UUID, reason: str, at: datetime) -> None:
    """Take a merge back, with the reason. What was written since stays with the record it was written in.

    Raises NotAllowed, NotHere, NotMerged where it was already taken back or no reason is given.
    """
    accounts.require(viewer, "person.merge")
    made = Merge.objects.select_for_update().filter(id=merge_id).first()
    if made is None:
        raise NotHere("person")
    _locked(viewer, made.kept_id, made.other_id, at)
    if made.undone_at is not None:
        raise NotMerged("This merge was already taken back.", next_step="Open the person to see both records.")
    if not reason.strip():
        raise NotMerged("Say why they are two people.", next_step="Write what shows that they are not one.")
    made.undone_by, made.undone_at, made.undone_why = viewer.user_id, at, reason.strip()
    made.save(update_fields=["undone_by", "undone_at", "undone_why"])
    _record(viewer, "person.unmerge", made, reason, at)


def _keep_out_alike(viewer: Viewer, record_id: UUID, at: datetime) -> None:
    """Whoever must not meet the person in one record must not meet them in another, seen here or not."""
    every = queries.every_record(viewer, [record_id])
    for each in sorted(every):
        sharing.repeat_exclusions(viewer=viewer, persons=every - {each}, kind="person", object_id=each, at=at)


def _locked(viewer: Viewer, one: UUID, other: UUID, at: datetime) -> dict[UUID, Person]:
    """Both rows, in one order whoever asks, so that two people at once wait and never block each other."""
    rows = {row.id: row for row in Person.objects.select_for_update().filter(id__in=[one, other]).order_by("id")}
    for each in (one, other):
        if each not in rows or not queries.may_change(viewer, each, "person.merge", at=at):
            raise NotHere("person")
    return rows


def _record(viewer: Viewer, action: str, made: Merge, reason: str, at: datetime) -> None:
    Person.objects.filter(id__in=[made.kept_id, made.other_id]).update(version=F("version") + 1)
    record(
        viewer=viewer,
        operation="combination",
        action=action,
        object_type="person",
        object_id=made.kept_id,
        subjects=[made.kept_id, made.other_id],
        reason=reason.strip(),
        detail={"merge": str(made.id), "other": str(made.other_id)},
        at=at,
    )
