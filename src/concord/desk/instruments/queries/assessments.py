"""Assessments as a viewer may read them: their list, one with what it comes to, its history, the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from pydantic import TypeAdapter

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, NotHere, Viewer
from concord.desk.audit.operations import opened, record
from concord.desk.instruments import rules
from concord.desk.instruments.models import Assessment, Change, Judgement
from concord.desk.instruments.rules import AssessmentLine, AssessmentPage, Changed, Compared, Decided, Earlier, Said
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.instrument import Instrument

PAGE = 50
AS_KEPT: TypeAdapter[Instrument] = TypeAdapter(Instrument)
"""How an instrument is kept with the answers, and read again."""


def visible_assessments(viewer: Viewer, *, at: datetime) -> QuerySet[Assessment]:
    """The assessments shared with this viewer, inside a transaction in their name."""
    return sharing.visible(viewer, Assessment.objects.select_related("version", "author"), "assessment", at=at)


@reading("assessment.read", "assessment")
def mine(viewer: Viewer, *, at: datetime, closed: bool = False, page: int = 1) -> tuple[AssessmentLine, ...]:
    """What is shared with this viewer: under way with what is due first, or closed with the newest first.

    Raises NotAllowed for roles that assess nobody. Recorded as one consultation.
    """
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        last = Judgement.objects.filter(assessment=OuterRef("pk")).order_by("-revision")
        found = visible_assessments(viewer, at=at).filter(
            state__in=["decided", "stopped"] if closed else ["open", "paused"]
        )
        found = found.annotate(level=Subquery(last.values("level")[:1])).defer("answers", "version__definition")
        order = ("-changed_at", "id") if closed else ("due_on", "-changed_at", "id")
        rows = list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE])
        record(
            viewer=viewer,
            operation="consultation",
            action="assessment.list",
            object_type="assessment",
            detail={"closed": closed, "shown": [str(row.id) for row in rows]},
            at=at,
        )
    known = accounts.partnership().instruments
    today = at.astimezone(LONDON).date()
    lines = []
    for row in rows:
        of = known.get(row.instrument)
        levels = {each.key: each.name for each in of.judgement.level} if of else {}
        lines.append(
            AssessmentLine(
                assessment_id=row.id,
                reference=row.reference,
                instrument=row.instrument,
                name=of.name if of else row.instrument,
                about=f"{row.given_name} {row.family_name}".strip(),
                state=row.state,
                begun_at=row.begun_at,
                changed_at=row.changed_at,
                due_on=row.due_on,
                overdue=not closed and row.due_on is not None and row.due_on < today,
                level=levels.get(row.level, row.level or ""),
                mine=row.author_id == viewer.user_id,
            )
        )
    return tuple(lines)


@reading("assessment.read", "assessment")
def assessment(viewer: Viewer, assessment_id: UUID, *, at: datetime) -> AssessmentPage:
    """One assessment, opened and recorded. Raises NotAllowed, NotHere (missing and hidden alike)."""
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=assessment_id).first()
        opened(
            viewer=viewer,
            action="assessment.read",
            object_type="assessment",
            object_id=assessment_id,
            subjects=[row.person_id] if row is not None and row.person_id else [],
            found=row is not None,
            at=at,
        )
        page = _page(viewer, row, at) if row is not None else None
    if page is None:
        raise NotHere("assessment")
    return page


def _page(viewer: Viewer, row: Assessment, at: datetime) -> AssessmentPage:
    of = AS_KEPT.validate_python(row.version.definition)
    decisions = tuple(_decided(each) for each in row.judgements.select_related("by").order_by("revision"))
    months = months_of(row)
    level = decisions[-1].level if decisions else ""
    found = rules.outcome(of, rules.values(row.answers), age_months=months, level=level)
    allowed, why = may_decide(viewer, of)
    ground = next((each.name for each in of.ground if each.purpose == row.purpose), row.purpose)
    return AssessmentPage(
        assessment_id=row.id,
        reference=row.reference,
        instrument=of,
        wording=row.version.wording,
        subject=subject_of(row),
        ground=ground,
        state=row.state,
        revision=row.revision,
        begun_at=row.begun_at,
        changed_at=row.changed_at,
        begun_by=row.author.display_name,
        agency=row.agency,
        mine=row.author_id == viewer.user_id,
        age_months=months,
        due_on=row.due_on,
        overdue=row.state in ("open", "paused")
        and row.due_on is not None
        and row.due_on < at.astimezone(LONDON).date(),
        answers={key: Said.read(each) for key, each in row.answers.items()},
        outcome=found,
        decisions=decisions,
        stopped_because=row.stopped_because,
        previous=row.previous_id,
        on_earlier_answers=bool(decisions) and decisions[-1].revision < _last_change(row),
        may_decide=allowed,
        cannot_decide=why,
    )


def subject_of(row: Assessment) -> rules.Subject:
    """Whom a row already opened is about."""
    return rules.Subject(row.given_name, row.family_name, row.born_on, row.person_id)


def months_of(row: Assessment) -> int | None:
    """Their age in months on the day the assessment began: it does not change while it is paused."""
    day = row.begun_at.astimezone(LONDON).date()
    return None if row.born_on is None else rules.months_between(row.born_on, day)


def may_decide(viewer: Viewer, of: Instrument) -> tuple[bool, str]:
    """Whether this viewer decides on this instrument, and in words why not."""
    if not accounts.may(viewer, "assessment.decide") or not viewer.roles & set(of.judgement.decided_by):
        return False, "Somebody with another role decides. Hand it over to them when the answers are complete."
    agency = accounts.partnership().agencies.get(viewer.agency)
    if of.judgement.sectors and (agency is None or agency.sector not in of.judgement.sectors):
        return False, of.judgement.sectors_why
    return True, ""


def earlier_answers(viewer: Viewer, row_id: UUID, *, at: datetime) -> dict[str, Earlier]:
    """What the person already said, for questions of this assessment that have no answer yet, by address.

    Only from assessments shared with this viewer about the same person, or the same name and date of birth. The newest
    answer on each topic, with its date and where it was given. What was read for it is recorded.
    """
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=row_id).first()
        if row is None:
            raise NotHere("assessment")
        of = AS_KEPT.validate_python(row.version.definition)
        wanted = {
            each.topic: (rules.address(section, each), each)
            for section in of.section
            if section.repeats is None
            for each in section.question
            if each.topic and each.key not in row.answers
        }
        if not wanted:
            return {}
        others = list(_about_the_same(viewer, row, at).order_by("-changed_at")[:PAGE])
    found: dict[str, Earlier] = {}
    read: set[UUID] = set()
    for other in others:
        its = AS_KEPT.validate_python(other.version.definition)
        for question in its.questions():
            here = wanted.get(question.topic)
            kept = other.answers.get(question.key)
            if here is None or here[0] in found or kept is None or kept["withheld"]:
                continue
            if question.kind != here[1].kind or question.answers != here[1].answers or kept["value"] in (None, "", []):
                continue
            said = Said.read(kept)
            day = said.at.astimezone(LONDON)
            found[here[0]] = Earlier(question.topic, said, f"{its.name} {other.reference}, {day.day} {day:%B %Y}")
            read.add(other.id)
    if found:
        with as_viewer(viewer, at=at):
            record(
                viewer=viewer,
                operation="consultation",
                action="assessment.reuse",
                object_type="assessment",
                object_id=row_id,
                subjects=[row.person_id] if row.person_id else [],
                detail={"read": sorted(map(str, read))},
                at=at,
            )
    return found


def _about_the_same(viewer: Viewer, row: Assessment, at: datetime) -> QuerySet[Assessment]:
    same = Q(family_name__iexact=row.family_name, given_name__iexact=row.given_name, born_on=row.born_on)
    same = same & Q(born_on__isnull=False)
    if row.person_id:
        same |= Q(person_id=row.person_id)
    return visible_assessments(viewer, at=at).filter(same, begun_at__lte=row.begun_at).exclude(id=row.id)


def previous_of(viewer: Viewer, row: Assessment, *, at: datetime) -> Assessment | None:
    """The decided assessment on the same instrument before this one, about the same person."""
    return (
        _about_the_same(viewer, row, at)
        .filter(instrument=row.instrument, state="decided")
        .order_by("-begun_at")
        .first()
    )


@reading("assessment.read", "assessment")
def history(viewer: Viewer, assessment_id: UUID, *, at: datetime) -> tuple[Changed, ...]:
    """Every answer given, changed or taken back, newest first. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=assessment_id).first()
        opened(
            viewer=viewer, action="assessment.history", object_type="assessment", object_id=assessment_id,
            found=row is not None, at=at,
        )  # fmt: skip
        changes = (
            list(Change.objects.filter(assessment_id=assessment_id).order_by("-revision", "address")) if row else []
        )
    if row is None:
        raise NotHere("assessment")
    return tuple(
        Changed(
            address=each.address,
            before=Said.read(each.before) if each.before else None,
            after=Said.read(each.after),
            reason=each.reason,
            revision=each.revision,
        )
        for each in changes
    )


@reading("assessment.read", "assessment")
def comparison(viewer: Viewer, assessment_id: UUID, *, at: datetime) -> tuple[str, tuple[Compared, ...]]:
    """The assessment before this one (its reference and day, in words) and every question of both, then and now.

    An empty pair where there is none before it. Raises NotAllowed, NotHere.
    """
    accounts.require(viewer, "assessment.read")
    with as_viewer(viewer, at=at):
        row = visible_assessments(viewer, at=at).filter(id=assessment_id).first()
        before = previous_of(viewer, row, at=at) if row is not None else None
        for each, tried in ((row, assessment_id), (before, before.id if before else None)):
            if tried is not None:
                opened(
                    viewer=viewer, action="assessment.compare", object_type="assessment", object_id=tried,
                    found=each is not None, at=at,
                )  # fmt: skip
        levels = _levels([row, before])
    if row is None:
        raise NotHere("assessment")
    if before is None:
        return "", ()
    now, then = (AS_KEPT.validate_python(each.version.definition) for each in (row, before))
    lines = [
        Compared(
            question.text,
            rules.in_words(question, _value(before, question.key)),
            rules.in_words(question, _value(row, question.key)),
        )
        for section in now.section
        if section.repeats is None
        for question in section.question
    ]
    known = {each.key: each.name for each in (*then.judgement.level, *now.judgement.level)}
    judged = [known.get(levels.get(each.id, ""), "Not decided") for each in (before, row)]
    day = before.begun_at.astimezone(LONDON)
    return (
        f"{before.reference}, begun {day.day} {day:%B %Y}",
        (Compared(now.judgement.question, judged[0], judged[1]), *lines),
    )


def _levels(rows: Iterable[Assessment | None]) -> dict[UUID, str]:
    ids = [row.id for row in rows if row is not None]
    found = Judgement.objects.filter(assessment_id__in=ids).order_by("revision").values_list("assessment_id", "level")
    return dict(found)


def _value(row: Assessment, key: str) -> rules.Given:
    kept: Mapping[str, Any] = row.answers.get(key) or {}
    return kept.get("value")


def colleagues(viewer: Viewer, of: Instrument) -> tuple[Member, ...]:
    """Whom an assessment may be handed to: who uses or decides it in the same agency or in a sector
    that decides."""
    wanted = {*of.used_by, *of.judgement.decided_by}
    deciding = {key for key, each in accounts.partnership().agencies.items() if each.sector in of.judgement.sectors}
    held = accounts.with_roles(viewer, wanted, {viewer.agency} | deciding)
    return tuple(each for each in held if each.user_id != viewer.user_id)


def _decided(row: Judgement) -> Decided:
    return Decided(
        level=row.level,
        suggested=tuple(row.kept.get("suggested", ())),
        reason=row.reason,
        override=row.override,
        answers={key: Said.read(each) for key, each in row.answers.items()},
        kept=row.kept,
        by=row.by.display_name,
        agency=row.agency,
        at=row.at,
        revision=row.revision,
    )


def _last_change(row: Assessment) -> int:
    return row.changes.order_by("-revision").values_list("revision", flat=True).first() or 0
