"""Places, groups of peers and online spaces: what each contact is about, the plan for it, and what came of the plan."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.referrals import queries
from concord.desk.referrals.models import About, Plan, PlanStep, Subject
from concord.desk.referrals.operations.locked import opened_contact, record_on, save
from concord.desk.referrals.rules import LINKS, NotThatWay
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean

RESULTS = ("better", "same", "worse")
STEP_ENDS = ("done", "not_done")


@operation("contact.identify", "contact")
def name_subject(
    *, viewer: Viewer, contact_id: UUID, party_id: UUID, subject_id: UUID | None, version: int, at: datetime
) -> UUID:
    """Say which place, group or online space somebody named: one on record, or (`subject_id` None) a new one.

    Returns the subject. Raises NotAllowed, NotHere (also for one the viewer cannot see), ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.identify", version, at)
    party = row.referral.parties.filter(id=party_id).first()
    kind = next((each.kind for each in on.party if party is not None and each.role == party.role), "person")
    if party is None or kind == "person":
        raise NotHere("contact")
    if subject_id is None:
        subject_id = uuid4()
        Subject.objects.create(
            id=subject_id,
            partnership=viewer.partnership,
            kind=kind,
            name=party.family_name,
            where=party.note[:200],
            opened_at=at,
        )
    elif not queries.may_use_subject(viewer, subject_id, kind=kind, at=at):
        raise NotHere("subject")
    About.objects.get_or_create(contact=row, subject_id=subject_id)
    save(row)
    record_on(viewer, "combination", "contact.identify", "contact", row.id, on, at, detail={"subject": str(subject_id)})
    return subject_id


@operation("subject.plan", "subject")
def plan_for(*, viewer: Viewer, subject_id: UUID, aim: str, agency: str, review_on: date, at: datetime) -> UUID:
    """Make a plan for a place, group or online space. Raises NotAllowed, NotHere, NotThatWay."""
    accounts.require(viewer, "subject.plan")
    if not queries.may_use_subject(viewer, subject_id, at=at):
        raise NotHere("subject")
    known = accounts.partnership().agencies
    if agency not in known:
        raise NotThatWay(f"“{agency}” is no agency here.", next_step=did_you_mean(agency, known))
    if not aim.strip():
        raise NotThatWay("Say what is to change.", next_step="One sentence that can be checked later is best.")
    if review_on <= at.date():
        raise NotThatWay("The review lies in the past.", next_step="Choose a day from tomorrow on.")
    made = Plan.objects.create(
        subject_id=subject_id,
        aim=aim.strip(),
        agency=agency,
        review_on=review_on,
        made_by_id=viewer.user_id,
        made_at=at,
    )
    _record(viewer, "subject.plan", subject_id, at, {"plan": str(made.id), "agency": agency})
    return made.id


@operation("subject.plan", "subject")
def record_result(*, viewer: Viewer, plan_id: UUID, result: str, note: str, at: datetime) -> None:
    """Say what came of a plan, once: "better", "same" or "worse", with what shows it.

    Raises NotAllowed, NotHere, NotThatWay, ChangedMeanwhile where a result was recorded meanwhile.
    """
    accounts.require(viewer, "subject.plan")
    plan = Plan.objects.select_for_update().filter(id=plan_id).first()
    if plan is None or not queries.may_use_subject(viewer, plan.subject_id, at=at):
        raise NotHere("plan")
    if result not in RESULTS:
        raise NotThatWay(f"“{result}” is not a result.", next_step=did_you_mean(result, RESULTS))
    if not note.strip():
        raise NotThatWay("Say what shows it.", next_step="A sentence: what was counted, seen or said.")
    if plan.result:
        raise changed_meanwhile(viewer, "plan", "subject", plan.subject_id)
    plan.result, plan.result_note, plan.result_at = result, note.strip(), at
    plan.save()
    _record(viewer, "subject.result", plan.subject_id, at, {"plan": str(plan_id), "result": result})


@operation("contact.identify", "contact")
def link_concern(
    *, viewer: Viewer, contact_id: UUID, subject_id: UUID, role: str, source: str, version: int, at: datetime
) -> None:
    """Link a contact about somebody to a place, a group or an online space: as one who belongs, was harmed, is said to
    harm, or was seen there. Twice is once; a link that ended begins again.

    Nobody sees more of the person by it: a link is there for whoever may open the contact. Raises NotAllowed, NotHere,
    NotThatWay, ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.identify", None, at)
    if not queries.may_use_subject(viewer, subject_id, at=at):
        raise NotHere("subject")
    if role not in LINKS or role == "about":
        raise NotThatWay(f"“{role}” is not a link.", next_step=did_you_mean(role, LINKS[1:]))
    if not source.strip():
        raise NotThatWay("Say who says so.", next_step="For example “detached youth workers, 3 October”.")
    held = About.objects.select_for_update().filter(contact=row, subject_id=subject_id).first()
    given = {"role": role, "source": source.strip()}
    if held is not None and held.ended_at is None and {name: getattr(held, name) for name in given} == given:
        return
    if row.version != version:
        raise changed_meanwhile(viewer, "contact", "contact", row.id, version=row.version)
    if held is not None and held.role == "about":
        raise NotThatWay("This contact is about that already.", next_step="Link another contact, or another place.")
    About.objects.update_or_create(
        contact=row,
        subject_id=subject_id,
        defaults={**given, "by_id": viewer.user_id, "at": at, "ended_at": None, "ended_why": ""},
    )
    save(row)
    detail: dict[str, object] = {"subject": str(subject_id), "role": role}
    record_on(viewer, "combination", "subject.link", "contact", row.id, on, at, detail=detail)


@operation("contact.identify", "contact")
def end_link(*, viewer: Viewer, contact_id: UUID, subject_id: UUID, reason: str, at: datetime) -> None:
    """Say that a link holds no longer, and why; twice is once. Raises NotAllowed, NotHere, NotThatWay."""
    on, row = opened_contact(viewer, contact_id, "contact.identify", None, at)
    held = About.objects.select_for_update().filter(contact=row, subject_id=subject_id).exclude(role="about").first()
    if held is None:
        raise NotHere("subject")
    if not reason.strip():
        raise NotThatWay("Say why it holds no longer.", next_step="One sentence is enough.")
    if held.ended_at is None:
        held.ended_at, held.ended_why = at, reason.strip()
        held.save(update_fields=["ended_at", "ended_why"])
        save(row)
    detail: dict[str, object] = {"subject": str(subject_id)}
    record_on(viewer, "alteration", "subject.unlink", "contact", row.id, on, at, reason=reason.strip(), detail=detail)


@operation("subject.plan", "subject")
def locate(
    *, viewer: Viewer, subject_id: UUID, where: str, latitude: float | None, longitude: float | None, at: datetime
) -> None:
    """Say where a place is: in words, and in degrees (WGS 84) where they are known. Raises NotAllowed, NotHere,
    NotThatWay for half a point or one outside the country."""
    accounts.require(viewer, "subject.plan")
    row = Subject.objects.select_for_update().filter(id=subject_id).first()
    if row is None or not queries.may_use_subject(viewer, subject_id, at=at):
        raise NotHere("subject")
    if (latitude is None) != (longitude is None):
        raise NotThatWay("Give both numbers or none.", next_step="A map shows them as, for example, 51.51, -0.03.")
    if latitude is not None and longitude is not None and not (49 <= latitude <= 61 and -9 <= longitude <= 3):
        raise NotThatWay(
            "That point is not in this country.",
            why="Latitude lies between 49 and 61 here, longitude between -9 and 3.",
            next_step="Check whether the two are the wrong way round.",
        )
    row.where, row.latitude, row.longitude = where.strip()[:200], latitude, longitude
    row.save(update_fields=["where", "latitude", "longitude"])
    _record(viewer, "subject.locate", subject_id, at, {"point": latitude is not None})


@operation("subject.plan", "subject")
def add_step(*, viewer: Viewer, plan_id: UUID, text: str, agency: str, due_on: date, at: datetime) -> UUID:
    """One thing to be done for a plan, by whom and by when; the same twice is once. Raises NotAllowed, NotHere,
    NotThatWay."""
    accounts.require(viewer, "subject.plan")
    plan = Plan.objects.select_for_update().filter(id=plan_id).first()
    if plan is None or not queries.may_use_subject(viewer, plan.subject_id, at=at):
        raise NotHere("plan")
    known = accounts.partnership().agencies
    if agency not in known:
        raise NotThatWay(f"“{agency}” is no agency here.", next_step=did_you_mean(agency, known))
    if not text.strip():
        raise NotThatWay(
            "Say what is to be done.", next_step="One thing that somebody can do, and be seen to have done."
        )
    if due_on < at.date():
        raise NotThatWay("The day it is due lies in the past.", next_step="Choose today or a later day.")
    if plan.result:
        raise NotThatWay("This plan has its result already.", next_step="Make a new plan for what is left to do.")
    made, _ = PlanStep.objects.get_or_create(
        plan=plan,
        agency=agency,
        text=text.strip(),
        defaults={"due_on": due_on, "made_by_id": viewer.user_id, "made_at": at},
    )
    _record(viewer, "subject.step", plan.subject_id, at, {"plan": str(plan_id), "agency": agency})
    return made.id


@operation("subject.plan", "subject")
def close_step(*, viewer: Viewer, step_id: UUID, status: str, note: str, at: datetime) -> None:
    """Say whether a step was done, and what was seen of it; the same twice is once.

    Raises NotAllowed, NotHere, NotThatWay, ChangedMeanwhile where somebody said otherwise meanwhile.
    """
    accounts.require(viewer, "subject.plan")
    step = PlanStep.objects.select_for_update().select_related("plan").filter(id=step_id).first()
    if step is None or not queries.may_use_subject(viewer, step.plan.subject_id, at=at):
        raise NotHere("plan")
    if status not in STEP_ENDS:
        raise NotThatWay(f"“{status}” is not how a step ends.", next_step=did_you_mean(status, STEP_ENDS))
    if not note.strip():
        raise NotThatWay("Say what was done, or why not.", next_step="One sentence is enough.")
    if step.status != "open":
        if (step.status, step.note) == (status, note.strip()):
            return
        raise ChangedMeanwhile("plan")
    step.status, step.note, step.closed_at = status, note.strip(), at
    step.save(update_fields=["status", "note", "closed_at"])
    _record(viewer, "subject.step_end", step.plan.subject_id, at, {"step": str(step_id), "status": status})


def _record(viewer: Viewer, action: str, subject_id: UUID, at: datetime, detail: dict[str, object]) -> None:
    record(
        viewer=viewer,
        operation="alteration",
        action=action,
        object_type="subject",
        object_id=subject_id,
        detail=detail,
        at=at,
    )
