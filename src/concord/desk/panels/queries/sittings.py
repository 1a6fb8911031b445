"""Meetings: those of the viewer's forums, one with its agenda, and what to chase before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.panels import rules
from concord.desk.panels.models import Attendance, Meeting, ResearchGiven
from concord.desk.panels.queries.agenda import item_lines, waiting_count
from concord.desk.panels.queries.forums import agency_name, expected_quorum, forum, of_meeting, present_seats
from concord.desk.panels.queries.reach import COUNTED, open_to, signings, visible_items
from concord.desk.panels.rules import MEETING, AttendanceLine, MeetingLine, MeetingPage, Missing, Readiness
from concord.desk.panels.standing import Reminder
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum


def meetings(
    viewer: Viewer,
    *,
    at: datetime,
    forum_key: str = "",
    past: bool = False,
    limit: int = 20,
    only: UUID | None = None,
) -> tuple[MeetingLine, ...]:
    """Meetings of the viewer's forums: those to come, nearest first, or past ones newest first; `only` asks of one.

    A meeting is to come until it is closed. Case counts leave out what is hidden from this viewer.
    """
    with as_viewer(viewer, at=at):
        found = _meetings(viewer)
        if forum_key:
            found = found.filter(forum=forum_key)
        if only is not None:
            found = found.filter(id=only)
        done = Q(state__in=["closed", "signed"])
        found = found.filter(done) if past else found.exclude(done)
        told = Reminder.objects.filter(meeting=OuterRef("pk"), agency=viewer.agency)
        found = found.annotate(told=Value(False) if past else Exists(told))
        rows = list(found.order_by("-starts_at" if past else "starts_at", "id")[:limit])
        counts = _counts(viewer, rows, at)
    lines = ((row, _meeting_line(viewer, row, counts)) for row in rows)
    return tuple(replace(line, reminded=row.told and line.research_missing > 0) for row, line in lines)


@reading("meeting.read", "meeting")
def meeting(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> MeetingPage:
    """One meeting with its agenda as this viewer may see it. Recorded. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        row = _meetings(viewer).filter(id=meeting_id).first()
        opened(
            viewer=viewer,
            action="meeting.read",
            object_type="meeting",
            object_id=meeting_id,
            found=row is not None,
            at=at,
        )
        page = None
        if row is not None:
            accounts.require(viewer, "meeting.read", row.forum)
            page = _meeting_page(viewer, row, at)
    if page is None:
        raise NotHere("meeting")
    return page


def present(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> frozenset[UUID]:
    """Who is recorded as here in a meeting of a forum where the viewer sits."""
    with as_viewer(viewer, at=at):
        rows = Attendance.objects.filter(meeting__in=_meetings(viewer).filter(id=meeting_id), present=True)
        return frozenset(rows.values_list("user_id", flat=True))


@reading("meeting.plan", "meeting")
def readiness(viewer: Viewer, meeting_id: UUID, *, at: datetime) -> Readiness:
    """What the coordinator has to chase before the meeting. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        row = _meetings(viewer).filter(id=meeting_id).first()
        if row is None:
            raise NotHere("meeting")
        accounts.require(viewer, "meeting.plan", row.forum)
        of = forum(row.forum)
        members = accounts.members(viewer, row.forum)
        lines = item_lines(viewer, row, members, at)
        owed: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            if line.state == "listed":
                for agency in line.research_missing:
                    owed[agency].append(line.reference)
        missing = tuple(
            Missing(agency=agency_name(agency), seats=agency, items=tuple(refs))
            for agency, refs in sorted(owed.items())
        )
        mine = owed.get(viewer.agency, []) if _owes(viewer, row) else []
        expected = expected_quorum(of, members)
        open_actions = open_to(viewer, at).filter(forum=row.forum, status="open")
        waiting_now = waiting_count(viewer, row.forum, at=at)
        due = list(open_actions.order_by("due_on").values_list("due_on", flat=True)[:COUNTED])
        today = at.astimezone(LONDON).date()
        carried = visible_items(viewer, at).filter(meeting__forum=row.forum, state="carried_over", listed_again=False)
        carried_now = carried.count()
        prior = sum(line.prior_missing for line in lines)
        transfers = _transfers_waiting(viewer, of, at)
        steps = rules.next_steps(
            len(lines),
            missing,
            expected,
            waiting_now,
            cut_off_passed=at >= row.cut_off_at,
            carried=carried_now,
            prior=(prior, of.prior_contact.name if of.prior_contact else ""),
            transfers=transfers,
        )
        return Readiness(
            meeting=_meeting_line(viewer, row, {row.id: (len(lines), len(mine))}),
            listed=len(lines),
            research_missing=missing,
            quorum=expected,
            conflicts=sum(line.conflicts for line in lines),
            carried_over=carried_now,
            waiting=waiting_now,
            open_actions=len(due),
            overdue_actions=sum(each < today for each in due),
            ready=not steps,
            next_steps=steps,
            prior_missing=prior,
            transfers_waiting=transfers,
            reminded=tuple(
                agency_name(agency)
                for agency in row.reminders.filter(on=at.astimezone(LONDON).date()).values_list("agency", flat=True)
            ),
        )


def _transfers_waiting(viewer: Viewer, of: Forum, at: datetime) -> int:
    """Cases of the last year that go to or come from another area, which nobody confirmed yet."""
    if of.transfer is None:
        return 0
    since = at - timedelta(days=365)
    gone = Q(decision__outcome=of.transfer.outcome) | Q(facets__ground__contains=of.transfer.ground)
    found = visible_items(viewer, at).filter(gone, meeting__forum=of.key, meeting__starts_at__gte=since)
    return found.filter(Q(transfer__isnull=True) | Q(transfer__confirmed_on__isnull=True)).count()


def _meetings(viewer: Viewer) -> QuerySet[Meeting]:
    sits = {each.partition(":")[0] for each in viewer.forums}
    return Meeting.objects.filter(partnership=viewer.partnership, forum__in=sits)


def _counts(viewer: Viewer, meetings: list[Meeting], at: datetime) -> dict[UUID, tuple[int, int]]:
    """Cases of each meeting, and those whose research the viewer's agency has yet to give where it owes any."""
    given = ResearchGiven.objects.filter(item=OuterRef("pk"), agency=viewer.agency)
    owing = {row.id for row in meetings if _owes(viewer, row)}
    found = visible_items(viewer, at).exclude(state="withdrawn").order_by()
    found = found.filter(meeting_id__in=[row.id for row in meetings]).annotate(is_given=Exists(given))
    cases: Counter[UUID] = Counter()
    missing: Counter[UUID] = Counter()
    for meeting, state, is_given in found.values_list("meeting_id", "state", "is_given"):
        cases[meeting] += 1
        missing[meeting] += meeting in owing and state == "listed" and not is_given
    return {row.id: (cases[row.id], missing[row.id]) for row in meetings}


def _owes(viewer: Viewer, row: Meeting) -> bool:
    return "member" in viewer.parts_in(row.forum) and row.state in ("planned", "open")


def _meeting_line(viewer: Viewer, row: Meeting, counts: dict[UUID, tuple[int, int]]) -> MeetingLine:
    of = forum(row.forum)
    cases, missing = counts.get(row.id, (0, 0))
    return MeetingLine(
        **of_meeting(row, of),
        place=row.place,
        state=row.state,
        state_name=MEETING.states[row.state],
        items=cases,
        research_missing=missing,
        hears=row.hears,
    )


def _meeting_page(viewer: Viewer, row: Meeting, at: datetime) -> MeetingPage:
    of = forum(row.forum)
    verbs = {"open": "meeting.run", "close": "meeting.run", "sign": "meeting.sign"}
    home = referrals.working(referrals.pathway(of.pathway)) if of.pathway else None
    members = accounts.members(viewer, row.forum)
    signed = {by for *_, by in signings(meeting_id=row.id)}
    return MeetingPage(
        **of_meeting(row, of),
        version=row.version,
        place=row.place,
        hears=row.hears,
        public=of.public,
        state=row.state,
        state_name=MEETING.states[row.state],
        confidentiality=of.confidentiality,
        items=item_lines(viewer, row, members, at),
        attendance=_attendance(row, of, members),
        quorum=rules.quorum(of, present_seats(row.id)),
        expected_quorum=expected_quorum(of, members),
        minutes_due=home.add_working_days(row.starts_at, of.minutes_working_days) if home else row.starts_at,
        signed_by=next(iter(accounts.names(viewer, signed).values()), "") if signed else "",
        allowed=tuple(
            step.verb
            for step in MEETING.steps
            if row.state in step.sources and accounts.may(viewer, verbs[step.verb], row.forum)
        ),
    )


def _attendance(row: Meeting, of: Forum, members: Sequence[Member]) -> tuple[AttendanceLine, ...]:
    recorded = {each.user_id: each for each in row.attendance.all()}
    seats = {seat.key: seat.name for seat in of.seat}
    lines = []
    seated = {each.user_id for each in members if each.seat}
    for member in members:
        if member.user_id in seated and not member.seat:
            continue
        each = recorded.get(member.user_id)
        lines.append(
            AttendanceLine(
                user_id=member.user_id,
                name=member.display_name,
                agency=agency_name(member.agency),
                seat=member.seat,
                seat_name=seats.get(member.seat or "", ""),
                part=member.part,
                present=each.present if each else None,
                signed_at=each.confidentiality_signed_at if each else None,
            )
        )
    return tuple(lines)
