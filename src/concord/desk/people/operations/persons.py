"""Writes about people: adding somebody, how to reach them safely, opening a record in an emergency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people import queries, rules
from concord.desk.people.models import Person, PersonIdentifier
from concord.desk.people.rules import Details, NotThatPerson, Opened
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation


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
    if not queries.may_change(viewer, person_id, "person.match", at=at):
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
