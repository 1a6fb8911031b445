"""The steps of a case that are awaited by a day: kept with every step, and entered once when one is missed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.audit.operations import record
from concord.desk.referrals import queries, rules
from concord.desk.referrals.models import Awaited, Contact
from concord.desk.referrals.rules import MilestoneView
from concord.desk.sharing.session import operation
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway


def await_first(on: Pathway, row: Contact, born_on: date | None, at: datetime) -> None:
    """What a case that just came in is waiting for. Whoever sent it need not be able to read it."""
    if on.milestone:
        trail = [rules.Entered(on.initial, row.received_at)]
        day = at.astimezone(LONDON).date()
        found = rules.milestones_of(on, born_on, trail, day, row.referral.answers)
        Awaited.objects.bulk_create(_made(row, each) for each in found if each.due_on)


def await_next(on: Pathway, row: Contact, at: datetime) -> None:
    """What is awaited after a step. A new day for the same step is a new wait: it can be missed, and entered, again."""
    if not on.milestone:
        return
    kept = {each.key: each for each in Awaited.objects.filter(contact=row)}
    new, changed = [], []
    for each in queries.milestones(on, row, at):
        if each.due_on is None:
            continue
        before = kept.get(each.key)
        if before is None:
            new.append(_made(row, each))
        elif (before.due_on, before.done) != (each.due_on, each.state == "done"):
            if before.due_on != each.due_on:
                before.raised_at = None
            before.due_on, before.done = each.due_on, each.state == "done"
            changed.append(before)
    Awaited.objects.bulk_create(new)
    Awaited.objects.bulk_update(changed, ["due_on", "done", "raised_at"])


@operation("milestone.note", "contact")
def note_missed(*, viewer: Viewer, at: datetime) -> int:
    """Enter every step that was missed and not entered yet: once for each day it was due. Returns how many.

    A step is missed from the day after, whether this runs or not. Done by the records keeper's service, which sees
    none of the cases. Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "milestone.note")
    with connection.cursor() as cursor:
        cursor.execute("SELECT referrals_note_missed(%s, %s)", [at.astimezone(LONDON).date(), at])
        (found,) = cursor.fetchone()
    if found:
        record(
            viewer=viewer,
            operation="alteration",
            action="milestone.missed",
            object_type="contact",
            reason="Steps awaited by a day that has passed.",
            detail={"steps": found},
            at=at,
        )
    return int(found)


def _made(row: Contact, each: MilestoneView) -> Awaited:
    return Awaited(
        partnership=row.partnership,
        contact=row,
        key=each.key,
        due_on=each.due_on,
        done=each.state == "done",
    )
