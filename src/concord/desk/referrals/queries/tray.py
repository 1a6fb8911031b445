"""The receiving team's tray: what is due, what was decided, what went to a forum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, QuerySet

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.people.rules import age_on
from concord.desk.referrals import rules
from concord.desk.referrals.models import Contact
from concord.desk.referrals.queries.reach import PAGE, about, main_party, visible_contacts
from concord.desk.referrals.queries.steps import next_clock
from concord.desk.referrals.queries.things import subject_line
from concord.desk.referrals.queries.ways import pathway, working
from concord.desk.referrals.rules import Accepted, ContactLine
from concord.desk.sharing.session import as_viewer, reading
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway

WAITING = 200
"""The most that one forum's page shows waiting to be listed, the longest wait first."""


@reading("contact.list", "contact")
def queue(
    viewer: Viewer,
    pathway_key: str | Sequence[str] = "mash_contact",
    *,
    at: datetime,
    decided: bool = False,
    rag: str = "",
    state: str = "",
    mine: bool = False,
    page: int = 1,
) -> tuple[ContactLine, ...]:
    """The tray of one pathway or of several: open contacts with what is due first on top and those without a time
    limit last, or decided ones newest first; with `mine` those that the viewer has in hand. `PAGE` at a time.

    Raises NotAllowed for roles without a tray. Recorded as one consultation.
    """
    accounts.require(viewer, "contact.list")
    keys = [pathway_key] if isinstance(pathway_key, str) else list(pathway_key)
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(pathway__in=keys, decided_at__isnull=not decided)
        if rag:
            found = found.filter(rag=rag)
        if state:
            found = found.filter(state=state)
        if mine:
            found = found.filter(held_by_id=viewer.user_id)
        order = ("-decided_at", "id") if decided else ("next_due_at", "id")
        rows = _page(viewer, found, order, page, at)
        record(
            viewer=viewer,
            operation="consultation",
            action="contact.list",
            object_type="contact",
            detail={"pathways": keys, "decided": decided, "shown": [str(row.id) for row in rows]},
            at=at,
        )
    lines = [_line(viewer, pathway(row.pathway), row, at) for row in rows]
    return tuple(lines if decided else _due_first(lines))


@reading("contact.list", "contact")
def open_lines(viewer: Viewer, pathways: Sequence[str], *, at: datetime) -> tuple[ContactLine, ...]:
    """Open contacts of several pathways, what is due first on top, as for the start of a day. `PAGE` at most.

    Raises NotAllowed for roles without a tray. Recorded as one consultation.
    """
    accounts.require(viewer, "contact.list")
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(pathway__in=list(pathways), decided_at__isnull=True)
        rows = _page(viewer, found, ("next_due_at", "id"), 1, at)
        record(
            viewer=viewer,
            operation="consultation",
            action="contact.list",
            object_type="contact",
            detail={"pathways": list(pathways), "decided": False, "shown": [str(row.id) for row in rows]},
            at=at,
        )
    return tuple(_due_first(_line(viewer, pathway(row.pathway), row, at) for row in rows))


def _due_first(lines: Iterable[ContactLine]) -> list[ContactLine]:
    return sorted(lines, key=lambda line: (not line.has_clock, line.next_due_at, line.reference))


def _page(viewer: Viewer, found: QuerySet[Contact], order: tuple[str, str], page: int, at: datetime) -> list[Contact]:
    """One page of a tray. Which contacts is asked alone, so that their order's index gives them and the rest of the
    years is not read; what belongs to them comes after."""
    which = found.order_by(*order).values("id")[(page - 1) * PAGE : page * PAGE]
    rows = visible_contacts(viewer, at).filter(id__in=which).order_by(*order)
    return list(rows.prefetch_related("referral__parties", "steps"))


def queue_size(viewer: Viewer, pathway_key: str = "mash_contact", *, at: datetime) -> int:
    """How many open contacts this viewer can see. Zero for roles without a tray."""
    if not accounts.may(viewer, "contact.list"):
        return 0
    with as_viewer(viewer, at=at):
        return visible_contacts(viewer, at).filter(pathway=pathway_key, decided_at__isnull=True).count()


def contact_of(viewer: Viewer, referral_id: UUID, *, at: datetime) -> UUID:
    """The contact that a referral became, for the team that received it. Raises NotHere for anybody else."""
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(referral_id=referral_id).values_list("id", flat=True).first()
    if found is None:
        raise NotHere("contact")
    return found


@reading("contact.read", "contact")
def accepted(
    viewer: Viewer,
    forum: str,
    *,
    at: datetime,
    ids: Iterable[UUID] | None = None,
    without: Exists | None = None,
) -> tuple[Accepted, ...]:
    """Contacts whose decision routed them to `forum` and that wait to be listed there, oldest decision first, at most
    `WAITING`; or those of `ids`, waiting or not. The database leaves out those of which `without` is true.

    Only for a viewer with whom they are shared: the forum's coordinator. Raises NotAllowed for other roles.
    """
    accounts.require(viewer, "contact.read", forum)
    routes = [
        (each.key, route.key)
        for each in accounts.partnership().pathways.values()
        for route in each.route
        if route.forum == forum
    ]
    with as_viewer(viewer, at=at):
        found = visible_contacts(viewer, at).filter(
            pathway__in={key for key, _ in routes}, route__in={route for _, route in routes}, decided_at__isnull=False
        )
        if ids is not None:
            found = found.filter(id__in=list(ids))
        else:
            found = found.filter(waits_for=forum)
        if without is not None:
            found = found.filter(~without)
        rows = list(
            found.prefetch_related("referral__parties", "identified", "about__subject").order_by("decided_at", "id")[
                :WAITING
            ]
        )
        return tuple(
            Accepted(
                contact_id=row.id,
                referral_id=row.referral_id,
                reference=row.referral.reference,
                pathway=row.pathway,
                about=about(pathway(row.pathway), list(row.referral.parties.all())),
                decided_at=row.decided_at,
                rationale=row.rationale,
                concern=row.referral.concern,
                ground=row.referral.ground,
                repeat=row.repeat,
                persons=tuple((each.person_id, each.role) for each in row.identified.all()),
                subjects=tuple(subject_line(each.subject) for each in row.about.all() if each.role == "about"),
            )
            for row in rows
            if row.decided_at is not None
        )


def waiting_count(viewer: Viewer, forum: str, *, at: datetime, without: Exists) -> int:
    """How many contacts wait for `forum` to list them, up to `WAITING`: of those this viewer sees, without those of
    which `without` is true."""
    with as_viewer(viewer, at=at):
        return visible_contacts(viewer, at).filter(~without, waits_for=forum)[:WAITING].count()


def _line(viewer: Viewer, on: Pathway, row: Contact, at: datetime) -> ContactLine:
    parties = list(row.referral.parties.all())
    main = main_party(on, parties)
    # The clock that runs out first is the one to work to: a red one runs on through the night.
    first = next_clock(on, row)
    running = first[0] if first else None
    next_due = running or row.due_at
    runs_on = first is not None and first[1].hours is not None
    left = None
    if running is not None and at <= running:
        left = running - at if runs_on else working(on).between(at, running)
    return ContactLine(
        contact_id=row.id,
        reference=row.referral.reference,
        pathway=row.pathway,
        about=about(on, parties),
        age=age_on(main.born_on, at.astimezone(LONDON).date()) if main else None,
        agency=row.referral.agency,
        referrer_kind=row.referral.referrer_kind,
        state=row.state,
        state_name=rules.state_named(on, row.state),
        rag=row.rag,
        due_at=row.due_at.astimezone(LONDON),
        next_due_at=next_due.astimezone(LONDON),
        overdue=row.decided_at is None and running is not None and at > next_due,
        worker=row.rag_by.display_name if row.rag_by else "",
        route=next((each.name for each in on.route if each.key == row.route), ""),
        changed_at=max((each.at for each in row.steps.all()), default=row.received_at).astimezone(LONDON),
        has_clock=running is not None,
        rated=bool(on.rag),
        pathway_name=on.name,
        left=left,
        runs_on=runs_on,
        day=rules.day_of(working(on)),
        held_by=row.held_by.display_name if row.held_by else "",
        held_by_me=row.held_by_id == viewer.user_id,
        open_form=row.referral.referrer_id is None,
    )
