"""What two people are to each other: recorded, and ended."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries, rules
from concord.desk.people.models import Relationship
from concord.desk.people.rules import NotCorrected
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON


@operation("person.relate", "person")
def relate(
    *,
    viewer: Viewer,
    person_id: UUID,
    other_id: UUID,
    kind: str,
    source: str,
    since: date | None = None,
    until: date | None = None,
    at: datetime,
) -> None:
    """Record what `person_id` is to `other_id`, with who says so and over which time; twice is once.

    A mutual kind is one relationship whichever of the two is named first. Raises NotHere unless both are shared with
    the viewer, NotAllowed, NotCorrected.
    """
    accounts.require(viewer, "person.match")
    if kind not in rules.RELATIONSHIPS:
        raise NotCorrected(f"“{kind}” is no relationship.", next_step=did_you_mean(kind, rules.RELATIONSHIPS))
    for each in (person_id, other_id):
        if not queries.may_change(viewer, each, "person.match", at=at):
            raise NotHere("person")
    if person_id == other_id:
        raise NotCorrected("Nobody is related to themselves.", next_step="Choose the other person.")
    if not source.strip():
        raise NotCorrected("Say who says so.", next_step="For example “mother, at the home visit”.")
    _require_days(since, until, at)
    same = Q(person_id=person_id, other_id=other_id)
    if kind in rules.MUTUAL:
        same |= Q(person_id=other_id, other_id=person_id)
    # What goes on is recorded once; what ended is a row of its own.
    standing = Q(until__isnull=True) if until is None else Q(since=since, until=until)
    if not Relationship.objects.filter(same, standing, kind=kind).exists():
        Relationship.objects.create(
            person_id=person_id,
            other_id=other_id,
            kind=kind,
            source=source.strip(),
            since=since,
            until=until,
            recorded_at=at,
        )
    _record(viewer, "person.relate", "combination", (person_id, other_id), at, kind=kind, source=source.strip())


@operation("person.relate", "person")
def end_relationship(
    *, viewer: Viewer, person_id: UUID, relationship_id: UUID, until: date, reason: str, at: datetime
) -> None:
    """Say on which day a relationship of `person_id` ended, and how that is known; the same day twice is once.

    Raises NotAllowed, NotHere, NotCorrected, ChangedMeanwhile where somebody gave it another end.
    """
    accounts.require(viewer, "person.match")
    row = Relationship.objects.select_for_update().filter(id=relationship_id).first()
    if row is None or person_id not in (row.person_id, row.other_id):
        raise NotHere("person")
    for each in (row.person_id, row.other_id):
        if not queries.may_change(viewer, each, "person.match", at=at):
            raise NotHere("person")
    if not reason.strip():
        raise NotCorrected("Say how you know.", next_step="One sentence is enough.")
    _require_days(row.since, until, at)
    if row.until is not None and row.until != until:
        raise ChangedMeanwhile("relationship")
    if row.until is None:
        row.until = until
        row.save(update_fields=["until"])
    _record(
        viewer, "person.relation_end", "alteration", (row.person_id, row.other_id), at, reason.strip(), kind=row.kind
    )


def _require_days(since: date | None, until: date | None, at: datetime) -> None:
    today = at.astimezone(LONDON).date()
    if any(day is not None and day > today for day in (since, until)):
        raise NotCorrected("That day is still to come.", next_step="Enter a day up to today.")
    if since is not None and until is not None and until < since:
        raise NotCorrected(
            "It cannot end before it began.",
            why=f"It began on {since.day} {since:%B %Y}.",
            next_step="Check both days.",
        )


def _record(
    viewer: Viewer,
    action: str,
    kind_of: str,
    persons: tuple[UUID, UUID],
    at: datetime,
    reason: str = "",
    **detail: object,
) -> None:
    record(
        viewer=viewer,
        operation=kind_of,  # type: ignore[arg-type]
        action=action,
        object_type="person",
        object_id=persons[0],
        subjects=list(persons),
        reason=reason,
        detail=detail,
        at=at,
    )
