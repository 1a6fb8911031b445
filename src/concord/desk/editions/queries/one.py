"""One edition, whole; the versions of one of its texts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.editions.models import Block as BlockRow
from concord.desk.editions.models import Change, Edition, Screening
from concord.desk.editions.models import Comment as CommentRow
from concord.desk.editions.models import Seen as SeenRow
from concord.desk.editions.queries.listing import line
from concord.desk.editions.rules import (
    COMMENT,
    DISCUSSED_IN,
    EDITION,
    WRITTEN_IN,
    Block,
    ChangeLine,
    Comment,
    EditionLine,
    EditionPage,
    Screened,
    Seen,
    cited_in,
)
from concord.desk.sharing.session import as_viewer

VERBS = {
    "edition.write": WRITTEN_IN,
    "edition.comment": DISCUSSED_IN,
    "edition.screen": DISCUSSED_IN,
    "edition.ask": DISCUSSED_IN,
    "edition.approve": ("frozen",),
    "edition.publish": ("approved",),
    "edition.withdraw": tuple(state for state in EDITION.states if EDITION.can(state, "withdraw")),
}
"""In which states a verb means anything: a button that can only be refused is not shown."""
CHANGES = 100


def edition(viewer: Viewer, edition_id: UUID, *, at: datetime) -> EditionPage:
    """One edition with its texts, comments, decisions and log. Seven queries, however long it is.

    Raises NotHere where there is none for this viewer, NotAllowed unless they work on editions.
    """
    accounts.require(viewer, "edition.read")
    with as_viewer(viewer, at=at):
        rows = Edition.objects.filter(partnership=viewer.partnership, id=edition_id)
        row = rows.select_related("started_by", "asked_by", "approved_by").first()
        if row is None:
            raise NotHere("edition")
        newest = BlockRow.objects.filter(edition=row).order_by("section", "-number").distinct("section")
        decided = (
            Screening.objects.filter(edition=row).order_by("section", "subject", "-at").distinct("section", "subject")
        )
        return EditionPage(
            line=line(viewer, row),
            blocks={each.section: _block(each) for each in newest.select_related("by")},
            comments=tuple(
                _comment(each)
                for each in CommentRow.objects.filter(edition=row)
                .select_related("by", "resolved_by")
                .order_by("at", "id")
            ),
            seen=tuple(
                Seen(each.section, each.citation, each.words, each.by.display_name, each.at)
                for each in SeenRow.objects.filter(edition=row).select_related("by").order_by("at")
            ),
            screened=tuple(
                Screened(
                    each.section,
                    each.subject,
                    each.digest,
                    each.withheld,
                    each.ground,
                    each.reason,
                    each.by.display_name,
                    each.at,
                )
                for each in decided.select_related("by")
            ),
            changes=tuple(
                ChangeLine(each.what, each.section, each.reason, each.by.display_name, each.at)
                for each in Change.objects.filter(edition=row).select_related("by").order_by("-at", "id")[:CHANGES]
            ),
            may=_may(viewer, row),
        )


def named(viewer: Viewer, publication: str, name: str, *, at: datetime) -> EditionLine | None:
    """The edition of a publication by its name, or None."""
    accounts.require(viewer, "edition.read")
    with as_viewer(viewer, at=at):
        rows = Edition.objects.filter(partnership=viewer.partnership, publication=publication, name=name)
        row = rows.select_related("started_by", "asked_by", "approved_by").first()
        return None if row is None else line(viewer, row)


def versions(viewer: Viewer, edition_id: UUID, section: str, *, at: datetime) -> tuple[Block, ...]:
    """Every version of one section's narrative, the newest first. Raises as `edition`."""
    accounts.require(viewer, "edition.read")
    with as_viewer(viewer, at=at):
        if not Edition.objects.filter(partnership=viewer.partnership, id=edition_id).exists():
            raise NotHere("edition")
        rows = BlockRow.objects.filter(edition_id=edition_id, section=section).select_related("by")
        return tuple(_block(each) for each in rows.order_by("-number"))


def _may(viewer: Viewer, row: Edition) -> frozenset[str]:
    found = {verb for verb, states in VERBS.items() if row.state in states and accounts.may(viewer, verb)}
    if row.asked_by_id == viewer.user_id:
        found.discard("edition.approve")
    return frozenset(found)


def _block(row: BlockRow) -> Block:
    return Block(row.section, row.text, row.number, cited_in(row.cited), row.by.display_name, row.at)


def _comment(row: CommentRow) -> Comment:
    return Comment(
        comment_id=row.id,
        section=row.section,
        text=row.text,
        by=row.by.display_name,
        at=row.at,
        state=row.state,
        state_name=COMMENT.states[row.state],
        answer=row.answer,
        resolved_by=row.resolved_by.display_name if row.resolved_by else "",
        resolved_at=row.resolved_at,
        version=row.version,
    )
