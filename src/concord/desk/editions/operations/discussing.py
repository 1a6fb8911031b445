"""Comments on a section or on the whole: made, answered, opened again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.editions.models import Comment, Edition
from concord.desk.editions.operations.locked import locked, log
from concord.desk.editions.rules import COMMENT, DISCUSSED_IN, require_reason
from concord.desk.sharing.session import operation


@operation("edition.comment", "edition")
def add_comment(*, viewer: Viewer, edition_id: UUID, section: str, text: str, at: datetime) -> UUID:
    """Comment on a section, or on the whole where `section` is blank. Returns the comment.

    Raises NotHere, NotAllowed, NotNow once the edition is settled, NotReady for an empty comment.
    """
    row = locked(viewer, edition_id, "edition.comment", states=DISCUSSED_IN)
    said = require_reason(text, "a comment says what should be different")
    made = Comment.objects.create(edition=row, section=section, text=said, by_id=viewer.user_id, at=at)
    log(viewer, row, "edition.comment", "Commented", at, section=section)
    return made.id


@operation("edition.answer", "edition")
def answer_comment(
    *, viewer: Viewer, edition_id: UUID, comment_id: UUID, answer: str, version: int, at: datetime
) -> None:
    """Answer a comment and mark it resolved. Raises as `add_comment`, and ChangedMeanwhile."""
    row, comment = _opened(viewer, edition_id, comment_id, version)
    said = require_reason(answer, "the one who commented wants to know what became of it")
    comment.state = COMMENT.after(comment.state, "resolve")
    comment.answer, comment.resolved_by_id, comment.resolved_at = said, viewer.user_id, at
    _save(comment)
    log(viewer, row, "edition.answer", "Resolved a comment", at, section=comment.section, reason=said)


@operation("edition.reopen", "edition")
def open_comment_again(
    *, viewer: Viewer, edition_id: UUID, comment_id: UUID, reason: str, version: int, at: datetime
) -> None:
    """A comment whose answer does not settle it. What was answered stays in the log. Raises as `answer_comment`."""
    row, comment = _opened(viewer, edition_id, comment_id, version)
    said = require_reason(reason, "what is still open")
    comment.state = COMMENT.after(comment.state, "open_again")
    comment.answer, comment.resolved_by_id, comment.resolved_at = "", None, None
    comment.text = f"{comment.text}\n\n{said}"
    _save(comment)
    log(viewer, row, "edition.reopen", "Opened a comment again", at, section=comment.section, reason=said)


def _opened(viewer: Viewer, edition_id: UUID, comment_id: UUID, version: int) -> tuple[Edition, Comment]:
    row = locked(viewer, edition_id, "edition.comment", states=DISCUSSED_IN)
    comment = Comment.objects.select_for_update(of=("self",)).filter(edition=row, id=comment_id).first()
    if comment is None:
        raise NotHere("comment")
    if comment.version != version:
        raise ChangedMeanwhile("comment")
    return row, comment


def _save(comment: Comment) -> None:
    comment.version += 1
    comment.save()
