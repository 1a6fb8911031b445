"""Writes about what is known of somebody: other names, numbers, needs, ethnicity."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord import codelists
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.people import queries, rules
from concord.desk.people.models import Alias, Ethnicity, Person, PersonIdentifier
from concord.desk.people.rules import NotCorrected
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean

LISTS = {"self_defined": "ethnicity_18", "observed": "ethnicity_observed"}
"""The code list of each basis."""


def _changeable(viewer: Viewer, person_id: UUID, at: datetime, version: int | None = None) -> Person:
    """The row, locked. Raises NotAllowed, NotHere, ChangedMeanwhile where it is no longer at `version`."""
    accounts.require(viewer, "person.match")
    row = Person.objects.select_for_update().filter(id=person_id).first()
    if row is None or not queries.may_use(viewer, person_id, at=at):
        raise NotHere("person")
    if version is not None and row.version != version:
        raise changed_meanwhile(viewer, "person", "person", row.id, version=row.version)
    return row


@operation("person.alias", "person")
def add_alias(
    *, viewer: Viewer, person_id: UUID, kind: str, given_name: str, family_name: str, source: str, at: datetime
) -> None:
    """Record another name of somebody, with who says so; twice is once. Raises NotAllowed, NotHere, NotCorrected."""
    row = _changeable(viewer, person_id, at)
    if kind not in rules.ALIASES:
        raise NotCorrected(f"“{kind}” is not a kind of name.", next_step=did_you_mean(kind, rules.ALIASES))
    given, family = given_name.strip(), rules.marked(family_name.strip(), synthetic=row.synthetic)
    if not (given or family) or not source.strip():
        raise NotCorrected("Give the name and who says so.", next_step="Fill in both and send it again.")
    Alias.objects.get_or_create(
        person=row,
        given_name=given,
        family_name=family,
        defaults={"kind": kind, "source": source.strip(), "recorded_at": at},
    )
    _record(viewer, "person.alias", person_id, at, kind=kind)


@operation("person.identifier", "person")
def add_identifier(*, viewer: Viewer, person_id: UUID, scheme: str, value: str, at: datetime) -> None:
    """Record an agency's own number for somebody, once. Raises NotAllowed, NotHere, NotCorrected."""
    row = _changeable(viewer, person_id, at)
    if not scheme.strip() or not value.strip():
        raise NotCorrected("Say whose number it is, and the number.", next_step="Fill in both and send it again.")
    PersonIdentifier.objects.get_or_create(person=row, scheme=scheme.strip(), value=value.strip())
    _record(viewer, "person.identifier", person_id, at, scheme=scheme.strip())


@operation("person.needs", "person")
def set_needs(
    *,
    viewer: Viewer,
    person_id: UUID,
    safe_contact: str,
    interpreter: str,
    access_needs: str,
    version: int,
    at: datetime,
) -> None:
    """How somebody may safely be reached, in which language, and what they need to take part.

    A role that does not see access needs leaves them as they are. Raises NotAllowed, NotHere, ChangedMeanwhile.
    """
    row = _changeable(viewer, person_id, at, version)
    given = {"safe_contact": safe_contact.strip(), "interpreter": interpreter.strip()}
    if "special_category" in viewer.fields:
        given["access_needs"] = access_needs.strip()
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    for name, value in given.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*given, "version"])
    _record(viewer, "person.needs", person_id, at, fields=changed)


@operation("person.ethnicity", "person")
def set_ethnicity(*, viewer: Viewer, person_id: UUID, basis: str, code: str, source: str, at: datetime) -> None:
    """What somebody says of themselves (18+1), or what somebody saw (6+1): one does not change the other.

    Raises NotAllowed also where the role does not see special-category data, NotHere, NotCorrected, BadInput for a
    code the list does not hold.
    """
    row = _changeable(viewer, person_id, at)
    accounts.require(viewer, "person.match")
    if "special_category" not in viewer.fields or basis not in rules.BASES or not source.strip():
        raise NotCorrected("Say on which basis, and who says so.", next_step=f"One of: {', '.join(rules.BASES)}.")
    codelists.get(LISTS[basis]).entry(code)
    Ethnicity.objects.update_or_create(
        person=row, basis=basis, defaults={"code": code, "source": source.strip(), "recorded_at": at}
    )
    _record(viewer, "person.ethnicity", person_id, at, basis=basis)


def _record(viewer: Viewer, action: str, person_id: UUID, at: datetime, **detail: object) -> None:
    record(
        viewer=viewer,
        operation="alteration",
        action=action,
        object_type="person",
        object_id=person_id,
        subjects=[person_id],
        detail=detail,
        at=at,
    )
