"""From a finding to what an audience may have of it: suppressed, attacked, derived numbers withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from concord.evidence.disclosure import files
from concord.evidence.disclosure.codes import figure_code
from concord.evidence.disclosure.derived import leaking_words, safe_facts, shown_cell
from concord.evidence.disclosure.grids import MOST_PIECES, TooFine
from concord.evidence.disclosure.history import Linked, counted_in, link
from concord.evidence.disclosure.model import Cost, Release, ReleasedCell, ReleasedTable
from concord.evidence.disclosure.primary import Primary, is_small, primary
from concord.evidence.disclosure.suppress import restated, suppress
from concord.evidence.findings.model import TOTAL, Cell, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import Lineage
from concord.strategy.shapes.disclosure import Rule

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A release that nobody has approved yet, with what it cost, and the earlier releases that contradict it."""

    release: Release
    cost: Cost
    apart: tuple[str, ...]


def prepare(
    finding: Finding,
    *,
    rule: Rule,
    audience: str,
    identifier: str,
    requested_by: str,
    earlier: Iterable[Release],
    at: datetime,
) -> Prepared:
    """`finding` as `audience` may have it under `rule`, attacked together with the `earlier` releases, newest first.

    Raises Refused where the finding's words hold a hidden number or the attacker's audit exposes a cell.
    """
    try:
        linked = link(finding, earlier)
    except TooFine as problem:
        raise Refused(
            f"“{finding.name}” cannot be released to {audience}: what could be worked out from it is too much",
            why=f"it overlaps with earlier releases in {problem.pieces:,} pieces by {problem.dims}, of at most "
            f"{MOST_PIECES:,}",
            next_step="use the categories and periods of earlier releases, or break it down by fewer things",
        ) from None
    ours = counted_in(finding)
    judged = {table.name: primary(table, rule) for table in ours.tables}
    _count_is_out(ours, linked, judged, rule)
    small = frozenset(linked.numbers[name][key] for name, found in judged.items() for key in found.small)
    _not_yet_public(linked, small)
    small |= restated(linked, rule)
    pattern = suppress(linked, small, _unshown(ours, linked, judged), rule)
    flags = [flag for found in judged.values() for flag in found.flags]
    flags += [f"{circle}: attacked in pairs of tables, not in every combination" for circle in linked.system.circles]
    audit = replace(pattern.audit, flags=tuple(flags))
    if audit.exposed:
        raise Refused(
            f"“{finding.name}” cannot be released to {audience}: a reader could work out what is hidden",
            why="; ".join(audit.exposed[:5])
            + (f"; and {len(audit.exposed) - 5} more" if len(audit.exposed) > 5 else ""),
            next_step="ask for larger areas, longer periods or fewer breakdowns, and release that instead",
        )
    concealed = _concealed(ours, linked, pattern.hidden, judged)
    cells = {(table.name, cell.key): cell for table in ours.tables for cell in table.cells}
    secret = [cells[place] for place in concealed if judged[place[0]].low_base.isdisjoint({place[1]})]
    leaks = leaking_words(finding, secret)
    if leaks:
        raise Refused(
            f"The words of “{finding.name}” state a number that is hidden",
            why=f"found: {', '.join(leaks)}",
            next_step="leave counts out of a finding's base, source and caveats; tables carry them",
        )
    tables = tuple(
        _table(finding, table, rule, audience, linked, pattern.hidden, concealed, judged.get(table.name, Primary()))
        for table in finding.tables
    )
    made = Release(
        id=identifier,
        finding=finding.name,
        question=finding.question,
        tables=tables,
        base=finding.base,
        period=finding.period,
        source=finding.source,
        method=finding.method,
        cannot_say=finding.cannot_say,
        audience=audience,
        rule=rule.key,
        audit=audit,
        lineage=_lineage(finding, bool(concealed)),
        requested_by=requested_by,
        approved_by="",
        released_at=at,
        synthetic=finding.synthetic,
        facts=safe_facts(finding, rule, bool(concealed)),
        notice=_notice(rule, audience),
        rounded_to=rule.round_to,
        hides_up_to=rule.hide_to,
    )
    cost = _cost(ours, linked, pattern.hidden & set(linked.counts), small, judged)
    return Prepared(made, cost, tuple(linked.apart))


def _cost(
    finding: Finding,
    linked: Linked,
    hidden: frozenset[int],
    small: frozenset[int],
    judged: dict[str, Primary],
) -> Cost:
    low = {linked.numbers[name][key] for name, found in judged.items() for key in found.low_base} - hidden
    finest = {
        linked.numbers[table.name][cell.key]
        for table in finding.tables
        if table.additive
        for cell in table.cells
        if TOTAL not in cell.key or len(table.cells) == 1
    }
    everything = sum(linked.counts[number] for number in finest)
    gone = sum(linked.counts[number] for number in finest & hidden)
    return Cost(
        cells=len(linked.counts),
        small=len(hidden & small),
        others=len(hidden - small),
        low_base=len(low),
        counts=-(-gone // 10) * 10,
        share=round(100 * gone / everything) if everything else 0,
    )


def _lineage(finding: Finding, anything_hidden: bool) -> Lineage:
    """The finding's lineage. The rows of a dataset may be a hidden total, so then they are given in round hundreds."""
    if not anything_hidden:
        return finding.lineage
    refs = tuple(replace(ref, rows=ref.rows // 100 * 100) for ref in finding.lineage.datasets)
    return replace(finding.lineage, datasets=refs)


def _notice(rule: Rule, audience: str) -> str:
    if rule.shows_small_numbers:
        under = f" under the agreement “{rule.under[audience]}”" if audience in rule.under else ""
        return f"Holds small numbers. For {audience} readers only{under}; do not copy, forward or quote."
    rounding = f" Other counts are rounded to the nearest {rule.round_to}." if rule.round_to else ""
    return f"{rule.title}.{rounding}" if rule.hide_to else ""


def _count_is_out(finding: Finding, linked: Linked, judged: dict[str, Primary], rule: Rule) -> None:
    """A count that is out already, and is not small, cannot be hidden for being about few; what rests on it can."""
    for table in finding.tables:
        found = judged[table.name]
        for cell in table.cells:
            span = linked.published.get(linked.numbers[table.name][cell.key])
            if (
                cell.key in found.about_few
                and span is not None
                and span[0] == span[1]
                and not is_small(cell.count, rule)
            ):
                found.small.discard(cell.key)
                found.small_base.add(cell.key)


def _not_yet_public(linked: Linked, small: frozenset[int]) -> None:
    out = [
        linked.system.name(number)
        for number in sorted(small)
        if (span := linked.published.get(number)) is not None and span[0] == span[1]
    ]
    if out:
        raise Refused(
            "An earlier release already shows a number that this rule hides",
            why="; ".join(out[:5]),
            next_step="what is out cannot be taken back: release this one under the rule that the other was made under",
        )


def _unshown(finding: Finding, linked: Linked, judged: dict[str, Primary]) -> frozenset[int]:
    """Cells left out for a low base in every table that holds them."""
    low = {linked.numbers[name][key] for name, found in judged.items() for key in found.low_base}
    shown = {
        linked.numbers[table.name][cell.key]
        for table in finding.tables
        for cell in table.cells
        if cell.key not in judged[table.name].low_base
    }
    return frozenset(low - shown)


def _concealed(
    finding: Finding, linked: Linked, hidden: frozenset[int], judged: dict[str, Primary]
) -> set[tuple[str, Key]]:
    """Places, as (table, key), that show no count: hidden cells wherever they stand, and low bases."""
    return {
        (table.name, cell.key)
        for table in finding.tables
        for cell in table.cells
        if linked.numbers[table.name][cell.key] in hidden or cell.key in judged[table.name].low_base
    }


def _table(
    finding: Finding,
    table: Table,
    rule: Rule,
    audience: str,
    linked: Linked,
    hidden: frozenset[int],
    concealed: set[tuple[str, Key]],
    judged: Primary,
) -> ReleasedTable:
    secret = {linked.counts[number] for number in hidden}
    # Bases add up as counts do: beside a hidden cell they stay only where they are cells themselves.
    bare = table.additive and any((table.name, cell.key) in concealed for cell in table.cells)
    cells = tuple(
        shown_cell(cell, table, rule)
        if table.published
        else _cell(cell, table, rule, linked.numbers[table.name][cell.key] in hidden, judged, concealed, secret, bare)
        for cell in table.cells
    )
    made = ReleasedTable(
        name=table.name,
        title=table.title,
        unit=table.unit,
        published=table.published,
        dimensions=table.dimensions,
        cells=cells,
        code="",
        per=table.per,
        additive=table.additive,
        universe=table.universe,
        where=table.where,
        period=table.period,
    )
    content = files.canonical([finding.name, finding.lineage.parameters, finding.period, audience, rule.key, made])
    return replace(made, code=figure_code(finding.name, content))


def _cell(
    cell: Cell,
    table: Table,
    rule: Rule,
    is_hidden: bool,
    judged: Primary,
    concealed: set[tuple[str, Key]],
    secret: set[int],
    bare: bool,
) -> ReleasedCell:
    if is_hidden:
        return ReleasedCell(cell.key, hidden="confidential")
    if cell.key in judged.low_base:
        return ReleasedCell(cell.key, hidden="low_base")
    shown = shown_cell(cell, table, rule)
    leans = cell.key in judged.small_base or any(place in concealed for place in cell.rests_on)
    # A base that happens to equal a hidden count may be that count: it goes, with the share made from it.
    betrays = cell.base is not None and rule.hide_to > 0 and (cell.base in secret or (bare and not cell.rests_on))
    if leans or betrays:
        if not table.additive and leans:
            return ReleasedCell(cell.key, hidden="confidential")
        shown = replace(shown, base=None, estimate=None)
    return shown
