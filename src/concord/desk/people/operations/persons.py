"""Writes about people: adding somebody, how to reach them safely, what they are to each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries, rules
from concord.desk.people.models import Correction, Person, PersonIdentifier, Relationship
from concord.desk.people.rules import Details, NotCorrected, NotThatPerson, Opened
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean


@operation("person.add", "person")
def add_person(
    *,
    viewer: Viewer,
    details: Details,
    safe_contact: str = "",
    address_area: str = "",
    identifiers: Iterable[tuple[str, str]] = (),
    holders: Iterable[str],
    purpose: str,
    gateway: str,
    agreement: str,
    at: datetime,
) -> UUID:
    """Put somebody on record, shared at once with `holders` on the ground given. Returns their identifier.

    Raises NotAllowed unless the viewer's role matches persons.
    """
    accounts.require(viewer, "person.match")
    person_id, synthetic = uuid4(), accounts.partnership().synthetic
    sharing.share(
        viewer=viewer,
        subjects=[("person", person_id)],
        holders=dict.fromkeys(holders),
        purpose=purpose,
        gateway=gateway,
        agreement=agreement,
        at=at,
    )
    Person.objects.create(
        id=person_id,
        partnership=viewer.partnership,
        synthetic=synthetic,
        given_name=details.given_name,
        family_name=rules.marked(details.family_name, synthetic=synthetic),
        born_on=details.born_on,
        sex=details.sex,
        postcode=details.postcode,
        address_area=address_area,
        safe_contact=safe_contact,
        recorded_at=at,
    )
    PersonIdentifier.objects.bulk_create(
        [PersonIdentifier(person_id=person_id, scheme=scheme, value=value) for scheme, value in identifiers]
    )
    record(
        viewer=viewer,
        operation="collection",
        action="person.add",
        object_type="person",
        object_id=person_id,
        subjects=[person_id],
        gateway=gateway,
        agreement=agreement,
        at=at,
    )
    return person_id


@operation("person.safe_contact", "person")
def set_safe_contact(*, viewer: Viewer, person_id: UUID, safe_contact: str, at: datetime) -> None:
    """Change how the person may safely be reached. Raises NotHere."""
    accounts.require(viewer, "person.match")
    if not queries.may_use(viewer, person_id, at=at):
        raise NotHere("person")
    Person.objects.filter(id=person_id).update(safe_contact=safe_contact)
    record(
        viewer=viewer,
        operation="alteration",
        action="person.safe_contact",
        object_type="person",
        object_id=person_id,
        subjects=[person_id],
        at=at,
    )


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
    """Record what `person_id` is to `other_id`, once, with who says so and over which time.

    Raises NotHere unless both are shared with the viewer.
    """
    accounts.require(viewer, "person.match")
    if kind not in rules.RELATIONSHIPS:
        raise ValueError(f"{kind!r} is not a kind of relationship")
    for each in (person_id, other_id):
        if not queries.may_use(viewer, each, at=at):
            raise NotHere("person")
    Relationship.objects.get_or_create(
        person_id=person_id,
        other_id=other_id,
        kind=kind,
        defaults={"source": source, "since": since, "until": until, "recorded_at": at},
    )
    record(
        viewer=viewer,
        operation="combination",
        action="person.relate",
        object_type="person",
        object_id=person_id,
        subjects=[person_id, other_id],
        detail={"kind": kind, "source": source},
        at=at,
    )


@operation("glass.break", "person")
def open_in_emergency(*, viewer: Viewer, details: Details, purpose: str, reason: str, at: datetime) -> Opened:
    """Open somebody's record that was not shared, because they or somebody else may come to harm.

    They are looked for by full name and date of birth, all of it exactly. Where nobody is found, or the record is
    restricted or sealed, or the viewer is kept out of it, the answer is the same; in every case the opening is entered
    and reviewed by a second person. What opens is the person's own record, not the cases about them.

    Raises NotAllowed, NotThatPerson where a field is missing, and what `sharing.begin_emergency` raises.
    """
    accounts.require(viewer, "glass.break")
    if not (details.given_name.strip() and details.family_name.strip() and details.born_on and reason.strip()):
        raise NotThatPerson(
            "Give the first name, the last name, the date of birth and the reason.",
            why="An emergency opening is for one person whom you can name, not a search.",
            next_step="Fill in all four and send it again.",
        )
    entry, until = sharing.begin_emergency(viewer=viewer, purpose=purpose, reason=reason, at=at)
    families = rules.spellings(details.family_name, synthetic=accounts.partnership().synthetic)
    given = details.given_name.strip().upper()
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_emergency(%s, %s, %s, %s)", [entry, given, families, details.born_on])
        (person_id,) = cursor.fetchone()
    record(
        viewer=viewer,
        operation="disclosure" if person_id else "consultation",
        action="person.emergency",
        object_type="person",
        object_id=person_id or "",
        subjects=[person_id] if person_id else [],
        reason=reason.strip(),
        gateway="vital_interests",
        outcome="done" if person_id else "not_found",
        detail={"entry": str(entry), "holders": [f"user:{viewer.user_id}"], "until": until.isoformat()},
        at=at,
    )
    return Opened(entry=entry, person_id=person_id, until=until)


@operation("person.correct", "person")
def correct(*, viewer: Viewer, person_id: UUID, field: str, after: str, reason: str, at: datetime) -> None:
    """Put one field of a person right, with the reason; what it said before stays in the record's history.

    `after` is the field as text, dates as ISO 8601. Raises NotAllowed, NotHere, NotCorrected.
    """
    accounts.require(viewer, "person.match")
    row = Person.objects.select_for_update().filter(id=person_id).first()
    if row is None or not queries.may_use(viewer, person_id, at=at):
        raise NotHere("person")
    if field not in rules.CORRECTABLE:
        raise NotCorrected(f"“{field}” cannot be put right.", next_step=did_you_mean(field, rules.CORRECTABLE))
    value = rules.corrected(field, after.strip(), synthetic=row.synthetic)
    before = getattr(row, field)
    if not reason.strip() or value == before:
        raise NotCorrected(
            "Say what it should be and why.",
            why="A correction changes something, and its reason is part of the record.",
            next_step="Fill in both and send it again.",
        )
    said = "" if before is None else str(before)
    setattr(row, field, value)
    row.version += 1
    row.save(update_fields=[field, "version"])
    Correction.objects.create(
        person=row, field=field, before=said, after=str(value), reason=reason.strip(), by=viewer.user_id, at=at
    )
    record(
        viewer=viewer,
        operation="alteration",
        action="person.correct",
        object_type="person",
        object_id=person_id,
        subjects=[person_id],
        reason=reason.strip(),
        detail={"field": field},
        at=at,
    )
