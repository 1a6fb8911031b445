"""The desk's own extract of assessments, and the check that what was counted is still what the answers come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import rules
from concord.desk.instruments.models import Judgement
from concord.desk.instruments.queries.assessments import AS_KEPT, assessment, months_of, visible_assessments
from concord.desk.instruments.queries.kinds import due_day
from concord.desk.instruments.rules import RecountLine
from concord.desk.sharing.session import as_viewer, reading, rows_of_extract
from concord.kernel.working_time import LONDON


@reading("extract.assessments", "assessment")
def extract_assessments(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """What the desk's return counts: for each assessment its instrument, agency, days, level and yes-or-no marks.

    Keys: instrument, agency, begun_on, decided_on (None while open), due_on, level, eligible, rationale. No name, no
    answer, no reference: read through a database view that holds nothing else. Raises NotAllowed unless the viewer is
    the extract's service.
    """
    rows = rows_of_extract(
        viewer,
        verb="extract.assessments",
        object_type="assessment",
        sql="SELECT instrument, agency, begun_at, decided_at, due_on, level, eligible, rationale"
        " FROM instruments_extract_assessments WHERE begun_at <= %s ORDER BY begun_at, instrument, agency",
        until=at,
        at=at,
    )
    return [*_begun(rows), *_unmet(viewer, at)]


def _begun(rows: list[tuple[Any, ...]]) -> list[dict[str, object]]:
    return [
        {
            "instrument": row[0],
            "agency": row[1],
            "begun_on": row[2].astimezone(LONDON).date(),
            "decided_on": row[3].astimezone(LONDON).date() if row[3] else None,
            "due_on": row[4],
            "level": row[5] or "",
            "eligible": row[6],
            "rationale": row[7],
        }
        for row in rows
    ]


def _unmet(viewer: Viewer, at: datetime) -> Iterator[dict[str, object]]:
    """Whom a referral made due for an assessment and who had none: one line each, as if begun that day and never
    decided, so that the share of those assessed is of all who were due. The agency is the one that referred."""
    for of in accounts.partnership().instruments.values():
        if of.status != "active" or not of.trigger or of.deadline is None:
            continue
        rows = rows_of_extract(
            viewer,
            verb="extract.assessments",
            object_type="assessment",
            sql="SELECT pathway, role, ground, agency, submitted_at, years FROM instruments_extract_due"
            " WHERE submitted_at <= %s AND pathway = ANY (%s) AND NOT %s = ANY (assessed)"
            " ORDER BY submitted_at, pathway, agency",
            until=at,
            more=[sorted({each.pathway for each in of.trigger}), of.key],
            at=at,
        )
        for pathway, role, ground, agency, submitted_at, years in rows:
            trigger = rules.triggered(of, pathway, role, ground)
            day = submitted_at.astimezone(LONDON).date()
            if trigger is None or not rules.is_due(of, trigger, years, day):
                continue
            starts: dict[str, rules.Given] = {of.deadline.starts: day.isoformat()} if of.deadline.starts else {}
            yield {
                "instrument": of.key,
                "agency": agency,
                "begun_on": day,
                "decided_on": None,
                "due_on": due_day(of, starts, True, submitted_at),
                "level": "",
                "eligible": True,
                "rationale": None,
            }


def recount(viewer: Viewer, assessment_id: UUID, *, at: datetime) -> tuple[RecountLine, ...]:
    """Each score of a decided assessment as it was kept with the last decision, as it is kept now, and as the answers
    come to when they are counted again by the questions they were given to. Recorded. Raises NotAllowed, NotHere."""
    page = assessment(viewer, assessment_id, at=at)
    kept: Mapping[str, Any] = page.decision.kept if page.decision else {}
    with as_viewer(viewer, at=at):
        stored = visible_assessments(viewer, at=at).values_list("kept", flat=True).get(id=assessment_id)
    return tuple(
        RecountLine(
            name=each.name,
            counts=each.counts,
            decided=kept.get("scores", {}).get(each.key),
            stored=stored.get("scores", {}).get(each.key),
            again=page.outcome.scores.get(each.key),
        )
        for each in page.instrument.score
    )


def miscounted(viewer: Viewer, *, at: datetime) -> tuple[UUID, ...]:
    """Assessments shared with this viewer whose stored scores are not what their answers come to: none, ever."""
    wrong = []
    with as_viewer(viewer, at=at):
        levels = dict(Judgement.objects.order_by("revision").values_list("assessment_id", "level"))
        for row in visible_assessments(viewer, at=at).order_by("id"):
            of = AS_KEPT.validate_python(row.version.definition)
            level = levels.get(row.id, "")
            if rules.recompute(of, rules.values(row.answers), age_months=months_of(row), level=level) != row.kept:
                wrong.append(row.id)
    return tuple(wrong)
