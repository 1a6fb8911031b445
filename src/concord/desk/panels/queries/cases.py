"""One case with its research and its decision, the cases about a person, and the minutes drawn from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import opened
from concord.desk.instruments import queries as instruments
from concord.desk.instruments.rules import ResultLine
from concord.desk.panels import rules
from concord.desk.panels.models import Action, Intelligence, Involvement, Item, Minutes, Research
from concord.desk.panels.queries.actions import action_lines
from concord.desk.panels.queries.agenda import transfer_way
from concord.desk.panels.queries.forums import agency_name, forum, of_meeting, present_seats, researchers
from concord.desk.panels.queries.reach import (
    PAGE,
    kept_out_of,
    readable_intelligence,
    readable_research,
    sees_whole,
    visible_items,
)
from concord.desk.panels.queries.sittings import meeting
from concord.desk.panels.rules import (
    ITEM,
    PRIOR_CONTACT,
    ActionLine,
    AgencyResearch,
    DecisionView,
    Heard,
    HeardBefore,
    ItemPage,
    MeetingPage,
    PanelPointer,
    PersonInItem,
    PriorContactLine,
    RatingLine,
    Tampered,
    TransferLine,
)
from concord.desk.people import queries as people
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum


@reading("item.read", "item")
def item(viewer: Viewer, item_id: UUID, *, at: datetime, reason: str = "") -> ItemPage:
    """One case: why it is heard, research the viewer may read, last actions, decision. Recorded.

    Raises NotAllowed, NotHere (also for a case where the viewer declared a conflict).
    """
    with as_viewer(viewer, at=at):
        row = _with_details(viewer, visible_items(viewer, at), at).filter(id=item_id).first()
        opened(
            viewer=viewer,
            action="item.read",
            object_type="item",
            object_id=item_id,
            subjects=[each.person_id for each in row.involved.all()] if row else [],
            reason=reason,
            found=row is not None,
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
        if signed is None or not sees_whole(viewer, meeting_id, at):
            return draft_minutes(viewer, page, at)
        if signed.digest and rules.digest(signed.text) != signed.digest:
            raise Tampered(
                "These minutes are not the ones that were signed.",
                why="Their text no longer has the digest that was kept when the chair signed.",
                next_step="Tell your data protection officer: the trail holds the digest of the signed text.",
            )
        left = [line.item_id for line in page.items if str(line.item_id) not in signed.covers]
        if not signed.covers or not left:
            return signed.text
        # The chair who signed does not hear these: whoever does reads them as the record has them.
        rest = replace(page, items=tuple(line for line in page.items if line.item_id in left))
        return f"{signed.text}\nHeard without the chair who signed\n{draft_items(viewer, rest, at)}"


def draft_minutes(viewer: Viewer, page: MeetingPage, at: datetime) -> str:
    """Minutes as this viewer's record gives them."""
    return rules.minutes(page, _heard(viewer, page, at))


def draft_items(viewer: Viewer, page: MeetingPage, at: datetime) -> str:
    """The cases of such minutes alone."""
    return rules.minutes_of(_heard(viewer, page, at))


def _heard(viewer: Viewer, page: MeetingPage, at: datetime) -> list[Heard]:
    ids = [line.item_id for line in page.items]
    rows = {row.id: row for row in _with_details(viewer, visible_items(viewer, at), at).filter(id__in=ids)}
    of = forum(page.forum)
    return [
        Heard(
            about=row.about,
            reference=row.reference,
            repeat=row.repeat,
            reason=row.reason,
            minute=row.minute,
            beside=_beside(row, of),
            research=_research(viewer, row, of, at),
            decision=_decision(row, of),
            actions=action_lines(viewer, list(row.actions.all()), at, about=row.about),
        )
        for row in (rows[each] for each in ids)
    ]


def _beside(row: Item, of: Forum) -> tuple[str, ...]:
    """What the minutes say of contact before the meeting and of a transfer. What the person wants stays with the case:
    minutes travel further."""
    lines = []
    prior = getattr(row, "prior_contact", None)
    if prior is not None and of.prior_contact is not None:
        lines.append(f"{of.prior_contact.name}: {PRIOR_CONTACT[prior.outcome]}")
    passed = getattr(row, "transfer", None)
    if passed is not None:
        way = "Came from" if passed.direction == "in" else "Passed to"
        sure = f", confirmed {passed.confirmed_on:%d %B %Y}" if passed.confirmed_on else ", not confirmed yet"
        lines.append(f"{way} {passed.area}, sent {passed.sent_on:%d %B %Y}{sure}")
    return tuple(lines)


def for_person(
    viewer: Viewer, person_id: UUID, *, at: datetime, records: frozenset[UUID] | None = None
) -> tuple[PanelPointer, ...]:
    """Cases about a person that the viewer may open, newest first; then forums that hear the person and whose cases
    stay closed to the viewer, as pointers with whom to ring. A restricted or sealed record has no pointer. `records`
    are the person's, where the caller knows them (`people.records_of`)."""
    with as_viewer(viewer, at=at):
        records = records or people.records_of(viewer, [person_id], at=at)
        rows = (
            visible_items(viewer, at)
            .filter(involved__person_id__in=records)
            .select_related("meeting")
            .distinct()
            .order_by("-meeting__starts_at")
        )
        opens = [
            PanelPointer(
                forum=row.meeting.forum,
                abbreviation=forum(row.meeting.forum).abbreviation,
                item_id=row.id,
                starts_at=row.meeting.starts_at.astimezone(LONDON),
                state_name=ITEM.states[row.state],
                contact="",
            )
            for row in rows[:PAGE]
        ]
        seen = {each.forum for each in opens}
        points = [each for each in sharing.pointers(viewer, person_id, at=at) if each not in seen]
        return (*opens, *(_pointer(viewer, key) for key in points))


def _pointer(viewer: Viewer, key: str) -> PanelPointer:
    of = forum(key)
    ring = ", ".join(accounts.coordinators(viewer, key)) or f"the {of.abbreviation} coordinator"
    return PanelPointer(
        forum=key, abbreviation=of.abbreviation, item_id=None, starts_at=None, state_name="", contact=ring
    )


def _with_details(viewer: Viewer, rows: QuerySet[Item], at: datetime) -> QuerySet[Item]:
    return rows.select_related(
        "meeting", "decision__decided_by", "minuted_by", "prior_contact__by", "transfer"
    ).prefetch_related(
        "involved",
        "given",
        "conflicts",
        "actions",
        "ratings__by",
        Prefetch("research", queryset=readable_research(viewer, Research.objects.select_related("by"), at)),
        Prefetch("intelligence", queryset=readable_intelligence(viewer, Intelligence.objects.all(), at)),
    )


def _item_page(viewer: Viewer, row: Item, at: datetime) -> ItemPage:
    of, sitting = forum(row.meeting.forum), row.meeting
    persons = people.names(viewer, [each.person_id for each in row.involved.all()], at=at)
    order = list(
        visible_items(viewer, at)
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
            safe_contact="; ".join(persons[each.person_id].warnings),
        )
        for each in row.involved.all()
        if each.person_id in persons
    ]
    sits = accounts.may(viewer, "research.write", sitting.forum)
    results = _results(viewer, row, at)
    runs = accounts.may(viewer, "meeting.run", sitting.forum)
    members = accounts.members(viewer, sitting.forum)
    out = kept_out_of(viewer, row.id, [each.user_id for each in members]) if runs else frozenset()
    prior, passed = getattr(row, "prior_contact", None), getattr(row, "transfer", None)
    asks = of.prior_contact if of.prior_contact and row.kind in (of.prior_contact.kinds or (row.kind,)) else None
    return ItemPage(
        **of_meeting(sitting, of),
        item_id=row.id,
        version=row.version,
        meeting_state=sitting.state,
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
        actions=action_lines(viewer, list(row.actions.all()), at, about=row.about),
        decision=_decision(row, of),
        outcomes=tuple((each.key, each.name) for each in rules.outcomes_of(of, row.kind)),
        subject=row.subject,
        whereabouts=row.whereabouts,
        facets=rules.facet_words(of, row.facets),
        recorded=tuple((key, tuple(answers)) for key, answers in row.facets.items()),
        score=rules.score_words(of, _score(row, of, results)),
        results=results,
        heard_before=_heard_before(viewer, row, of, at),
        ratings=rating_lines(row, of),
        reviews_due=due_now(row, of, at),
        advisory=of.advisory,
        hears=row.hears,
        minute=row.minute,
        minuted_by=row.minuted_by.display_name if row.minuted_by else "",
        prior_contact=PriorContactLine(
            prior.outcome, PRIOR_CONTACT[prior.outcome], prior.text, prior.by.display_name, prior.at.astimezone(LONDON)
        )
        if prior is not None
        else None,
        asks_prior=asks.name if asks else "",
        speaks_first=asks is not None
        and any(each.user_id == viewer.user_id and each.seat == asks.seat for each in members),
        transfer=TransferLine(passed.direction, passed.area, passed.sent_on, passed.confirmed_on) if passed else None,
        transfer_way=transfer_way(row, of),
        kept_out=tuple(dict.fromkeys(each.display_name for each in members if each.user_id in out)),
        quorum=found,
        previous_id=order[place - 1] if place > 0 else None,
        next_id=order[place + 1] if 0 <= place < len(order) - 1 else None,
        may_decide=sitting.state == "open"
        and row.state == "listed"
        and found.met
        and accounts.may(viewer, "decision.record", sitting.forum),
        may_add_action=sitting.state == "open" and accounts.may(viewer, "action.add", sitting.forum),
        may_research=sits and sitting.state in ("planned", "open") and row.state == "listed",
        restriction=kept.level if (kept := sharing.restriction(viewer, "item", row.id, at=at)) else "",
    )


def _results(viewer: Viewer, row: Item, at: datetime) -> tuple[ResultLine, ...]:
    """The result the case rests on first, then those that came with its referral."""
    found = instruments.results_by(viewer, [row.result_id] if row.result_id else [], at=at)
    came = instruments.came_with(viewer, row.contact_id, at=at) if row.contact_id else ()
    return (*found.values(), *(each for each in came if each.result_id not in found))


def _score(row: Item, of: Forum, results: Iterable[ResultLine]) -> float | None:
    if row.result_id is None or of.threshold is None:
        return row.score
    return next((each.score(of.threshold.counts) for each in results if each.result_id == row.result_id), None)


def _same_topic(viewer: Viewer, row: Item, at: datetime) -> QuerySet[Item]:
    """The same place, group or theme on earlier agendas of this forum."""
    same = visible_items(viewer, at).filter(meeting__forum=row.meeting.forum, kind=row.kind, about__iexact=row.about)
    return same.filter(meeting__starts_at__lt=row.meeting.starts_at).exclude(state="withdrawn")


def _heard_before(viewer: Viewer, row: Item, of: Forum, at: datetime) -> tuple[HeardBefore, ...]:
    if row.subject == "person":
        return ()
    names = {each.key: each.name for each in of.outcome}
    earlier = _same_topic(viewer, row, at).select_related("meeting", "decision").order_by("-meeting__starts_at")
    return tuple(
        HeardBefore(
            item_id=each.id,
            starts_at=each.meeting.starts_at.astimezone(LONDON),
            outcome_name=names.get(each.decision.outcome, "") if hasattr(each, "decision") else ITEM.states[each.state],
        )
        for each in earlier[:10]
    )


def rating_lines(row: Item, of: Forum) -> tuple[RatingLine, ...]:
    levels = of.movement.levels if of.movement else {}
    lines, before = [], ""
    for each in sorted(row.ratings.all(), key=lambda one: one.month):
        lines.append(
            RatingLine(
                month=each.month,
                level_name=levels.get(each.level, each.level),
                reason=each.reason,
                by=each.by.display_name,
                at=each.at.astimezone(LONDON),
                moved=rules.moved(levels, before, each.level) if before else "",
            )
        )
        before = each.level
    return tuple(lines)


def due_now(row: Item, of: Forum, at: datetime) -> tuple[int, ...]:
    given = {each.month: each.at.astimezone(LONDON).date() for each in row.ratings.all()}
    if of.movement is None or 0 not in given:
        return ()
    return rules.months_due(of.movement.months, given[0], at.astimezone(LONDON).date(), given)


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
    intelligence = {each.agency: each.text for each in row.intelligence.all()}
    views = []
    for agency in sorted(set(researchers(of, accounts.members(viewer, of.key))) | given | set(intelligence)):
        each = readable.get(agency)
        views.append(
            AgencyResearch(
                research_id=each.id if each else None,
                agency=agency_name(agency),
                text=each.text if each else "",
                nothing_held=each.nothing_held if each else False,
                by=each.by.display_name if each else "",
                at=each.at.astimezone(LONDON) if each else None,
                late=each.late if each else False,
                mine=agency == viewer.agency,
                given=agency in given,
                hidden=agency in given and each is None,
                intelligence=intelligence.get(agency, ""),
            )
        )
    return tuple(views)


def _earlier_actions(viewer: Viewer, row: Item, at: datetime) -> tuple[ActionLine, ...]:
    """What was agreed about the same people before, in this forum, and what became of it."""
    if row.subject == "person":
        persons = people.records_of(viewer, [each.person_id for each in row.involved.all()], at=at)
        same = Involvement.objects.filter(person_id__in=persons, item__meeting__forum=row.meeting.forum)
        earlier = visible_items(viewer, at).filter(id__in=same.exclude(item=row).values("item_id"))
    else:
        earlier = _same_topic(viewer, row, at)
    found = Action.objects.filter(item_id__in=earlier.values("id"))
    return action_lines(viewer, list(found.order_by("-raised_on", "id")[:20]), at)
