"""From a linked finding to the set of cells to hide, with the attack that shows it holds."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concord.evidence.disclosure.attacker import Contradiction, Range, ranges
from concord.evidence.disclosure.complementary import Problem, complements
from concord.evidence.disclosure.cubes import cubes
from concord.evidence.disclosure.derived import possible, rounded
from concord.evidence.disclosure.history import Linked
from concord.evidence.disclosure.model import Audit
from concord.evidence.disclosure.primary import is_small
from concord.evidence.disclosure.propagating import TINY
from concord.evidence.disclosure.system import Span
from concord.strategy.shapes.disclosure import Rule

_CONTRADICTION = "the tables contradict each other"
CUBES = "cubes of cells, then what they left cell by cell"
_LARGE = 60_000
"""Small cells times cells beyond which the search over all margins gives way to cubes in each table."""
_ROUNDS = 5
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
    if linked.completion is None:
        return Pattern(small, Audit(len(small), (_CONTRADICTION,), None, "not attempted"))
    known = frozenset(number for number, (low, high) in linked.published.items() if low == high)
    start = small | (linked.carried - known)
    # Hiding more never narrows what a reader can work out, so what is safe beside the small counts alone stays safe.
    given, audit = _attacked(linked, start, small, unshown, rule, "nothing but small counts hidden")
    if not given or not rule.complementary:
        return Pattern((start - unshown) | small, audit)
    guarded: set[int] = set()
    begun, doubled, large = start | unshown, 0, _LARGE
    for _ in range(_ROUNDS):
        guarded |= given
        level = float(rule.protection * 2**doubled)
        hidden, method = _complements(linked, guarded, begun, known, rule, level, large)
        given, audit = _attacked(linked, hidden, small, unshown, rule, method)
        if not given:
            break
        if method == CUBES:  # what they did not protect is few enough for the search
            begun, guarded, large = hidden, set(), math.inf
        else:
            doubled += 1
    return Pattern((hidden - unshown) | small, audit)


def _floors(linked: Linked, rule: Rule) -> dict[int, float]:
    """What is known of a hidden cell: at least one event, where noughts are always shown."""
    least = 0.0 if rule.zeros == "may_hide" else 1.0
    floors = {number: min(least, float(count)) for number, count in linked.counts.items()}
    values = _values(linked)
    # A value that agrees with everything shown was found with one event in each of them, or it has none in some.
    if all(values[number] >= 1 - TINY for number in linked.withheld):
        floors.update(dict.fromkeys(linked.withheld, least))
    return floors


def _values(linked: Linked) -> NDArray[np.float64]:
    values = np.zeros(linked.system.size) if linked.completion is None else linked.completion.copy()
    for number, count in linked.counts.items():
        values[number] = count
    return values


def _shown(linked: Linked, hidden: frozenset[int], rule: Rule) -> dict[int, Span]:
    shown = dict(linked.published)
    for number, count in linked.counts.items():
        if number not in hidden:
            low, high = map(float, possible(rounded(count, rule.round_to), rule.round_to, rule.hide_to))
            before = shown.get(number, (low, high))
            shown[number] = (max(low, before[0]), min(high, before[1]))
    return shown


def _given_away(linked: Linked, number: int, span: Range, rule: Rule) -> bool:
    """Known to within less than the protection, and small; or a little more or less than it was before a revision."""
    if span.width >= rule.protection:
        return False
    if span.high >= max(rule.hide_from, 1) and span.low <= rule.hide_to:
        return True
    return rule.revisions == "hide" and any(
        any(is_small(abs(value - old), rule) for value in (int(span.low), int(span.high)))
        for old in linked.before.get(number, ())
    )


def restated(linked: Linked, rule: Rule) -> frozenset[int]:
    """Cells whose number differs by a small count from what a release showed before the source was revised."""
    if rule.revisions == "ignore" or rule.round_to:
        return frozenset()
    return frozenset(
        number
        for number, old in linked.before.items()
        if number in linked.counts
        and number not in linked.published
        and any(is_small(abs(linked.counts[number] - value), rule) for value in old)
    )


def _complements(
    linked: Linked,
    guarded: Collection[int],
    start: frozenset[int],
    known: frozenset[int],
    rule: Rule,
    level: float,
    large: float,
) -> tuple[frozenset[int], str]:
    values = _values(linked)
    floors = np.zeros(len(values))
    for number, floor in _floors(linked, rule).items():
        floors[number] = floor
    free = linked.withheld | linked.pieces
    problem = Problem(
        matrix=linked.system.matrix(),
        values=values,
        floor=floors,
        small=tuple(sorted(number for number in guarded if number not in known)),
        hidden=frozenset(start | free) - known,
        fixed=known | _noughts(linked, start, rule),
        level=level,
        seconds=rule.seconds,
    )
    if problem.size > large:
        return start | _by_cubes(linked, problem, frozenset(guarded)), CUBES
    chosen, method = complements(problem)
    return frozenset(chosen & set(linked.counts)) | start, method


def _by_cubes(linked: Linked, problem: Problem, guarded: frozenset[int]) -> frozenset[int]:
    """What cubes hide in every table of the finding: what is exposed there, then what that exposes in the next."""
    hidden, barred = np.zeros(len(problem.values), dtype=bool), np.zeros(len(problem.values), dtype=bool)
    hidden[list(problem.hidden)] = True
    barred[list(problem.fixed)] = True
    chosen: set[int] = set()
    for table in linked.tables:
        if table.additive:
            chosen |= cubes(
                table,
                linked.numbers[table.name],
                guarded,
                cost=problem.values,
                room=problem.values - problem.floor,
                hidden=hidden,
                barred=barred,
                level=problem.level,
            )
    return frozenset(chosen)


def _noughts(linked: Linked, start: frozenset[int], rule: Rule) -> frozenset[int]:
    """Noughts are shown under most rules, so they cannot serve as complements."""
    if rule.zeros == "may_hide":
        return frozenset()
    return frozenset(number for number, count in linked.counts.items() if count == 0) - start


def _attacked(
    linked: Linked, hidden: frozenset[int], small: frozenset[int], unshown: frozenset[int], rule: Rule, method: str
) -> tuple[set[int], Audit]:
    """The cells and pieces given away when `hidden` and `unshown` are not shown, and the audit that says so."""
    attacked = linked.system.knowing(_shown(linked, hidden | unshown, rule))
    # Complements may be worked out as long as no small count is; they are large, and nothing hangs on them.
    others = linked.withheld | linked.pieces
    floors = _floors(linked, rule)
    floors.update(dict.fromkeys(unshown - hidden, 0.0))
    try:
        found = ranges(attacked, small | others, at_least=floors, enough=float(rule.protection), exactly=small)
    except Contradiction:
        hers = (hidden | unshown) & linked.counts.keys()
        return set(small), Audit(len(hers), (_CONTRADICTION,), None, method)
    exposed = {
        number
        for number, span in found.items()
        if (number in small and span.width < rule.protection)
        or (number in others and _given_away(linked, number, span, rule))
    }
    if exposed - small:
        exposed = _not_known_before(linked, exposed, small, rule, floors)
    widths = [span.width for number, span in found.items() if number in small]
    return exposed, Audit(
        hidden_cells=len(hidden),
        exposed=tuple(sorted(attacked.name(number) for number in exposed)),
        narrowest_interval=min((width for width in widths if np.isfinite(width)), default=None),
        method=f"{method}; every small count attacked by minimising and maximising it over "
        + (f"this and {len(linked.against)} earlier releases" if linked.against else "this release"),
        against=tuple(linked.against),
    )


def _not_known_before(
    linked: Linked, exposed: set[int], small: frozenset[int], rule: Rule, floors: dict[int, float]
) -> set[int]:
    """Leave out what earlier releases gave away by themselves: refusing this one would not take it back."""
    try:
        known = linked.system.knowing(linked.published)
        found = ranges(known, exposed - small, at_least=floors, enough=float(rule.protection))
    except Contradiction:
        return exposed
    return exposed - {number for number, span in found.items() if _given_away(linked, number, span, rule)}
