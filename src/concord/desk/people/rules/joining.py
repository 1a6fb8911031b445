"""Two records of one person, joined and parted again. Pure.

A merge moves nothing: it says that two records are one person, and taking it back says that they are not. So both
histories are whole before, during and after, whatever was written in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from concord.kernel.errors import Refused

ALIASES = ("also_known_as", "name_at_birth", "former_name", "spelling", "street_name")
BASES = ("self_defined", "observed")
"""Who says what somebody's ethnicity is: they themselves, or whoever looked at them."""


class NotMerged(Refused):
    """Two records that cannot be joined, or parted, as asked."""


@dataclass(frozen=True, slots=True)
class Join:
    """A standing merge: `other` is a further record of the person kept as `kept`."""

    kept: UUID
    other: UUID


def root(joins: Sequence[Join], record: UUID) -> UUID:
    """The record that this one is kept under, through every standing merge.

    Two people may each have joined records that the other does not see, so that a record is kept under two, or two
    under each other. Then it is the first by its identifier, whichever record is asked for.
    """
    every = group(joins, record)
    under = {join.other for join in joins}
    return min(every - under or every)


def group(joins: Sequence[Join], record: UUID) -> frozenset[UUID]:
    """Every record of the same person, this one included."""
    beside: dict[UUID, set[UUID]] = {}
    for join in joins:
        beside.setdefault(join.kept, set()).add(join.other)
        beside.setdefault(join.other, set()).add(join.kept)
    found, ahead = {record}, [record]
    while ahead:
        fresh = beside.get(ahead.pop(), set()) - found
        found |= fresh
        ahead += fresh
    return frozenset(found)


def require_joinable(joins: Iterable[Join], kept: UUID, other: UUID) -> None:
    """Raises NotMerged, in words, unless two different records of two different persons are named, each the one
    that its own are kept under."""
    standing = list(joins)
    if kept == other:
        raise NotMerged("A record cannot be merged with itself.", next_step="Choose two different records.")
    if root(standing, kept) == root(standing, other):
        raise NotMerged(
            "These records are already kept as one person.", next_step="Open the person: both records are named there."
        )
    for each in (kept, other):
        if root(standing, each) != each:
            raise NotMerged(
                "One of these records is already kept under another.",
                why="Joining it directly would leave two ways to take it apart.",
                next_step="Open the record it is kept under, and merge that one.",
            )
