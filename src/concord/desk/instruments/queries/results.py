"""What decisions came to, for those who may know that and not the answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.instruments.models import Result
from concord.desk.instruments.queries.assessments import AS_KEPT, PAGE, visible_assessments
from concord.desk.instruments.rules import ResultLine, ScoreLine
from concord.desk.referrals import queries as referrals
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer
from concord.strategy.shapes.instrument import Instrument


def enclosed(viewer: Viewer, contact_id: UUID, *, at: datetime) -> tuple[ResultLine, ...]:
    """The newest result of each assessment enclosed with the referral behind a contact; empty where the viewer may not
    open the contact. Recorded as one consultation."""
    with as_viewer(viewer, at=at):
        rows = _newest(contact_id) if referrals.may_open(viewer, contact_id, at=at) else []
        return _read(viewer, rows, at)


def results_told(viewer: Viewer, instrument: str, *, at: datetime) -> tuple[ResultLine, ...]:
    """Results of one instrument that the viewer holds, whole or as a status: the newest of each assessment, newest
    first. What a panel's coordinator chooses from. Recorded as one consultation."""
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        # A status is below the full share: whoever holds either is asked for the lower.
        found = sharing.visible(viewer, Result.objects.all(), "assessment", at=at, level="status", key="assessment_id")
        later = Result.objects.filter(assessment_id=OuterRef("assessment_id"), at__gt=OuterRef("at"))
        found = found.filter(instrument=instrument).exclude(Exists(later))
        return _read(viewer, list(found.select_related("version").order_by("-at", "id")[:PAGE]), at)


def results_by(viewer: Viewer, result_ids: Collection[UUID], *, at: datetime) -> dict[UUID, ResultLine]:
    """Results by identifier, for a case that the caller has opened and recorded. Hidden ones are absent."""
    if not result_ids:
        return {}
    with as_viewer(viewer, at=at):
        rows = list(Result.objects.select_related("version").filter(id__in=set(result_ids)))
        return {each.result_id: each for each in _lines(viewer, rows, at)}


def told(viewer: Viewer, result_id: UUID, instrument: str, *, at: datetime) -> ResultLine:
    """One of `results_told`. Raises NotHere for any other."""
    found = next((each for each in results_told(viewer, instrument, at=at) if each.result_id == result_id), None)
    if found is None:
        raise NotHere("result")
    return found


def came_with(viewer: Viewer, contact_id: UUID, *, at: datetime) -> tuple[ResultLine, ...]:
    """The same for a case that the caller has opened and recorded: its members hold the case, not the contact."""
    with as_viewer(viewer, at=at):
        return _lines(viewer, _newest(contact_id), at)


def _newest(contact_id: UUID) -> list[Result]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT instruments_enclosed(%s)", [contact_id])
        came = [row[0] for row in cursor.fetchall()]
    if not came:
        return []
    rows = Result.objects.select_related("version").filter(assessment_id__in=came).order_by("at")
    return list({row.assessment_id: row for row in rows}.values())


def _read(viewer: Viewer, rows: list[Result], at: datetime) -> tuple[ResultLine, ...]:
    if rows:
        record(
            viewer=viewer,
            operation="consultation",
            action="result.read",
            object_type="assessment",
            detail={"shown": [str(row.assessment_id) for row in rows]},
            at=at,
        )
    return _lines(viewer, rows, at)


def _lines(viewer: Viewer, rows: list[Result], at: datetime) -> tuple[ResultLine, ...]:
    open_ids = set()
    if accounts.may(viewer, "assessment.read") and rows:
        asked = [row.assessment_id for row in rows]
        open_ids = set(visible_assessments(viewer, at=at).filter(id__in=asked).values_list("id", flat=True))
    return tuple(_line(row, row.assessment_id in open_ids) for row in rows)


def _line(row: Result, opens: bool) -> ResultLine:
    of: Instrument = AS_KEPT.validate_python(row.version.definition)
    bands = {each.key: each.name for each in of.band}
    factors = {each.key: each.name for each in of.factor}
    scores, fell_in = row.kept["scores"], row.kept["bands"]
    return ResultLine(
        result_id=row.id,
        assessment_id=row.assessment_id if opens else None,
        reference=row.reference,
        instrument=row.instrument,
        name=of.name,
        version=of.version,
        about=row.about,
        level=next((each.name for each in of.judgement.level if each.key == row.level), row.level),
        scores=tuple(
            ScoreLine(each.key, each.name, scores.get(each.key), bands.get(fell_in.get(each.key, ""), ""))
            for each in of.score
        ),
        factors=tuple((key, factors.get(key, key)) for key in row.kept.get("factors", ())),
        decided_by=row.decided_by,
        agency=row.agency,
        at=row.at,
    )
