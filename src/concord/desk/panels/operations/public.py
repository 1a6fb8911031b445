"""Questions to a board that sits in public: asked without an account, read by its coordinator, answered in public."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.panels import queries, rules
from concord.desk.panels.operations.listing import new_reference, put_on
from concord.desk.panels.operations.locked import locked_meeting, record_under
from concord.desk.panels.rules import QUESTION, NotNow
from concord.desk.panels.standing import Question
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON


@operation("question.ask", "question")
def ask_question(*, viewer: Viewer, board: str, text: str, at: datetime) -> str:
    """Put a question to a board that sits in public, through the open form's service. Returns its reference.

    Nobody but the board's coordinator and chair reads it before it is published. Raises NotAllowed, NotHere for a board
    that does not sit in public, NotNow where it tells who or where somebody is.
    """
    accounts.require(viewer, "question.ask")
    queries.public_forum(viewer, board)
    said = rules.require_public(text, empty="Write your question.")
    row = Question.objects.create(
        partnership=viewer.partnership,
        board=board,
        reference=new_reference(),
        text=said,
        asked_on=at.astimezone(LONDON).date(),
    )
    record(
        viewer=viewer,
        operation="collection",
        action="question.ask",
        object_type="question",
        object_id=row.id,
        detail={"board": board},
        at=at,
    )
    return row.reference


@operation("question.moderate", "question")
def publish_question(*, viewer: Viewer, question_id: UUID, text: str, version: int, at: datetime) -> None:
    """Let everybody read a question, in these words: what was taken out of it is gone.

    Raises NotAllowed, NotHere, NotNow where the words still tell who somebody is, ChangedMeanwhile.
    """
    row = _locked(viewer, question_id, version)
    row.state = QUESTION.after(row.state, "publish")
    row.text = rules.require_public(text, empty="A question that is published has words.")
    _record(viewer, row, "question.publish", at)


@operation("question.moderate", "question")
def decline_question(*, viewer: Viewer, question_id: UUID, why: str, version: int, at: datetime) -> None:
    """Keep a question off the site. Its words are erased; which kind of reason stays. Raises as `publish_question`."""
    row = _locked(viewer, question_id, version)
    if why not in rules.DECLINED:
        raise NotNow(f"“{why}” is no reason.", next_step=did_you_mean(why, rules.DECLINED))
    row.state = QUESTION.after(row.state, "decline")
    row.text, row.declined_why = "", why
    _record(viewer, row, "question.decline", at)


@operation("question.moderate", "question")
def answer_question(*, viewer: Viewer, question_id: UUID, answer: str, version: int, at: datetime) -> None:
    """Answer a published question where everybody reads it. Raises as `publish_question`."""
    row = _locked(viewer, question_id, version)
    row.state = QUESTION.after(row.state, "answer")
    row.answer = rules.require_public(answer, empty="Write the answer.", most=rules.ANSWER)
    row.answered_on = at.astimezone(LONDON).date()
    _record(viewer, row, "question.answer", at)


@operation("item.list", "question")
def list_question(*, viewer: Viewer, meeting_id: UUID, question_id: UUID, at: datetime) -> UUID:
    """Put a published question on the agenda of a meeting of its board. Returns the item.

    Raises NotAllowed, NotHere, NotNow for one that is not published, or is on an agenda already.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    row = Question.objects.select_for_update(of=("self",)).filter(id=question_id, board=of.key).first()
    if row is None:
        raise NotHere("question")
    kind = next((each.key for each in of.item if each.subject == "question"), "")
    if row.state != "published" or row.item_id is not None or not kind:
        raise NotNow("This question cannot be put on the agenda.", next_step="Publish it first, or open it there.")
    item_id = put_on(
        viewer,
        of,
        meeting,
        at,
        kind=kind,
        reference=row.reference,
        about=row.text[:200],
        reason=row.text,
        repeat=False,
        persons=(),
    )
    row.item_id = item_id
    row.version += 1
    row.save()
    record_under(viewer, "alteration", "question.list", "question", row.id, of, at)
    return item_id


def _locked(viewer: Viewer, question_id: UUID, version: int) -> Question:
    row = Question.objects.select_for_update(of=("self",)).filter(id=question_id).first()
    if row is None or not viewer.parts_in(row.board):
        raise NotHere("question")
    accounts.require(viewer, "question.moderate", row.board)
    if row.version != version:
        raise ChangedMeanwhile("question", row.moderated_by.display_name if row.moderated_by else "")
    return row


def _record(viewer: Viewer, row: Question, action: str, at: datetime) -> None:
    row.version += 1
    row.moderated_by_id = viewer.user_id
    row.save()
    record_under(viewer, "alteration", action, "question", row.id, queries.forum(row.board), at)
