"""Numbers made from counts: rounded as far as their base bears, and withheld where they would give a count back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from concord.evidence.disclosure.model import Hidden, ReleasedCell
from concord.evidence.findings.model import FROM_ROUNDED, Cell, Finding, Table
from concord.evidence.findings.statistics import rate, rate_ratio, share
from concord.kernel.measures import Estimate, Interval
from concord.strategy.shapes.disclosure import Rule


def rounded(count: int, to: int) -> int:
    """`count` to the nearest multiple of `to`, halves up; nought stays nought."""
    return count if not to else int((count + to / 2) // to) * to


def possible(shown: int, to: int, hide_to: int) -> tuple[int, int]:
    """The lowest and highest count behind a rounded figure, the rule being known."""
    if not to:
        return shown, shown
    if shown == 0:
        return 0, 0
    low = shown - to // 2
    return max(low, hide_to + 1), shown + (to - 1) // 2


def shown_cell(cell: Cell, table: Table, rule: Rule) -> ReleasedCell:
    """The cell as the rule lets it be shown; the caller has settled that its count may be.

    What an open publication printed is repeated as it stands, and so is what it left out.
    """
    if table.published:
        hidden: Hidden | None = None if cell.estimate is not None else "not_published"
        return ReleasedCell(key=cell.key, estimate=cell.estimate, hidden=hidden, label=cell.label)
    count = rounded(cell.count, rule.round_to)
    base = None if cell.base is None else rounded(cell.base, rule.round_to)
    estimate = _recomputed(cell, table, count, base, rule) if rule.round_to else cell.estimate
    return ReleasedCell(
        key=cell.key,
        count=count,
        base=base,
        population=cell.population,
        estimate=_as_far_as_base_bears(estimate, cell, rule),
        label=cell.label,
    )


def _recomputed(cell: Cell, table: Table, count: int, base: int | None, rule: Rule) -> Estimate | None:
    """A rate or share of the rounded count; any other statistic of an exact count would undo the rounding.

    One that was made from counts rounded as the rule rounds is let be.
    """
    if cell.estimate is None:
        return None
    if cell.estimate.method.startswith(f"{FROM_ROUNDED} {rule.round_to}:"):
        return cell.estimate
    if cell.population and table.per:
        return replace(rate(count, cell.population, per=table.per), unit=cell.estimate.unit)
    if cell.estimate.unit == "%" and base and count <= base:
        return share(count, base)
    if cell.estimate.unit == "ratio" and base:
        return rate_ratio(count, 1, base, 1)
    return None


def _as_far_as_base_bears(estimate: Estimate | None, cell: Cell, rule: Rule) -> Estimate | None:
    """Percentages: none on a base under the rule's first limit, whole numbers under its second, else one decimal.

    Source: a published percentage with two decimals allowed three possible counts only (see docs).
    """
    if estimate is None or not estimate.unit.startswith("%"):
        return estimate
    base = cell.base
    if base is None:
        return estimate
    if base < rule.no_percentage_below:
        return None
    places = 0 if base < rule.whole_percentage_below else 1
    spread = estimate.interval
    if spread is not None:
        spread = Interval(round(spread.low, places), round(spread.high, places), spread.level)
    return replace(estimate, value=round(estimate.value, places), interval=spread)


def safe_facts(finding: Finding, rule: Rule, anything_hidden: bool) -> dict[str, float]:
    """The facts that may leave: all where nothing is hidden, else only those that the rule lists as safe.

    A fact may be prefixed (`limb_p_value`); a safe one is cut to three significant figures.
    """
    if not anything_hidden and not rule.round_to:
        return dict(finding.facts)
    return {
        name: float(f"{value:.3g}")
        for name, value in finding.facts.items()
        if any(name == safe or name.endswith(f"_{safe}") for safe in rule.safe_facts)
    }


_NUMBER = re.compile(r"(?<![\w.,])\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w])")


def leaking_words(finding: Finding, hidden: Iterable[Cell]) -> list[str]:
    """Numbers in the finding's own words that equal a hidden count, base or estimate: “of the 3 victims …”.

    Numbers that the question, the period or a parameter states are not taken for counts.
    """
    innocent = set(
        _NUMBER.findall(
            f"{finding.question} {finding.period.label} {finding.method} "
            + " ".join(map(str, finding.lineage.parameters.values()))
            + " ".join(f" {table.period.label}" for table in finding.tables if table.period)
        )
    )
    secret: set[float] = set()
    for cell in hidden:
        secret.add(float(cell.count))
        if cell.base is not None:
            secret.add(float(cell.base))
        if cell.estimate is not None:
            secret.update({round(cell.estimate.value, places) for places in (1, 2)})
    words = [finding.base, finding.source, *finding.cannot_say]
    words += [text for table in finding.tables for text in (table.title, table.unit)]
    return sorted(
        {
            token
            for text in words
            for token in _NUMBER.findall(text)
            if token not in innocent and float(token.replace(",", "")) in secret
        }
    )
