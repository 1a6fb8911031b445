"""Writes of the forums: plan, list, research, attend, declare, decide, act, sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.panels import queries, rules
from concord.desk.panels.models import (
    Action,
    Attendance,
    Conflict,
    Decision,
    Involvement,
    Item,
    Meeting,
    Minutes,
    Research,
    ResearchGiven,
)
from concord.desk.panels.rules import ACTION, ITEM, MEETING, NEEDS_REASON, NotNow
from concord.desk.referrals import queries as referrals
from concord.desk.sharing import operations as sharing
from concord.desk.sharing import queries as sharing_queries
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum


@operation("meeting.plan", "meeting")
def plan_meeting(*, viewer: Viewer, forum: str, starts_at: datetime, place: str, at: datetime) -> UUID:
    """Put a meeting in the calendar. Research closes as the forum's file says. Returns the meeting.

    Raises NotAllowed unless the viewer coordinates the forum, NotNow for a meeting at the same time.
    """
    of = queries.forum(forum)
    accounts.require(viewer, "meeting.plan", forum)
    if Meeting.objects.filter(partnership=viewer.partnership, forum=forum, starts_at=starts_at).exists():
        raise NotNow(f"{of.abbreviation} already meets then.", next_step="Open that meeting, or choose another time.")
    row = Meeting.objects.create(
        partnership=viewer.partnership,
        forum=forum,
        starts_at=starts_at,
        cut_off_at=rules.cut_off(of, starts_at),
        place=place,
    )
    _record(viewer, "collection", "meeting.plan", "meeting", row.id, of, at)
    return row.id


@operation("item.list", "item")
def list_contact(
    *, viewer: Viewer, meeting_id: UUID, contact_id: UUID, kind: str = "person_at_risk", reason: str, at: datetime
) -> UUID:
    """Put a contact from the forum's tray on an agenda. From now on the forum's members share the case and the
    people in it, until the forum's time after the meeting is over. Returns the case.

    Raises NotAllowed, NotHere, NotNow for a meeting that is over or a contact already on this agenda.
    """
    of, meeting = _meeting(viewer, meeting_id, "item.list")
    kinds = [each.key for each in of.item]
    if kind not in kinds:
        raise NotNow(f"{of.abbreviation} does not hear “{kind}”.", next_step=did_you_mean(kind, kinds))
    found = referrals.accepted(viewer, of.key, at=at, ids=[contact_id])
    if not found:
        raise NotHere("contact")
    contact = found[0]
    if Item.objects.filter(meeting=meeting, contact_id=contact_id).exists():
        raise NotNow("This contact is on this agenda already.", next_step="Open the case.")
    return _list(
        viewer,
        of,
        meeting,
        at,
        kind=kind,
        contact_id=contact_id,
        carried_from=None,
        reference=contact.reference,
        about=contact.about,
        reason=reason,
        concern=contact.concern,
        repeat=contact.repeat,
        persons=contact.persons,
    )


@operation("item.list", "item")
def carry_over(*, viewer: Viewer, item_id: UUID, meeting_id: UUID, at: datetime) -> UUID:
    """Put a case that was carried over on a later agenda. Returns the new case.

    Raises NotAllowed, NotHere, NotNow for a case that was not carried over, or is on a later agenda already.
    """
    of, meeting = _meeting(viewer, meeting_id, "item.list")
    _, before = _item(viewer, item_id, "item.list", None, at)
    if before.state != "carried_over" or Item.objects.filter(carried_from=before).exists():
        raise NotNow("This case is not waiting to be heard again.", next_step="Open the case.")
    if before.meeting.forum != meeting.forum:
        raise NotHere("case")
    persons = tuple(before.involved.values_list("person_id", "role"))
    return _list(
        viewer,
        of,
        meeting,
        at,
        kind=before.kind,
        contact_id=before.contact_id,
        carried_from=before,
        reference=before.reference,
        about=before.about,
        reason=before.reason,
        concern=before.concern,
        repeat=before.repeat,
        persons=persons,
    )


@operation("item.list", "item")
def withdraw(*, viewer: Viewer, item_id: UUID, reason: str, version: int, at: datetime) -> None:
    """Take a case off the agenda, with the reason. Raises NotAllowed, NotHere, NotNow, ChangedMeanwhile."""
    of, row = _item(viewer, item_id, "item.list", version, at)
    if not reason.strip():
        raise NotNow("Say why the case is withdrawn.", next_step="Give a reason and send it again.")
    row.state = ITEM.after(row.state, "withdraw")
    _save(row)
    _record(viewer, "alteration", "item.withdraw", "item", row.id, of, at, reason=reason)


@operation("research.write", "item")
def add_research(*, viewer: Viewer, item_id: UUID, text: str = "", nothing_held: bool = False, at: datetime) -> None:
    """What the viewer's agency knows about a case, or that it holds nothing. Replaces what it gave before.

    After the cut-off it is kept and marked late. Other agencies read it from the cut-off on. Raises NotAllowed,
    NotHere, NotNow for a case already heard or for nothing said.
    """
    of, row = _item(viewer, item_id, "research.write", None, at)
    if row.state != "listed" or row.meeting.state not in ("planned", "open"):
        raise NotNow("This case has been heard.", next_step="Raise what you know with the coordinator.")
    said = text.strip()
    if bool(said) == nothing_held:
        raise NotNow(
            "Write what your agency knows, or say that it holds nothing.",
            why="The meeting must be able to tell silence from “nothing held”.",
            next_step="Do one of the two and send it again.",
        )
    shown_from = row.meeting.cut_off_at if of.research.hidden_before else at
    Research.objects.update_or_create(
        item=row,
        agency=viewer.agency,
        defaults={
            "forum": of.key,
            "text": said,
            "nothing_held": nothing_held,
            "late": at > row.meeting.cut_off_at,
            "shown_from": shown_from,
            "by_id": viewer.user_id,
            "at": at,
        },
    )
    ResearchGiven.objects.get_or_create(item=row, agency=viewer.agency)
    _record(viewer, "collection", "research.write", "item", row.id, of, at, detail={"nothing_held": nothing_held})


@operation("conflict.declare", "item")
def declare_conflict(*, viewer: Viewer, item_id: UUID, why: str, user_id: UUID | None = None, at: datetime) -> None:
    """Somebody knows the people in a case: family, staff, neighbour. From now on the case and its people are not
    there for them. Members declare for themselves; the coordinator may declare for anybody on the forum.

    Raises NotAllowed, NotHere, NotNow for a blank reason.
    """
    of, row = _item(viewer, item_id, "conflict.declare", None, at)
    who = user_id or viewer.user_id
    if who != viewer.user_id:
        accounts.require(viewer, "item.list", of.key)
        if who not in {each.user_id for each in accounts.members(viewer, of.key)}:
            raise NotAllowed("That person does not sit on this forum.", next_step="Choose a member of the forum.")
    if not why.strip():
        raise NotNow("Say what the conflict is.", next_step="A few words are enough, for example “cousin”.")
    persons = list(row.involved.values_list("person_id", flat=True))
    earlier = Involvement.objects.filter(person_id__in=persons).values_list("item_id", flat=True)
    items = {
        row.id,
        *sharing_queries.visible(viewer, Item.objects.filter(id__in=earlier), "item", at=at).values_list(
            "id", flat=True
        ),
    }
    Conflict.objects.get_or_create(
        item=row,
        user_id=who,
        defaults={"why": why.strip(), "declared_by_id": viewer.user_id, "declared_at": at},
    )
    _record(viewer, "alteration", "conflict.declare", "item", row.id, of, at, detail={"user": str(who)})
    contacts = [row.contact_id] if row.contact_id else []
    # Last, because from here on the row is not there for a member who declared for themselves.
    hidden = (("person", persons), ("contact", contacts), ("item", sorted(items)))
    sharing.keep_out(viewer=viewer, subjects=[(kind, each) for kind, ids in hidden for each in ids], user_id=who, at=at)


@operation("meeting.run", "meeting")
def record_attendance(
    *, viewer: Viewer, meeting_id: UUID, user_id: UUID, present: bool, signed: bool = False, at: datetime
) -> None:
    """Who is here, and whether they signed the confidentiality statement. Without it they do not count.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = _meeting(viewer, meeting_id, "meeting.run")
    member = next((each for each in accounts.members(viewer, of.key) if each.user_id == user_id), None)
    if member is None:
        raise NotHere("member")
    Attendance.objects.update_or_create(
        meeting=meeting,
        user_id=user_id,
        defaults={
            "agency": member.agency,
            "seat": member.seat,
            "present": present,
            "confidentiality_signed_at": at if present and signed else None,
        },
    )
    _record(viewer, "alteration", "meeting.attendance", "meeting", meeting.id, of, at, detail={"present": present})


@operation("meeting.run", "meeting")
def everybody_here(*, viewer: Viewer, meeting_id: UUID, absent: Iterable[UUID] = (), at: datetime) -> None:
    """Record every member as present and signed, except those named as absent. Replaces what was recorded.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = _meeting(viewer, meeting_id, "meeting.run")
    away = set(absent)
    Attendance.objects.bulk_create(
        [
            Attendance(
                meeting=meeting,
                user_id=each.user_id,
                agency=each.agency,
                seat=each.seat,
                present=each.user_id not in away,
                confidentiality_signed_at=None if each.user_id in away else at,
            )
            for each in {member.user_id: member for member in accounts.members(viewer, of.key)}.values()
        ],
        update_conflicts=True,
        unique_fields=["meeting", "user"],
        update_fields=["agency", "seat", "present", "confidentiality_signed_at"],
    )
    _record(viewer, "alteration", "meeting.attendance", "meeting", meeting.id, of, at, detail={"absent": len(away)})


@operation("meeting.run", "meeting")
def open_meeting(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> None:
    """The meeting sits. Raises NotAllowed, NotHere, NotNow."""
    _step(viewer, meeting_id, "open", "meeting.run", at)


@operation("meeting.run", "meeting")
def close_meeting(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> None:
    """The meeting is over. Raises NotNow while a case is neither decided, carried over nor withdrawn."""
    of, meeting = _meeting(viewer, meeting_id, "meeting.run", any_state=True)
    # Cases that the person at the screen is kept out of count as well, without being named.
    if queries.undecided(meeting.id):
        raise NotNow(
            f"{of.abbreviation} cannot close: not every case has been decided.",
            why="Each case ends with a decision, or is carried over.",
            next_step="Go through the agenda once more, with the chair or a deputy for cases they do not hear.",
        )
    _step(viewer, meeting_id, "close", "meeting.run", at)


@operation("meeting.sign", "meeting")
def sign_minutes(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> str:
    """The chair signs the minutes drafted from the record; they cannot change afterwards. Returns them.

    Raises NotAllowed, NotHere, NotNow.
    """
    of, meeting = _meeting(viewer, meeting_id, "meeting.sign", any_state=True)
    text = queries.draft_minutes(viewer, queries.meeting(viewer, meeting_id, at=at), at)
    meeting.state = MEETING.after(meeting.state, "sign")
    meeting.version += 1
    meeting.save()
    Minutes.objects.create(meeting=meeting, text=text, signed_by_id=viewer.user_id, signed_at=at)
    _record(viewer, "alteration", "meeting.sign", "meeting", meeting.id, of, at)
    return text


@operation("decision.record", "item")
def decide(*, viewer: Viewer, item_id: UUID, outcome: str, reason: str, version: int, at: datetime) -> None:
    """The chair's decision on one case, with its reason. An outcome that carries over keeps the case for the next
    agenda. Two chairs cannot both decide: the second is told.

    Raises NotAllowed, NotHere (also where the chair declared a conflict), NoQuorum, NotNow, ChangedMeanwhile.
    """
    of, row = _item(viewer, item_id, "decision.record", version, at)
    chosen = rules.outcome_named(of, outcome)
    if row.meeting.state != "open":
        raise NotNow(
            f"{of.abbreviation} is not sitting.",
            why=f"The meeting is “{MEETING.states[row.meeting.state]}”.",
            next_step="Open the meeting first." if row.meeting.state == "planned" else "List the case again.",
        )
    rules.require_quorum(of, queries.present_seats(row.meeting_id))
    if not reason.strip():
        raise NotNow("Give the reason for the decision.", next_step="Write it and send it again.")
    row.state = ITEM.after(row.state, "carry_over" if chosen.carries_over else "decide")
    try:
        with transaction.atomic():
            Decision.objects.create(
                item=row, outcome=outcome, reason=reason.strip(), decided_by_id=viewer.user_id, decided_at=at
            )
    except IntegrityError as taken:
        raise ChangedMeanwhile("case") from taken
    _save(row)
    _record(viewer, "alteration", "decision.record", "item", row.id, of, at, reason=reason, detail={"outcome": outcome})


@operation("action.add", "action")
def add_action(*, viewer: Viewer, item_id: UUID, agency: str, text: str, due_on: date, at: datetime) -> UUID:
    """Give an agency that sits on the forum something to do by a day. Returns the action.

    Raises NotAllowed, NotHere, NotNow for an agency that does not sit here, a blank text or a day already past.
    """
    of, row = _item(viewer, item_id, "action.add", None, at)
    sits = sorted({each.agency for each in accounts.members(viewer, of.key)})
    if agency not in sits:
        raise NotNow(f"“{agency}” does not sit on {of.abbreviation}.", next_step=did_you_mean(agency, sits))
    today = at.astimezone(LONDON).date()
    if not text.strip() or due_on < today:
        raise NotNow(
            "An action says what is to be done, by a day that is still to come.",
            next_step="Write what is to be done and choose a day from today on.",
        )
    if row.meeting.state not in ("open", "closed"):
        raise NotNow(f"{of.abbreviation} has not sat on this case yet.", next_step="Open the meeting first.")
    action = Action.objects.create(
        partnership=viewer.partnership,
        item=row,
        forum=of.key,
        agency=agency,
        agreement=of.agreement,
        text=text.strip(),
        raised_on=today,
        due_on=due_on,
        raised_by_id=viewer.user_id,
    )
    _record(viewer, "collection", "action.add", "action", action.id, of, at, detail={"agency": agency})
    return action.id


@operation("action.update", "action")
def close_action(*, viewer: Viewer, action_id: UUID, status: str, reason: str = "", version: int, at: datetime) -> None:
    """The agency's own word on its action: "done", "circumstances_changed" or "not_undertaken" (both with a reason).

    Raises NotHere for another agency's action or one not shared with the viewer, NotAllowed, NotNow,
    ChangedMeanwhile.
    """
    rows = queries.open_to(viewer, at).filter(id=action_id, agency=viewer.agency)
    row = Action.objects.select_for_update(of=("self",)).filter(id__in=rows.values("id")).first()
    if row is None:
        raise NotHere("action")
    of = queries.forum(row.forum)
    accounts.require(viewer, "action.update", row.forum)
    if version != row.version:
        raise ChangedMeanwhile("action")
    if status not in ACTION.states or status == ACTION.initial:
        raise NotNow(
            f"“{status}” is not a way to end an action.", next_step=did_you_mean(status, list(ACTION.states)[1:])
        )
    if status in NEEDS_REASON and not reason.strip():
        raise NotNow(
            f"Say why: “{ACTION.states[status]}” needs a reason.",
            why="The panel must be able to tell what could not be done from what was not done.",
            next_step="Give the reason and send it again.",
        )
    row.status = ACTION.after(row.status, status)
    row.reason, row.completed_at, row.closed_by_id = reason.strip(), at, viewer.user_id
    _save(row)
    _record(viewer, "alteration", "action.close", "action", row.id, of, at, reason=reason, detail={"status": status})


# --- shared by the functions above -------------------------------------------------------------------------------


def _meeting(viewer: Viewer, meeting_id: UUID, verb: str, *, any_state: bool = False) -> tuple[Forum, Meeting]:
    """The meeting, locked, if the viewer sits on its forum and their part there lists the verb."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    found = Meeting.objects.select_for_update(of=("self",)).filter(partnership=viewer.partnership, forum__in=sits)
    row = found.filter(id=meeting_id).first()
    if row is None:
        raise NotHere("meeting")
    accounts.require(viewer, verb, row.forum)
    of = queries.forum(row.forum)
    if not any_state and row.state not in ("planned", "open"):
        raise NotNow(
            f"This meeting is “{MEETING.states[row.state]}”.",
            why="What was decided there stays as it was.",
            next_step="Use the next meeting.",
        )
    return of, row


def _item(viewer: Viewer, item_id: UUID, verb: str, version: int | None, at: datetime) -> tuple[Forum, Item]:
    """The case, locked until the transaction ends, if it is shared with the viewer and they saw its newest version."""
    found = sharing_queries.visible(viewer, Item.objects.select_related("meeting"), "item", at=at)
    row = found.select_for_update(of=("self",)).filter(id=item_id).first()
    if row is None:
        raise NotHere("case")
    accounts.require(viewer, verb, row.meeting.forum)
    if version is not None and version != row.version:
        raise ChangedMeanwhile("case")
    return queries.forum(row.meeting.forum), row


def _list(
    viewer: Viewer,
    of: Forum,
    meeting: Meeting,
    at: datetime,
    *,
    kind: str,
    contact_id: UUID | None,
    carried_from: Item | None,
    reference: str,
    about: str,
    reason: str,
    concern: str,
    repeat: bool,
    persons: tuple[tuple[UUID, str], ...],
) -> UUID:
    if not reason.strip():
        raise NotNow("Say why the case is heard.", next_step="Give a reason and send it again.")
    item_id = uuid4()
    until = meeting.starts_at + timedelta(days=of.access_days_after)
    ids = sorted({person for person, _ in persons})
    sharing.share(
        viewer=viewer,
        subjects=[("item", item_id), *(("person", each) for each in ids)],
        holders={f"forum:{of.key}:coordinator": None, f"forum:{of.key}": until},
        purpose=of.purpose,
        gateway=of.gateway,
        agreement=of.agreement,
        at=at,
    )
    row = Item.objects.create(
        id=item_id,
        partnership=viewer.partnership,
        meeting=meeting,
        contact_id=contact_id,
        carried_from=carried_from,
        kind=kind,
        reference=reference,
        about=about,
        reason=reason.strip(),
        concern=concern,
        repeat=repeat,
        position=(Item.objects.filter(meeting=meeting).aggregate(last=Max("position"))["last"] or 0) + 1,
        listed_by_id=viewer.user_id,
        listed_at=at,
    )
    Involvement.objects.bulk_create(Involvement(item=row, person_id=person, role=role) for person, role in persons)
    sharing.repeat_exclusions(viewer=viewer, persons=ids, kind="item", object_id=item_id, at=at)
    record(
        viewer=viewer,
        operation="combination",
        action="item.list",
        object_type="item",
        object_id=item_id,
        subjects=ids,
        reason=reason,
        gateway=of.gateway,
        agreement=of.agreement,
        at=at,
    )
    return item_id


def _step(viewer: Viewer, meeting_id: UUID, verb: str, permission: str, at: datetime) -> None:
    of, meeting = _meeting(viewer, meeting_id, permission, any_state=True)
    meeting.state = MEETING.after(meeting.state, verb)
    meeting.version += 1
    meeting.save()
    _record(viewer, "alteration", f"meeting.{verb}", "meeting", meeting.id, of, at)


def _save(row: Item | Action) -> None:
    row.version += 1
    row.save()


def _record(
    viewer: Viewer,
    kind: str,
    action: str,
    object_type: str,
    object_id: UUID,
    of: Forum,
    at: datetime,
    *,
    reason: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type=object_type,
        object_id=object_id,
        reason=reason,
        gateway=of.gateway,
        agreement=of.agreement,
        detail=detail,
        at=at,
    )
