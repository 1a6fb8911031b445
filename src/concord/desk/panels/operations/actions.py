"""Actions: given to an agency by a day, and ended by its own word."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.queries import changed_meanwhile
from concord.desk.panels import queries
from concord.desk.panels.models import Action, HandOff, Item
from concord.desk.panels.operations.cases import decide
from concord.desk.panels.operations.locked import locked_item, record_under, save
from concord.desk.panels.rules import ACTION, NEEDS_REASON, NotNow
from concord.desk.sharing.session import operation
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON


@operation("action.add", "action")
def add_action(
    *,
    viewer: Viewer,
    item_id: UUID,
    agency: str = "",
    owner: UUID | None = None,
    text: str,
    due_on: date,
    at: datetime,
) -> UUID:
    """Give an agency that sits on the forum something to do by a day. Returns the action.

    `owner` is who of the agency took it on; given, the agency is theirs. Raises NotAllowed, NotHere, NotNow for an
    agency or an owner that does not sit here, a blank text or a day already past.
    """
    of, row = locked_item(viewer, item_id, "action.add", None, at)
    members = accounts.members(viewer, of.key)
    if owner is not None:
        agency = next((each.agency for each in members if each.user_id == owner), "")
        if not agency or owner in queries.kept_out_of(viewer, row.id, [owner]):
            raise NotNow(
                f"Whoever was chosen does not sit on {of.abbreviation} for this case.", next_step="Choose a member."
            )
    sits = sorted({each.agency for each in members})
    if agency not in sits:
        raise NotNow(f"“{agency}” does not sit on {of.abbreviation}.", next_step=did_you_mean(agency, sits))
    today = at.astimezone(LONDON).date()
    if not text.strip() or due_on < today:
        raise NotNow(
            "An action says what is to be done, by a day that is still to come.",
            next_step="Write what is to be done and choose a day from today on.",
        )
    if row.meeting.state not in ("open", "closed"):
        raise NotNow(f"{of.abbreviation} has not sat on this case yet.", next_step="Open the meeting first.")
    action = Action.objects.create(
        partnership=viewer.partnership,
        item=row,
        forum=of.key,
        agency=agency,
        agreement=of.agreement,
        owner_id=owner,
        text=text.strip(),
        raised_on=today,
        due_on=due_on,
        raised_by_id=viewer.user_id,
    )
    record_under(viewer, "collection", "action.add", "action", action.id, of, at, detail={"agency": agency})
    return action.id


@operation("decision.record", "item")
def settle(
    *,
    viewer: Viewer,
    item_id: UUID,
    outcome: str,
    reason: str,
    version: int,
    level: str = "",
    task: str = "",
    agency: str = "",
    owner: UUID | None = None,
    due_on: date | None = None,
    minute: str | None = None,
    at: datetime,
) -> None:
    """The decision, what was said, and an action as one act: all are recorded, or none. Raises what each raises."""
    if minute is not None:
        of, row = locked_item(viewer, item_id, "decision.record", version, at)
        _write_minute(viewer, row, minute)
    decide(viewer=viewer, item_id=item_id, outcome=outcome, reason=reason, version=version, level=level, at=at)
    if task.strip() and due_on is not None:
        add_action(viewer=viewer, item_id=item_id, agency=agency, owner=owner, text=task, due_on=due_on, at=at)
    of, row = locked_item(viewer, item_id, "decision.record", None, at)
    record_under(viewer, "alteration", "item.settle", "item", row.id, of, at, detail={"task": bool(task.strip())})


@operation("meeting.run", "item")
def record_so_far(
    *,
    viewer: Viewer,
    item_id: UUID,
    version: int,
    minute: str,
    task: str = "",
    agency: str = "",
    owner: UUID | None = None,
    due_on: date | None = None,
    at: datetime,
) -> None:
    """What was said about a case so far, and an action taken on already, before the decision.

    Raises NotAllowed, NotHere, NotNow while the meeting does not sit, ChangedMeanwhile naming who wrote first.
    """
    of, row = locked_item(viewer, item_id, "meeting.run", None, at)
    if version != row.version:
        raise changed_meanwhile(viewer, "case", "item", row.id, version=row.version)
    if row.meeting.state != "open":
        raise NotNow(f"{of.abbreviation} is not sitting.", next_step="Open the meeting first.")
    _write_minute(viewer, row, minute)
    save(row)
    if task.strip() and due_on is not None:
        add_action(viewer=viewer, item_id=item_id, agency=agency, owner=owner, text=task, due_on=due_on, at=at)
    record_under(viewer, "alteration", "item.minute", "item", row.id, of, at, detail={"task": bool(task.strip())})


def _write_minute(viewer: Viewer, row: Item, minute: str) -> None:
    if minute.strip() != row.minute:
        row.minute, row.minuted_by_id = minute.strip(), viewer.user_id
        row.save(update_fields=["minute", "minuted_by"])


@operation("action.update", "action")
def close_action(*, viewer: Viewer, action_id: UUID, status: str, reason: str = "", version: int, at: datetime) -> None:
    """The agency's own word on its action: "done", "circumstances_changed" or "not_undertaken" (both with a reason).

    A hand-off that several forums raised ends in all of them that the agency is shown. Raises NotHere for another
    agency's action or one not shared with the viewer, NotAllowed, NotNow, ChangedMeanwhile.
    """
    rows = queries.open_to(viewer, at).filter(id=action_id, agency=viewer.agency)
    row = Action.objects.select_for_update(of=("self",)).filter(id__in=rows.values("id")).first()
    if row is None:
        raise NotHere("action")
    of = queries.forum(row.forum)
    accounts.require(viewer, "action.update", row.forum)
    if version != row.version:
        raise changed_meanwhile(viewer, "action", "action", row.id, version=row.version)
    if status not in ACTION.states or status == ACTION.initial:
        raise NotNow(
            f"“{status}” is not a way to end an action.", next_step=did_you_mean(status, list(ACTION.states)[1:])
        )
    if status in NEEDS_REASON and not reason.strip():
        raise NotNow(
            f"Say why: “{ACTION.states[status]}” needs a reason.",
            why="The panel must be able to tell what could not be done from what was not done.",
            next_step="Give the reason and send it again.",
        )
    for each in (row, *_same_hand_off(viewer, row, at)):
        each.status = ACTION.after(each.status, status)
        each.reason, each.completed_at, each.closed_by_id = reason.strip(), at, viewer.user_id
        save(each)
        of = queries.forum(each.forum)
        record_under(
            viewer, "alteration", "action.close", "action", each.id, of, at, reason=reason, detail={"status": status}
        )


def _same_hand_off(viewer: Viewer, row: Action, at: datetime) -> list[Action]:
    """Open actions by which other forums handed the same person to the same agency."""
    mine = HandOff.objects.filter(action=row).first()
    if mine is None:
        return []
    others = HandOff.objects.filter(person_id=mine.person_id, purpose=mine.purpose).exclude(action=row)
    found = queries.open_to(viewer, at).filter(
        id__in=others.values("action_id"), agency=viewer.agency, status=ACTION.initial
    )
    return [
        each
        for each in Action.objects.select_for_update(of=("self",)).filter(id__in=found.values("id"))
        if accounts.may(viewer, "action.update", each.forum)
    ]
