"""One case: what the agencies know, who may not hear it, what the chair decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotAllowed, Viewer
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Conflict, Decision, Intelligence, Involvement, Item, Research, ResearchGiven
from concord.desk.panels.operations.after import follow_up, hand_off, rate
from concord.desk.panels.operations.cohort import manage
from concord.desk.panels.operations.locked import locked_item, record_under, save
from concord.desk.panels.rules import ITEM, MEETING, NotNow
from concord.desk.people import queries as people
from concord.desk.sharing import operations as sharing
from concord.desk.sharing import queries as sharing_queries
from concord.desk.sharing.rules import SENSITIVITIES, Sensitivity
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean


@operation("research.write", "item")
def add_research(
    *,
    viewer: Viewer,
    item_id: UUID,
    text: str = "",
    nothing_held: bool = False,
    intelligence: str = "",
    at: datetime,
) -> None:
    """What the viewer's agency knows about a case, or that it holds nothing. Replaces what it gave before.

    `intelligence` is kept apart: it reaches those whose role and kind of body see it, is not in the minutes, and those
    it does not reach cannot tell that it was given. After the cut-off research is kept and marked late. Other agencies
    read it from the cut-off on. Raises NotAllowed, NotHere, NotNow for a case already heard or for nothing said.
    """
    of, row = locked_item(viewer, item_id, "research.write", None, at)
    if row.state != "listed" or row.meeting.state not in ("planned", "open"):
        raise NotNow("This case has been heard.", next_step="Raise what you know with the coordinator.")
    said = text.strip()
    if bool(said) == nothing_held:
        raise NotNow(
            "Write what your agency knows, or say that it holds nothing.",
            why="The meeting must be able to tell silence from “nothing held”.",
            next_step="Do one of the two and send it again.",
        )
    if said and of.hears == "cases":
        sharing.require_covered(viewer=viewer, agency=viewer.agency, agreement=of.agreement, gateway=of.gateway, at=at)
    apart = intelligence.strip()
    if apart and "intelligence" not in viewer.fields:
        raise NotAllowed("Your organisation does not give intelligence here.", next_step="Give it as research.")
    shown_from = row.meeting.cut_off_at if of.research.hidden_before else at
    Research.objects.update_or_create(
        item=row,
        agency=viewer.agency,
        defaults={
            "forum": of.key,
            "text": said,
            "nothing_held": nothing_held,
            "late": at > row.meeting.cut_off_at,
            "shown_from": shown_from,
            "by_id": viewer.user_id,
            "at": at,
        },
    )
    ResearchGiven.objects.get_or_create(item=row, agency=viewer.agency)
    if apart:
        Intelligence.objects.update_or_create(
            item=row,
            agency=viewer.agency,
            defaults={"forum": of.key, "text": apart, "shown_from": shown_from, "by_id": viewer.user_id, "at": at},
        )
    record_under(viewer, "collection", "research.write", "item", row.id, of, at, detail={"nothing_held": nothing_held})


@operation("conflict.declare", "item")
def declare_conflict(*, viewer: Viewer, item_id: UUID, why: str, user_id: UUID | None = None, at: datetime) -> None:
    """Somebody knows the people in a case: family, staff, neighbour. From now on the case and its people are not
    there for them. Members declare for themselves; the coordinator may declare for anybody on the forum.

    Raises NotAllowed, NotHere, NotNow for a blank reason.
    """
    of, row = locked_item(viewer, item_id, "conflict.declare", None, at)
    who = user_id or viewer.user_id
    if who != viewer.user_id:
        accounts.require(viewer, "item.list", of.key)
        if who not in {each.user_id for each in accounts.members(viewer, of.key)}:
            raise NotAllowed("That person does not sit on this forum.", next_step="Choose a member of the forum.")
    if not why.strip():
        raise NotNow("Say what the conflict is.", next_step="A few words are enough, for example “cousin”.")
    subjects = _subjects(viewer, row, at)
    Conflict.objects.get_or_create(
        item=row,
        user_id=who,
        defaults={"why": why.strip(), "declared_by_id": viewer.user_id, "declared_at": at},
    )
    record_under(viewer, "alteration", "conflict.declare", "item", row.id, of, at, detail={"user": str(who)})
    # Last, because from here on the row is not there for a member who declared for themselves.
    sharing.keep_out(viewer=viewer, subjects=subjects, user_id=who, at=at)


@operation("item.restrict", "item")
def restrict_case(
    *, viewer: Viewer, item_id: UUID, level: str, named: Sequence[UUID], reason: str, at: datetime
) -> None:
    """Keep a case, its people and their earlier cases here to the members named: a case about staff, family, or
    somebody whose record must not show at all.

    `level` is "restricted", "sealed", or "ordinary" to lift it. Raises NotAllowed, NotHere, NotNow, NotNamed.
    """
    of, row = locked_item(viewer, item_id, "item.restrict", None, at)
    if level not in SENSITIVITIES:
        raise NotNow(f"“{level}” is not a sensitivity.", next_step=did_you_mean(level, SENSITIVITIES))
    if of.hears == "papers":
        raise NotNow("A paper is about nobody, so it is not restricted.", next_step="Take it off the agenda instead.")
    if not reason.strip():
        raise NotNow("Say why.", next_step="Give the reason and send it again.")
    if not set(named) <= {each.user_id for each in accounts.members(viewer, of.key)}:
        raise NotAllowed("Somebody named does not sit on this forum.", next_step="Choose members of the forum.")
    subjects = _subjects(viewer, row, at)
    record_under(viewer, "alteration", "item.restrict", "item", row.id, of, at, detail={"level": level})
    if level == "ordinary":
        sharing.lift_restriction(viewer=viewer, subjects=subjects, reason=reason, at=at)
        return
    kept = cast(Sensitivity, level)
    sharing.restrict(viewer=viewer, subjects=subjects, level=kept, named=named, reason=reason, at=at)


def _subjects(viewer: Viewer, row: Item, at: datetime) -> list[tuple[str, UUID]]:
    """The case, its people in every record of theirs, its contact, and the people's other cases that the viewer sees.
    What else is about them follows in the database, seen here or not."""
    persons = people.every_record(viewer, row.involved.values_list("person_id", flat=True))
    earlier = Involvement.objects.filter(person_id__in=persons).values_list("item_id", flat=True)
    others = sharing_queries.visible(viewer, Item.objects.filter(id__in=earlier), "item", at=at)
    items = sorted({row.id, *others.values_list("id", flat=True)})
    contacts = [row.contact_id] if row.contact_id else []
    return [
        (kind, each)
        for kind, ids in (("person", sorted(persons)), ("contact", contacts), ("item", items))
        for each in ids
    ]


@operation("decision.record", "item")
def decide(
    *, viewer: Viewer, item_id: UUID, outcome: str, reason: str, version: int, level: str = "", at: datetime
) -> None:
    """The chair's decision on one case, with its reason. An outcome that carries over keeps the case for the next
    agenda; others bring the follow-ups and the hand-off that the forum's file names. `level` is the risk as judged
    now, where the forum follows how it moves. Two chairs cannot both decide: the second is told.

    Raises NotAllowed, NotHere (also where the chair declared a conflict), NoQuorum, NotNow, ChangedMeanwhile.
    """
    of, row = locked_item(viewer, item_id, "decision.record", version, at)
    chosen = rules.outcome_named(of, outcome, row.kind)
    if row.meeting.state != "open":
        raise NotNow(
            f"{of.abbreviation} is not sitting.",
            why=f"The meeting is “{MEETING.states[row.meeting.state]}”.",
            next_step="Open the meeting first." if row.meeting.state == "planned" else "List the case again.",
        )
    rules.require_quorum(of, queries.present_seats(row.meeting_id))
    if not reason.strip():
        raise NotNow("Give the reason for the decision.", next_step="Write it and send it again.")
    row.state = ITEM.after(row.state, "carry_over" if chosen.carries_over else "decide")
    try:
        with transaction.atomic():
            Decision.objects.create(
                item=row, outcome=outcome, reason=reason.strip(), decided_by_id=viewer.user_id, decided_at=at
            )
    except IntegrityError as taken:
        raise ChangedMeanwhile("case") from taken
    save(row)
    if level:
        rate(viewer, of, row, 0, level, reason, at)
    if not chosen.carries_over:
        follow_up(viewer, of, row, chosen, at)
        hand_off(viewer, of, row, at)
        manage(viewer, of, row, chosen.key, reason.strip(), at)
    record_under(
        viewer, "alteration", "decision.record", "item", row.id, of, at, reason=reason, detail={"outcome": outcome}
    )
