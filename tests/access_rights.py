"""How the rows of tests/spec/access_matrix.csv about people's rights are tried: each on a request that waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from desk_story import NOW

from concord.desk.accounts.rules import Viewer
from concord.desk.people.rules import Details
from concord.desk.records import operations, queries

GIVEN = {"kind": "cbo", "applied_by": "harbourside_police", "conditions": "c", "breaches": 1}


def asked(dpo: Viewer, child: Details, bound: Details, order: UUID) -> Mapping[str, UUID]:
    """A request of each kind that is tried, of a child who was heard and of somebody bound by an order; and the
    restriction that stands on the order."""
    made = {
        name: operations.enter_request(
            viewer=dpo, kind=kind, details=who, identity="i", received_on=NOW.date(), at=NOW
        )
        for name, kind, who in (
            ("access", "access", child),
            ("right", "rectification", child),
            ("entry", "rectification", bound),
            ("restricted", "restriction", bound),
        )
    }  # fmt: skip
    operations.restrict_use(
        viewer=dpo, request_id=made["restricted"], entry_id=order, ground="accuracy", reason="r", at=NOW
    )
    (standing,) = queries.restrictions(dpo, made["restricted"], at=NOW)
    return made | {"standing": standing.restriction_id}


TRIES: dict[str, Callable[[Viewer, Any], object]] = {
    "read what was written about somebody who asks": lambda v, w: queries.passages(v, w.asked["access"], at=NOW),
    "take a pack for somebody who asks": lambda v, w: queries.subject_pack(v, w.asked["access"], at=NOW),
    "put an entry right for somebody who asks": lambda v, w: operations.put_right(
        viewer=v, request_id=w.asked["right"], field="sex", after="F", reason="r", at=NOW),
    "read entries of registers about somebody who asks": lambda v, w: queries.entries_about(
        v, w.asked["entry"], at=NOW),
    "put an entry of a register right for somebody who asks": lambda v, w: operations.put_entry_right(
        viewer=v, request_id=w.asked["entry"], entry_id=w.order, title="SYN-1", dated_on=NOW.date(), due_on=None,
        given=GIVEN, reason="r", version=1, at=NOW),
    "restrict the use of a record for somebody who asks": lambda v, w: operations.restrict_use(
        viewer=v, request_id=w.asked["restricted"], ground="accuracy", reason="r", at=NOW),
    "lift a restriction of use": lambda v, w: operations.lift_restriction(
        viewer=v, restriction_id=w.asked["standing"], why="told", at=NOW),
}  # fmt: skip
