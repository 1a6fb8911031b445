"""The assessments' part of somebody's history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Value

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.instruments.models import Judgement
from concord.desk.instruments.queries.assessments import visible_assessments
from concord.desk.people import queries as people
from concord.desk.people.rules import Happened, Place
from concord.desk.sharing.session import as_viewer


def assessment_history(
    viewer: Viewer,
    records: Iterable[UUID],
    *,
    most: int,
    before: Place | None = None,
    agency: str = "",
    at: datetime,
) -> list[Happened]:
    """Assessments of somebody that are shared with the viewer: begun, and decided. Not recorded: the caller opened the
    person. What they came to is on their own page."""
    if not accounts.may(viewer, "assessment.read"):
        return []
    known = accounts.partnership().instruments
    with as_viewer(viewer, at=at):
        rows = visible_assessments(viewer, at=at).filter(person_id__in=set(records))
        rows = rows.filter(agency=agency) if agency else rows
        begun = rows.filter(people.older(before, "begun_at")).order_by()
        judged = Judgement.objects.filter(people.older(before, "at"), assessment_id__in=rows.order_by().values("id"))
        fields = ("moment", "id", "opens", "which", "of", "what")
        every = begun.annotate(
            moment=F("begun_at"), opens=F("id"), which=F("instrument"), of=F("agency"), what=Value("begun")
        ).values_list(*fields)
        every = every.union(
            judged.annotate(
                moment=F("at"),
                opens=F("assessment_id"),
                which=F("assessment__instrument"),
                of=F("assessment__agency"),
                what=Value("decided"),
            ).values_list(*fields),
            all=True,
        )
        lines = list(every.order_by("-moment", "-id")[: most + 1])
    return [
        Happened(
            when,
            identity,
            "assessment",
            f"{known[which].name if which in known else which}: {what}",
            "Assessment",
            of,
            opens,
        )
        for when, identity, opens, which, of, what in lines
    ]
