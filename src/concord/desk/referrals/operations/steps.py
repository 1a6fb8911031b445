"""One step of a pathway that is not the decision: offered, agreed, sent, started, completed, notified."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from concord.desk.accounts.rules import NotAllowed, Viewer
from concord.desk.referrals import queries, rules
from concord.desk.referrals.models import Contact, Referral, Step
from concord.desk.referrals.operations.awaiting import await_next
from concord.desk.referrals.operations.handing import hand_over, require_identified
from concord.desk.referrals.operations.locked import opened_contact, record_on, save
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.pathway import Pathway, State


@operation("contact.move", "contact")
def advance(
    *,
    viewer: Viewer,
    contact_id: UUID,
    verb: str,
    given: Mapping[str, object],
    answers: Mapping[str, object],
    version: int,
    at: datetime,
) -> str:
    """Take one step of the pathway's table. Returns the state it leads to.

    `given` holds what the table says the step needs (reason, rationale, route, feedback); `answers` those to the
    pathway's questions for it. The rules of the step are those of the pathway's file. Whoever the new state is open
    to can open the case from now on, and whoever only the old one was open to no longer can.
    Raises NotAllowed, NotHere, NotThatWay, ChangedMeanwhile.
    """
    on, row = opened_contact(viewer, contact_id, "contact.move", version, at)
    if on.received_by not in viewer.holders and not set(_state(on, row.state).open_to) & viewer.holders:
        raise NotAllowed("This step belongs to the team that received it.")
    clean = {key: value.strip() if isinstance(value, str) else value for key, value in given.items()}
    target = rules.move(on, row.state, verb, clean)
    kept = rules.checked(on, verb, answers)
    route = str(clean.get("route") or "")
    rules.require(on, verb, queries.case_of(viewer, on, row, kept, at), at.astimezone(LONDON).date(), route or None)
    source, row.state = row.state, target
    if route:
        chosen = rules.route_for(on, route, row.level)
        kept["route"] = route
        if chosen.forum is not None:
            require_identified(on, row)
            hand_over(viewer, on, row, chosen.forum, at)
    note = next((str(clean[name]) for name in ("rationale", "reason") if clean.get(name)), "")
    if _state(on, target).final:
        row.decided_by_id, row.decided_at = viewer.user_id, at
        row.rationale = note or f"{_state(on, target).name}."
        # A route chosen on the way, for example a provider, is where the case went.
        earlier = [step.answers["route"] for step in row.steps.order_by("at") if step.answers.get("route")]
        row.route = route or (earlier[-1] if earlier else "")
        row.waits_for = next((each.forum or "" for each in on.route if each.key == row.route), "")
    Step.objects.create(
        contact=row,
        verb=verb,
        source=source,
        target=target,
        by_id=viewer.user_id,
        at=at,
        note=note,
        answers=kept,
        chosen=rules.chosen(on, verb, kept),
    )
    await_next(on, row, at)
    taken = [rules.Entered(each.target, each.at) for each in row.steps.order_by("at")]
    trail = [rules.Entered(on.initial, row.received_at), *taken]
    row.next_due_at = rules.next_due(on, row.rag, row.received_at, trail, queries.working(on), row.began_at)
    row.due_at = row.next_due_at or row.due_at
    save(row)
    feedback = str(clean.get("feedback") or "")
    told: dict[str, str] = {"told_state": target, **({"told_route": route} if route else {})}
    Referral.objects.filter(id=row.referral_id).update(
        **told, **({"feedback": feedback} if feedback else {}), told_at=at
    )
    detail: dict[str, object] = {"verb": verb, "from": source, "to": target, "route": route}
    record_on(viewer, "alteration", "contact.move", "contact", row.id, on, at, reason=note, detail=detail)
    _open_and_close(viewer, on, row, source, target, at)
    return target


def _open_and_close(viewer: Viewer, on: Pathway, row: Contact, source: str, target: str, at: datetime) -> None:
    before, after = set(_state(on, source).open_to), set(_state(on, target).open_to)
    subjects = [("contact", row.id), ("referral", row.referral_id)]
    if after - before:
        sharing.share(
            viewer=viewer,
            subjects=subjects,
            holders=dict.fromkeys(sorted(after - before)),
            purpose=on.purpose,
            gateway=on.gateway,
            agreement=on.agreement,
            at=at,
        )
    over = sorted(before - after - {on.received_by})
    if over:
        with connection.cursor() as cursor:
            cursor.execute("SELECT referrals_end_shares(%s, %s, %s)", [row.id, over, at])
        record_on(viewer, "alteration", "share.end", "contact", row.id, on, at, detail={"holders": over})


def _state(on: Pathway, key: str) -> State:
    return next(each for each in on.state if each.key == key)
