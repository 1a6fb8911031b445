"""What anybody may read of a board that sits in public, and the questions its coordinator has to read first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.panels.models import Decision
from concord.desk.panels.queries.forums import public_forum
from concord.desk.panels.queries.reach import PAGE
from concord.desk.panels.rules import DECLINED, QUESTION, PublicItem, PublicMeeting, QuestionLine
from concord.desk.panels.standing import Question
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON

MEETINGS = 6


def public_board(viewer: Viewer, board: str, *, at: datetime) -> tuple[PublicMeeting, ...]:
    """The board's next meetings and its last, newest first, with their agendas. For the open form's service, which
    reads through a view that holds no person. Raises NotHere for a board that does not sit in public."""
    of = public_forum(viewer, board)
    kinds, outcomes = {each.key: each.name for each in of.item}, {each.key: each.name for each in of.outcome}
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute(
            "SELECT meeting_id, starts_at, place, meeting_state, kind, subject, about, whereabouts, item_state, outcome"
            " FROM panels_public_agenda WHERE forum = %s AND meeting_id IN ("
            " SELECT meeting_id FROM panels_public_agenda WHERE forum = %s GROUP BY meeting_id, starts_at"
            " ORDER BY starts_at DESC LIMIT %s) ORDER BY starts_at DESC, position",
            [board, board, MEETINGS],
        )
        rows = cursor.fetchall()
    held: dict[UUID, tuple[datetime, str, bool, list[PublicItem]]] = {}
    for meeting_id, starts_at, place, state, kind, subject, about, address, _, outcome in rows:
        _, _, _, items = held.setdefault(
            meeting_id, (starts_at.astimezone(LONDON), place, state in ("closed", "signed"), [])
        )
        if about is not None:
            ended = outcomes.get(outcome, "") if state in ("closed", "signed") else ""
            items.append(PublicItem(about, kinds.get(kind, kind), subject, address, ended))
    return tuple(PublicMeeting(starts, place, over, tuple(items)) for starts, place, over, items in held.values())


def public_questions(viewer: Viewer, board: str, *, at: datetime, page: int = 1) -> tuple[QuestionLine, ...]:
    """Questions that are published, those without an answer first, then the newest. `PAGE` at a time. Raises NotHere
    for a board that does not sit in public."""
    public_forum(viewer, board)
    with as_viewer(viewer, at=at):
        found = Question.objects.filter(
            board=board, partnership=viewer.partnership, state__in=["published", "answered"]
        )
        rows = list(found.order_by("-state", "-asked_on", "id")[(page - 1) * PAGE : page * PAGE])
    return tuple(_line(row) for row in rows)


@reading("question.moderate", "question")
def questions(viewer: Viewer, board: str, *, at: datetime) -> tuple[QuestionLine, ...]:
    """What the board's coordinator has to do: questions to read, then those to answer, oldest first. `PAGE` at most.

    Raises NotAllowed, NotHere for a board that does not sit in public.
    """
    public_forum(viewer, board)
    accounts.require(viewer, "question.moderate", board)
    with as_viewer(viewer, at=at):
        found = Question.objects.filter(board=board, state__in=["waiting", "published"])
        rows = list(found.order_by("-state", "asked_on", "id")[:PAGE])
        said = dict(
            Decision.objects.filter(item__in=[row.item_id for row in rows if row.item_id]).values_list(
                "item_id", "reason"
            )
        )
    return tuple(_line(row, said.get(row.item_id, "") if row.item_id else "") for row in rows)


@reading("question.moderate", "question")
def question(viewer: Viewer, question_id: UUID, *, at: datetime) -> tuple[str, QuestionLine]:
    """One question for its board's coordinator, with the board's key. Raises NotAllowed, NotHere."""
    with as_viewer(viewer, at=at):
        row = Question.objects.filter(id=question_id).first()
        if row is None or not viewer.parts_in(row.board):
            raise NotHere("question")
        accounts.require(viewer, "question.moderate", row.board)
        said = Decision.objects.filter(item=row.item_id).values_list("reason", flat=True).first() if row.item_id else ""
        return row.board, _line(row, said or "")


def _line(row: Question, drafted: str = "") -> QuestionLine:
    return QuestionLine(
        question_id=row.id,
        reference=row.reference,
        text=row.text,
        asked_on=row.asked_on,
        state=row.state,
        state_name=QUESTION.states[row.state],
        answer=row.answer,
        answered_on=row.answered_on,
        why=DECLINED.get(row.declined_why, ""),
        version=row.version,
        listed=row.item_id is not None,
        item_id=row.item_id,
        drafted=drafted,
    )
