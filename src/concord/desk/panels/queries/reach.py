"""What a viewer may see of the forums' records at all, and the line the trail keeps of a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.panels.models import Action, Intelligence, Item, Meeting, Research
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer

PAGE = 50
COUNTED = 200
"""What there is to do is counted up to this: "200 or more" says as much as 2,174 and costs as little at any size."""


def visible_items(viewer: Viewer, at: datetime) -> QuerySet[Item]:
    """Cases shared with the viewer, and the papers of boards where they sit: those are about nobody."""
    shared = sharing.visible(viewer, Item.objects.all(), "item", at=at)
    if not _boards(viewer):
        # Nothing but shares: said alone, so that the planner may begin at either end of it.
        return shared
    return shared | sharing.not_kept_out(viewer, Item.objects.filter(_papers(viewer)), "item")


def _boards(viewer: Viewer) -> set[str]:
    """The forums where the viewer sits that hear papers and nobody's case."""
    known = accounts.partnership().forums
    sits = {each.partition(":")[0] for each in viewer.forums}
    return {key for key in sits if key in known and known[key].hears == "papers"}


def _papers(viewer: Viewer) -> Q:
    """Papers of those boards, as a question about each item: a join would have every row wait for the meetings."""
    of_board = Exists(Meeting.objects.filter(id=OuterRef("meeting_id"), forum__in=_boards(viewer)))
    return Q(hears="papers", partnership=viewer.partnership) & Q(of_board)


def open_to(viewer: Viewer, at: datetime) -> QuerySet[Action]:
    """Actions of cases shared with the viewer, and open ones of their agency where they sit on the forum."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    shared = Q(sharing.shares_of(viewer, "item", at=at, key="item_id"))
    own = Q(agency=viewer.agency, status="open", forum__in=sits, agreement__in=sharing.agreements_in_force(viewer, at))
    # Each row judged by itself: three lists of identifiers would be read whole before the first row is shown.
    open_rows = shared | own
    if _boards(viewer):
        open_rows |= Q(Exists(Item.objects.filter(_papers(viewer), id=OuterRef("item_id"))))
    rows = Action.objects.filter(open_rows, partnership=viewer.partnership)
    return sharing.not_kept_out(viewer, rows, "item", key="item_id")


def readable_research(viewer: Viewer, rows: QuerySet[Research], at: datetime) -> QuerySet[Research]:
    """Research this viewer may read of cases they may read: their agency's own, all from the cut-off on, and all at any
    time for whoever coordinates or chairs the forum."""
    runs = [each.partition(":")[0] for each in viewer.forums if each.partition(":")[2] in ("coordinator", "chair")]
    return rows.filter(Q(agency=viewer.agency) | Q(shown_from__lte=at) | Q(forum__in=runs))


def readable_intelligence(viewer: Viewer, rows: QuerySet[Intelligence], at: datetime) -> QuerySet[Intelligence]:
    """As research, and only for those whose roles and whose kind of body see that class of field."""
    if "intelligence" not in viewer.fields:
        return rows.none()
    runs = [each.partition(":")[0] for each in viewer.forums if each.partition(":")[2] in ("coordinator", "chair")]
    return rows.filter(Q(agency=viewer.agency) | Q(shown_from__lte=at) | Q(forum__in=runs))


def sees_whole(viewer: Viewer, meeting_id: UUID, at: datetime) -> bool:
    """Whether no case of the meeting is hidden from the viewer. Never shown: it chooses which minutes they read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_cases(%s)", [meeting_id])
        (cases,) = cursor.fetchone()
    return bool(visible_items(viewer, at).filter(meeting_id=meeting_id).count() == cases)


def hears_under(viewer: Viewer, person_id: UUID, reference: str, *, at: datetime) -> bool:
    """Whether a case the viewer may open has this reference and is about this person. Not recorded: the caller opens
    the person."""
    with as_viewer(viewer, at=at):
        return visible_items(viewer, at).filter(reference=reference, involved__person_id=person_id).exists()


def signings(
    *, since: datetime | None = None, meeting_id: UUID | None = None, most: int = 1
) -> list[tuple[UUID, str, datetime, UUID]]:
    """(Meeting, forum, when, by whom) of minutes signed where the viewer sits, newest first: whole for them or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT meeting_id, forum, signed_at, signed_by FROM panels_signings(%s, %s, %s)",
            [since or "-infinity", meeting_id, most],
        )
        rows: list[tuple[UUID, str, datetime, UUID]] = cursor.fetchall()
    return rows


def kept_out_of(viewer: Viewer, item_id: UUID, user_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these people must not hear a case that the viewer has opened already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT who FROM unnest(%s::uuid[]) who WHERE sharing_excluded('item', %s, who)",
            [list(user_ids), item_id],
        )
        return frozenset(who for (who,) in cursor.fetchall())


def carry_hidden(meeting_id: UUID) -> None:
    """Undecided cases of a meeting that the viewer is kept out of wait for the next one. Not a word about how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_carry_hidden(%s)", [meeting_id])


def consulted(viewer: Viewer, action: str, object_type: str, shown: list[UUID], at: datetime) -> None:
    """One line for a list: who saw which rows."""
    record(
        viewer=viewer,
        operation="consultation",
        action=action,
        object_type=object_type,
        detail={"shown": [str(each) for each in shown]},
        at=at,
    )
