"""The desk's own extract of assessments, and the check that what was counted is still what the answers come to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import rules
from concord.desk.instruments.models import Judgement
from concord.desk.instruments.queries.assessments import AS_KEPT, months_of, visible_assessments
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
