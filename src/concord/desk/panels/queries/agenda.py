"""The agenda: the lines of a meeting's cases, and what waits to be put on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Member, Viewer
from concord.desk.panels.models import Item, Meeting
from concord.desk.panels.queries.forums import forum, researchers
from concord.desk.panels.queries.reach import consulted, visible_items
from concord.desk.panels.rules import ITEM, ItemLine, WaitingLine
from concord.desk.people import queries as people
from concord.desk.referrals import queries as referrals
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum


@reading("item.list", "contact")
def waiting(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[WaitingLine, ...]:
    """Contacts routed to the forum and not listed yet, oldest decision first. For its coordinator.

    Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "item.list", forum_key)
    with as_viewer(viewer, at=at):
        still = referrals.accepted(viewer, forum_key, at=at, without=listed_already(viewer, forum_key))
        consulted(viewer, "contact.list", "contact", [each.contact_id for each in still], at)
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


@reading("item.list", "contact")
def waiting_count(viewer: Viewer, forum_key: str, *, at: datetime) -> int:
    """How many contacts wait to be listed: a number, so nobody's record is consulted. For the forum's coordinator.

    Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "item.list", forum_key)
    return referrals.waiting_count(viewer, forum_key, at=at, without=listed_already(viewer, forum_key))


def listed_already(viewer: Viewer, forum_key: str) -> Exists:
    """Whether this forum has listed a contact, as a question within one about contacts."""
    found = Item.objects.filter(contact_id=OuterRef("pk"), meeting__forum=forum_key)
    return Exists(found.filter(partnership=viewer.partnership))


@reading("item.list", "item")
def carried_over(viewer: Viewer, forum_key: str, *, at: datetime) -> tuple[ItemLine, ...]:
    """Cases carried over that are on no later agenda yet. For the coordinator."""
    accounts.require(viewer, "item.list", forum_key)
    with as_viewer(viewer, at=at):
        found = visible_items(viewer, at).filter(meeting__forum=forum_key, state="carried_over", listed_again=False)
        rows = list(for_agenda(found).order_by("meeting__starts_at", "position"))
        consulted(viewer, "item.list", "item", [row.id for row in rows], at)
        return lines_of(viewer, rows, at)


def for_agenda(rows: QuerySet[Item]) -> QuerySet[Item]:
    """What a line of the agenda needs: no research, no decision."""
    return rows.select_related("meeting", "prior_contact", "transfer", "decision").prefetch_related(
        "involved", "given", "conflicts", "actions"
    )


def item_lines(viewer: Viewer, row: Meeting, members: Sequence[Member], at: datetime) -> tuple[ItemLine, ...]:
    """The agenda of one meeting. `members` are all who sit on its forum."""
    found = visible_items(viewer, at).filter(meeting=row).exclude(state="withdrawn")
    lines = lines_of(viewer, list(for_agenda(found).order_by("position", "id")), at, {row.forum: members})
    # Numbered as this viewer sees them: a gap would say that a case is kept from them.
    return tuple(replace(line, position=number) for number, line in enumerate(lines, start=1))


def lines_of(
    viewer: Viewer, rows: list[Item], at: datetime, sit: Mapping[str, Sequence[Member]] | None = None
) -> tuple[ItemLine, ...]:
    """Cases as an agenda shows them. Who sits on each forum is asked for where `sit` does not say."""
    sit = sit or {key: accounts.members(viewer, key) for key in {row.meeting.forum for row in rows}}
    persons = people.names(viewer, {each.person_id for row in rows for each in row.involved.all()}, at=at)
    owing = {key: researchers(forum(key), members) for key, members in sit.items()}
    lines = []
    for row in rows:
        of = forum(row.meeting.forum)
        kinds = {each.key: each for each in of.item}
        asks = of.prior_contact is not None and row.kind in (of.prior_contact.kinds or (row.kind,))
        passed = getattr(row, "transfer", None)
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
                subject=row.subject,
                whereabouts=row.whereabouts,
                prior_missing=asks and row.state == "listed" and not hasattr(row, "prior_contact"),
                transfer_waits=bool(transfer_way(row, of)) and (passed is None or passed.confirmed_on is None),
            )
        )
    return tuple(lines)


def transfer_way(row: Item, of: Forum) -> str:
    """Whether a case comes from another area ("in") or was decided to go to one ("out")."""
    if of.transfer is None:
        return ""
    decided = getattr(row, "decision", None)
    if decided is not None and decided.outcome == of.transfer.outcome:
        return "out"
    return "in" if of.transfer.ground in row.facets.get("ground", ()) else ""


def _main_person(row: Item) -> UUID | None:
    roles = next((each.roles for each in forum(row.meeting.forum).item if each.key == row.kind), ())
    involved = list(row.involved.all())
    for role in roles:
        for each in involved:
            if each.role == role:
                return each.person_id
    return involved[0].person_id if involved else None
