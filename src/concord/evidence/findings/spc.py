"""Statistical process control for monthly counts: XmR limits and the rules that say a change is more than noise.

Source: NHS England, Making Data Count; as computed by NHSRplotthedots (which screens out extreme moving ranges).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

LIMIT = 2.66
"""Three standard deviations, from the mean moving range of two: 3 / 1.128."""
SCREEN = 3.267
"""Moving ranges above this many mean ranges are left out before the limits are drawn (D4 for ranges of two)."""
TRIAL_BELOW = 12
SHOWN_FROM = 3
"""Fewer points than this carry no limits and no colour."""

Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean, and the lowest and highest value that ordinary variation reaches. `trial`: under twelve points."""

    mean: float
    low: float
    high: float
    near_low: float
    near_high: float
    trial: bool


def xmr(values: Sequence[float], *, screen: bool = True) -> Limits | None:
    """XmR limits, or None with fewer than three points."""
    if len(values) < SHOWN_FROM:
        return None
    mean = sum(values) / len(values)
    moves = [abs(b - a) for a, b in pairwise(values)]
    typical = sum(moves) / len(moves)
    if screen:
        kept = [move for move in moves if move < SCREEN * typical] or moves
        typical = sum(kept) / len(kept)
    reach = LIMIT * typical
    near = reach * 2 / 3
    return Limits(mean, mean - reach, mean + reach, mean - near, mean + near, len(values) < TRIAL_BELOW)


def run_of_seven(values: Sequence[float]) -> list[Side]:
    """For each point, whether it ends (or goes on with) seven in a row rising (1) or falling (-1)."""
    found: list[Side] = [0] * len(values)
    for end in range(6, len(values)):
        steps = [b - a for a, b in zip(values[end - 6 : end], values[end - 5 : end + 1], strict=True)]
        found[end] = 1 if all(s > 0 for s in steps) else -1 if all(s < 0 for s in steps) else 0
    return found


def seven_one_side(sides: Sequence[int]) -> list[int]:
    """For each point, 1 where it ends or goes on with seven in a row on one side of the mean."""
    found = [0] * len(sides)
    for end in range(6, len(sides)):
        run = set(sides[end - 6 : end + 1])
        found[end] = int(len(run) == 1 and 0 not in run)
    return found


def two_of_three(near: Sequence[int], sides: Sequence[int]) -> list[int]:
    """Points near a limit that belong to two of three in a row near the same limit."""
    found = [0] * len(near)
    for start in range(len(near) - 2):
        window = range(start, start + 3)
        for side in (-1, 1):
            close = [i for i in window if near[i] and sides[i] == side]
            if len(close) >= 2 and all(sides[i] == side for i in window):
                for i in close:
                    found[i] = 1
    return found


def assurance(limits: Limits, target: float, better: Literal["increase", "decrease"]) -> str:
    """Whether a target will be met: `consistent_pass`, `consistent_fail` or `inconsistent` (it may go either way)."""
    if limits.low <= target <= limits.high:
        return "inconsistent"
    meets = limits.low > target if better == "increase" else limits.high < target
    return "consistent_pass" if meets else "consistent_fail"


def signals(values: Sequence[float], limits: Limits) -> list[str]:
    """For each point, the rule it breaks, in words; empty where it is ordinary variation."""
    sides: list[int] = [(value > limits.mean) - (value < limits.mean) for value in values]
    near = [int(not limits.near_low <= value <= limits.near_high) for value in values]
    runs, one_side, two = run_of_seven(values), seven_one_side(sides), two_of_three(near, sides)
    words = []
    for i, value in enumerate(values):
        if value > limits.high:
            words.append("above the usual range")
        elif value < limits.low:
            words.append("below the usual range")
        elif runs[i]:
            words.append("seven months rising" if runs[i] > 0 else "seven months falling")
        elif one_side[i]:
            words.append("seven months above the mean" if sides[i] > 0 else "seven months below the mean")
        elif two[i]:
            words.append("two of three months near the limit")
        else:
            words.append("")
    return words
