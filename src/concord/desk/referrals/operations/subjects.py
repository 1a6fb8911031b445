"""Places, groups of peers and online spaces: what each contact is about, the plan for it, and what came of the plan."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.referrals.models import About, Plan, Subject
from concord.desk.referrals.operations.locked import opened_contact, record_on, save
from concord.desk.referrals.rules import NotThatWay
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean

RESULTS = ("better", "same", "worse")


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
    elif not Subject.objects.filter(id=subject_id, kind=kind).exists():
        raise NotHere("subject")
    About.objects.get_or_create(contact=row, subject_id=subject_id)
    save(row)
    record_on(viewer, "combination", "contact.identify", "contact", row.id, on, at, detail={"subject": str(subject_id)})
    return subject_id


@operation("subject.plan", "subject")
def plan_for(*, viewer: Viewer, subject_id: UUID, aim: str, agency: str, review_on: date, at: datetime) -> UUID:
    """Make a plan for a place, group or online space. Raises NotAllowed, NotHere, NotThatWay."""
    accounts.require(viewer, "subject.plan")
    if not Subject.objects.filter(id=subject_id).exists():
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
    if plan is None:
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
