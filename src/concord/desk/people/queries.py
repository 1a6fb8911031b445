"""Reads about people. Each starts from a viewer and is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened, record, sealed
from concord.desk.audit.rules import Odd
from concord.desk.people import rules
from concord.desk.people.models import Person, Relationship
from concord.desk.people.rules import Candidate, Details, PersonPage, Related
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.oversight import Pattern

LOOKED_AT = 200
"""How many rows a search compares. A search that matches more is too wide to help."""


def _visible(viewer: Viewer, at: datetime) -> QuerySet[Person]:
    return sharing.visible(viewer, Person.objects.all(), "person", at=at)


@reading("person.match", "person")
def candidates(viewer: Viewer, asked: Details, *, at: datetime, limit: int = 10) -> tuple[Candidate, ...]:
    """People on record who may be this person, closest first, with a reason for each field.

    Only among those already shared with the viewer's team, and only for roles that match persons: a referrer
    raises NotAllowed whether anybody is known or not. The search and what it returned are recorded.
    """
    accounts.require(viewer, "person.match")
    asked = rules.searchable(asked, viewer.fields)
    with as_viewer(viewer, at=at):
        found = _visible(viewer, at).annotate(upper_family=Upper("family_name"))
        near = Q(upper_family=asked.family_name.upper())
        if len(asked.family_name) >= 3:
            near |= Q(upper_family__startswith=asked.family_name.upper()[:3])
        if asked.born_on is not None:
            near |= Q(born_on=asked.born_on)
            if asked.born_on.day <= 12:
                near |= Q(born_on=asked.born_on.replace(month=asked.born_on.day, day=asked.born_on.month))
        if asked.postcode:
            near |= Q(postcode__iexact=asked.postcode)
        rated = [
            (rules.compare(asked, _details(person)), person) for person in found.filter(near).order_by("id")[:LOOKED_AT]
        ]
        kept = sorted((pair for pair in rated if rules.is_candidate(pair[0])), key=lambda p: rules.closeness(p[0]))
        shown = tuple(
            Candidate(
                person_id=person.id,
                name=rules.full_name(person.given_name, person.family_name),
                born_on=person.born_on,
                postcode=person.postcode,
                reasons=reasons,
            )
            for reasons, person in kept[:limit]
        )
        record(
            viewer=viewer,
            operation="consultation",
            action="person.match",
            object_type="person",
            subjects=[each.person_id for each in shown],
            reason="possible matches",
            detail={"asked": sealed(rules.asked_words(asked)), "shown": len(shown)},
            at=at,
        )
    return shown


@reading("person.read", "person")
def person(viewer: Viewer, person_id: UUID, *, at: datetime, reason: str = "") -> PersonPage:
    """One person, opened and recorded. Raises NotAllowed for a role that opens nobody, NotHere for anyone not
    shared with the viewer, in the same words whether they exist or not."""
    accounts.require(viewer, "person.read")
    with as_viewer(viewer, at=at):
        row = _visible(viewer, at).filter(id=person_id).first()
        opened(
            viewer=viewer,
            action="person.read",
            object_type="person",
            object_id=person_id,
            subjects=[person_id],
            reason=reason,
            found=row is not None,
            at=at,
        )
        if row is not None:
            related = _related(viewer, person_id, at)
    if row is None:
        raise NotHere("person")
    return _page(viewer, row, at, related)


def names(viewer: Viewer, person_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, PersonPage]:
    """Short details of several persons for a list that is itself recorded by its caller. Hidden ones are absent."""
    with as_viewer(viewer, at=at):
        rows = list(_visible(viewer, at).filter(id__in=set(person_ids)))
    return {row.id: _page(viewer, row, at, ()) for row in rows}


def same_names(viewer: Viewer, pattern: Pattern, *, since: datetime, at: datetime) -> tuple[Odd, ...]:
    """Who opened somebody of their own family name: it may be family. Raises NotAllowed unless the viewer's role reads
    the trail."""
    accounts.require(viewer, "audit.read")
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_same_name(%s, %s)", [since, rules.MARKER])
        return tuple(
            Odd(pattern.key, pattern.name, pattern.why, name, count, first, last, "person", person)
            for name, count, first, last, person in cursor.fetchall()
            if count >= pattern.at_least
        )


def may_use(viewer: Viewer, person_id: UUID, *, at: datetime) -> bool:
    """Whether this viewer may link something to this person. Not recorded: the caller records what it does."""
    with as_viewer(viewer, at=at):
        return _visible(viewer, at).filter(id=person_id).exists()


def _page(viewer: Viewer, row: Person, at: datetime, related: tuple[Related, ...]) -> PersonPage:
    """The row as this viewer's roles see it: every read of a person's fields goes through here."""
    page = PersonPage(
        person_id=row.id,
        name=rules.full_name(row.given_name, row.family_name),
        given_name=row.given_name,
        family_name=row.family_name,
        born_on=row.born_on,
        age=rules.age_on(row.born_on, at.astimezone(LONDON).date()),
        sex=row.sex,
        postcode=row.postcode,
        address_area=row.address_area,
        safe_contact=row.safe_contact,
        synthetic=row.synthetic,
        related=related,
    )
    return rules.shown(page, viewer.fields)


def _related(viewer: Viewer, person_id: UUID, at: datetime) -> tuple[Related, ...]:
    rows = Relationship.objects.filter(Q(person_id=person_id) | Q(other_id=person_id)).order_by("recorded_at")
    ids = {row.other_id if row.person_id == person_id else row.person_id: row.kind for row in rows}
    known = _visible(viewer, at).filter(id__in=ids)
    return tuple(
        Related(person_id=each.id, name=rules.full_name(each.given_name, each.family_name), kind=ids[each.id])
        for each in known
    )


def _details(row: Person) -> Details:
    return Details(
        given_name=row.given_name,
        family_name=row.family_name,
        born_on=row.born_on,
        sex=row.sex,
        postcode=row.postcode,
    )


__all__ = ["candidates", "may_use", "names", "person", "same_names"]
