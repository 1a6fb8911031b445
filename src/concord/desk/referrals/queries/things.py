"""Places, groups of peers and online spaces, for whoever may open a contact about them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.referrals import rules
from concord.desk.referrals.models import About, Contact, Plan, PlanStep, Subject
from concord.desk.referrals.queries.reach import PAGE, about, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Concern, Earlier, PlanStepView, PlanView, SubjectLine, SubjectPage
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


def subject_line(row: Subject) -> SubjectLine:
    return SubjectLine(row.id, row.kind, row.name, row.where, row.latitude, row.longitude)


def _visible(viewer: Viewer, at: datetime) -> QuerySet[Subject]:
    through = About.objects.filter(subject_id=OuterRef("pk"), contact_id__in=visible_contacts(viewer, at).values("id"))
    return Subject.objects.filter(Exists(through), partnership=viewer.partnership)


def may_use_subject(viewer: Viewer, subject_id: UUID, *, kind: str = "", at: datetime) -> bool:
    """Whether this viewer may work with this place, group or online space (of `kind` where one is named). Not recorded:
    the caller records what it does."""
    with as_viewer(viewer, at=at):
        found = _visible(viewer, at).filter(id=subject_id)
        return (found.filter(kind=kind) if kind else found).exists()


@reading("subject.read", "subject")
def subjects(
    viewer: Viewer, *, at: datetime, kind: str = "", like: str = "", page: int = 1, mapped: bool = False
) -> tuple[SubjectLine, ...]:
    """Those this viewer may open, by name; `like` narrows by a part of the name or of where it is, `mapped` to those
    with a point. Raises NotAllowed."""
    accounts.require(viewer, "subject.read")
    with as_viewer(viewer, at=at):
        rows = _visible(viewer, at)
        if kind:
            rows = rows.filter(kind=kind)
        if like:
            rows = rows.filter(name__icontains=like) | rows.filter(where__icontains=like)
        if mapped:
            rows = rows.filter(latitude__isnull=False)
        return tuple(subject_line(row) for row in rows.order_by("name", "id")[(page - 1) * PAGE : page * PAGE])


@reading("subject.read", "subject")
def subject(viewer: Viewer, subject_id: UUID, *, at: datetime) -> SubjectPage:
    """One place, group or online space: its plans, the contacts about it, the concerns linked to it, and when harm is
    said to happen there, each as far as the viewer may open the contacts. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "subject.read")
    page: SubjectPage | None = None
    with as_viewer(viewer, at=at):
        reach = visible_contacts(viewer, at)
        row = _visible(viewer, at).filter(id=subject_id).first()
        opened(
            viewer=viewer,
            action="subject.read",
            object_type="subject",
            object_id=subject_id,
            found=row is not None,
            at=at,
        )
        if row is not None:
            own = reach.filter(about__subject_id=subject_id, about__role="about")
            bands, not_said = _pattern(own)
            page = SubjectPage(
                subject=subject_line(row),
                opened_at=row.opened_at.astimezone(LONDON),
                contacts=tuple(_earlier(each) for each in own.order_by("-received_at", "id")[:PAGE]),
                plans=_plans(subject_id, at.astimezone(LONDON).date()),
                concerns=_concerns(reach, subject_id),
                bands=bands,
                not_said=not_said,
            )
    if page is None:
        raise NotHere("subject")
    return page


def contacts_about(viewer: Viewer, subject_id: UUID, *, at: datetime) -> frozenset[UUID]:
    """The newest contacts about a subject that the viewer may open: what the forums' actions are looked for by. Not
    recorded: the caller opened the subject."""
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(about__subject_id=subject_id, about__role="about")
        return frozenset(found.order_by("-received_at").values_list("id", flat=True)[:PAGE])


def _earlier(row: Contact) -> Earlier:
    route = next((each.name for each in pathway(row.pathway).route if each.key == row.route), "")
    return Earlier(row.id, row.referral.reference, row.received_at.astimezone(LONDON), route)


def _pattern(own: QuerySet[Contact]) -> tuple[tuple[rules.Band, ...], int]:
    """By part of the day, over every contact about the subject; the choices are those of its pathway's file."""
    answers = KeyTextTransform(rules.PART_OF_DAY, "referral__answers")
    rows = list(own.select_related(None).order_by().values_list("pathway", answers).annotate(Count("id")))
    asked = [each for key, *_ in rows for each in pathway(key).question if each.key == rules.PART_OF_DAY]
    if not asked:
        return (), 0
    said: dict[str, int] = {}
    for _, answer, count in rows:
        said[answer or ""] = said.get(answer or "", 0) + count
    return rules.pattern([(each.key, each.name) for each in asked[0].choice], said)


def _concerns(reach: QuerySet[Contact], subject_id: UUID) -> tuple[Concern, ...]:
    rows = About.objects.filter(subject_id=subject_id, contact_id__in=reach.values("id")).exclude(role="about")
    rows = rows.select_related("contact__referral", "by").prefetch_related("contact__referral__parties")
    return tuple(
        Concern(
            contact_id=each.contact_id,
            reference=each.contact.referral.reference,
            about=about(pathway(each.contact.pathway), list(each.contact.referral.parties.all())),
            role=each.role,
            source=each.source,
            by=each.by.display_name if each.by else "",
            at=each.at,
            ended_at=each.ended_at,
            ended_why=each.ended_why,
        )
        for each in rows.order_by("ended_at", "-at", "id")[:PAGE]
    )


def _plans(subject_id: UUID, today: date) -> tuple[PlanView, ...]:
    rows = Plan.objects.filter(subject_id=subject_id).select_related("made_by").prefetch_related("steps")
    return tuple(
        PlanView(
            plan_id=each.id,
            aim=each.aim,
            agency=each.agency,
            review_on=each.review_on,
            made_by=each.made_by.display_name,
            made_at=each.made_at.astimezone(LONDON),
            result=each.result,
            result_note=each.result_note,
            result_at=each.result_at,
            steps=tuple(
                _step(step, today) for step in sorted(each.steps.all(), key=lambda one: (one.due_on, str(one.id)))
            ),
        )
        for each in rows.order_by("-made_at", "id")[:PAGE]
    )


def _step(row: PlanStep, today: date) -> PlanStepView:
    overdue = row.status == "open" and row.due_on < today
    return PlanStepView(row.id, row.text, row.agency, row.due_on, row.status, row.note, overdue)
