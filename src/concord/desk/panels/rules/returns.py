"""A forum's return, counted from its own cases: every figure names the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from concord.strategy.shapes.forum import Measure, Return


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as the return counts it: its answers by fact, and how many people in each role."""

    item_id: UUID
    facts: Mapping[str, frozenset[str]]
    roles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """`share` is a fraction of the measure it is a share of, `rate` per so many of the population; None without."""

    key: str
    name: str
    count: int
    share: float | None
    rate: float | None
    items: tuple[UUID, ...]
    """The cases behind the figure. Where people are counted, those that hold any."""


def counted(of: Return, cases: Sequence[CaseFacts], population: int | None = None) -> tuple[ReturnLine, ...]:
    """Every measure of the return, in its file's order. A rate is per the `population` given; without one there is
    none."""
    behind = {each.key: _behind(each, cases) for each in of.measure}
    lines = []
    for measure in of.measure:
        found = behind[measure.key]
        count = sum(each.roles.get(measure.count, 0) for each in found) if measure.count else len(found)
        base = len(behind[measure.of]) if measure.of in behind else 0
        lines.append(
            ReturnLine(
                key=measure.key,
                name=measure.name,
                count=count,
                share=count / base if base else None,
                rate=count * measure.per / population if measure.per and population else None,
                items=tuple(each.item_id for each in found),
            )
        )
    return tuple(lines)


def _behind(measure: Measure, cases: Sequence[CaseFacts]) -> list[CaseFacts]:
    found = [
        each
        for each in cases
        if all(each.facts.get(fact, frozenset()) & set(values) for fact, values in measure.where.items())
    ]
    return [each for each in found if each.roles.get(measure.count)] if measure.count else found
