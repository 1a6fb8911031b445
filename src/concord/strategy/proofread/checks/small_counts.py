"""Percentages and counts from which a reader can work out how few people they are about.

A percentage with two decimals fits only a handful of fractions with a small base, so it gives the count away
even where none is written. Thresholds are the product's defaults for public text (reference: domain rules on
disclosure control): no percentage on a base under 20, whole percentages on a base under 100, counts under 10
of people or cases withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from concord.strategy.proofread.checks.changes import StatedChange, directed, stated_changes
from concord.strategy.proofread.document import Document, Sentence
from concord.strategy.proofread.language import is_intent, series
from concord.strategy.proofread.numbers import MONTH, SPAN, YEAR, Number, counts, percentages, span_years, words_for
from concord.strategy.proofread.remark import Kind, Remark

NO_PERCENT_UNDER = 20
WHOLE_PERCENT_UNDER = 100
COUNT_UNDER = 10
SEARCH_TO = 120
SEARCH_FURTHER = 250

POPULATION = re.compile(r"\b(?:census|population|residents|households|respondents|national|england|uk)\b", re.I)
PEOPLE = (
    r"(?:child|children|young (?:people|person|persons|adults?)|people|persons?|victims?|suspects?|offenders?|"
    r"girls?|boys?"
    r"|women|woman|men|pupils?|students?|adults?|homicides?|murders?|deaths?|rapes?|referrals?|cases?|concerns?"
    r"|entrants?|stabbings?|suspensions?|exclusions?)"
)
FEW = re.compile(
    r"(?<![\w.,/–-])(?P<n>[1-9]|two|three|four|five|six|seven|eight|"
    rf"nine)\s+(?!per\s?cent)(?:[a-z-]+\s+){{0,2}}?(?P<who>{PEOPLE})\b",
    re.I,
)
LONG_SPAN = re.compile(
    rf"\b(?:between|from)\s+(?:{MONTH}\s+)?(?P<first>{YEAR})\s+(?:and|to)\s+(?:{MONTH}\s+)?(?P<last>{YEAR})\b", re.I
)


def fitting_fractions(percent: str, largest_base: int) -> list[tuple[int, int]]:
    """Every (part, base) with base up to `largest_base` that rounds to `percent` as written, smallest base first.

    `percent` is the number alone ("45.95"). Parts larger than the base are kept out: a share cannot exceed it.
    """
    value = Fraction(percent)
    decimals = len(percent.partition(".")[2])
    half = Fraction(1, 2 * 10**decimals)
    found = []
    for base in range(1, largest_base + 1):
        low, high = (value - half) * base / 100, (value + half) * base / 100
        first = max(-(-low.numerator // low.denominator), 1)  # ceiling, and no empty part
        last = min(high.numerator // high.denominator, base)
        found += [(part, base) for part in range(first, last + 1)]
    return found


def check(document: Document) -> Iterator[Remark]:
    for sentence in document.sentences:
        yield from _precise(sentence)
        yield from _few(sentence)
        yield from _thin(sentence)


def _precise(sentence: Sentence) -> Iterator[Remark]:
    changes: dict[int, StatedChange] = {c.percent.start: c for c in stated_changes(sentence)}
    for percent in percentages(sentence.text):
        change = changes.get(percent.start)
        base = change.base if change is not None else _stated_base(sentence.text, percent)
        if base is not None:
            yield from _on_small_base(sentence, percent, int(base))
        elif percent.decimals >= 2 and percent.value < 100 and not POPULATION.search(sentence.text):
            if counts(sentence.text) and change is None:
                continue
            yield from _guessable(sentence, percent)


def _stated_base(text: str, percent: Number) -> int | None:
    after = re.match(
        rf"\s*(?:of (?:the |all |those |our )?(?P<n>\d[\d,]*)\s+(?:[a-z-]+\s+){{0,2}}?{PEOPLE}\b|\(\s*\d+\s*(?:/|"
        r"of|out of)\s*(?P<m>\d+))",
        text[percent.end :],
        re.I,
    )
    if after:
        return int((after.group("n") or after.group("m")).replace(",", ""))
    return None


def _on_small_base(sentence: Sentence, percent: Number, base: int) -> Iterator[Remark]:
    if 0 < base < NO_PERCENT_UNDER:
        yield Remark(
            sentence.line_at(percent.start),
            Kind.SMALL_COUNT,
            f"{percent.value}% is taken on a base of {base}: with so few, each case is worth "
            f"{round(100 / base)} percentage points and people may be recognised.",
            f"Give no percentage on a base under {NO_PERCENT_UNDER}; join years or groups, or say it in words.",
        )
    elif base < WHOLE_PERCENT_UNDER and percent.decimals:
        yield Remark(
            sentence.line_at(percent.start),
            Kind.SMALL_COUNT,
            f"{percent.value}% is taken on a base of {base}: the decimals say more than {base} cases can.",
            f"Round to a whole percentage where the base is under {WHOLE_PERCENT_UNDER}.",
        )


def _guessable(sentence: Sentence, percent: Number) -> Iterator[Remark]:
    written = f"{percent.value}"
    fits = fitting_fractions(written, SEARCH_TO)
    reach = SEARCH_TO
    if not fits:
        fits, reach = fitting_fractions(written, SEARCH_FURTHER), SEARCH_FURTHER
    precise = f"{written}% has two decimals and no counts"
    suggestion = (
        "Give both counts if they are large enough to publish; otherwise round to a whole percentage, or withhold it."
    )
    if not fits:
        yield Remark(
            sentence.line_at(percent.start), Kind.SMALL_COUNT, f"{precise}: a reader cannot check it.", suggestion
        )
        return
    direction = directed(sentence.text, percent.start, percent.end)
    if direction is None:
        shown = [f"{part} of {base}" for part, base in fits[:4]]
        what = "can only be"
    else:
        sign = 1 if direction == "up" else -1
        if len(fits) < 3:
            fits = fitting_fractions(written, SEARCH_FURTHER)
            reach = SEARCH_FURTHER
        shown = [f"{base} to {base + sign * part}" for part, base in fits[:4]]
        what = "can only be a change from"
    yield Remark(
        sentence.line_at(percent.start),
        Kind.SMALL_COUNT,
        f"{precise}. On a base of up to {reach} it {what} {series(shown, 'or')}: the percentage gives away how "
        "few there were.",
        suggestion,
    )


def _few(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    if is_intent(text):
        return
    for match in FEW.finditer(text):
        before = text[: match.start()]
        if re.search(
            r"\b(?:one|out of|in|every|each|of|first|last|next|these|the|other|over|than|at least|age|theme|phase|"
            r"aged|or|to|top|outcome|most)\s*$",
            before,
            re.I,
        ):
            continue
        if re.match(
            r"\s+(?:workers?|officers?|services?|teams?|groups?|boards?|panels?|workshops?|strateg\w+|centres?)\b",
            text[match.end() :],
        ):
            continue
        if not re.search(r"\b(?:was|were|had|have been|has been|saw|recorded|reported|identified|there)\b|\d{4}", text):
            continue
        number = words_for(match.group("n"))
        yield Remark(
            sentence.line_at(match.start()),
            Kind.SMALL_COUNT,
            f"“{match.group()}” is a count under {COUNT_UNDER}: with {number}, the people behind it may be "
            "recognised locally.",
            f"Write “fewer than {COUNT_UNDER}”, join it with other years or groups, or leave it out.",
        )


def _thin(sentence: Sentence) -> Iterator[Remark]:
    """Counts over several years that come to fewer than ten a year."""
    text = sentence.text
    span = LONG_SPAN.search(text)
    years = 0
    if span is not None:
        years = int(span.group("last")) - int(span.group("first"))
    else:
        dashed = SPAN.search(text)
        years = span_years(dashed) if dashed is not None else 0
    if years < 2 or not re.search(PEOPLE, text, re.I):
        return
    thin = [n for n in counts(text) if n.decimals == 0 and COUNT_UNDER <= n.value < COUNT_UNDER * years]
    if not thin:
        return
    rates = [f"{n.value} is about {float(n.value) / years:.3g} a year" for n in thin]
    yield Remark(
        sentence.line_at(thin[0].start),
        Kind.SMALL_COUNT,
        f"Small numbers over {years} years: {series(rates)}. Any split by year, area, age or group would point at "
        "people.",
        f"Keep the total for the whole period, do not break it down, and write “fewer than {COUNT_UNDER} a year” "
        "if a yearly figure is wanted.",
    )
