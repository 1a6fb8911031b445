"""Reads of the forums: meetings, cases, actions. Each starts from a viewer and uses the one policy filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.panels import rules
from concord.desk.panels.models import Action, Attendance, Involvement, Item, Meeting, Minutes, Research
from concord.desk.panels.rules import (
    ACTION,
    ITEM,
    MEETING,
    ActionLine,
    AgencyResearch,
    AttendanceLine,
    DecisionView,
    Heard,
    ItemLine,
    ItemPage,
    MeetingLine,
    MeetingPage,
    Missing,
    PanelPointer,
    PersonInItem,
    Quorum,
    Readiness,
    WaitingLine,
)
from concord.desk.people import queries as people
from concord.desk.referrals import queries as referrals
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum

PAGE = 50


def forum(key: str) -> Forum:
    """One forum of the partnership. Raises NotNow naming the nearest where there is none of that key."""
    found = accounts.partnership().forums
    if key not in found:
        raise rules.NotNow(f"There is no forum “{key}”.", next_step=did_you_mean(key, found))
    return found[key]


def my_forums(viewer: Viewer) -> tuple[tuple[Forum, tuple[str, ...]], ...]:
    """Forums where the viewer sits, with their parts there."""
    known = accounts.partnership().forums
    sits = sorted({each.partition(":")[0] for each in viewer.forums} & set(known))
    return tuple((known[key], tuple(sorted(viewer.parts_in(key)))) for key in sits)


# --- meetings ----------------------------------------------------------------------------------------------------


def meetings(
    viewer: Viewer, *, at: datetime, forum_key: str = "", past: bool = False, limit: int = 20
) -> tuple[MeetingLine, ...]:
    """Meetings of the viewer's forums: those to come, nearest first, or past ones newest first.

    A meeting is to come until it is closed. Case counts leave out what is hidden from this viewer.
    """
    with as_viewer(viewer, at=at):
        found = _meetings(viewer)
        if forum_key:
            found = found.filter(forum=forum_key)
        done = Q(state__in=["closed", "signed"])
        found = found.filter(done) if past else found.exclude(done)
        rows = list(found.order_by("-starts_at" if past else "starts_at", "id")[:limit])
        counts = _counts(viewer, [row.id for row in rows], at)
    return tuple(_meeting_line(viewer, row, counts) for row in rows)


@reading("meeting.read", "meeting")
def meeting(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> MeetingPage:
    """One meeting with its agenda as this viewer may see it. Recorded. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        row = _meetings(viewer).filter(id=meeting_id).first()
        record(
            viewer=viewer,
            operation="consultation",
            action="meeting.read",
            object_type="meeting",
            object_id=meeting_id,
            outcome="done" if row else "not_found",
            at=at,
        )
        page = None
        if row is not None:
            accounts.require(viewer, "meeting.read", row.forum)
            page = _meeting_page(viewer, row, at)
    if page is None:
        raise NotHere("meeting")
    return page


@reading("meeting.plan", "meeting")
def readiness(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> Readiness:
    """What the coordinator has to chase before the meeting. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        row = _meetings(viewer).filter(id=meeting_id).first()
        if row is None:
            raise NotHere("meeting")
        accounts.require(viewer, "meeting.plan", row.forum)
        of = forum(row.forum)
        lines = _item_lines(viewer, row, at)
        owed: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            if line.state == "listed":
                for agency in line.research_missing:
                    owed[agency].append(line.reference)
        missing = tuple(
            Missing(agency=_agency_name(agency), seats=agency, items=tuple(refs))
            for agency, refs in sorted(owed.items())
        )
        expected = _expected(viewer, of)
        open_actions = open_to(viewer, at).filter(forum=row.forum, status="open")
        waiting_now = len(waiting(viewer, row.forum, at=at))
        counted = open_actions.aggregate(
            open=Count("id"), overdue=Count("id", filter=Q(due_on__lt=at.astimezone(LONDON).date()))
        )
        carried = _items(viewer, at).filter(meeting__forum=row.forum, state="carried_over", carried_to__isnull=True)
        steps = rules.next_steps(len(lines), missing, expected, waiting_now, cut_off_passed=at >= row.cut_off_at)
        return Readiness(
            meeting=_meeting_line(viewer, row, _counts(viewer, [row.id], at)),
            listed=len(lines),
            research_missing=missing,
            quorum=expected,
            conflicts=sum(line.conflicts for line in lines),
            carried_over=carried.count(),
            waiting=waiting_now,
            open_actions=counted["open"],
            overdue_actions=counted["overdue"],
            ready=not steps,
            next_steps=steps,
        )


@reading("item.list", "contact")
def waiting(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[WaitingLine, ...]:
    """Contacts routed to the forum and not listed yet, oldest decision first. For its coordinator.

    Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "item.list", forum_key)
    with as_viewer(viewer, at=at):
        accepted = referrals.accepted(viewer, forum_key, at=at)
        listed = set(
            Item.objects.filter(
                contact_id__in=[each.contact_id for each in accepted], meeting__forum=forum_key
            ).values_list("contact_id", flat=True)
        )
        still = [each for each in accepted if each.contact_id not in listed]
        _consulted(viewer, "contact.list", "contact", [each.contact_id for each in still], at)
    return tuple(
        WaitingLine(
            contact_id=each.contact_id,
            reference=each.reference,
            about=each.about,
            decided_at=each.decided_at.astimezone(LONDON),
            rationale=each.rationale,
            repeat=each.repeat,
        )
        for each in still
    )


@reading("item.list", "item")
def carried_over(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[ItemLine, ...]:
    """Cases carried over that are on no later agenda yet. For the coordinator."""
    accounts.require(viewer, "item.list", forum_key)
    with as_viewer(viewer, at=at):
        found = _items(viewer, at).filter(meeting__forum=forum_key, state="carried_over", carried_to__isnull=True)
        rows = list(_for_agenda(found).order_by("meeting__starts_at", "position"))
        _consulted(viewer, "item.list", "item", [row.id for row in rows], at)
        return _lines(viewer, rows, at)


# --- cases -------------------------------------------------------------------------------------------------------


@reading("item.read", "item")
def item(viewer: Viewer, item_id: UUID, *, at: datetime, reason: str = "") -> ItemPage:
    """One case: why it is heard, research the viewer may read, last actions, decision. Recorded.

    Raises NotAllowed, NotHere (also for a case where the viewer declared a conflict).
    """
    with as_viewer(viewer, at=at):
        row = _with_details(viewer, _items(viewer, at), at).filter(id=item_id).first()
        record(
            viewer=viewer,
            operation="consultation",
            action="item.read",
            object_type="item",
            object_id=item_id,
            subjects=[each.person_id for each in row.involved.all()] if row else [],
            reason=reason,
            outcome="done" if row else "not_found",
            at=at,
        )
        page = None
        if row is not None:
            accounts.require(viewer, "item.read", row.meeting.forum)
            page = _item_page(viewer, row, at)
    if page is None:
        raise NotHere("case")
    return page


def minutes(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> str:
    """The signed minutes, or a draft from the record so far. Cases hidden from the viewer are left out, so signed
    minutes are read as the viewer's own draft where they hold such a case. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        page = meeting(viewer, meeting_id, at=at)
        signed = Minutes.objects.filter(meeting_id=meeting_id).first()
        if signed is not None and sees_whole(viewer, meeting_id, at):
            return signed.text
        return draft_minutes(viewer, page, at)


def draft_minutes(viewer: Viewer, page: MeetingPage, at: datetime) -> str:
    """Minutes as this viewer's record gives them."""
    ids = [line.item_id for line in page.items]
    rows = {row.id: row for row in _with_details(viewer, _items(viewer, at), at).filter(id__in=ids)}
    of = forum(page.forum)
    heard = [
        Heard(
            about=row.about,
            reference=row.reference,
            repeat=row.repeat,
            reason=row.reason,
            research=_research(viewer, row, of, at),
            decision=_decision(row, of),
            actions=_action_lines(viewer, list(row.actions.all()), at, about=row.about),
        )
        for row in (rows[each] for each in ids)
    ]
    return rules.minutes(page, heard)


def undecided(meeting_id: UUID) -> int:
    """How many cases of a meeting still wait for a decision, those hidden from the viewer included. Never shown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_undecided(%s)", [meeting_id])
        (count,) = cursor.fetchone()
    return int(count)


def for_person(viewer: Viewer, person_id: UUID, *, at: datetime) -> tuple[PanelPointer, ...]:
    """Cases about a person that the viewer may open, newest first."""
    with as_viewer(viewer, at=at):
        rows = (
            _items(viewer, at)
            .filter(involved__person_id=person_id)
            .select_related("meeting")
            .distinct()
            .order_by("-meeting__starts_at")
        )
        return tuple(
            PanelPointer(
                forum=row.meeting.forum,
                abbreviation=forum(row.meeting.forum).abbreviation,
                item_id=row.id,
                starts_at=row.meeting.starts_at.astimezone(LONDON),
                state_name=ITEM.states[row.state],
                contact="",
            )
            for row in rows[:PAGE]
        )


def actions_about(viewer: Viewer, person_id: UUID, *, at: datetime) -> tuple[ActionLine, ...]:
    """Open actions about a person across the forums that the viewer may see, soonest due first."""
    with as_viewer(viewer, at=at):
        rows = open_to(viewer, at).filter(item__involved__person_id=person_id, status="open").distinct()
        return _action_lines(viewer, list(rows.order_by("due_on", "id")[:PAGE]), at)


# --- actions -----------------------------------------------------------------------------------------------------


def my_actions(
    viewer: Viewer, *, at: datetime, status: str = "open", forum_key: str = "", page: int = 1
) -> tuple[ActionLine, ...]:
    """Actions of the viewer's agency, soonest due first; closed ones newest first. Recorded as one consultation."""
    with as_viewer(viewer, at=at):
        found = open_to(viewer, at).filter(agency=viewer.agency)
        found = found.filter(status="open") if status == "open" else found.exclude(status="open")
        if forum_key:
            found = found.filter(forum=forum_key)
        order = ("due_on", "id") if status == "open" else ("-completed_at", "id")
        rows = list(found.order_by(*order)[(page - 1) * PAGE : page * PAGE])
        return _listed(viewer, rows, at)


@reading("action.read", "action")
def forum_actions(
    viewer: Viewer, forum_key: str, *, at: datetime, status: str = "open", page: int = 1
) -> tuple[ActionLine, ...]:
    """Every agency's actions from one forum, soonest due first. Raises NotAllowed for those who do not sit there."""
    accounts.require(viewer, "action.read", forum_key)
    with as_viewer(viewer, at=at):
        found = open_to(viewer, at).filter(forum=forum_key)
        found = found.filter(status="open") if status == "open" else found.exclude(status="open")
        return _listed(viewer, list(found.order_by("due_on", "id")[(page - 1) * PAGE : page * PAGE]), at)


def action(viewer: Viewer, action_id: UUID, *, at: datetime) -> ActionLine:
    """One action, opened and recorded. Raises NotHere."""
    with as_viewer(viewer, at=at):
        rows = list(open_to(viewer, at).filter(id=action_id))
        record(
            viewer=viewer,
            operation="consultation",
            action="action.read",
            object_type="action",
            object_id=action_id,
            outcome="done" if rows else "not_found",
            at=at,
        )
        lines = _action_lines(viewer, rows, at)
    if not lines:
        raise NotHere("action")
    return lines[0]


@reading("extract.actions", "action")
def extract_actions(viewer: Viewer, *, at: datetime) -> list[dict[str, object]]:
    """Rows of the desk's depersonalised extract: dates and statuses of actions, nothing else.

    Columns: action_ref (opaque), forum, agency, raised_on, due_on, completed_on (None while open), status.
    Read through a database view that holds no other column. Raises NotAllowed unless the viewer is the service.
    """
    accounts.require(viewer, "extract.actions")
    with as_viewer(viewer, at=at):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, forum, agency, raised_on, due_on, completed_at, status FROM panels_extract_actions"
                " WHERE raised_on <= %s ORDER BY raised_on, id",
                [at.astimezone(LONDON).date()],
            )
            rows = cursor.fetchall()
        record(
            viewer=viewer,
            operation="disclosure",
            action="extract.actions",
            object_type="action",
            reason="the desk's depersonalised extract",
            detail={"rows": len(rows)},
            at=at,
        )
    return [
        {
            "action_ref": referrals.opaque("action", row[0]),
            "forum": row[1],
            "agency": row[2],
            "raised_on": row[3],
            "due_on": row[4],
            "completed_on": row[5].astimezone(LONDON).date() if row[5] else None,
            "status": row[6],
        }
        for row in rows
    ]


# --- shared by the functions above -------------------------------------------------------------------------------


def _meetings(viewer: Viewer) -> QuerySet[Meeting]:
    sits = {each.partition(":")[0] for each in viewer.forums}
    return Meeting.objects.filter(partnership=viewer.partnership, forum__in=sits)


def _items(viewer: Viewer, at: datetime) -> QuerySet[Item]:
    return sharing.visible(viewer, Item.objects.all(), "item", at=at)


def _for_agenda(rows: QuerySet[Item]) -> QuerySet[Item]:
    """What a line of the agenda needs: no research, no decision."""
    return rows.select_related("meeting").prefetch_related("involved", "given", "conflicts", "actions")


def readable_research(viewer: Viewer, rows: QuerySet[Research], at: datetime) -> QuerySet[Research]:
    """Research this viewer may read of cases they may read: their agency's own, all from the cut-off on, and all at any
    time for whoever coordinates or chairs the forum."""
    runs = [each.partition(":")[0] for each in viewer.forums if each.partition(":")[2] in ("coordinator", "chair")]
    return rows.filter(Q(agency=viewer.agency) | Q(shown_from__lte=at) | Q(forum__in=runs))


def sees_whole(viewer: Viewer, meeting_id: UUID, at: datetime) -> bool:
    """Whether no case of the meeting is hidden from the viewer. Never shown: it chooses which minutes they read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_cases(%s)", [meeting_id])
        (cases,) = cursor.fetchone()
    return bool(_items(viewer, at).filter(meeting_id=meeting_id).count() == cases)


def _with_details(viewer: Viewer, rows: QuerySet[Item], at: datetime) -> QuerySet[Item]:
    return rows.select_related("meeting", "decision__decided_by").prefetch_related(
        "involved",
        "given",
        "conflicts",
        "actions",
        Prefetch("research", queryset=readable_research(viewer, Research.objects.select_related("by"), at)),
    )


def open_to(viewer: Viewer, at: datetime) -> QuerySet[Action]:
    """Actions of cases shared with the viewer, and open ones of their agency where they sit on the forum."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    rows = Action.objects.filter(partnership=viewer.partnership)
    shared = sharing.visible(viewer, rows, "item", at=at, key="item_id")
    own = sharing.not_kept_out(
        viewer,
        rows.filter(agency=viewer.agency, status="open", forum__in=sits, agreement__in=sharing.agreements_in_force(at)),
        "item",
        key="item_id",
    )
    return Action.objects.filter(Q(id__in=shared.values("id")) | Q(id__in=own.values("id")))


def _researchers(viewer: Viewer, of: Forum) -> list[str]:
    """Agencies that owe research: those with somebody on the forum who is not its coordinator."""
    return sorted({each.agency for each in accounts.members(viewer, of.key) if each.part == "member"})


def _expected(viewer: Viewer, of: Forum) -> Quorum:
    return rules.quorum(of, [each.seat for each in accounts.members(viewer, of.key) if each.seat])


def _counts(viewer: Viewer, meeting_ids: list[UUID], at: datetime) -> dict[UUID, tuple[int, int]]:
    rows = (
        _items(viewer, at)
        .filter(meeting_id__in=meeting_ids)
        .exclude(state="withdrawn")
        .values("meeting_id")
        .annotate(
            cases=Count("id", distinct=True),
            given=Count("given", filter=Q(given__agency=viewer.agency), distinct=True),
            listed=Count("id", filter=Q(state="listed"), distinct=True),
        )
    )
    return {row["meeting_id"]: (row["cases"], max(0, row["listed"] - row["given"])) for row in rows}


def _meeting_line(viewer: Viewer, row: Meeting, counts: dict[UUID, tuple[int, int]]) -> MeetingLine:
    of = forum(row.forum)
    cases, missing = counts.get(row.id, (0, 0))
    owes = "member" in viewer.parts_in(row.forum) and row.state in ("planned", "open")
    return MeetingLine(
        meeting_id=row.id,
        forum=row.forum,
        forum_name=of.name,
        abbreviation=of.abbreviation,
        starts_at=row.starts_at.astimezone(LONDON),
        cut_off_at=row.cut_off_at.astimezone(LONDON),
        place=row.place,
        state=row.state,
        state_name=MEETING.states[row.state],
        items=cases,
        research_missing=missing if owes else 0,
    )


def present_seats(meeting_id: UUID) -> list[str]:
    """Core seats filled by those recorded as present who signed the confidentiality statement."""
    rows = Attendance.objects.filter(meeting_id=meeting_id, present=True, confidentiality_signed_at__isnull=False)
    return [seat for seat in rows.values_list("seat", flat=True) if seat]


def _meeting_page(viewer: Viewer, row: Meeting, at: datetime) -> MeetingPage:
    of = forum(row.forum)
    verbs = {"open": "meeting.run", "close": "meeting.run", "sign": "meeting.sign"}
    home = referrals.working(referrals.pathway(of.pathway)) if of.pathway else None
    signed = Minutes.objects.select_related("signed_by").filter(meeting=row).first()
    return MeetingPage(
        meeting_id=row.id,
        version=row.version,
        forum=row.forum,
        forum_name=of.name,
        abbreviation=of.abbreviation,
        starts_at=row.starts_at.astimezone(LONDON),
        cut_off_at=row.cut_off_at.astimezone(LONDON),
        place=row.place,
        state=row.state,
        state_name=MEETING.states[row.state],
        confidentiality=of.confidentiality,
        items=_item_lines(viewer, row, at),
        attendance=_attendance(viewer, row, of),
        quorum=rules.quorum(of, present_seats(row.id)),
        expected_quorum=_expected(viewer, of),
        minutes_due=home.add_working_days(row.starts_at, of.minutes_working_days) if home else row.starts_at,
        signed_by=signed.signed_by.display_name if signed else "",
        allowed=tuple(
            step.verb
            for step in MEETING.steps
            if row.state in step.sources and accounts.may(viewer, verbs[step.verb], row.forum)
        ),
    )


def _attendance(viewer: Viewer, row: Meeting, of: Forum) -> tuple[AttendanceLine, ...]:
    recorded = {each.user_id: each for each in row.attendance.all()}
    seats = {seat.key: seat.name for seat in of.seat}
    lines = []
    for member in accounts.members(viewer, row.forum):
        each = recorded.get(member.user_id)
        lines.append(
            AttendanceLine(
                user_id=member.user_id,
                name=member.display_name,
                agency=_agency_name(member.agency),
                seat=member.seat,
                seat_name=seats.get(member.seat or "", ""),
                part=member.part,
                present=each.present if each else None,
                signed_at=each.confidentiality_signed_at if each else None,
            )
        )
    return tuple(lines)


def _item_lines(viewer: Viewer, row: Meeting, at: datetime) -> tuple[ItemLine, ...]:
    found = _items(viewer, at).filter(meeting=row).exclude(state="withdrawn")
    return _lines(viewer, list(_for_agenda(found).order_by("position", "id")), at)


def _lines(viewer: Viewer, rows: list[Item], at: datetime) -> tuple[ItemLine, ...]:
    persons = people.names(viewer, {each.person_id for row in rows for each in row.involved.all()}, at=at)
    owing = {key: _researchers(viewer, forum(key)) for key in {row.meeting.forum for row in rows}}
    lines = []
    for row in rows:
        kinds = {each.key: each for each in forum(row.meeting.forum).item}
        given = sorted(each.agency for each in row.given.all())
        main = _main_person(row)
        lines.append(
            ItemLine(
                item_id=row.id,
                position=row.position,
                reference=row.reference,
                kind=row.kind,
                kind_name=kinds[row.kind].name if row.kind in kinds else row.kind,
                about=row.about,
                age=persons[main].age if main in persons else None,
                reason=row.reason,
                repeat=row.repeat,
                state=row.state,
                state_name=ITEM.states[row.state],
                research_given=tuple(given),
                research_missing=tuple(agency for agency in owing[row.meeting.forum] if agency not in given),
                open_actions=sum(each.status == "open" for each in row.actions.all()),
                conflicts=len(row.conflicts.all()),
            )
        )
    return tuple(lines)


def _main_person(row: Item) -> UUID | None:
    roles = next((each.roles for each in forum(row.meeting.forum).item if each.key == row.kind), ())
    involved = list(row.involved.all())
    for role in roles:
        for each in involved:
            if each.role == role:
                return each.person_id
    return involved[0].person_id if involved else None


def _item_page(viewer: Viewer, row: Item, at: datetime) -> ItemPage:
    of, sitting = forum(row.meeting.forum), row.meeting
    persons = people.names(viewer, [each.person_id for each in row.involved.all()], at=at)
    order = list(
        _items(viewer, at)
        .filter(meeting=sitting)
        .exclude(state="withdrawn")
        .order_by("position", "id")
        .values_list("id", flat=True)
    )
    place = order.index(row.id) if row.id in order else -1
    found = rules.quorum(of, present_seats(sitting.id))
    involved = [
        PersonInItem(
            person_id=each.person_id,
            role=each.role,
            name=persons[each.person_id].name,
            age=persons[each.person_id].age,
            safe_contact=persons[each.person_id].safe_contact,
        )
        for each in row.involved.all()
        if each.person_id in persons
    ]
    sits = accounts.may(viewer, "research.write", sitting.forum)
    return ItemPage(
        item_id=row.id,
        version=row.version,
        meeting_id=sitting.id,
        forum=sitting.forum,
        forum_name=of.name,
        abbreviation=of.abbreviation,
        meeting_state=sitting.state,
        starts_at=sitting.starts_at.astimezone(LONDON),
        cut_off_at=sitting.cut_off_at.astimezone(LONDON),
        reference=row.reference,
        kind=row.kind,
        kind_name=next((each.name for each in of.item if each.key == row.kind), row.kind),
        about=row.about,
        reason=row.reason,
        concern=row.concern,
        repeat=row.repeat,
        state=row.state,
        state_name=ITEM.states[row.state],
        persons=tuple(involved),
        research=_research(viewer, row, of, at),
        earlier_actions=_earlier_actions(viewer, row, at),
        actions=_action_lines(viewer, list(row.actions.all()), at, about=row.about),
        decision=_decision(row, of),
        outcomes=tuple((each.key, each.name) for each in of.outcome),
        quorum=found,
        previous_id=order[place - 1] if place > 0 else None,
        next_id=order[place + 1] if 0 <= place < len(order) - 1 else None,
        may_decide=sitting.state == "open"
        and row.state == "listed"
        and found.met
        and accounts.may(viewer, "decision.record", sitting.forum),
        may_add_action=sitting.state == "open" and accounts.may(viewer, "action.add", sitting.forum),
        may_research=sits and sitting.state in ("planned", "open") and row.state == "listed",
    )


def _decision(row: Item, of: Forum) -> DecisionView | None:
    decided = getattr(row, "decision", None)
    if decided is None:
        return None
    return DecisionView(
        outcome=decided.outcome,
        outcome_name=next((each.name for each in of.outcome if each.key == decided.outcome), decided.outcome),
        reason=decided.reason,
        by=decided.decided_by.display_name,
        at=decided.decided_at.astimezone(LONDON),
    )


def _research(viewer: Viewer, row: Item, of: Forum, at: datetime) -> tuple[AgencyResearch, ...]:
    readable = {each.agency: each for each in row.research.all()}
    given = {each.agency for each in row.given.all()}
    views = []
    for agency in sorted(set(_researchers(viewer, of)) | given):
        each = readable.get(agency)
        views.append(
            AgencyResearch(
                research_id=each.id if each else None,
                agency=_agency_name(agency),
                text=each.text if each else "",
                nothing_held=each.nothing_held if each else False,
                by=each.by.display_name if each else "",
                at=each.at.astimezone(LONDON) if each else None,
                late=each.late if each else False,
                mine=agency == viewer.agency,
                given=agency in given,
                hidden=agency in given and each is None,
            )
        )
    return tuple(views)


def _earlier_actions(viewer: Viewer, row: Item, at: datetime) -> tuple[ActionLine, ...]:
    """What was agreed about the same people before, in this forum, and what became of it."""
    persons = [each.person_id for each in row.involved.all()]
    same = Involvement.objects.filter(person_id__in=persons, item__meeting__forum=row.meeting.forum)
    found = sharing.visible(viewer, Action.objects.all(), "item", at=at, key="item_id").filter(
        item_id__in=same.exclude(item=row).values("item_id")
    )
    return _action_lines(viewer, list(found.order_by("-raised_on", "id")[:20]), at)


def _consulted(viewer: Viewer, action: str, object_type: str, shown: list[UUID], at: datetime) -> None:
    """One line for a list: who saw which rows."""
    record(
        viewer=viewer,
        operation="consultation",
        action=action,
        object_type=object_type,
        detail={"shown": [str(each) for each in shown]},
        at=at,
    )


def _listed(viewer: Viewer, rows: list[Action], at: datetime) -> tuple[ActionLine, ...]:
    _consulted(viewer, "action.list", "action", [row.id for row in rows], at)
    return _action_lines(viewer, rows, at)


def _action_lines(
    viewer: Viewer, rows: Iterable[Action], at: datetime, *, about: str | None = None
) -> tuple[ActionLine, ...]:
    rows, day = list(rows), at.astimezone(LONDON).date()
    named: dict[UUID, str] = {}
    if about is None and rows:
        named = dict(_items(viewer, at).filter(id__in={row.item_id for row in rows}).values_list("id", "about"))
    return tuple(
        ActionLine(
            action_id=row.id,
            forum=row.forum,
            abbreviation=forum(row.forum).abbreviation,
            item_id=row.item_id,
            about=named.get(row.item_id, "") if about is None else about,
            agency=_agency_name(row.agency),
            text=row.text,
            raised_on=row.raised_on,
            due_on=row.due_on,
            status=row.status,
            status_name=ACTION.states[row.status],
            overdue=row.status == "open" and row.due_on < day,
            reason=row.reason,
            completed_at=row.completed_at.astimezone(LONDON) if row.completed_at else None,
            version=row.version,
            mine=row.agency == viewer.agency,
        )
        for row in rows
    )


def _agency_name(key: str) -> str:
    agency = accounts.partnership().agencies.get(key)
    return agency.name if agency is not None else key
