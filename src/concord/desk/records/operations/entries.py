"""Entries of registers put right for the person they are about, and the use of their record restricted; whoever
received it is told (UK GDPR Articles 16, 18 and 19)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import ChangedMeanwhile, NotHere, Viewer
from concord.desk.records import queries, rules
from concord.desk.records.models import Notice, RightsRequest, UseRestriction
from concord.desk.records.operations.rights import record_on, tell, waiting
from concord.desk.records.rules import NotRestricted
from concord.desk.registers import queries as registers
from concord.desk.registers import rules as entry_rules
from concord.desk.registers.rules import NotEntered
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON


@operation("rights.answer", "request")
def put_entry_right(
    *,
    viewer: Viewer,
    request_id: UUID,
    entry_id: UUID,
    title: str,
    dated_on: date | None,
    due_on: date | None,
    given: Mapping[str, object],
    reason: str,
    version: int,
    at: datetime,
) -> tuple[str, ...]:
    """Put an entry of a register right, open or closed, as the person it is about asked and evidence shows; what it
    said before stays in its history. The teams that receive the register's entries are told.

    Returns the holders told. Raises NotAllowed, NotHere, NotNow, ChangedMeanwhile, NotEntered with a message a field.
    """
    accounts.require(viewer, "rights.answer")
    row = waiting(request_id)
    if row.kind != "rectification":
        raise NotHere("request")
    state = rules.REQUEST.after(row.state, "correct")
    entry = queries.entry_of(queries.read_entries(request_id), entry_id)
    of = registers.register(entry.register)
    entry_rules.check_frame(of, title, dated_on, due_on, at.astimezone(LONDON).date())
    values = entry_rules.checked(of, given, registers.options(of))
    was = (entry.title, entry.dated_on, entry.due_on, dict(entry.values))
    if (entry_rules.tidy(title), dated_on, due_on, values) == was:
        raise NotEntered({"title": "Nothing differs from what it says already"})
    if not entry_rules.tidy(reason):
        raise NotEntered({"reason": "Say what shows it"})
    said = {
        "title": entry_rules.tidy(title),
        "dated_on": (dated_on or entry.dated_on).isoformat(),
        "due_on": due_on.isoformat() if due_on else None,
        "values": values,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT records_put_entry_right(%s, %s, %s, %s::jsonb, %s)",
            [request_id, entry_id, version, json.dumps(said), reason.strip()],
        )
        (done,) = cursor.fetchone()
    if done is None:
        raise NotHere("entry")
    if not done:
        raise ChangedMeanwhile("entry")
    row.state = state
    row.save(update_fields=["state"])
    field = f"{rules.OF_ENTRY}{entry.register}"
    record_on(viewer, row, "alteration", "rights.put_right", reason.strip(), at, detail={"field": field})
    return tell(viewer, row, field, queries.holders(entry.register), at)


@operation("rights.answer", "request")
def restrict_use(
    *, viewer: Viewer, request_id: UUID, entry_id: UUID | None = None, ground: str, reason: str, at: datetime
) -> tuple[str, ...]:
    """Restrict the use of a person's record, or of one entry about them in a register, as they asked. It says so
    wherever it is opened, and is not counted; whoever received it is told.

    Returns the holders told. Raises NotAllowed, NotHere where nobody was found, NotNow, NotRestricted without a ground
    or a reason, or where it is restricted already.
    """
    accounts.require(viewer, "rights.answer")
    row = waiting(request_id)
    if row.kind != "restriction" or not row.persons:
        raise NotHere("request" if row.kind != "restriction" else "record")
    row.state = rules.REQUEST.after(row.state, "restrict")
    known = queries.restriction_grounds()
    if ground not in known:
        raise NotRestricted(f"There is no ground “{ground}”.", next_step=did_you_mean(ground, known))
    if not reason.strip():
        raise NotRestricted("Say why the ground applies.", next_step="Write a sentence and send it again.")
    entries = queries.read_entries(request_id)
    entry = queries.entry_of(entries, entry_id) if entry_id else None
    standing = UseRestriction.objects.filter(person_id__in=row.persons, lifted_at__isnull=True)
    if standing.filter(entry_id=entry_id).exists():
        raise NotRestricted("Its use is restricted already.", next_step="Answer the request with that.")
    UseRestriction.objects.bulk_create(
        UseRestriction(
            partnership=viewer.partnership,
            request_id=row.id,
            person_id=person,
            entry_id=entry_id,
            ground=ground,
            reason=reason.strip(),
            set_by=viewer.username,
            set_at=at,
        )
        for person in ([entry.person_id] if entry else row.persons)
    )
    row.save(update_fields=["state"])
    whole = "" if entry is None else entry.register
    record_on(
        viewer, row, "alteration", "rights.restrict", reason.strip(), at, detail={"ground": ground, "register": whole}
    )
    return tell(viewer, row, "restricted", _received(row, whole, {each.register for each in entries}), at)


@operation("rights.answer", "request")
def lift_restriction(*, viewer: Viewer, restriction_id: UUID, why: str, at: datetime) -> None:
    """Lift a restriction, once the person was told that it ends (Article 18(3)); `why` says so. Whoever was told of it
    is told. Raises NotAllowed, NotHere, NotRestricted without a reason.
    """
    accounts.require(viewer, "rights.answer")
    found = (
        UseRestriction.objects.select_for_update()
        .select_related("request")
        .filter(id=restriction_id, lifted_at__isnull=True)
        .first()
    )
    if found is None:
        raise NotHere("restriction")
    if not why.strip():
        raise NotRestricted(
            "Say why it ends, and when the person was told.",
            why="They are told before their data are used again.",
            next_step="Write a sentence and send it again.",
        )
    row = found.request
    UseRestriction.objects.filter(request=row, entry_id=found.entry_id, lifted_at__isnull=True).update(
        lifted_by=viewer.username, lifted_at=at, lifted_why=why.strip()
    )
    record_on(viewer, row, "alteration", "rights.lift", why.strip(), at)
    told = Notice.objects.filter(request=row, field="restricted").values_list("holder", flat=True).distinct()
    tell(viewer, row, "lifted", list(told), at)


def _received(row: RightsRequest, register: str, every: set[str]) -> set[str]:
    """Who received one register's entries; or, of the whole record, it and everything about the person."""
    if register:
        return set(queries.holders(register))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM records_received(%s)", [row.id])
        found = {holder for (holder,) in cursor.fetchall()}
    return found.union(*(queries.holders(each) for each in every))
