"""Writes about what is known of somebody: other names, numbers, needs, ethnicity, and fields put right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from concord import codelists
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.people import queries, rules
from concord.desk.people.models import Alias, Correction, Ethnicity, Person, PersonIdentifier
from concord.desk.people.rules import NotCorrected
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean

LISTS = {"self_defined": "ethnicity_18", "observed": "ethnicity_observed"}
"""The code list of each basis."""


def _changeable(viewer: Viewer, person_id: UUID, at: datetime) -> Person:
    """The row, locked. Raises NotAllowed, NotHere."""
    reaches = queries.may_change(viewer, person_id, "person.match", at=at)
    row = Person.objects.select_for_update().filter(id=person_id).first() if reaches else None
    if row is None:
        raise NotHere("person")
    return row


def _require_version(viewer: Viewer, row: Person, version: int | None) -> None:
    """Raises ChangedMeanwhile where the row is no longer at `version`."""
    if version is not None and row.version != version:
        raise changed_meanwhile(viewer, "person", "person", row.id, version=row.version)


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

    A role that does not see access needs leaves them as they are. What says nothing new changes nothing, so a form
    sent twice is harmless. Raises NotAllowed, NotHere, ChangedMeanwhile.
    """
    row = _changeable(viewer, person_id, at)
    given = {"safe_contact": safe_contact.strip(), "interpreter": interpreter.strip()}
    if "special_category" in viewer.fields:
        given["access_needs"] = access_needs.strip()
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    if not changed:
        return
    _require_version(viewer, row, version)
    for name, value in given.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*given, "version"])
    _record(viewer, "person.needs", person_id, at, fields=changed)


@operation("person.ethnicity", "person")
def set_ethnicity(
    *, viewer: Viewer, person_id: UUID, basis: str, code: str, source: str, version: int | None = None, at: datetime
) -> None:
    """What somebody says of themselves (18+1), or what somebody saw (6+1): one does not change the other.

    Raises NotAllowed also where the role does not see special-category data, NotHere, NotCorrected, BadInput for a
    code the list does not hold, ChangedMeanwhile where the record is no longer at `version`.
    """
    row = _changeable(viewer, person_id, at)
    if "special_category" not in viewer.fields or basis not in rules.BASES or not source.strip():
        raise NotCorrected("Say on which basis, and who says so.", next_step=f"One of: {', '.join(rules.BASES)}.")
    codelists.get(LISTS[basis]).entry(code)
    given = {"code": code, "source": source.strip()}
    held = Ethnicity.objects.filter(person=row, basis=basis).first()
    if held is not None and {name: getattr(held, name) for name in given} == given:
        return
    _require_version(viewer, row, version)
    Ethnicity.objects.update_or_create(person=row, basis=basis, defaults={**given, "recorded_at": at})
    row.version += 1
    row.save(update_fields=["version"])
    _record(viewer, "person.ethnicity", person_id, at, basis=basis)


@operation("person.correct", "person")
def correct(*, viewer: Viewer, person_id: UUID, field: str, after: str, reason: str, at: datetime) -> None:
    """Put one field of a person right, with the reason; what it said before stays in the record's history.

    `after` is the field as text, dates as ISO 8601. Raises NotAllowed, NotHere, NotCorrected.
    """
    row = _changeable(viewer, person_id, at)
    _put_right(viewer, row, {field: after}, reason, at)
    _record(viewer, "person.correct", person_id, at, reason.strip(), field=field)


@operation("person.correct", "person")
def put_right(
    *, viewer: Viewer, person_id: UUID, fields: Mapping[str, str], reason: str, version: int, at: datetime
) -> None:
    """Put several fields right at once, each with what it said before. Fields that say what they said are left alone,
    and so are those of a class that the viewer's roles do not see.

    Raises NotAllowed, NotHere, NotCorrected where nothing changes or no reason is given, ChangedMeanwhile.
    """
    row = _changeable(viewer, person_id, at)
    unseen = {name for kind, names in rules.FIELDS.items() if kind not in viewer.fields for name in names}
    seen = {name: text for name, text in fields.items() if name not in unseen}
    if row.version != version:
        if not _changes(row, seen):
            return  # The same form once more, or a colleague who knew the same.
        raise changed_meanwhile(viewer, "person", "person", row.id, version=row.version)
    changed = _put_right(viewer, row, seen, reason, at)
    _record(viewer, "person.correct", person_id, at, reason.strip(), fields=changed)


def _changes(row: Person, fields: Mapping[str, str]) -> dict[str, object]:
    wrong = next((name for name in fields if name not in rules.CORRECTABLE), None)
    if wrong is not None:
        raise NotCorrected(f"“{wrong}” cannot be put right.", next_step=did_you_mean(wrong, rules.CORRECTABLE))
    said = {
        name: rules.corrected(name, text.strip(), synthetic=row.synthetic)
        for name, text in fields.items()
        # A date that is not known stays unknown; it is not a date that is wrong.
        if name != "born_on" or text.strip() or row.born_on is not None
    }
    return {name: value for name, value in said.items() if value != getattr(row, name)}


def _put_right(viewer: Viewer, row: Person, fields: Mapping[str, str], reason: str, at: datetime) -> list[str]:
    """Which fields changed; each keeps what it said before. Raises NotCorrected where none does, or without reason."""
    changes = _changes(row, fields)
    if not changes or not reason.strip():
        raise NotCorrected(
            "Say what it should be and why.",
            why="A correction changes something, and its reason is part of the record.",
            next_step="Fill in both and send it again.",
        )
    for name, value in changes.items():
        before = getattr(row, name)
        Correction.objects.create(
            person=row,
            field=name,
            before="" if before is None else str(before),
            after=str(value),
            reason=reason.strip(),
            by=viewer.user_id,
            at=at,
        )
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])
    return sorted(changes)


def _record(viewer: Viewer, action: str, person_id: UUID, at: datetime, reason: str = "", **detail: object) -> None:
    record(
        viewer=viewer,
        operation="alteration",
        action=action,
        object_type="person",
        object_id=person_id,
        subjects=[person_id],
        reason=reason,
        detail=detail,
        at=at,
    )
