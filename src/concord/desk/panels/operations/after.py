"""What follows a decision: follow-up actions, the hand-off, a place on the forum's list, how the risk moved since."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.panels import rules
from concord.desk.panels.models import Action, HandOff, Item, Rating
from concord.desk.panels.operations.locked import locked_item, record_under
from concord.desk.panels.rules import NotNow
from concord.desk.people import queries as people
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Forum, Outcome


@operation("risk.review", "item")
def review_risk(*, viewer: Viewer, item_id: UUID, month: int, level: str, reason: str, at: datetime) -> None:
    """How the risk stands some months after the first decision, with the reason.

    Raises NotAllowed, NotHere, NotNow for a forum that does not follow it, a month that is not due or was given, or a
    level its file does not name.
    """
    of, row = locked_item(viewer, item_id, "risk.review", None, at)
    given = dict(row.ratings.values_list("month", "at"))
    if 0 not in given:
        raise NotNow("The risk was not judged at the decision.", next_step="Judge it when the case is decided again.")
    due = rules.months_due(
        of.movement.months if of.movement else (),
        given[0].astimezone(LONDON).date(),
        at.astimezone(LONDON).date(),
        given,
    )
    if month not in due:
        raise NotNow(f"No review is due at {month} months.", next_step="The case says when the next one is due.")
    rate(viewer, of, row, month, level, reason, at)
    record_under(viewer, "alteration", "risk.review", "item", row.id, of, at, detail={"month": month, "level": level})


def rate(viewer: Viewer, of: Forum, row: Item, month: int, level: str, reason: str, at: datetime) -> None:
    """Keep one judgement of the risk. Inside an operation that records it."""
    levels = of.movement.levels if of.movement else {}
    if level not in levels:
        raise NotNow(f"“{level}” is not a level of risk here.", next_step=did_you_mean(level, levels))
    if not reason.strip():
        raise NotNow("Say why the risk is as it is.", next_step="Give the reason and send it again.")
    Rating.objects.create(item=row, month=month, level=level, reason=reason.strip(), by_id=viewer.user_id, at=at)
    given = {each: when.astimezone(LONDON).date() for each, when in row.ratings.values_list("month", "at")}
    row.review_on = rules.next_review(of.movement.months if of.movement else (), given)
    Item.objects.filter(id=row.id).update(review_on=row.review_on)


def follow_up(viewer: Viewer, of: Forum, row: Item, chosen: Outcome, at: datetime) -> None:
    """The actions that come with an outcome, for the agencies whose seat the forum's file names."""
    for each in chosen.follow_up:
        _given(viewer, of, row, each.seat, each.text, each.days, at)


def hand_off(viewer: Viewer, of: Forum, row: Item, at: datetime) -> None:
    """From the age in the forum's file on, one action for somebody's hand-off, once in this forum, whichever of two
    records kept as one person it hears.

    Another forum of the same purpose raises its own: were it silent, those who sit there would learn that somebody
    heard the person elsewhere. The agency that takes it over reads them as one (`queries.my_actions`).
    """
    rule = of.hand_off
    if rule is None:
        return
    persons = list(row.involved.filter(role__in=rule.roles).values_list("person_id", flat=True))
    for person_id, page in people.names(viewer, persons, at=at).items():
        if page.age is None or page.age < rule.age or _handed_off(person_id, of):
            continue
        try:
            with transaction.atomic():
                action_id = _given(viewer, of, row, rule.seat, rule.text, rule.days, at)
                HandOff.objects.create(
                    partnership=viewer.partnership,
                    person_id=person_id,
                    purpose=of.purpose,
                    forum=of.key,
                    action_id=action_id,
                    raised_at=at,
                )
        except IntegrityError:
            # Raised before, in this forum.
            continue


def _handed_off(person_id: UUID, of: Forum) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT panels_handed_off(%s, %s, %s)", [person_id, of.purpose, of.key])
        (raised,) = cursor.fetchone()
    return bool(raised)


def _given(viewer: Viewer, of: Forum, row: Item, seat: str, text: str, days: int, at: datetime) -> UUID:
    agencies = {each.seat: each.agency for each in accounts.members(viewer, of.key) if each.seat}
    day = at.astimezone(LONDON).date()
    action = Action.objects.create(
        partnership=viewer.partnership,
        item=row,
        forum=of.key,
        agency=agencies.get(seat, viewer.agency),
        agreement=of.agreement,
        text=text,
        raised_on=day,
        due_on=day + timedelta(days=days),
        raised_by_id=viewer.user_id,
    )
    record_under(viewer, "collection", "action.add", "action", action.id, of, at, detail={"agency": action.agency})
    return action.id
