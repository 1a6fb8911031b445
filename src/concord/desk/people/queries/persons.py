"""Reads about people. Each starts from a viewer and is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened, record, sealed
from concord.desk.audit.rules import Odd
from concord.desk.people import rules
from concord.desk.people.models import Alias, Correction, Ethnicity, Merge, Person, PersonIdentifier, Relationship
from concord.desk.people.rules import (
    Candidate,
    Corrected,
    Details,
    FieldReason,
    Join,
    OtherName,
    PersonPage,
    Related,
    SameRecord,
)
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading, record_refusal
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.oversight import Pattern

LOOKED_AT = 100
"""How many rows a search compares. A search that matches more is too wide to help."""
LISTED = 50
"""How many of a kind a page names at most."""


def _visible(viewer: Viewer, at: datetime) -> QuerySet[Person]:
    return sharing.visible(viewer, Person.objects.all(), "person", at=at)


@reading("person.match", "person")
def candidates(viewer: Viewer, asked: Details, *, at: datetime, limit: int = 10) -> tuple[Candidate, ...]:
    """People on record who may be this person, closest first, with a reason for each field.

    Only among those shared with a team or forum for which the viewer matches persons: a referrer
    raises NotAllowed whether anybody is known or not. The search and what it returned are recorded. Raises
    TooManySearches beyond the hourly number of the viewer's roles.
    """
    viewer = accounts.acting_by(viewer, "person.match")
    _require_searches_left(viewer, at)
    asked = rules.searchable(asked, viewer.fields)
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM people_candidates(%s, %s, %s, %s, %s)",
                [asked.given_name, asked.family_name, asked.born_on, asked.postcode, LOOKED_AT],
            )
            near = [row[0] for row in cursor.fetchall()]
        # The rows themselves come through the filter and the wall, like any others.
        found = _visible(viewer, at).filter(id__in=near).prefetch_related("aliases").order_by("id")
        rated = [(_likest(asked, person), person) for person in found]
        kept = sorted((pair for pair in rated if rules.is_candidate(pair[0])), key=lambda p: rules.closeness(p[0]))
        standing = _joins([person.id for _, person in kept[:limit]])
        shown = tuple(
            Candidate(
                person_id=rules.root(standing, person.id),
                name=rules.full_name(person.given_name, person.family_name),
                born_on=person.born_on,
                postcode=person.postcode,
                reasons=reasons,
                given_name=person.given_name,
                family_name=person.family_name,
            )
            for reasons, person in kept[:limit]
        )
        shown = tuple({each.person_id: each for each in reversed(shown)}.values())[::-1]
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


def _require_searches_left(viewer: Viewer, at: datetime) -> None:
    most = sharing.oversight().searching.most(viewer.roles)
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT people_searches(%s, %s)", [at - timedelta(hours=1), most])
        (made,) = cursor.fetchone()
    if made >= most:
        refusal = rules.TooManySearches(most)
        record_refusal(viewer, "person.match", "person", "", refusal, at=at)
        raise refusal


@reading("person.read", "person")
def person(viewer: Viewer, person_id: UUID, *, at: datetime, reason: str = "") -> PersonPage:
    """One person, opened and recorded. Raises NotAllowed for a role that opens nobody, NotHere for anyone not
    shared with the viewer, in the same words whether they exist or not."""
    accounts.require(viewer, "person.read")
    with as_viewer(viewer, at=at):
        row = _whole(_visible(viewer, at).filter(id=person_id)).first()
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
            page = _full_page(viewer, row, at)
    if row is None:
        raise NotHere("person")
    return page


def records_of(viewer: Viewer, person_ids: Iterable[UUID], *, at: datetime) -> frozenset[UUID]:
    """These records and every further record of the same persons that the viewer may see: what a list about somebody
    is asked for. Not recorded: the caller records what it shows."""
    ids = set(person_ids)
    standing = joins(viewer, ids, at=at)
    return frozenset(ids.union(*(rules.group(standing, each) for each in ids)))


def every_record(viewer: Viewer, person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """These records and every further record of the same persons, whoever sees them: for an operation that keeps
    somebody out of a person, in a transaction already the viewer's. Shown to nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_same_records(%s::uuid[])", [sorted(set(person_ids))])
        return frozenset(row[0] for row in cursor.fetchall())


def joins(viewer: Viewer, person_ids: Iterable[UUID], *, at: datetime) -> list[Join]:
    """The standing merges around these records, as far as the viewer sees both sides of each. Not recorded."""
    with as_viewer(viewer, at=at):
        return _joins(person_ids)


@reading("person.merge", "person")
def pair(viewer: Viewer, one: UUID, other: UUID, *, at: datetime) -> tuple[PersonPage, PersonPage]:
    """Two records to look at side by side before they are merged, opened and recorded. Raises NotAllowed, NotHere."""
    return _two(accounts.acting_by(viewer, "person.merge"), one, other, "compared with another record", at)


@reading("person.match", "person")
def pair_to_relate(viewer: Viewer, one: UUID, other: UUID, *, at: datetime) -> tuple[PersonPage, PersonPage]:
    """Two people of whom a relationship is to be recorded, opened and recorded. Raises NotAllowed, NotHere."""
    return _two(accounts.acting_by(viewer, "person.match"), one, other, "to record a relationship", at)


def _two(viewer: Viewer, one: UUID, other: UUID, reason: str, at: datetime) -> tuple[PersonPage, PersonPage]:
    with as_viewer(viewer, at=at):
        rows = {row.id: row for row in _whole(_visible(viewer, at).filter(id__in=[one, other]))}
        for each in (one, other):
            opened(
                viewer=viewer,
                action="person.read",
                object_type="person",
                object_id=each,
                subjects=[each],
                reason=reason,
                found=each in rows,
                at=at,
            )
        pages = [_full_page(viewer, rows[each], at) for each in (one, other) if each in rows]
    if len(pages) != 2:
        raise NotHere("person")
    return pages[0], pages[1]


def names(viewer: Viewer, person_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, PersonPage]:
    """Short details of several persons for a list that is itself recorded by its caller. Hidden ones are absent."""
    with as_viewer(viewer, at=at):
        rows = list(_visible(viewer, at).filter(id__in=set(person_ids)))
        warned = _warnings([row.id for row in rows])
    return {row.id: _page(viewer, row, at, {"warnings": warned.get(row.id, ())}) for row in rows}


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


def may_change(viewer: Viewer, person_id: UUID, verb: str, *, at: datetime) -> bool:
    """Whether `verb` (one that changes a person's record) reaches this person for this viewer. Not recorded. Raises
    NotAllowed where no role of theirs lists it."""
    return may_use(accounts.acting_by(viewer, verb), person_id, at=at)


def changes(viewer: Viewer, person_id: UUID, verbs: Iterable[str], *, at: datetime) -> frozenset[str]:
    """Which of these verbs reach a person whose page the viewer has open. Asked of the shares only where a verb reaches
    less than the viewer sees. Not recorded."""
    found: dict[Viewer, bool] = {viewer: True}
    with as_viewer(viewer, at=at):
        for verb in (wanted := [each for each in verbs if accounts.may(viewer, each)]):
            narrow = accounts.acting_by(viewer, verb)
            if narrow not in found:
                found[narrow] = _visible(narrow, at).filter(id=person_id).exists()
    return frozenset(verb for verb in wanted if found[accounts.acting_by(viewer, verb)])


def may_use(viewer: Viewer, person_id: UUID, *, at: datetime) -> bool:
    """Whether this viewer may link something to this person. Not recorded: the caller records what it does."""
    with as_viewer(viewer, at=at):
        return _visible(viewer, at).filter(id=person_id).exists()


def _page(viewer: Viewer, row: Person, at: datetime, more: dict[str, Any]) -> PersonPage:
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
        version=row.version,
        interpreter=row.interpreter,
        access_needs=row.access_needs,
        **{"related": (), **more},
    )
    return rules.shown(page, viewer.fields)


def _whole(rows: QuerySet[Person]) -> QuerySet[Person]:
    """The rows with what hangs on each, in one question: names, numbers, ethnicity, what was put right."""

    def of(kind: type[Model], order: tuple[str, ...], *fields: str) -> ArraySubquery:
        found = kind._default_manager.filter(person_id=OuterRef("pk")).order_by(*order)[:LISTED]
        return ArraySubquery(found.values(json=JSONObject(**{name: name for name in fields})))

    return rows.annotate(
        names_too=of(Alias, ("recorded_at", "id"), "given_name", "family_name", "kind", "source"),
        numbers=of(PersonIdentifier, ("scheme", "value"), "scheme", "value"),
        seen_as=of(Ethnicity, ("-basis",), "basis", "code", "source"),
        put_right=of(Correction, ("-at", "id"), "field", "before", "after", "reason", "at"),
    )


def _full_page(viewer: Viewer, row: Any, at: datetime) -> PersonPage:
    """Of a row that came from `_whole`."""
    more = {
        "related": _related(viewer, row.id, at),
        "aliases": tuple(
            OtherName(rules.full_name(each["given_name"], each["family_name"]), each["kind"], each["source"])
            for each in row.names_too
        ),
        "identifiers": tuple((each["scheme"], each["value"]) for each in row.numbers),
        "ethnicity": tuple((each["basis"], each["code"], each["source"]) for each in row.seen_as),
        "same": _same(viewer, row.id, at),
        "corrections": tuple(
            Corrected(
                each["field"],
                each["before"],
                each["after"],
                each["reason"],
                datetime.fromisoformat(each["at"]).astimezone(LONDON),
            )
            for each in row.put_right
        ),
        "warnings": _warnings([row.id]).get(row.id, ()),
    }
    return _page(viewer, row, at, more)


def _related(viewer: Viewer, person_id: UUID, at: datetime) -> tuple[Related, ...]:
    rows = Relationship.objects.filter(Q(person_id=person_id) | Q(other_id=person_id))
    rows = rows.order_by(F("until").desc(nulls_first=True), "recorded_at", "id")[:LISTED]
    found = [(row.other_id if row.person_id == person_id else row.person_id, row) for row in rows]
    known = _visible(viewer, at).in_bulk([other for other, _ in found]) if found else {}
    return tuple(
        Related(
            person_id=other,
            name=rules.full_name(known[other].given_name, known[other].family_name)
            if "identifier" in viewer.fields
            else "Name withheld",
            kind=row.kind,
            source=row.source,
            since=row.since,
            until=row.until,
            relationship_id=row.id,
            outward=row.person_id == person_id,
        )
        for other, row in found
        if other in known
    )


def _warnings(ids: list[UUID]) -> dict[UUID, tuple[str, ...]]:
    """How each of these may safely be reached, on whichever of their records it stands, once each."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, said FROM people_warnings(%s)", [ids])
        rows = cursor.fetchall()
    return {each: tuple(dict.fromkeys(said for person, said in rows if person == each)) for each in ids}


AROUND = """
WITH RECURSIVE around (record) AS (
  SELECT unnest(%s::uuid[])
  UNION
  SELECT CASE WHEN m.kept_id = a.record THEN m.other_id ELSE m.kept_id END
  FROM around a JOIN people_merge m ON (m.kept_id = a.record OR m.other_id = a.record) AND m.undone_at IS NULL)
SELECT m.kept_id, m.other_id FROM people_merge m JOIN around a ON a.record = m.kept_id WHERE m.undone_at IS NULL
"""
"""However long the chain of merges is, one question. The wall of the table leaves out what the asker sees half of."""


def _joins(ids: Iterable[UUID]) -> list[Join]:
    """The standing merges around these records, as far as the asker sees both sides of each."""
    with connection.cursor() as cursor:
        cursor.execute(AROUND, [sorted(set(ids))])
        return [Join(kept, other) for kept, other in cursor.fetchall()]


def _same(viewer: Viewer, person_id: UUID, at: datetime) -> tuple[SameRecord, ...]:
    rows = Merge.objects.filter(Q(kept_id=person_id) | Q(other_id=person_id), undone_at=None).order_by("at", "id")
    found = [(row.kept_id if row.other_id == person_id else row.other_id, row) for row in rows]
    known = _visible(viewer, at).in_bulk([other for other, _ in found]) if found else {}
    return tuple(
        SameRecord(
            merge_id=row.id,
            person_id=other,
            name=rules.full_name(known[other].given_name, known[other].family_name),
            born_on=known[other].born_on,
            postcode=known[other].postcode,
            safe_contact=known[other].safe_contact,
            kept=row.kept_id == other,
            reason=row.reason,
            at=row.at.astimezone(LONDON),
        )
        for other, row in found
        if other in known
    )


def _likest(asked: Details, row: Person) -> tuple[FieldReason, ...]:
    """The comparison with whichever of the person's names comes closest."""
    own = _details(row)
    every = [own, *(replace(own, given_name=a.given_name, family_name=a.family_name) for a in row.aliases.all())]
    return min((rules.compare(asked, each) for each in every), key=rules.closeness)


def _details(row: Person) -> Details:
    return Details(
        given_name=row.given_name,
        family_name=row.family_name,
        born_on=row.born_on,
        sex=row.sex,
        postcode=row.postcode,
    )
