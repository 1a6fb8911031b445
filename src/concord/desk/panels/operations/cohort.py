"""The lists that a forum manages: on by decision, off by decision or by rule, and every holder told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.panels import queries, rules
from concord.desk.panels.models import Item
from concord.desk.panels.operations.locked import record_under
from concord.desk.panels.rules import NotNow
from concord.desk.panels.standing import CohortEntry, CohortNotice
from concord.desk.people import queries as people
from concord.desk.sharing.session import operation
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.forum import Cohort, Forum


def manage(viewer: Viewer, of: Forum, row: Item, outcome: str, reason: str, at: datetime) -> None:
    """What a decision means for the forum's lists: somebody comes on, is rated and looked at again, or comes off.
    Inside the operation that records the decision."""
    rule = of.cohort
    if rule is None or row.kind not in rule.kinds:
        return
    today = at.astimezone(LONDON).date()
    for person_id in _subjects(of, row):
        held = CohortEntry.objects.filter(forum=of.key, person_id=person_id, removed_on__isnull=True).first()
        if outcome in rule.leave:
            if held is not None:
                _remove(viewer, of, held, reason, at)
            continue
        rating = outcome if outcome in rule.ratings else ""
        if held is None and outcome in rule.enter:
            held = _enter(viewer, of, rule, row, person_id, at)
        if held is None:
            continue
        held.kind, held.reviewed_on, held.review_on = row.kind, today, rules.review_due(rule, today)
        held.rating = rating or held.rating
        held.save()


def _subjects(of: Forum, row: Item) -> list[UUID]:
    role = next((each.roles[0] for each in of.item if each.key == row.kind and each.roles), "")
    return list(row.involved.filter(role=role).values_list("person_id", flat=True))


def _enter(viewer: Viewer, of: Forum, rule: Cohort, row: Item, person_id: UUID, at: datetime) -> CohortEntry:
    today = at.astimezone(LONDON).date()
    held = people.names(viewer, [person_id], at=at).get(person_id)
    entry = CohortEntry.objects.create(
        partnership=viewer.partnership,
        forum=of.key,
        agreement=of.agreement,
        person_id=person_id,
        item=row,
        kind=row.kind,
        entered_on=today,
        reviewed_on=today,
        review_on=rules.review_due(rule, today),
        ends_on=rules.ends_at(rule, held.born_on if held else None),
    )
    _tell(entry, {each.agency for each in accounts.members(viewer, of.key)}, "mark", at)
    record_under(viewer, "collection", "cohort.enter", "cohort", entry.id, of, at)
    return entry


def _tell(entry: CohortEntry, agencies: Iterable[str], says: str, at: datetime) -> None:
    CohortNotice.objects.bulk_create(
        [
            CohortNotice(entry=entry, forum=entry.forum, agency=agency, says=says, made_at=at)
            for agency in sorted(agencies)
        ],
        ignore_conflicts=True,
    )


def _remove(viewer: Viewer, of: Forum, entry: CohortEntry, why: str, at: datetime) -> None:
    """Off the list. Every agency that was told to mark its files is told to take the mark off."""
    told = CohortNotice.objects.filter(entry=entry, says="mark")
    holders = set(told.values_list("agency", flat=True)) | {each.agency for each in accounts.members(viewer, of.key)}
    entry.removed_on, entry.removed_why = at.astimezone(LONDON).date(), why
    entry.save()
    _tell(entry, holders, "unmark", at)
    record_under(viewer, "alteration", "cohort.leave", "cohort", entry.id, of, at, reason=why)


@operation("item.list", "cohort")
def take_off(*, viewer: Viewer, entry_id: UUID, reason: str, at: datetime) -> None:
    """The coordinator takes somebody off between meetings, with the reason: they died, they moved, it was a mistake.

    Raises NotAllowed, NotHere, NotNow without a reason.
    """
    entry = CohortEntry.objects.select_for_update().filter(id=entry_id, removed_on__isnull=True).first()
    if entry is None:
        raise NotHere("entry")
    accounts.require(viewer, "item.list", entry.forum)
    if not reason.strip():
        raise NotNow("Say why.", next_step="Give the reason and send it again.")
    of = queries.forum(entry.forum)
    _remove(viewer, of, entry, reason.strip(), at)
    record_under(viewer, "alteration", "cohort.take_off", "cohort", entry.id, of, at, reason=reason.strip())


@operation("research.write", "cohort")
def files_marked(*, viewer: Viewer, notice_id: UUID, at: datetime) -> None:
    """An agency's own word that it marked its files, or took the mark off. Raises NotAllowed, NotHere."""
    row = CohortNotice.objects.filter(id=notice_id, agency=viewer.agency, done_at__isnull=True).first()
    if row is None:
        raise NotHere("notice")
    accounts.require(viewer, "meeting.read", row.forum)
    row.done_at, row.done_by_id = at, viewer.user_id
    row.save(update_fields=["done_at", "done_by"])
    of = queries.forum(row.forum)
    record_under(viewer, "alteration", "cohort.marked", "cohort", row.entry_id, of, at, detail={"says": row.says})


@operation("cohort.sweep", "cohort")
def sweep(*, viewer: Viewer, at: datetime) -> int:
    """Take off every list whoever the rule no longer keeps there, and tell the holders. Returns how many.

    For the forums' own service, every night; doing it again finds nothing. Raises NotAllowed for anybody else.
    """
    accounts.require(viewer, "cohort.sweep")
    today, gone = at.astimezone(LONDON).date(), 0
    for of in accounts.partnership().forums.values():
        if of.cohort is None:
            continue
        held = CohortEntry.objects.select_for_update(of=("self",)).filter(forum=of.key, removed_on__isnull=True)
        for entry in held.filter(review_on__lte=today) | held.filter(ends_on__lte=F("review_on")):
            why = rules.why_removed(of.cohort, entry.reviewed_on, entry.ends_on, today)
            if why:
                _remove(viewer, of, entry, why, at)
                gone += 1
    record(
        viewer=viewer,
        operation="alteration",
        action="cohort.sweep",
        object_type="cohort",
        reason="the rule of each list",
        detail={"removed": gone},
        at=at,
    )
    return gone
