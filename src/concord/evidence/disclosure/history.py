"""A finding set beside everything its audience has already been given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from concord.evidence.disclosure.attacker import feasible
from concord.evidence.disclosure.derived import possible
from concord.evidence.disclosure.identity import identities
from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.disclosure.system import System
from concord.evidence.findings.model import Finding, Table


@dataclass(slots=True)
class Linked:
    """The cells of the finding and of the earlier releases it hangs together with, in one system.

    `numbers` gives the cell of every key, table by table; `counts` the finding's own counts; `published` what earlier
    releases showed; `withheld` what they hid and this finding does not hold; `carried` cells of this finding that an
    earlier release hid; `completion` a value for every cell that agrees with all of it.
    """

    system: System
    numbers: dict[str, dict[tuple[str, ...], int]]
    counts: dict[int, int]
    published: dict[int, tuple[float, float]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    carried: set[int] = field(default_factory=set)
    completion: dict[int, float] = field(default_factory=dict)
    against: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)


def universes(name: str, tables: Iterable[Table | ReleasedTable]) -> tuple[str, ...]:
    """What the tables count, in the words by which releases are linked."""
    counted = (table for table in tables if not table.published)
    return tuple(sorted({table.universe or f"{name}: {table.name}: {table.unit}" for table in counted}))


def counted(finding: Finding) -> Finding:
    """The finding without the tables that repeat an open publication's values: there is no count of ours in those."""
    return replace(finding, tables=tuple(table for table in finding.tables if not table.published))


def _counted(release: Release) -> Iterator[ReleasedTable]:
    return (table for table in release.tables if not table.published)


def link(finding: Finding, earlier: Iterable[Release]) -> Linked:
    """Join `finding` to the `earlier` releases that count the same things, newest first.

    A release that contradicts the finding (the source was revised in between) cannot be one system with it and is
    kept apart; what it hid stays hidden all the same.
    """
    system = System()
    finding = counted(finding)
    numbers = {table.name: system.add_table(table, finding.period, finding.name) for table in finding.tables}
    counts = {numbers[table.name][cell.key]: cell.count for table in finding.tables for cell in table.cells}
    linked = Linked(system, numbers, counts)
    seen: set[int] = set()
    for release in earlier:
        trial = linked.system.copy()
        published = dict(linked.published)
        agrees, hidden = add_release(release, trial, published)
        agrees = agrees and all(
            low <= counts[number] <= high for number, (low, high) in published.items() if number in counts
        )
        completion = _completion(trial, published, counts) if agrees else None
        if completion is None:
            linked.apart.append(release.id)
            mine = {linked.system.cells[number]: number for number in counts}
            linked.carried |= {mine[cell] for cell in _hidden_identities(release) if cell in mine}
        else:
            linked.system, linked.published = trial, published
            linked.against.append(release.id)
            seen |= hidden
    known = {number for number, (low, high) in linked.published.items() if low == high}
    linked.carried |= (seen & set(counts)) - known
    linked.withheld = seen - set(counts) - known
    linked.system.cut_overlaps()
    linked.completion = feasible(_shown(linked.system, linked.published, counts), 0.0) or {}
    return linked


def add_release(release: Release, system: System, published: dict[int, tuple[float, float]]) -> tuple[bool, set[int]]:
    """Join `release` to `system` and narrow `published` by what it shows.

    Returns whether that was possible, and the numbers of the cells that it hides.
    """
    hidden: set[int] = set()
    agrees = True
    for table in _counted(release):
        numbers = system.add_table(table, release.period, release.finding)
        for cell in table.cells:
            number = numbers[cell.key]
            if cell.count is None:
                if cell.hidden != "low_base":
                    hidden.add(number)
                continue
            low, high = map(float, possible(cell.count, release.rounded_to, release.hides_up_to))
            before = published.get(number, (low, high))
            published[number] = (max(low, before[0]), min(high, before[1]))
            agrees = agrees and published[number][0] <= published[number][1]
    return agrees, hidden


def _shown(system: System, published: dict[int, tuple[float, float]], counts: dict[int, int]) -> System:
    whole = system.copy()
    whole.shown = {**published, **{number: (float(count), float(count)) for number, count in counts.items()}}
    return whole


def _completion(
    trial: System, published: dict[int, tuple[float, float]], counts: dict[int, int]
) -> dict[int, float] | None:
    whole = _shown(trial, published, counts)
    whole.cut_overlaps()
    return feasible(whole, 0.0)


def _hidden_identities(release: Release) -> set[object]:
    return {
        cell_id
        for table in _counted(release)
        for cell, cell_id in (
            (cell, identities(table, release.period, release.finding)[cell.key]) for cell in table.cells
        )
        if cell.count is None and cell.hidden != "low_base"
    }
