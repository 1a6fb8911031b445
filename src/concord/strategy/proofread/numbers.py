"""Numbers as drafts write them: counts, percentages, money, years and spans of years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

SMALL = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
ORDINALS = {
    word: number
    for number, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], start=1
    )
}
SMALL_WORD = "|".join(SMALL)
DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
PERCENT = re.compile(rf"(?<![\d.,])(?P<value>{DIGITS})\s?(?:%|per\s?cent\b)(?!\s*(?:age)?\s*points?)", re.I)
POINTS = re.compile(rf"(?P<value>{DIGITS})\s?(?:%|per\s?cent(?:age)?|pp)\s*points?\b|{DIGITS}\s?pp\b", re.I)
MONEY = re.compile(rf"£\s?(?:{DIGITS})\s?(?:m\b|k\b|bn\b|million|billion|thousand)?", re.I)
YEAR = r"(?:19|20)\d{2}"
SPAN = re.compile(rf"\b(?P<first>{YEAR})\s?[-–—/]\s?(?P<last>{YEAR}|\d{{2}})\b")
ANY_YEAR = re.compile(rf"(?<![\d£,.])(?:{YEAR})(?:\s?[-–—/]\s?(?:{YEAR}|\d{{2}}))?(?![\d,]\d|%)\b")
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
APPROXIMATE = re.compile(
    r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|over|more than|at least|up to|under|less than|"
    r"fewer than|some|circa|c\.|~|just)\s*$",
    re.I,
)
# What follows a number and makes it no count: a unit of time or age, an ordinal ending, a percentage.
_NOT_COUNT_AFTER = re.compile(
    r"^\s?(?:%|per\s?cent|pp\b|st\b|nd\b|rd\b|th\b|am\b|pm\b|years?\b|year[- ]olds?|months?\b|weeks?\b|days?\b|hours?\b"
    r"|minutes?\b|s\b|\+|-year|–year|m\b|million|billion|bn\b|k\b|x\b|°|[-–]\s?\d|/\d|:\d)",
    re.I,
)
_NOT_COUNT_BEFORE = re.compile(
    rf"(?:£\s?|[-–/:]\s?|\b(?:aged?|ages|under|years?|theme|priority|section|chapter|part|page|objective|outcome|act|"
    rf"under the age of|age of|s|stage|phase|operation|tier|level|top|line|{MONTH}|between the ages of|aged between|"
    r"over the age of|score of|per)\s?(?:s\s)?|\bfigure\s)$",
    re.I,
)
EVENT = (
    r"(?:offen[cs]es?|incidents?|crimes?|arrests?|warrants?|referrals?|cases?|victims?|searches|reports?|charges?|"
    r"convictions?|stabbings?|homicides?|murders?|robberies|robbery|burglar(?:y|ies)|admissions?|contacts?|concerns?|"
    r"suspects?|offenders?|seizures?|attendances?|children|young people|people|pupils|adults|women|girls|boys|men|"
    r"residents|entrants|injuries|assaults|rapes|deaths|suspensions|exclusions|lines|notifications|records)"
)


NEAR = 60  # how far from a number the words reach that say what it is


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: its value, how many decimals it is written with, and where it stands."""

    value: Decimal
    decimals: int
    start: int
    end: int
    approximate: bool = False

    @property
    def half_unit(self) -> Decimal:
        """Half of the last place written: how far rounding can have moved it."""
        return Decimal(5).scaleb(-self.decimals - 1)

    def written(self) -> str:
        return f"{self.value:,}"


def parse(text: str) -> tuple[Decimal, int]:
    value = Decimal(text.replace(",", ""))
    exponent = value.as_tuple().exponent
    return value, -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _number(text: str, match: re.Match[str], group: str | int) -> Number:
    value, decimals = parse(match.group(group))
    approximate = APPROXIMATE.search(text[max(match.start() - NEAR, 0) : match.start()]) is not None
    return Number(value, decimals, match.start(), match.end(), approximate)


def percentages(text: str) -> list[Number]:
    return [_number(text, match, "value") for match in PERCENT.finditer(text)]


def counts(text: str) -> list[Number]:
    """Numbers of things: no percentage, money, year, age, time, ordinal or reference."""
    found = []
    for match in re.finditer(rf"(?<![\w.,]){DIGITS}(?![\w]*\d)", text):
        before, after = text[max(match.start() - NEAR, 0) : match.start()], text[match.end() : match.end() + NEAR]
        if _NOT_COUNT_AFTER.match(after) or _NOT_COUNT_BEFORE.search(before) or re.match(r"[A-Za-z]", after):
            continue
        bare_year = re.fullmatch(YEAR, match.group()) is not None
        if bare_year and not re.match(rf"\s(?:\w+\s){{0,2}}?{EVENT}\b", after, re.I):
            continue
        if re.match(rf"\s{MONTH}\b", after):
            continue
        found.append(_number(text, match, 0))
    return found


def has_year(text: str) -> bool:
    """Whether the words carry a date: a year, a span of years or a month of one."""
    return ANY_YEAR.search(text) is not None


def span_years(match: re.Match[str]) -> int:
    """How many years lie between the ends of a span such as 2018-2022 or 2018/22."""
    first, last = int(match.group("first")), match.group("last")
    end = int(last) if len(last) == 4 else first - first % 100 + int(last)
    return end - first if end >= first else 0


def words_for(text: str) -> int | None:
    """The value of a small whole number in figures or words."""
    text = text.lower()
    if text.isdigit():
        return int(text)
    return SMALL.get(text)
