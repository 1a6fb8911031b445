"""Which numbers may not be shown for what they are: small counts, and whatever gives a small count back.

Source of the thresholds: the rule, which is data. Source of the reach: a rate on a public population, a percentage on
a shown base, the rest of a base, a total of one small part all return the count they were made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from concord.evidence.findings.model import TOTAL, Cell, Finding, Table
from concord.kernel.errors import BadInput, Where
from concord.strategy.shapes.disclosure import Rule

Key = tuple[str, ...]


@dataclass(slots=True)
class Primary:
    """Keys of one table: the counts in `small` must be protected, some of them whatever their number for being
    `about_few` people, addresses or contributions; `small_base` cells show neither base nor estimate; `low_base` cells
    say too little to be shown; `flags` are for a person.
    """

    small: set[Key] = field(default_factory=set)
    about_few: set[Key] = field(default_factory=set)
    small_base: set[Key] = field(default_factory=set)
    low_base: set[Key] = field(default_factory=set)
    flags: list[str] = field(default_factory=list)


def is_small(count: int, rule: Rule) -> bool:
    """Whether `count` is within the range that the rule hides (never nought)."""
    return 0 < count <= rule.hide_to and count >= rule.hide_from


def is_part(cell: Cell) -> bool:
    """Whether the cell counts part of its base, so that the rest of the base is a number too.

    The base of a change or a ratio is another count, not a whole.
    """
    return cell.base is not None and (cell.estimate is None or cell.estimate.unit not in {"% change", "ratio"})


def _about_few(cell: Cell, rule: Rule) -> bool:
    """Whether a count that is not small itself is about too few people, or too few places to live."""
    if not cell.count or not rule.hide_to:
        return False
    return (
        (cell.people is not None and cell.people < rule.fewest_people)
        or (cell.catchment is not None and cell.catchment < rule.least_catchment)
        or dominated(cell.largest, rule)
    )


def dominated(largest: Sequence[float], rule: Rule) -> bool:
    """Whether a sum says too much about the largest of its contributions, given as shares of it, largest first.

    Source: the n-k and p% rules; Hundepool et al. (2012), Statistical Disclosure Control, section 4.2.
    """
    dominance = rule.dominance
    if dominance is None or not largest:
        return False
    if dominance.share and 100 * sum(largest[: dominance.largest]) > dominance.share:
        return True
    return bool(dominance.within) and 100 * max(1 - sum(largest[:2]), 0.0) < dominance.within * largest[0]


def primary(table: Table, rule: Rule) -> Primary:
    """What the rule alone forbids in `table`."""
    found = Primary()
    for cell in table.cells:
        if _about_few(cell, rule):
            found.about_few.add(cell.key)
        if is_small(cell.count, rule) or cell.key in found.about_few:
            found.small.add(cell.key)
        if cell.base is not None and rule.hide_to:
            if is_small(cell.base, rule):
                # The base is hidden itself, so the rest of it cannot be worked out from the count.
                found.small_base.add(cell.key)
            elif rule.remainder and is_part(cell) and is_small(cell.base - cell.count, rule):
                found.small.add(cell.key)
        if not table.additive and is_part(cell) and cell.base is not None and cell.base < rule.no_percentage_below:
            found.low_base.add(cell.key)
    if rule.class_disclosure != "ignore":
        _class_disclosure(table, rule, found)
    found.low_base -= found.small
    return found


def _class_disclosure(table: Table, rule: Rule, found: Primary) -> None:
    """Everyone in a group is in one category: whoever is known to be in the group is known to be in the category."""
    cells = {cell.key: cell for cell in table.cells}
    for cell in table.cells:
        # “All 40 were” as a share: an additive table shows it as its own margin.
        if not table.additive and is_part(cell) and cell.base and cell.count == cell.base:
            if rule.class_disclosure == "hide":
                found.small.add(cell.key)
            elif not is_small(cell.base, rule):
                found.flags.append(f"{table.title}: all of {_said(cell.key)} are what is counted")
    for position, dimension, whole, parts in _groups(table):
        full = [part for part in parts if part.count == whole.count]
        if whole.count == 0 or len(parts) < 2 or not full:
            continue
        if rule.class_disclosure == "flag" and is_small(whole.count, rule):
            continue  # the group is hidden, and a remark would say what about
        # A category that nobody anywhere is in is nought for all to see: hiding it would hide nothing.
        open_to = [part for part in parts if not _nought_by_its_margin(cells, part, position)]
        if rule.class_disclosure == "hide" and len(open_to) > 1:
            found.small.update(part.key for part in open_to)
        else:
            group = ", ".join(c for i, c in enumerate(whole.key) if i != position and c != TOTAL) or "the whole table"
            found.flags.append(f"{table.title}: everyone in {group} is in one category of {dimension}")


def _nought_by_its_margin(cells: dict[Key, Cell], part: Cell, position: int) -> bool:
    """Whether a total over the other dimensions says nought of the part's category."""
    if part.count:
        return False
    others = [i for i in range(len(part.key)) if i != position and part.key[i] != TOTAL]
    return any(
        whole.count == 0 for i in others if (whole := cells.get((*part.key[:i], TOTAL, *part.key[i + 1 :]))) is not None
    )


def _groups(table: Table) -> Iterator[tuple[int, str, Cell, list[Cell]]]:
    cells = {cell.key: cell for cell in table.cells}
    for position, dimension in enumerate(table.dimensions):
        if not table.additive or TOTAL not in dimension.categories or len(dimension.categories) == 1:
            continue
        for cell in table.cells:
            if cell.key[position] == TOTAL:
                keys = [
                    (*cell.key[:position], name, *cell.key[position + 1 :])
                    for name in dimension.categories
                    if name != TOTAL
                ]
                yield position, dimension.label.lower(), cell, [cells[key] for key in keys]


def check(finding: Finding) -> None:
    """Refuse a finding whose tables are not what they say: a missing cell, a negative count, margins that do not add.

    Raises BadInput naming the table and the cell.
    """
    names = [table.name for table in finding.tables]
    for table in finding.tables:
        where = Where(key=f"{finding.name}.{table.name}")
        if names.count(table.name) > 1:
            raise BadInput(f"Two tables of “{finding.name}” are called “{table.name}”", where=where)
        cells = {cell.key: cell for cell in table.cells}
        if len(cells) != len(table.cells):
            raise BadInput(f"Table “{table.name}” holds a cell twice", where=where)
        for cell in table.cells:
            if len(cell.key) != len(table.dimensions) or any(
                name not in dimension.categories for name, dimension in zip(cell.key, table.dimensions, strict=True)
            ):
                raise BadInput(
                    f"Table “{table.name}” has a cell outside its dimensions: {_said(cell.key)}", where=where
                )
            if cell.count < 0:
                raise BadInput(f"Table “{table.name}” has a count below nought: {_said(cell.key)}", where=where)
        if table.published:
            _check_published(table, finding, where)
        if table.additive:
            _check_margins(table, cells, where)


def _check_published(table: Table, finding: Finding, where: Where) -> None:
    """Only an open source's own values pass by the counts: nothing that was counted here may."""
    counted = any(cell.count or cell.base is not None or cell.population or cell.rests_on for cell in table.cells)
    if counted or table.additive or finding.source_class != "open":
        raise BadInput(
            f"Table “{table.name}” says that its values are published, but they are worked out here",
            where=where,
            why="values that pass by the rule for small counts have no count, base or population, do not add up, and "
            "come from an open source",
            next_step="take published off the table",
        )


def _check_margins(table: Table, cells: dict[Key, Cell], where: Where) -> None:
    expected = 1
    for dimension in table.dimensions:
        expected *= len(dimension.categories)
    if len(cells) != expected:
        raise BadInput(
            f"Table “{table.name}” is additive but holds {len(cells)} of its {expected} cells",
            where=where,
            why="a cell that is left out is a number that a reader can still work out",
            next_step="write a count of 0 for empty combinations",
        )
    for _, label, whole, parts in _groups(table):
        if whole.count != sum(part.count for part in parts):
            raise BadInput(
                f"Table “{table.name}” does not add up over {label} at {_said(whole.key)}",
                where=where,
                next_step="set additive = False where categories overlap",
            )


def _said(key: Key) -> str:
    return "(" + ", ".join(key) + ")"
