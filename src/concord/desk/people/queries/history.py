"""The register's own part of somebody's history, and the filter with which every room gives a page of its part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.people.models import Correction, Merge, Person, Relationship
from concord.desk.people.rules import FIELDS, Happened, Place
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer
from concord.kernel.working_time import LONDON


def older(before: Place | None, field: str) -> Q:
    """Rows older than a place in a history, by the moment in `field` and then the identifier."""
    if before is None:
        return Q(**{f"{field}__isnull": False})
    return Q(**{f"{field}__lt": before.at}) | Q(**{field: before.at}, id__lt=before.id)


def older_days(before: Place | None, field: str) -> Q:
    """The same where `field` is a day, which a history places at its first moment (`moment_of`)."""
    if before is None:
        return Q(**{f"{field}__isnull": False})
    day = before.at.astimezone(LONDON).date()
    if before.at == moment_of(day):
        return Q(**{f"{field}__lt": day}) | Q(**{field: day}, id__lt=before.id)
    return Q(**{f"{field}__lte": day})


def latest(before: Place | None, *moments: tuple[str, Any]) -> Case:
    """Of rows that happened twice, the later moment that is older than the place; `moments` are field and expression,
    the later one first. Whoever takes the newest rows by this misses none of the newest moments."""
    *later, (_, first) = moments
    return Case(*(When(older(before, name), then=value) for name, value in later), default=first)


def moment_of(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def record_history(
    viewer: Viewer, records: Iterable[UUID], *, most: int, before: Place | None = None, at: datetime
) -> list[Happened]:
    """What changed in the register itself: corrections, relationships, records joined and parted. Not recorded: the
    caller opened the person."""
    ids = set(records)
    if not accounts.may(viewer, "person.read"):
        return []
    unseen = [name for kind, names in FIELDS.items() if kind not in viewer.fields for name in names]
    with as_viewer(viewer, at=at):
        seen = sharing.visible(viewer, Person.objects.all(), "person", at=at)
        put_right = Correction.objects.filter(older(before, "at"), person_id__in=ids).exclude(field__in=unseen)
        # Only what is between people the viewer sees: by the wall, and by the filter again.
        ties = Relationship.objects.filter(
            older(before, "recorded_at"),
            Q(person_id__in=ids) | Q(other_id__in=ids),
            person_id__in=seen.values("id"),
            other_id__in=seen.values("id"),
        )
        merges = Merge.objects.filter(
            Q(kept_id__in=ids) | Q(other_id__in=ids), kept_id__in=seen.values("id"), other_id__in=seen.values("id")
        )
        every = _lines(put_right, "at", F("field"), "reason").union(
            _lines(ties, "recorded_at", Value("tie"), "source"),
            _lines(merges.filter(older(before, "at")), "at", Value("joined"), "reason"),
            _lines(merges.filter(older(before, "undone_at")), "undone_at", Value("parted"), "undone_why"),
            all=True,
        )
        rows = list(every.order_by("-moment", "-id")[: most + 1])
    return [
        Happened(
            when, identity, "record", f"{CHANGED.get(what) or f'{FIELD_WORDS[what]} put right'}: {said}", "Register"
        )
        for identity, when, what, said in rows
    ]


def _lines(rows: QuerySet[Any], moment: str, what: Any, said: str) -> QuerySet[Any, Any]:
    named = rows.annotate(moment=F(moment), what=Cast(what, CharField()), said=Cast(F(said), TextField()))
    return named.order_by().values_list("id", "moment", "what", "said")


CHANGED = {
    "tie": "Relationship recorded, from",
    "joined": "Two records joined",
    "parted": "Two records parted",
}
FIELD_WORDS = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "sex": "Sex",
    "postcode": "Postcode",
    "address_area": "Area",
}
