"""Places, groups of peers and online spaces, for whoever may open a contact about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.referrals.models import Plan, Subject
from concord.desk.referrals.queries.reach import PAGE, visible_contacts
from concord.desk.referrals.queries.ways import pathway
from concord.desk.referrals.rules import Earlier, PlanView, SubjectLine, SubjectPage
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


def subject_line(row: Subject) -> SubjectLine:
    return SubjectLine(row.id, row.kind, row.name, row.where)


@reading("subject.read", "subject")
def subjects(viewer: Viewer, *, at: datetime, kind: str = "", like: str = "") -> tuple[SubjectLine, ...]:
    """Those this viewer may open, by name; `like` narrows by a part of the name. Raises NotAllowed."""
    accounts.require(viewer, "subject.read")
    with as_viewer(viewer, at=at):
        rows = Subject.objects.filter(contacts__contact_id__in=visible_contacts(viewer, at).values("id")).distinct()
        if kind:
            rows = rows.filter(kind=kind)
        if like:
            rows = rows.filter(name__icontains=like)
        return tuple(subject_line(row) for row in rows.order_by("name", "id")[:PAGE])


@reading("subject.read", "subject")
def subject(viewer: Viewer, subject_id: UUID, *, at: datetime) -> SubjectPage:
    """One place, group or online space with its plans. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "subject.read")
    page: SubjectPage | None = None
    with as_viewer(viewer, at=at):
        reach = visible_contacts(viewer, at)
        row = Subject.objects.filter(id=subject_id, contacts__contact_id__in=reach.values("id")).first()
        opened(
            viewer=viewer,
            action="subject.read",
            object_type="subject",
            object_id=subject_id,
            found=row is not None,
            at=at,
        )
        if row is not None:
            contacts = reach.filter(about__subject_id=subject_id).order_by("-received_at")[:PAGE]
            plans = Plan.objects.filter(subject_id=subject_id).select_related("made_by").order_by("-made_at")
            page = SubjectPage(
                subject=subject_line(row),
                opened_at=row.opened_at.astimezone(LONDON),
                contacts=tuple(
                    Earlier(
                        contact_id=each.id,
                        reference=each.referral.reference,
                        received_at=each.received_at.astimezone(LONDON),
                        route_name=next(
                            (route.name for route in pathway(each.pathway).route if route.key == each.route), ""
                        ),
                    )
                    for each in contacts
                ),
                plans=tuple(
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
                    )
                    for each in plans
                ),
            )
    if page is None:
        raise NotHere("subject")
    return page
