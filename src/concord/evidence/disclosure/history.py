"""A finding set beside everything its audience has already been given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from concord.evidence.disclosure.attacker import feasible
from concord.evidence.disclosure.derived import possible
from concord.evidence.disclosure.identity import CellId
from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.disclosure.propagating import Contradiction, known_by_propagation
from concord.evidence.disclosure.system import Facts, Span, System, bounds_of, facts_of
from concord.evidence.findings.model import Finding, Table

_REMEMBERED = 1_024


@dataclass(slots=True)
class Linked:
    """The cells of the finding and of the earlier releases it hangs together with, in one system.

    `numbers` gives the cell of every key, table by table; `counts` the finding's own counts; `published` what earlier
    releases showed; `withheld` what they hid and this finding does not hold; `carried` cells of this finding that an
    earlier release hid; `completion` a value for every cell and piece that agrees with all of it, None where there is
    none. `before` are the exact numbers that releases in `apart`, which contradict the finding, showed for cells of
    the same identity.
    """

    system: System
    numbers: dict[str, dict[tuple[str, ...], int]]
    counts: dict[int, int]
    tables: tuple[Table, ...]
    published: dict[int, Span] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    carried: set[int] = field(default_factory=set)
    completion: NDArray[np.float64] | None = None
    against: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    before: dict[int, set[int]] = field(default_factory=dict)

    @property
    def pieces(self) -> frozenset[int]:
        """What no table of the finding or of the releases joined to it holds, but a reader may work out."""
        return self.system.implied | (self.before.keys() - self.counts.keys() - self.published.keys() - self.withheld)


def universes(name: str, tables: Iterable[Table | ReleasedTable]) -> tuple[str, ...]:
    """What the tables count, in the words by which releases are linked."""
    return tuple(
        sorted({table.universe or f"{name}: {table.name}: {table.unit}" for table in tables if not table.published})
    )


def counted_in(finding: Finding) -> Finding:
    """The finding without the tables that repeat an open publication's values: there is no count of ours in those."""
    return replace(finding, tables=tuple(table for table in finding.tables if not table.published))


@dataclass(frozen=True, slots=True)
class Told:
    """What a release tells: its tables' facts, the span of every cell shown, and the cells hidden."""

    facts: tuple[Facts, ...]
    shown: dict[CellId, Span]
    hidden: frozenset[CellId]
    agrees: bool


_told: dict[int, tuple[Release, Told]] = {}


def told_by(release: Release) -> Told:
    """What `release` tells, worked out once for as long as the release is in memory."""
    found = _told.get(id(release))
    if found is None or found[0] is not release:
        if len(_told) >= _REMEMBERED:
            _told.clear()
        found = _told[id(release)] = (release, _read(release))
    return found[1]


def _read(release: Release) -> Told:
    shown: dict[CellId, Span] = {}
    hidden: set[CellId] = set()
    counted = [table for table in release.tables if not table.published]
    facts = tuple(facts_of(table, release.period, release.finding) for table in counted)
    for table, fact in zip(counted, facts, strict=True):
        for cell in table.cells:
            identity = fact.cells[cell.key]
            if cell.count is None:
                if cell.hidden != "low_base":
                    hidden.add(identity)
                continue
            low, high = map(float, possible(cell.count, release.rounded_to, release.hides_up_to))
            before = shown.get(identity, (low, high))
            shown[identity] = (max(low, before[0]), min(high, before[1]))
    agrees = all(low <= high for low, high in shown.values())
    return Told(facts, shown, frozenset(hidden), agrees)


def add_release(release: Release, system: System, published: dict[int, Span]) -> tuple[bool, set[int]]:
    """Join `release` to `system` and narrow `published` by what it shows.

    Returns whether that was possible, and the numbers of the cells that it hides.
    """
    told = told_by(release)
    for facts in told.facts:
        system.add(facts)
    agrees = told.agrees
    for cell, (low, high) in told.shown.items():
        number = system.number(cell)
        before = published.get(number, (low, high))
        published[number] = low, high = max(low, before[0]), min(high, before[1])
        agrees = agrees and low <= high
    return agrees, {system.number(cell) for cell in told.hidden}


def link(finding: Finding, earlier: Iterable[Release]) -> Linked:
    """Join `finding` to the `earlier` releases that count the same things, newest first.

    A release that contradicts the finding (the source was revised in between) cannot be one system with it and is
    kept apart; what it hid stays hidden all the same. Raises TooFine where overlaps are too many to be attacked.
    """
    finding = counted_in(finding)
    facts = [(table, facts_of(table, finding.period, finding.name)) for table in finding.tables]
    counted = {fact.cells[cell.key]: cell.count for table, fact in facts for cell in table.cells}
    candidates, apart = [], []
    for release in earlier:
        shown = told_by(release).shown
        clear = all(low <= counted[cell] <= high for cell, (low, high) in shown.items() if cell in counted)
        (candidates if clear and told_by(release).agrees else apart).append(release)
    linked = _joined(finding, facts, candidates, apart)
    if linked.completion is None and candidates and _joined(finding, facts, [], []).completion is not None:
        candidates, contrary = _agreeing(finding, facts, candidates)
        apart += contrary
        linked = _joined(finding, facts, candidates, apart)
    linked.against = [release.id for release in candidates]
    linked.apart = [release.id for release in apart]
    return linked


def _agreeing(
    finding: Finding, facts: Sequence[tuple[Table, Facts]], candidates: Sequence[Release]
) -> tuple[list[Release], list[Release]]:
    """The newest releases that can all be true with the finding, and those that contradict them, by halving."""
    kept: list[Release] = []
    contrary: list[Release] = []
    rest = list(candidates)
    while rest and _joined(finding, facts, [*kept, *rest], []).completion is None:
        agree, fail = 0, len(rest)
        while fail - agree > 1:
            middle = (agree + fail) // 2
            if _joined(finding, facts, [*kept, *rest[:middle]], []).completion is None:
                fail = middle
            else:
                agree = middle
        kept += rest[:agree]
        contrary.append(rest[agree])
        rest = rest[agree + 1 :]
    return [*kept, *rest], contrary


def _joined(
    finding: Finding, facts: Sequence[tuple[Table, Facts]], earlier: Sequence[Release], apart: Sequence[Release]
) -> Linked:
    system = System()
    published: dict[int, Span] = {}
    hidden: set[int] = set()
    agrees = True
    for release in earlier:
        fits, kept = add_release(release, system, published)
        agrees = agrees and fits
        hidden |= kept
    numbers = {table.name: system.add(fact) for table, fact in facts}
    counts = {numbers[table.name][cell.key]: cell.count for table in finding.tables for cell in table.cells}
    linked = Linked(system, numbers, counts, finding.tables, published)
    named = set(universes(finding.name, finding.tables))
    for release in apart:
        told = told_by(release)
        linked.carried |= {system.index[cell] for cell in told.hidden if system.index.get(cell) in counts}
        for cell, count in _as_it_was(release, [fact for _, fact in facts]).items():
            if cell.universe in named:
                linked.before.setdefault(system.number(cell), set()).add(count)
    known = {number for number, (low, high) in published.items() if low == high}
    linked.carried |= (hidden & counts.keys()) - known
    linked.withheld = hidden - counts.keys() - known
    system.cut()
    if agrees:
        everything = {**published, **{number: (float(count), float(count)) for number, count in counts.items()}}
        # What was hidden is not nought under most rules; where an older rule hid a nought, that cannot be held.
        linked.completion = feasible(system.knowing(everything), dict.fromkeys(linked.withheld, 1.0))
        if linked.completion is None and linked.withheld:
            linked.completion = feasible(system.knowing(everything), 0.0)
    return linked


def _as_it_was(release: Release, facts: Sequence[Facts]) -> dict[CellId, int]:
    """What `release` showed exactly, and what follows from it for the cells of `facts`, as they were then."""
    told = told_by(release)
    shown = {cell: int(low) for cell, (low, high) in told.shown.items() if low == high}
    then = System()
    for fact in (*told.facts, *facts):
        then.add(fact)
    then.shown = {then.number(cell): span for cell, span in told.shown.items()}
    low, high = bounds_of(then.cut())
    try:
        known_by_propagation(then.matrix(), low, high)
    except Contradiction:
        return shown
    followed = {
        cell for fact in facts for cell in fact.cells.values() if low[then.index[cell]] == high[then.index[cell]]
    }
    return {**{cell: round(float(low[then.index[cell]])) for cell in followed}, **shown}
