"""Assessments as a viewer may read them: their list, one with what it comes to, its history, the one before it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from pydantic import TypeAdapter

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, NotHere, Viewer
from concord.desk.audit.operations import opened, record
from concord.desk.instruments import rules
from concord.desk.instruments.models import Assessment, Change, Judgement, Opinion
from concord.desk.instruments.rules import (
    Advised,
    AssessmentLine,
    AssessmentPage,
    Changed,
    Decided,
    OnwardLine,
    Said,
)
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
    changed = last_change(row)
    joint = of.judgement.joint is not None
    opinions = {each.id: each for each in row.opinions.select_related("by").order_by("-at")} if joint else {}
    made = row.judgements.select_related("by").order_by("revision")
    decisions = tuple(_decided(each, opinions.get(each.opinion_id)) for each in made)
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
        on_earlier_answers=bool(decisions) and decisions[-1].revision < changed,
        may_decide=allowed,
        cannot_decide=why,
        gateway=row.gateway,
        agreement=row.agreement,
        opinion=next((_advised(each, changed) for each in opinions.values()), None),
        may_advise=row.state in ("open", "paused") and may_advise(viewer, of),
        onward=_onward(row),
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


def may_advise(viewer: Viewer, of: Instrument) -> bool:
    """Whether this viewer speaks for the second agency of this instrument."""
    joint = of.judgement.joint
    agency = accounts.partnership().agencies.get(viewer.agency)
    return (
        joint is not None
        and accounts.may(viewer, "assessment.decide")
        and bool(viewer.roles & set(joint.given_by))
        and agency is not None
        and agency.sector in joint.sectors
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


def colleagues(viewer: Viewer, of: Instrument) -> tuple[Member, ...]:
    """Whom an assessment may be handed to: who uses or decides it in the same agency or in a sector
    that decides."""
    joint = of.judgement.joint
    wanted = {*of.used_by, *of.judgement.decided_by, *(joint.given_by if joint else ())}
    sectors = {*of.judgement.sectors, *(joint.sectors if joint else ())}
    deciding = {key for key, each in accounts.partnership().agencies.items() if each.sector in sectors}
    held = accounts.with_roles(viewer, wanted, {viewer.agency} | deciding)
    return tuple(each for each in held if each.user_id != viewer.user_id)


def _decided(row: Judgement, opinion: Opinion | None) -> Decided:
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
        opinion=_advised(opinion, 0) if opinion is not None else None,
        differs_because=row.differs_because,
    )


def _advised(row: Opinion, changed: int) -> Advised:
    return Advised(
        level=row.level,
        reason=row.reason,
        by=row.by.display_name,
        by_id=row.by_id,
        agency=row.agency,
        at=row.at,
        revision=row.revision,
        current=row.revision >= changed,
    )


def _onward(row: Assessment) -> tuple[OnwardLine, ...]:
    """The newest word on each route."""
    if row.state != "decided":
        return ()
    newest = {each.route: each for each in row.onward.select_related("by").order_by("at")}
    return tuple(
        OnwardLine(
            route=each.route,
            way=each.way,
            reason=each.reason,
            whole=each.whole,
            by=each.by.display_name,
            agency=each.agency,
            at=each.at,
            referral_id=each.referral_id,
        )
        for each in newest.values()
    )


def last_change(row: Assessment) -> int:
    """The revision in which an answer of a row already opened last changed."""
    return row.changes.order_by("-revision").values_list("revision", flat=True).first() or 0
