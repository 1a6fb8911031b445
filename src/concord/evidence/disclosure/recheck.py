"""Whether a prepared release is still safe beside what was released since: an attack by what is shown alone.

The finding is gone by then, and so is the knowledge of which hidden counts are small. Every hidden cell is attacked;
what counts is a cell that these releases together give away and that neither side gave away before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from concord.evidence.disclosure.attacker import Contradiction, Range, ranges
from concord.evidence.disclosure.grids import TooFine
from concord.evidence.disclosure.history import add_release, told_by
from concord.evidence.disclosure.model import Release
from concord.evidence.disclosure.system import System
from concord.strategy.shapes.disclosure import Rule

CONTRADICTS = "what was released since counts the same things otherwise"


def exposed_since(made: Release, rule: Rule, before: Sequence[Release], since: Sequence[Release]) -> list[str]:
    """What `made` would now give away, in words: nothing where it is still as safe as it was when prepared.

    `before` are the releases it was attacked with then, `since` those that came out afterwards.
    """
    if rule.shows_small_numbers or not since:
        return []
    try:
        now = _given_away([made, *since, *before], rule)
        if not now:
            return []
        then = _given_away([made, *before], rule)
        without = _given_away([*since, *before], rule)
    except Contradiction:
        return [CONTRADICTS]
    mine = _hidden([made])
    return sorted(name for name in now - then if name in mine or name not in without)


def _hidden(releases: Iterable[Release]) -> set[str]:
    return {str(cell) for release in releases for cell in told_by(release).hidden}


def _given_away(releases: Sequence[Release], rule: Rule) -> set[str]:
    """Hidden cells, and pieces between releases, that are known to within less than the protection."""
    system = System()
    hidden: set[int] = set()
    for release in releases:
        agrees, kept = add_release(release, system, system.shown)
        if not agrees:
            raise Contradiction
        hidden |= kept
    try:
        system.cut()
    except TooFine:
        raise Contradiction from None
    known = {number for number, (low, high) in system.shown.items() if low == high}
    targets = (hidden | system.implied) - known
    enough = float(rule.protection)
    # Under most rules a hidden count is not nought; a nought that an older rule hid makes that impossible to hold.
    try:
        least = 0.0 if rule.zeros == "may_hide" else 1.0
        found = ranges(system, targets, at_least=dict.fromkeys(hidden - known, least), enough=enough, exactly=hidden)
    except Contradiction:
        found = ranges(system, targets, at_least=0.0, enough=enough, exactly=hidden)
    given = {
        number
        for number, span in found.items()
        if span.width < rule.protection and (number in hidden or _small(span, rule))
    }
    return {system.name(number) for number in given | (hidden & known)}


def _small(span: Range, rule: Rule) -> bool:
    return span.high >= max(rule.hide_from, 1) and span.low <= rule.hide_to
