"""Beside a case: contact with the person before the meeting, a transfer between areas, agencies reminded."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotAllowed, Viewer
from concord.desk.audit.operations import record
from concord.desk.panels import queries
from concord.desk.panels.models import PriorContact, Transfer
from concord.desk.panels.operations.locked import locked_item, locked_meeting, record_under
from concord.desk.panels.rules import PRIOR_CONTACT, NotNow
from concord.desk.panels.standing import Population, Reminder
from concord.desk.sharing import operations as sharing
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON


@operation("research.write", "item")
def record_prior_contact(*, viewer: Viewer, item_id: UUID, outcome: str, text: str = "", at: datetime) -> None:
    """Whether the person at risk was spoken with before the meeting, and what they want. Replaces what was said before.

    Raises NotAllowed for everybody but whoever fills the seat that the forum's file names, NotHere, NotNow for a case
    already heard, an ending that is none, or nothing said of somebody who was reached.
    """
    of, row = locked_item(viewer, item_id, "research.write", None, at)
    if not queries.speaks_first(viewer, of):
        name = next((each.name for each in of.seat if of.prior_contact and each.key == of.prior_contact.seat), "")
        raise NotAllowed(
            "Nobody else makes contact before the meeting.",
            why=f"Only {name} speaks with the person at risk." if name else "This forum does not ask for it.",
            next_step="Give what you know as research.",
        )
    if row.state != "listed" or row.meeting.state not in ("planned", "open"):
        raise NotNow("This case has been heard.", next_step="Raise what you know with the coordinator.")
    if outcome not in PRIOR_CONTACT:
        raise NotNow(f"“{outcome}” is not how contact ends.", next_step=did_you_mean(outcome, PRIOR_CONTACT))
    if outcome == "reached" and not text.strip():
        raise NotNow("Say what they want.", next_step="Write it in their words where you can, and send it again.")
    sharing.require_covered(viewer=viewer, agency=viewer.agency, agreement=of.agreement, gateway=of.gateway, at=at)
    PriorContact.objects.update_or_create(
        item=row,
        defaults={
            "agency": viewer.agency,
            "outcome": outcome,
            "text": text.strip(),
            "by_id": viewer.user_id,
            "at": at,
        },
    )
    record_under(viewer, "collection", "item.prior_contact", "item", row.id, of, at, detail={"outcome": outcome})


@operation("item.list", "item")
def record_transfer(
    *,
    viewer: Viewer,
    item_id: UUID,
    direction: str,
    area: str,
    sent_on: date,
    confirmed_on: date | None = None,
    at: datetime,
) -> None:
    """Which area a case came from ("in") or went to ("out"), when it was sent, and when the other side confirmed it.

    What is sent goes by the secure route outside Concord. Raises NotAllowed, NotHere, NotNow for a forum without
    transfers, a case that was not decided to go, an area that is not named, or days in the wrong order.
    """
    of, row = locked_item(viewer, item_id, "item.list", None, at)
    if of.transfer is None or direction not in ("in", "out"):
        raise NotNow(f"{of.abbreviation} passes no case to another area.", next_step="Its file would say how.")
    decided = getattr(row, "decision", None)
    if direction == "out" and (decided is None or decided.outcome != of.transfer.outcome):
        raise NotNow("This case was not decided to go.", next_step="Record the decision to transfer it first.")
    if direction == "in" and of.transfer.ground not in row.facets.get("ground", ()):
        raise NotNow("This case did not come as a transfer.", next_step="List it by the route it came.")
    today = at.astimezone(LONDON).date()
    late = confirmed_on is not None and not sent_on <= confirmed_on <= today
    if not area.strip() or sent_on > today or late:
        raise NotNow(
            "Say which area, and on what days: sent, then confirmed, neither still to come.",
            next_step="Mend what is missing and send it again.",
        )
    Transfer.objects.update_or_create(
        item=row,
        defaults={
            "direction": direction,
            "area": area.strip(),
            "sent_on": sent_on,
            "confirmed_on": confirmed_on,
            "by_id": viewer.user_id,
            "at": at,
        },
    )
    record_under(viewer, "disclosure", "item.transfer", "item", row.id, of, at, detail={"direction": direction})


@operation("item.list", "meeting")
def remind(*, viewer: Viewer, meeting_id: UUID, at: datetime) -> int:
    """Remind each agency that owes research on a case of this meeting: it stands on their day until they gave it. Once
    a day at most; returns how many were reminded now. Raises NotAllowed, NotHere, NotNow for a meeting that is over.
    """
    of, meeting = locked_meeting(viewer, meeting_id, "item.list")
    lines = queries.meeting(viewer, meeting_id, at=at).items
    owing = {agency for line in lines if line.state == "listed" for agency in line.research_missing}
    today = at.astimezone(LONDON).date()
    told = set(Reminder.objects.filter(meeting=meeting, on=today).values_list("agency", flat=True))
    Reminder.objects.bulk_create(
        [Reminder(meeting=meeting, agency=agency, on=today, by_id=viewer.user_id) for agency in sorted(owing - told)]
    )
    record_under(
        viewer, "alteration", "meeting.remind", "meeting", meeting.id, of, at, detail={"agencies": sorted(owing - told)}
    )
    return len(owing - told)


@operation("population.bring", "figure")
def bring_population(*, viewer: Viewer, key: str, persons: int, source: str, code: str, at: datetime) -> None:
    """Keep how many people a forum's rate is per, as the evidence side released it, with the figure's code.

    For the forums' own service. Raises NotAllowed for anybody else, NotNow for a figure that no forum asks for.
    """
    accounts.require(viewer, "population.bring")
    wanted = {of.returns.population_from for of in accounts.partnership().forums.values() if of.returns}
    if key not in wanted or persons <= 0:
        raise NotNow(f"No forum's return asks for “{key}”.", next_step=did_you_mean(key, sorted(filter(None, wanted))))
    Population.objects.get_or_create(
        partnership=viewer.partnership,
        key=key,
        code=code,
        defaults={"persons": persons, "source": source, "brought_at": at},
    )
    record(
        viewer=viewer,
        operation="collection",
        action="population.bring",
        object_type="figure",
        object_id=code,
        detail={"key": key, "persons": persons},
        at=at,
    )
