"""Lists of editions."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import News, Viewer
from concord.desk.editions.models import Change, Edition
from concord.desk.editions.rules import EDITION, GIVEN_OUT, EditionLine
from concord.desk.sharing.session import as_viewer

PAGE = 50


def editions(viewer: Viewer, *, at: datetime, page: int = 1) -> tuple[EditionLine, ...]:
    """Every edition, the newest first, `PAGE` at a time. Raises NotAllowed unless the viewer works on editions."""
    accounts.require(viewer, "edition.read")
    with as_viewer(viewer, at=at):
        return lines(viewer, Edition.objects.order_by("-started_at", "id"), start=(page - 1) * PAGE)


def waiting(viewer: Viewer, *, at: datetime) -> tuple[EditionLine, ...]:
    """Editions that this viewer may approve: settled, and asked for by somebody else. Empty for other roles."""
    if not accounts.may(viewer, "edition.approve"):
        return ()
    with as_viewer(viewer, at=at):
        found = Edition.objects.filter(state="frozen").exclude(asked_by=viewer.user_id)
        return lines(viewer, found.order_by("asked_at"))


def given_out(viewer: Viewer, *, at: datetime) -> tuple[EditionLine, ...]:
    """Editions that their readers have, the newest first. Empty for who neither works on them nor reads papers."""
    if not (accounts.may(viewer, "paper.read") or accounts.may(viewer, "edition.read")):
        return ()
    with as_viewer(viewer, at=at):
        return lines(viewer, Edition.objects.filter(state__in=GIVEN_OUT).order_by("-published_at", "id"))


def news(viewer: Viewer, *, since: datetime, at: datetime) -> tuple[News, ...]:
    """What others did to editions since then, one line each: kind `edition`, `by` says what was done.
    Empty for who does not work on them."""
    if not accounts.may(viewer, "edition.read"):
        return ()
    with as_viewer(viewer, at=at):
        rows = Change.objects.filter(edition__partnership=viewer.partnership, at__gt=since).exclude(by=viewer.user_id)
        newest = rows.order_by("edition_id", "-at").distinct("edition_id").select_related("edition", "by")[:PAGE]
        return tuple(
            News(
                "edition",
                f"{each.edition.title}, {each.edition.name}",
                each.at,
                each.edition_id,
                f"{each.by.display_name}: {each.what.lower()}",
            )
            for each in newest
        )


def lines(viewer: Viewer, found: QuerySet[Edition], start: int = 0) -> tuple[EditionLine, ...]:
    """Rows as lines, people by name. One query."""
    rows = found.filter(partnership=viewer.partnership).select_related("started_by", "asked_by", "approved_by")
    return tuple(line(viewer, row) for row in rows[start : start + PAGE])


def line(viewer: Viewer, row: Edition) -> EditionLine:
    return EditionLine(
        edition_id=row.id,
        publication=row.publication,
        name=row.name,
        title=row.title,
        audience=row.audience,
        state=row.state,
        state_name=EDITION.states[row.state],
        started_by=row.started_by.display_name,
        started_at=row.started_at,
        asked_by=row.asked_by.display_name if row.asked_by else "",
        asked_at=row.asked_at,
        asked_reason=row.asked_reason,
        approved_by=row.approved_by.display_name if row.approved_by else "",
        approved_at=row.approved_at,
        approved_reason=row.approved_reason,
        published_at=row.published_at,
        ended_reason=row.ended_reason,
        figures=row.figures,
        frozen=row.frozen,
        version=row.version,
        asked_by_me=row.asked_by_id == viewer.user_id,
        parameters=dict(row.parameters),
    )
