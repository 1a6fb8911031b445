"""From a linked finding to the set of cells to hide, with the attack that shows it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from concord.evidence.disclosure.attacker import Contradiction, Range, ranges
from concord.evidence.disclosure.complementary import Problem, complements
from concord.evidence.disclosure.derived import possible, rounded
from concord.evidence.disclosure.history import Linked
from concord.evidence.disclosure.model import Audit
from concord.strategy.shapes.disclosure import Rule

_CONTRADICTION = "the tables contradict each other"
_ROUNDS = 4
"""How often the protection asked of the search is doubled when whole-number attacks still succeed."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`hidden`: numbers of the finding's cells to hide. `audit`: what is left to an attacker."""

    hidden: frozenset[int]
    audit: Audit


def suppress(linked: Linked, small: frozenset[int], unshown: frozenset[int], rule: Rule) -> Pattern:
    """Hide `small` and what protects them.

    `unshown` are cells that appear nowhere for another reason (a low base), so they hold nothing up.
    The pattern's audit may list exposed cells: the caller must refuse then.
    """
    if not linked.system.cells:
        return Pattern(frozenset(), Audit(0, (), None, "nothing was counted"))
    if not linked.completion:
        return Pattern(small, Audit(len(small), (_CONTRADICTION,), None, "not attempted"))
    known = frozenset(number for number, (low, high) in linked.published.items() if low == high)
    start = small | (linked.carried - known)
    guarded = _guarded(linked, small, rule)
    needs_more = rule.complementary and bool(guarded)
    if rule.round_to or not needs_more:  # rounding may protect by itself
        audit = _audit(linked, start, small, unshown, rule, "small counts only")
        if not audit.exposed or not needs_more:
            return Pattern((start - unshown) | small, audit)
    for step in range(_ROUNDS):
        level = float(rule.protection * 2**step)
        hidden, method = _complements(linked, guarded, start | unshown, known, rule, level)
        audit = _audit(linked, hidden, small, unshown, rule, method)
        if not audit.exposed:
            break
    return Pattern((hidden - unshown) | small, audit)


def _floors(linked: Linked, rule: Rule) -> dict[int, float]:
    """What is known of a hidden cell: at least one event, where noughts are always shown."""
    least = 0.0 if rule.zeros == "may_hide" else 1.0
    floors = {number: min(least, float(count)) for number, count in linked.counts.items()}
    floors.update({number: min(least, linked.completion.get(number, 0.0)) for number in linked.withheld})
    return floors


def _shown(linked: Linked, hidden: frozenset[int], rule: Rule) -> dict[int, tuple[float, float]]:
    shown = dict(linked.published)
    for number, count in linked.counts.items():
        if number not in hidden:
            low, high = map(float, possible(rounded(count, rule.round_to), rule.round_to, rule.hide_to))
            before = shown.get(number, (low, high))
            shown[number] = (max(low, before[0]), min(high, before[1]))
    return shown


def _guarded(linked: Linked, small: frozenset[int], rule: Rule) -> tuple[int, ...]:
    """The small cells, what earlier releases hid, and the pieces that this finding would give away by difference."""
    guarded = set(small) | linked.withheld
    if linked.system.implied:
        everything = linked.system.copy()
        everything.shown = _shown(linked, frozenset(), replace(rule, round_to=0))
        found = ranges(everything, everything.implied, at_least=_floors(linked, rule))
        guarded |= {number for number, span in found.items() if _given_away(span, rule)}
    return tuple(sorted(guarded))


def _given_away(span: Range, rule: Rule) -> bool:
    """Known to within less than the protection, and small."""
    return span.width < rule.protection and span.high >= max(rule.hide_from, 1) and span.low <= rule.hide_to


def _complements(
    linked: Linked, guarded: tuple[int, ...], start: frozenset[int], known: frozenset[int], rule: Rule, level: float
) -> tuple[frozenset[int], str]:
    size = len(linked.system.cells)
    values = np.zeros(size)
    for number, value in {**linked.completion, **linked.counts}.items():
        values[number] = value
    floors = _floors(linked, rule)
    free = linked.withheld | linked.system.implied
    problem = Problem(
        matrix=linked.system.matrix(),
        values=values,
        floor=np.array([floors.get(number, 0.0) for number in range(size)]),
        small=tuple(number for number in guarded if number not in known),
        hidden=frozenset(start | free) - known,
        fixed=known | _noughts(linked, start, rule),
        level=level,
        seconds=rule.seconds,
    )
    chosen, method = complements(problem)
    return frozenset(chosen & set(linked.counts)) | start, method


def _noughts(linked: Linked, start: frozenset[int], rule: Rule) -> frozenset[int]:
    """Noughts are shown under most rules, so they cannot serve as complements."""
    if rule.zeros == "may_hide":
        return frozenset()
    return frozenset(number for number, count in linked.counts.items() if count == 0) - start


def _audit(
    linked: Linked, hidden: frozenset[int], small: frozenset[int], unshown: frozenset[int], rule: Rule, method: str
) -> Audit:
    attacked = linked.system.copy()
    attacked.shown = _shown(linked, hidden | unshown, rule)
    hers = (hidden | unshown) & set(linked.counts)
    # Complements may be worked out as long as no small count is; they are large, and nothing hangs on them.
    targets = small | linked.withheld | attacked.implied
    floors = _floors(linked, rule)
    floors.update(dict.fromkeys(unshown - hidden, 0.0))
    try:
        found = ranges(attacked, targets, at_least=floors, enough=4.0 * rule.protection)
    except Contradiction:
        return Audit(len(hers), (_CONTRADICTION,), None, method)
    exposed = sorted(
        str(attacked.cells[number])
        for number, span in found.items()
        if (number in small and span.width < rule.protection)
        or (number in (linked.withheld | attacked.implied) and _given_away(span, rule))
    )
    if exposed and (linked.withheld or attacked.implied):
        exposed = _not_known_before(linked, exposed, small, rule, floors)
    widths = [span.width for number, span in found.items() if number in small]
    return Audit(
        hidden_cells=len(hidden),
        exposed=tuple(exposed),
        narrowest_interval=min((width for width in widths if np.isfinite(width)), default=None),
        method=f"{method}; every small count attacked by minimising and maximising it over "
        + (f"this and {len(linked.against)} earlier releases" if linked.against else "this release"),
        against=tuple(linked.against),
    )


def _not_known_before(
    linked: Linked, exposed: list[str], small: frozenset[int], rule: Rule, floors: dict[int, float]
) -> list[str]:
    """Leave out what earlier releases gave away by themselves: refusing this one would not take it back."""
    before = linked.system.copy()
    before.shown = dict(linked.published)
    others = linked.withheld | before.implied
    try:
        found = ranges(before, others, at_least=floors)
    except Contradiction:
        return exposed
    old = {str(before.cells[number]) for number, span in found.items() if _given_away(span, rule)}
    mine = {str(before.cells[number]) for number in small}
    return [name for name in exposed if name in mine or name not in old]
