"""Stated changes and shares that do not compute.

A change states some of: the old count, the new count, the difference, the percentage, the direction. Whatever
is stated must agree to the rounding of what is written. Where a sentence holds more numbers than one reading
needs, a reading that computes is believed: an alarm is raised only when none does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from concord.strategy.proofread.document import Document, Sentence
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.numbers import DIGITS, Number, counts, percentages
from concord.strategy.proofread.remark import Kind, Remark

Direction = Literal["up", "down"]

DOWN = r"(?:decreas\w*|reduc\w*|fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|declin\w*|down)"
UP = r"(?:increas\w*|rise[ns]?|rising|rose|gr[eo]w\w*|growth|up)"
TOUCHING = re.compile(r"\s*(?:(?P<down>fewer|less)|(?P<up>more|additional))\b", re.I)
CHANGE_WORD = re.compile(rf"\b(?:(?P<down>{DOWN})|(?P<up>{UP}))\b", re.I)
FROM_TO = re.compile(
    rf"\bfrom\s+(?P<old>{DIGITS})(?!\s?(?:%|per\s?cent|\d))(?:\s+[a-z]+){{0,3}}?(?:\s+(?:in|"
    r"at)\s+[\w/–-]+)?(?:\s+\([^)]*\))?"
    rf"\s+to\s+(?P<new>{DIGITS})(?!\s?(?:%|per\s?cent|\d))\b",
    re.I,
)
COMPARED = re.compile(
    rf"\b(?:compared (?:with|to)|against|up from|down from|from)\s+(?:the\s+)?(?P<old>{DIGITS})(?!\s?(?:%|per\s?cent))",
    re.I,
)
SHARE = re.compile(rf"\b(?P<part>{DIGITS})\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?(?P<whole>{DIGITS})\b(?!\s?%)", re.I)
_EDGE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class StatedChange:
    """A change as a sentence states it; counts that it does not state are None."""

    sentence: Sentence
    percent: Number
    direction: Direction
    old: Number | None = None
    new: Number | None = None
    difference: Number | None = None

    @property
    def base(self) -> Decimal | None:
        """The count that the percentage is a percentage of."""
        if self.old is not None:
            return self.old.value
        if self.new is not None and self.difference is not None:
            return self.new.value + (self.difference.value if self.direction == "down" else -self.difference.value)
        return None


def percent_change(old: Decimal, new: Decimal) -> Decimal:
    """Change from `old` to `new` as a percentage of `old`, unrounded. Raises ZeroDivisionError when `old` is 0."""
    return 100 * (new - old) / old


def agrees(stated: Number, low: Decimal, high: Decimal) -> bool:
    """Whether a written percentage is some value between `low` and `high`, rounded as it is written."""
    slack = max(stated.half_unit, Decimal(1)) if stated.approximate else stated.half_unit
    return low - slack - _EDGE <= stated.value <= high + slack + _EDGE


def _reach(number: Number) -> tuple[Decimal, Decimal]:
    """What a written number may have been before it was rounded; a whole number is what it says."""
    if number.decimals == 0:
        return number.value, number.value
    return number.value - number.half_unit, number.value + number.half_unit


def _fits(percent: Number, old: Number, new: Number, direction: Direction) -> bool:
    ends = [percent_change(a, b) * (1 if direction == "up" else -1) for a in _reach(old) for b in _reach(new) if a > 0]
    return bool(ends) and agrees(percent, min(ends), max(ends))


def directed(text: str, start: int, end: int) -> Direction | None:
    """The way a percentage points: by the nearest word of change to it, before it or just after."""
    touching = TOUCHING.match(text, end)
    if touching:
        return "down" if touching.group("down") else "up"
    best: tuple[int, Direction] | None = None
    for match in CHANGE_WORD.finditer(text):
        gap = start - match.end() if match.end() <= start else match.start() - end
        if match.start() >= end:
            gap += 2  # a word before the figure is the more likely owner
        if 0 <= gap <= 45 and (best is None or gap < best[0]):
            best = (gap, "down" if match.group("down") else "up")
    return best[1] if best else None


def stated_changes(sentence: Sentence) -> Iterator[StatedChange]:
    """Every percentage change in a sentence with the counts that go with it."""
    text = sentence.text
    found = percentages(text)
    numbers = counts(text)
    for place, percent in enumerate(found):
        window_start = found[place - 1].end if place else 0
        window_end = found[place + 1].start if place + 1 < len(found) else len(text)
        direction = directed(text[:window_end], percent.start, percent.end)
        if direction is None or re.match(r"\s*(?:higher|lower|above|below)\b", text[percent.end :], re.I):
            continue
        near = [n for n in numbers if window_start <= n.start < window_end]
        pair = _pair(text, near, window_start, window_end)
        difference = _difference(text, percent, near)
        if pair is not None:
            yield StatedChange(sentence, percent, direction, pair[0], pair[1], difference)
            continue
        rest = [n for n in near if n is not difference]
        old = next((n for m in COMPARED.finditer(text) for n in rest if m.start("old") == n.start), None)
        rest = [n for n in rest if n is not old]
        before = [n for n in rest if n.end <= percent.start]
        to = [n for n in rest if n.start >= percent.end and re.search(r"\bto\s+(?:\w+\s+)?$", text[: n.start])]
        candidates = [*to, *reversed(before)]
        for new in candidates:
            change = StatedChange(sentence, percent, direction, old, new, difference)
            if _wrong(change) is None and (old or difference):
                yield change
                break
        else:
            yield StatedChange(sentence, percent, direction, old, candidates[0] if candidates else None, difference)


def _pair(text: str, near: list[Number], start: int, end: int) -> tuple[Number, Number] | None:
    for match in FROM_TO.finditer(text, start, end):
        old = next((n for n in near if n.start == match.start("old")), None)
        new = next((n for n in near if n.start == match.start("new")), None)
        if old is not None and new is not None:
            return old, new
    return None


def _difference(text: str, percent: Number, near: list[Number]) -> Number | None:
    """The count in brackets after the percentage, or the one the percentage stands in brackets after."""
    for number in near:
        between = text[percent.end : number.start]
        if number.start > percent.end and re.fullmatch(
            r"\s*(?:\(|,\s*or\s+|\s+or\s+)(?:by\s+|a\s+difference\s+of\s+|equal to\s+)?", between, re.I
        ):
            if re.match(r"\s+(?:out\s+)?of\s", text[number.end :]):
                return None
            return number
        between = text[number.end : percent.start]
        if number.end < percent.start and re.fullmatch(
            r"\s*(?:[a-z]+\s+){0,3}?(?:\(|,\s*or\s+|or\s+)(?:an?\s+|of\s+|by\s+)?(?:\w+\s+of\s+)?", between, re.I
        ):
            lead = text[: number.start]
            if re.search(rf"(?:{DOWN}|{UP})\s+(?:of|by)\s+$", lead, re.I):
                return number
    return None


def _wrong(change: StatedChange) -> str | None:
    """Why a stated change does not compute, in words; None where it does or cannot be tried."""
    percent, old, new, difference = change.percent, change.old, change.new, change.difference
    if old is not None and new is not None:
        if old.value == 0:
            return f"a change from 0 to {new.written()} has no percentage" if percent.value else None
        if old.value != new.value and ("up" if new.value > old.value else "down") != change.direction:
            way = "higher" if new.value > old.value else "lower"
            return f"{new.written()} is {way} than {old.written()}, but the words say the opposite"
        if (
            difference is not None
            and abs(new.value - old.value) != difference.value
            and not (difference.approximate or old.approximate or new.approximate or old.decimals or new.decimals)
        ):
            gap = abs(new.value - old.value)
            return f"from {old.written()} to {new.written()} is a difference of {gap:,}, not {difference.written()}"
        if old.approximate or new.approximate or _fits(percent, old, new, change.direction):
            return None
        true = abs(percent_change(old.value, new.value))
        return f"from {old.written()} to {new.written()} is {_shown(true, percent.decimals)}, not {_as(percent)}"
    if new is None or difference is None or new.approximate or difference.approximate:
        return None
    base = change.base
    sign = "+" if change.direction == "down" else "-"
    if base is None or base <= 0:
        return (
            f"{new.written()} {sign} {difference.written()} leaves no earlier count for {_as(percent)} to be a share of"
        )
    true = 100 * difference.value / base
    if agrees(percent, true, true):
        return None
    would = (percent.value * base / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return (
        f"{new.written()} {sign} {difference.written()} = {base:,} for the earlier period, and "
        f"{difference.written()} / {base:,} is {_shown(true, percent.decimals)}, not {_as(percent)} "
        f"({_as(percent)} of {base:,} would be {would:,})"
    )


def _shown(value: Decimal, decimals: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)}%"


def _as(percent: Number) -> str:
    return f"{percent.value}%"


def check(document: Document) -> Iterator[Remark]:
    """Remarks on every stated change or share that its own figures contradict."""
    for sentence in document.sentences:
        for change in stated_changes(sentence):
            reason = _wrong(change)
            if reason is not None:
                yield Remark(
                    sentence.line_at(change.percent.start),
                    Kind.CHANGE,
                    f"The figures do not agree: {reason}.",
                    "Go back to the source for both counts, then write the new count, the earlier count and the "
                    "percentage worked out from them.",
                )
        yield from _shares(sentence)


def _shares(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    found = percentages(text)
    for match in SHARE.finditer(text):
        near = [
            p
            for p in found
            if re.fullmatch(r"[^.;]{0,40}?\(\s*", text[match.end() : p.start])
            or re.fullmatch(r"\s*\(\s*", text[p.end : match.start()])
        ]
        part = next((n for n in counts(text) if n.start == match.start("part")), None)
        whole = next((n for n in counts(text) if n.start == match.start("whole")), None)
        if part is None or whole is None or whole.value == 0 or part.approximate or whole.approximate or not near:
            continue
        percent = min(near, key=lambda p: abs(p.start - match.end()))
        true = 100 * part.value / whole.value
        if not agrees(percent, true, true):
            yield Remark(
                sentence.line_at(percent.start),
                Kind.CHANGE,
                f"The share does not compute: {part.written()} of {whole.written()} is "
                f"{_shown(true, percent.decimals)}, not {_as(percent)} "
                f"({quote(text[match.start() : percent.end + 1])}).",
                f"Check the two counts at their source; if they stand, write {_shown(true, percent.decimals)}.",
            )
