"""An assessment opened for a change and locked until it is done; its answers written with what stood there before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.audit.operations import record
from concord.desk.instruments import queries, rules
from concord.desk.instruments.models import Assessment, Change
from concord.desk.instruments.rules import ASSESSMENT, Said
from concord.strategy.shapes.instrument import Instrument


def locked(viewer: Viewer, assessment_id: UUID, verb: str, step: str, at: datetime) -> tuple[Instrument, Assessment]:
    """The assessment, locked until the transaction ends, if it is shared with the viewer and takes this step now.

    Raises NotAllowed, NotHere, NotNow.
    """
    accounts.require(viewer, verb)
    found = queries.visible_assessments(viewer, at=at)
    row = found.select_for_update(of=("self",)).filter(id=assessment_id).first()
    if row is None:
        raise NotHere("assessment")
    if step:
        row.state = ASSESSMENT.after(row.state, step)
    return queries.AS_KEPT.validate_python(row.version.definition), row


def write(
    viewer: Viewer, of: Instrument, row: Assessment, given: Mapping[str, Said], level: str, reason: str, at: datetime
) -> int:
    """Put answers in, each with what stood there before; count again. Returns how many changed."""
    changed = {}
    for address, said in given.items():
        before = row.answers.get(address)
        same = before is not None and (before["value"], before["withheld"]) == (said.value, said.withheld)
        if not same and not (before is None and said.value is None and not said.withheld):
            changed[address] = said
    if changed:
        row.revision += 1
        Change.objects.bulk_create(
            Change(
                assessment=row,
                address=address,
                before=row.answers.get(address),
                after=said.kept(),
                reason=reason,
                revision=row.revision,
                by_id=viewer.user_id,
                at=at,
            )
            for address, said in changed.items()
        )
        row.answers = {**row.answers, **{address: said.kept() for address, said in changed.items()}}
        row.changed_at = at
    count(of, row, level)
    return len(changed)


def count(of: Instrument, row: Assessment, level: str) -> rules.Outcome:
    """What the answers come to, stored beside them; the day it is due."""
    values = rules.values(row.answers)
    found = rules.outcome(of, values, age_months=queries.months_of(row), level=level)
    row.kept = found.kept()
    row.due_on = queries.due_day(of, values, found.eligible, row.begun_at)
    return found


def record_on(
    viewer: Viewer, kind: str, action: str, row: Assessment, at: datetime, *, reason: str = "",
    detail: dict[str, object] | None = None,
) -> None:  # fmt: skip
    record(
        viewer=viewer,
        operation=kind,  # type: ignore[arg-type]
        action=action,
        object_type="assessment",
        object_id=row.id,
        subjects=[row.person_id] if row.person_id else [],
        reason=reason,
        gateway=row.gateway,
        agreement=row.agreement,
        detail=detail,
        at=at,
    )
