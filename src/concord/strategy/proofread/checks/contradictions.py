"""Statements of one draft that cannot both stand: trends, ranks, figures, time frames, wording of one fact."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from concord.strategy.proofread.document import Document, Sentence
from concord.strategy.proofread.language import around, content_words, is_intent, quote, stem, word_list
from concord.strategy.proofread.numbers import (
    ANY_YEAR,
    ORDINALS,
    SPAN,
    counts,
    percentages,
    span_years,
    words_for,
)
from concord.strategy.proofread.remark import Kind, Remark

ROSE = re.compile(r"\b(?:increas(?:e|ed|es)|ris(?:e|en|es)|rose|gr(?:ew|own))\b", re.I)
FELL = re.compile(r"\b(?:decreas(?:e|ed|es)|reduction|reduced|fall|fell|fallen|declin(?:e|ed)|drop|dropped)\b", re.I)
FOUND = re.compile(
    r"\b(?:saw|seen|has|have|had|recorded|was|were|rose|fell|increased|decreased|declined|dropped|compared|"
    r"a \w+ \w+ of)\b",
    re.I,
)
RANK = re.compile(
    rf"\b(?P<rank>\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)})[\s-]+(?P<pole>most|least|highest|lowest|largest|"
    r"smallest)"
    r"(?:\s+(?P<what>[a-z][\w -]*?))?\s+(?:of|in|across|out of)\s+(?P<where>(?:the\s+)?[A-Z]\w+)",
)
QUALIFIER = re.compile(
    r"\b(?:based on|by|on|for|with an?|using)\s+(?:the\s+)?[\w ]{3,40}?(?=\s(?:based|that|which|with|in)\b|[,.;:(]|$)",
    re.I,
)
DURATION = re.compile(
    r"\b(?:over|for|within|in|during|across)\s+(?:the\s+)?(?:next|coming|following)\s+(?P<n>\d{1,2}|"
    r"[a-z]+)\s+(?P<unit>years?|months?)\b"
    r"|\b(?P<n2>\d|one|two|three|four|five|six|ten)[- ]year\s+(?P<what>plan|strategy|priorit\w+|programme)\b",
    re.I,
)
GOVERNED = re.compile(r"\b(?:plan|strategy|priorit(?:y|ies))\b", re.I)
CLOCK = re.compile(r"\b(?P<h>\d{1,2})(?::\d{2})?\s?(?P<half>am|pm)\b", re.I)
HOURS = re.compile(r"\b(?P<a>\d{1,2})\s?(?P<ah>am|pm)?\s?(?:[-–—]|to)\s?(?P<b>\d{1,2})\s?(?P<bh>am|pm)\b", re.I)
PARTS_OF_DAY = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (21, 30)}
WORD = re.compile(r"[\w£%.,/-]*\w%?")


def check(document: Document) -> Iterator[Remark]:
    yield from _trends(document)
    yield from _ranks(document)
    yield from _retold(document)
    yield from _time_frames(document)
    yield from _hours(document)


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the draft that a contradiction points at."""

    sentence: Sentence
    offset: int = 0

    @property
    def line(self) -> int:
        return self.sentence.line_at(self.offset)

    def says(self) -> str:
        return f"line {self.line} says {around(self.sentence.text, self.offset)}"


def _both(one: _Place, two: _Place, message: str, suggestion: str, *, minor: bool = False) -> Iterator[Remark]:
    """The same remark on each of two lines, each ending with what the other says."""
    if one.line != two.line:
        for here, there in ((one, two), (two, one)):
            yield Remark(
                here.line, Kind.CONTRADICTION, f"{message} {_capital(there.says())}.", suggestion, (there.line,), minor
            )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- trends


@dataclass(frozen=True, slots=True)
class _Trend:
    sentence: Sentence
    subjects: frozenset[tuple[str, str]]
    up: bool
    years: frozenset[int]
    offset: int


def years_in(text: str) -> frozenset[int]:
    """The years a text names, spans filled in; 2022/23 and 2022-2023 both name 2022 and 2023."""
    found: set[int] = set()
    for match in ANY_YEAR.finditer(text):
        span = SPAN.fullmatch(match.group())
        first = int(match.group()[:4])
        found.update(range(first, first + (span_years(span) if span else 0) + 1))
    return frozenset(found)


TOO_WIDE = frozenset({"recorded", "reported", "serious", "total", "local", "these", "new"})


def _subjects(text: str) -> frozenset[tuple[str, str]]:
    """Pairs such as (sexual, offence): what a measured noun counts."""
    words = content_words(text)
    measured = {stem(word) for word in word_list("measured")}
    found = set()
    for i in range(1, len(words)):
        before = words[i - 1]
        if words[i] not in measured or not before.isalpha() or len(before) < 3 or before in TOO_WIDE:
            continue
        if before in measured and i > 1:
            before = f"{words[i - 2]} {before}"
        found.add((before, words[i]))
    return frozenset(found)


def _trend(sentence: Sentence) -> _Trend | None:
    text = sentence.text
    rose, fell = ROSE.search(text), FELL.search(text)
    if (rose is None) == (fell is None) or is_intent(text) or not FOUND.search(text) or "risk" in text.lower():
        return None
    subjects = _subjects(text)
    if not subjects:
        return None
    word = rose or fell
    assert word is not None  # noqa: S101 - exactly one of the two matched
    years = set(years_in(text))
    if re.search(r"\b(?:previous|preceding|last) year\b", text, re.I) and years:
        years.add(min(years) - 1)
    elif re.search(r"\bsince\b", text, re.I) and years:
        years.update(range(min(years), min(years) + 4))
    return _Trend(sentence, subjects, rose is not None, frozenset(years), word.start())


def _trends(document: Document) -> Iterator[Remark]:
    seen: list[_Trend] = []
    for sentence in document.sentences:
        trend = _trend(sentence)
        if trend is None:
            continue
        for earlier in seen:
            shared = earlier.subjects & trend.subjects
            overlap = len(earlier.years & trend.years) >= 2 or not (earlier.years and trend.years)
            if not shared or earlier.up == trend.up or not overlap or not (earlier.years or trend.years):
                continue
            if earlier.sentence.block is trend.sentence.block or _opposed_on_purpose(trend.sentence.text):
                continue
            pair = max(shared)
            yield from _both(
                _Place(earlier.sentence, earlier.offset),
                _Place(trend.sentence, trend.offset),
                f"The draft says of {pair[0]} {pair[1]}s both that they rose and that they fell over the same time.",
                "Give both statements their measure (count or rate), period, source and date of extraction; "
                "keep one if they mean the same thing.",
            )
        seen.append(trend)


def _opposed_on_purpose(text: str) -> bool:
    return re.match(r"(?:However|In contrast|By contrast|Nationally|Across (?:England|London))\b", text) is not None


# --- ranks


def rank_value(text: str) -> int:
    text = text.lower()
    return ORDINALS[text] if text in ORDINALS else int(re.sub(r"\D", "", text))


def _ranks(document: Document) -> Iterator[Remark]:
    seen: dict[tuple[str, str, str], list[tuple[int, str, Sentence, int]]] = defaultdict(list)
    for sentence in document.sentences:
        for match in RANK.finditer(sentence.text):
            tail = sentence.text[match.end() : match.end() + 90]
            what = " ".join(content_words(match.group("what") or ""))
            subject = re.match(r"\w*\s+for\s+(?:rates? of\s+)?(?P<s>[\w ]+?)(?:[,.;:]|$)", tail)
            key = (
                match.group("pole").lower(),
                what + (" " + subject.group("s") if subject else ""),
                match.group("where"),
            )
            qualifier = QUALIFIER.search(tail)
            told = qualifier.group().strip() if qualifier and not subject else ""
            value = rank_value(match.group("rank"))
            for other_value, other_told, other, offset in seen[key]:
                place = (_Place(other, offset), _Place(sentence, match.start()))
                if value != other_value and (not told or not other_told or told == other_told):
                    yield from _both(
                        *place,
                        f"One ranking is given two places: {other_value} and {value}.",
                        "Check which is right, and give the source and year beside it.",
                    )
                elif value == other_value and told != other_told:
                    yield from _both(
                        *place,
                        "The same rank is given on two different measures: "
                        f"{quote(other_told or 'no measure named')} and {quote(told or 'no measure named')}. "
                        "A place on one does not carry over to the other.",
                        "Name the index, the domain and the year each time, and look up the rank on each.",
                    )
            seen[key].append((value, told, sentence, match.start()))


# --- one fact told twice


def _retold(document: Document) -> Iterator[Remark]:
    """Sentences that tell one fact in nearly the same words and differ in a figure, or in “and” for “or”."""
    words = [[m.group() for m in WORD.finditer(s.text.lower())] for s in document.sentences]
    shingles: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, tokens in enumerate(words):
        kept = [t for t in tokens if not t[0].isdigit() and t not in ("and", "or")]
        for i in range(len(kept) - 3):
            bucket = shingles[tuple(kept[i : i + 4])]
            if index not in bucket:
                bucket.append(index)
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    for bucket in shingles.values():
        if len(bucket) <= 12:
            for i, a in enumerate(bucket):
                for b in bucket[i + 1 :]:
                    pairs[a, b] += 1
    for (a, b), shared in pairs.items():
        if shared >= 2:
            yield from _compare(document.sentences[a], document.sentences[b], words[a], words[b])


def _compare(first: Sentence, second: Sentence, one: list[str], two: list[str]) -> Iterator[Remark]:
    if first.block is second.block:
        return
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    for i, (tag, a0, a1, b0, b1) in enumerate(blocks):
        if tag != "replace" or i == 0 or i + 1 == len(blocks):
            continue
        before, after = blocks[i - 1], blocks[i + 1]
        run_before, run_after = before[2] - before[1], after[2] - after[1]
        if {" ".join(one[a0:a1]), " ".join(two[b0:b1])} == {"and", "or"} and run_before >= 4 and run_after >= 2:
            starts = [[m.start() for m in WORD.finditer(s.text.lower())] for s in (first, second)]
            yield from _both(
                _Place(first, starts[0][a0]),
                _Place(second, starts[1][b0]),
                "The same fact is told with “and” in one place and “or” in the other.",
                "Write it once, as “any of” or “all of”, and repeat those words.",
                minor=True,
            )
            return
    if min(len(one), len(two)) < 6 or is_intent(first.text) or is_intent(second.text):
        return
    yield from _other_figures(first, second)


def _other_figures(first: Sentence, second: Sentence) -> Iterator[Remark]:
    a, b = set(content_words(_no_figures(first.text))), set(content_words(_no_figures(second.text)))
    if not a or not b or len(a & b) / len(a | b) < 0.7:
        return
    years_a, years_b = years_in(first.text), years_in(second.text)
    if years_a and years_b and years_a != years_b:
        return
    left = {n.value for n in (*percentages(first.text), *counts(first.text))}
    right = {n.value for n in (*percentages(second.text), *counts(second.text))}
    only_left, only_right = left - right, right - left
    if only_left and only_right:
        yield from _both(
            _Place(first),
            _Place(second),
            "The same statement is made with different figures: "
            f"{', '.join(map(str, sorted(only_left)))} and {', '.join(map(str, sorted(only_right)))}.",
            "Find the right figure at its source and use it in both places, with its period.",
        )


def _no_figures(text: str) -> str:
    return re.sub(r"[£]?\d[\d,./%-]*", " ", text)


# --- time frames and hours


def _months(match: re.Match[str]) -> int | None:
    number = words_for(match.group("n") or match.group("n2"))
    if number is None:
        return None
    return number if (match.group("unit") or "").lower().startswith("month") else number * 12


def _time_frames(document: Document) -> Iterator[Remark]:
    found: list[tuple[int, Sentence, int]] = []
    for sentence in document.sentences:
        for match in DURATION.finditer(sentence.text):
            months = _months(match)
            if months is not None and GOVERNED.search(sentence.text):
                found.append((months, sentence, match.start()))
    for i, (months, sentence, offset) in enumerate(found):
        for other_months, other, other_offset in found[:i]:
            if months != other_months:
                yield from _both(
                    _Place(other, other_offset),
                    _Place(sentence, offset),
                    f"The draft gives its plan or priorities two time frames, {_span(other_months)} and "
                    f"{_span(months)}.",
                    "Say how long the strategy runs and, separately, how long the priorities stand before review.",
                )
                break


def _span(months: int) -> str:
    if months % 12 == 0 and months >= 12:
        return f"{months // 12} year{'s' if months > 12 else ''}"
    return f"{months} months"


def _hour(number: str, half: str) -> int:
    return int(number) % 12 + (12 if half.lower() == "pm" else 0)


def _hours(document: Document) -> Iterator[Remark]:
    """Work planned for hours that none of the draft's own peaks falls in."""
    peaks: list[tuple[int, int, str, Sentence]] = []
    planned: list[tuple[int, int, str, Sentence, int]] = []
    for sentence in document.sentences:
        if re.search(r"\bpeak(?:s|ed)?\b", sentence.text, re.I):
            for clock in CLOCK.finditer(sentence.text):
                hour = _hour(clock.group("h"), clock.group("half"))
                peaks.append((hour, hour + 1, clock.group(), sentence))
            for part, (start, end) in PARTS_OF_DAY.items():
                if re.search(rf"\b{part}s?\b", sentence.text, re.I):
                    peaks.append((start, end, part, sentence))
            continue
        for hours in HOURS.finditer(sentence.text):
            start = _hour(hours.group("a"), hours.group("ah") or hours.group("bh"))
            end = _hour(hours.group("b"), hours.group("bh"))
            planned.append((start, end if end > start else end + 24, hours.group(), sentence, hours.start()))
    if not peaks:
        return
    for start, end, said, sentence, offset in planned:
        if any(start < peak_end and peak_start < end for peak_start, peak_end, _, _ in peaks):
            continue
        told = ", ".join(dict.fromkeys(f"{name} (line {s.line})" for _, _, name, s in peaks))
        yield Remark(
            sentence.line_at(offset),
            Kind.CONTRADICTION,
            f"Work is planned for {said}, but the peaks this draft reports are at other times: {told}.",
            "Give the finding that supports these hours, or move the work to the hours of the peak.",
            tuple(sorted({s.line for _, _, _, s in peaks})),
        )
