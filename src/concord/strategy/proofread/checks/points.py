"""Percentages of percentages: “6% higher” than 31% may mean six points or six hundredths, and the two differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from concord.strategy.proofread.checks.changes import agrees, percent_change
from concord.strategy.proofread.document import Document, Sentence, sentences_of
from concord.strategy.proofread.language import quote, series
from concord.strategy.proofread.numbers import DIGITS, Number, parse, percentages
from concord.strategy.proofread.remark import Kind, Remark

RELATION = re.compile(r"\s*(?:(?P<up>higher|above|more|greater)|(?P<down>lower|below|less|fewer))\b(?:\s+than)?", re.I)
PERCENTAGE_MEASURE = re.compile(r"\b(?:percentage|proportion|share)\b", re.I)
RATE = re.compile(r"\brates?\b", re.I)
MOVED = re.compile(
    r"\b(?:increased?|rose|risen|grew|grown|fell|fallen|decreased?|dropped|declined|reduced|rise|fall|decrease|"
    r"drop|reduction)"
    r"\s+(?:by|of)\s+$",
    re.I,
)
FROM_TO = re.compile(
    rf"\bfrom\s+(?P<old>{DIGITS})\s?(?:%|per\s?cent)?(?:\s+(?:in|at)\s+[\w/–-]+)?\s+to\s+(?P<new>{DIGITS})\s?(?:%|"
    r"per\s?cent)",
    re.I,
)


def check(document: Document) -> Iterator[Remark]:
    for block in document.prose:
        level: Number | None = None
        for sentence in sentences_of(block):
            moved = list(_from_to(sentence))
            yield from moved
            if not moved:
                yield from _compared(sentence, level)
            levels = [p for p in percentages(sentence.text) if not _relation(sentence.text, p)]
            level = levels[-1] if levels else level


def _relation(text: str, percent: Number) -> re.Match[str] | None:
    return RELATION.match(text, percent.end)


def _compared(sentence: Sentence, level: Number | None) -> Iterator[Remark]:
    text = sentence.text
    found = percentages(text)
    relative = [p for p in found if _relation(text, p) or MOVED.search(text[: p.start])]
    if not relative:
        return
    before = [p for p in found if p not in relative and p.end <= relative[0].start]
    own = before[-1] if before else level
    measured = text[: relative[0].start]
    if not (PERCENTAGE_MEASURE.search(measured) or (own is not None and RATE.search(measured))):
        return
    if _says_both(text, relative, own, [p for p in found if p not in relative and p is not own]):
        return
    first = relative[0]
    match = _relation(text, first)
    said = quote(text[first.start : match.end() if match else first.end])
    message = f"{said} is said of something that is itself a percentage: it may mean percentage points or a ratio."
    if own is not None and match is not None:
        sign = 1 if match.group("up") else -1
        points = series([f"{own.value - sign * p.value}%" for p in relative])
        ratios = series([f"{_ratio(own.value, sign * p.value)}%" for p in relative])
        message += f" From {own.value}%, points put the others at {points}; a ratio puts them at {ratios}."
    dated = "" if re.search(r"\b(?:19|20)\d\d\b", sentence.block.text) else " Add the year."
    yield Remark(
        sentence.line_at(first.start),
        Kind.POINTS,
        message,
        f"Give the figures compared with, and write “percentage points” if that is meant.{dated}",
    )


def _says_both(text: str, relative: list[Number], own: Number | None, others: list[Number]) -> bool:
    """The figure compared with is written and makes the percentage a ratio: nothing is in doubt."""
    if own is None or not others:
        return False
    for percent in relative:
        match = _relation(text, percent)
        sign = 1 if match is None or match.group("up") else -1
        ratios = [percent_change(other.value, own.value) * sign for other in others if other.value]
        if not any(agrees(percent, ratio - Decimal("0.5"), ratio + Decimal("0.5")) for ratio in ratios):
            return False
    return True


def _ratio(value: Decimal, percent: Decimal) -> Decimal:
    divisor = 1 + percent / 100
    return (value / divisor).quantize(Decimal("0.1"), ROUND_HALF_UP) if divisor > 0 else value


def _from_to(sentence: Sentence) -> Iterator[Remark]:
    """“From 20% to 25%, an increase of 5%”: five points, or a quarter."""
    text = sentence.text
    for match in FROM_TO.finditer(text):
        old, old_decimals = parse(match.group("old"))
        new, new_decimals = parse(match.group("new"))
        gap = abs(new - old)
        for percent in percentages(text):
            if match.start() <= percent.start < match.end() or old == 0:
                continue
            if abs(percent.start - match.end()) > 60 and abs(match.start() - percent.end) > 60:
                continue
            ratio = abs(percent_change(old, new))
            loose = Decimal(10) ** -max(old_decimals, new_decimals) * 100 / old
            if agrees(percent, ratio - loose, ratio + loose):
                continue
            if agrees(percent, gap, gap):
                yield Remark(
                    sentence.line_at(percent.start),
                    Kind.POINTS,
                    f"From {old}% to {new}% is {gap} percentage points; as a percentage of {old}% it is "
                    f"{ratio.quantize(Decimal('0.1'))}%.",
                    f"Write “{gap} percentage points”.",
                )
