"""What may be answered, and what an answer carries: the value, when, by whom, and where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from concord.desk.instruments.rules.scoring import Given
from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.instrument import Instrument, Question, Section

LONG = 4000
SPACE = r"\s+"
SHORT = 200


class NotAnswered(Refused):
    """An answer that the question does not take."""


class NotUsable(Refused):
    """An instrument that may not be used here, now, or by this person."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as it is kept. `source` is where it was said before, with its date; `withheld`: the person did not
    want it written, and nothing is."""

    value: Given
    at: datetime
    by: str
    source: str = ""
    withheld: bool = False

    def kept(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "at": self.at.isoformat(),
            "by": self.by,
            "source": self.source,
            "withheld": self.withheld,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Said:
        return cls(kept["value"], datetime.fromisoformat(kept["at"]), kept["by"], kept["source"], kept["withheld"])


def values(said: Mapping[str, Mapping[str, Any]]) -> dict[str, Given]:
    """The answers by address as scoring reads them: what was withheld is missing."""
    return {key: each["value"] for key, each in said.items()}


def checked(question: Question, given: object) -> Given:
    """The answer as it is kept. Raises NotAnswered, in words, for one the question does not take. Blank is None."""
    if given is None or given == "" or given == []:
        return None
    if question.kind == "several":
        ticked = [str(each) for each in given] if isinstance(given, list | tuple) else [str(given)]
        return sorted(_known(question, ticked), key=list(question.answers).index)
    if question.answers:
        return _known(question, [str(given)])[0]
    if question.kind == "number":
        return _amount(question, given)
    if question.kind == "date":
        return _day(question, given)
    limit = LONG if question.kind == "long_text" else SHORT
    text = str(given).strip()
    if len(text) > limit:
        raise NotAnswered(
            f"“{question.text}” takes {limit} characters at most.", next_step="Shorten it; the rest stays."
        )
    return text or None


def _known(question: Question, ticked: list[str]) -> list[str]:
    for each in ticked:
        if each not in question.answers:
            raise NotAnswered(
                f"“{each}” is no answer to “{question.text}”.", next_step=did_you_mean(each, question.answers)
            )
    return ticked


def _amount(question: Question, given: object) -> float:
    try:
        number = float(str(given))
    except ValueError:
        raise NotAnswered(f"“{question.text}” takes a number.", next_step="Write it in figures.") from None
    low, high = question.lowest, question.highest
    # The comparison is written so that “not a number” fails it.
    if not ((low is None or number >= low) and (high is None or number <= high) and abs(number) < 1e12):
        raise NotAnswered(f"“{question.text}” takes a number from {low or 0:g} to {high or 1e12:g}.")
    return int(number) if number.is_integer() else number


def _day(question: Question, given: object) -> str:
    try:
        return (given if isinstance(given, date) else date.fromisoformat(str(given))).isoformat()
    except ValueError:
        raise NotAnswered(f"“{question.text}” takes a date.", next_step="For example 27 3 2026.") from None


def in_words(question: Question, value: Given) -> str:
    """The answer as a page says it."""
    if value is None:
        return "Not answered"
    if isinstance(value, list):
        return ", ".join(question.answers.get(each, each) for each in value)
    if question.kind == "date" and isinstance(value, str):
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B %Y}"
    return question.answers.get(str(value), f"{value:g}" if isinstance(value, int | float) else str(value))


def placed(instrument: Instrument, where: str) -> tuple[Section, Question, int]:
    """The question an address names. Raises NotAnswered where there is none."""
    part, _, rest = where.partition(".")
    for section in instrument.section:
        for question in section.question:
            if section.repeats is None and where == question.key:
                return section, question, 0
            row, _, name = rest.partition(".")
            named = section.repeats is not None and part == section.key and name == question.key
            if section.repeats is not None and named and row.isdecimal() and 1 <= int(row) <= section.repeats.most:
                return section, question, int(row)
    raise NotAnswered(f"“{where}” is no question of “{instrument.name}”.", next_step="Open the page again.")


# --- words that blame -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wording:
    """A phrase of the partnership's list: what to write instead, and why."""

    phrase: str
    instead: str
    why: str


def blaming(text: str, words: Iterable[Wording]) -> tuple[Wording, ...]:
    """Phrases in the text that put the blame on the person harmed, in the list's order. A prompt, never a block.

    Whole words, in any case and with any white space between them; a `*` at the end of a word takes its endings.
    """
    return tuple(each for each in words if _pattern(each.phrase).search(text))


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in phrase.split()]
    return re.compile(rf"\b{SPACE.join(parts)}\b", re.IGNORECASE)
