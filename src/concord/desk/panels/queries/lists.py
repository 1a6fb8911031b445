"""The lists that a forum manages, for those who sit on it: a page to work from, never a file to take away."""

from __future__ import annotations

from datetime import datetime

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.panels.queries.forums import agency_name, forum
from concord.desk.panels.queries.reach import PAGE, consulted
from concord.desk.panels.rules import CohortLine, NoticeLine
from concord.desk.panels.standing import CohortEntry, CohortNotice
from concord.desk.people import queries as people
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON


@reading("meeting.read", "cohort")
def cohort(viewer: Viewer, forum_key: str, *, at: datetime, kind: str = "") -> tuple[CohortLine, ...]:
    """Who is on the forum's lists, those to be looked at first on top; of one list with `kind`. `PAGE` at most.

    Only people whose record is still shared with the viewer are named. Recorded as one consultation. Raises NotAllowed
    for whoever does not sit there.
    """
    accounts.require(viewer, "meeting.read", forum_key)
    of, today = forum(forum_key), at.astimezone(LONDON).date()
    if of.cohort is None or of.agreement not in sharing.agreements_in_force(viewer, at):
        return ()
    kinds = {each.key: each.name for each in of.item}
    with as_viewer(viewer, at=at):
        held = CohortEntry.objects.filter(partnership=viewer.partnership, forum=forum_key, removed_on__isnull=True)
        held = sharing.not_kept_out(viewer, held, "item", key="item_id")
        held = sharing.not_kept_out(viewer, held, "person", key="person_id")
        if kind:
            held = held.filter(kind=kind)
        rows = list(held.order_by("review_on", "id").prefetch_related("notices")[:PAGE])
        named = people.names(viewer, {row.person_id for row in rows}, at=at)
        rows = [row for row in rows if row.person_id in named]
        consulted(viewer, "cohort.list", "cohort", [row.id for row in rows], at)
    return tuple(
        CohortLine(
            entry_id=row.id,
            person_id=row.person_id,
            item_id=row.item_id,
            name=named[row.person_id].name,
            kind=row.kind,
            kind_name=kinds.get(row.kind, row.kind),
            rating_name=rules.rating_name(of, row.rating),
            entered_on=row.entered_on,
            review_on=row.review_on,
            due=row.review_on <= today,
            leaves_on=rules.leaves_on(of.cohort, row.reviewed_on, row.ends_on),
            holders_waiting=tuple(
                sorted(
                    agency_name(each.agency) for each in row.notices.all() if each.says == "mark" and not each.done_at
                )
            ),
        )
        for row in rows
    )


def notices(viewer: Viewer, *, at: datetime, forum_key: str = "") -> tuple[NoticeLine, ...]:
    """What the viewer's agency is asked to do with its own files, oldest first: of one forum, or of all where they sit.
    A name only while the person's record is shared with them. Recorded as one consultation."""
    sits = {each.partition(":")[0] for each in viewer.forums}
    if forum_key:
        sits &= {forum_key}
    with as_viewer(viewer, at=at):
        found = CohortNotice.objects.filter(agency=viewer.agency, forum__in=sits, done_at__isnull=True)
        found = found.filter(entry__agreement__in=sharing.agreements_in_force(viewer, at))
        found = sharing.not_kept_out(viewer, found, "item", key="entry__item_id")
        found = sharing.not_kept_out(viewer, found, "person", key="entry__person_id")
        rows = list(found.select_related("entry").order_by("made_at", "id")[:PAGE])
        if not rows:
            return ()
        named = people.names(viewer, {row.entry.person_id for row in rows}, at=at)
        consulted(viewer, "cohort.notices", "cohort", [row.entry_id for row in rows], at)
    return tuple(
        NoticeLine(
            notice_id=row.id,
            forum=row.forum,
            says=row.says,
            words=rules.TELLS[row.says],
            name=named[row.entry.person_id].name if row.entry.person_id in named else "",
            reference=str(row.entry_id)[:8],
            why=row.entry.removed_why if row.says == "unmark" else "",
            made_on=row.made_at.astimezone(LONDON).date(),
        )
        for row in rows
    )
