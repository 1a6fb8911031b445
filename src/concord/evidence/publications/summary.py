"""The public summary: the first figure of each section in few words, in any language that has a phrase file.

It is put together from phrases, because sentences of the full publication exist in English only. What has no phrase
stays English and is marked as English, for a screen reader and for whoever translates next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from concord.evidence.publications import drawing, earlier, tables, words
from concord.evidence.publications.document import Document, FigureBlock, SectionBlock
from concord.evidence.publications.sentences import About
from concord.kernel.measures import Estimate

_TEMPLATE = Path(__file__).parent / "templates" / "summary.typ"
ENGLISH = "en-GB"


class Phrases(Protocol):
    """What this room needs of a phrase file (`concord.strategy.shapes.phrases`)."""

    @property
    def language(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def digits(self) -> str: ...
    @property
    def grouping(self) -> tuple[int, ...]: ...
    @property
    def checked_by(self) -> str: ...
    @property
    def months(self) -> tuple[str, ...]: ...
    @property
    def phrases(self) -> Mapping[str, str]: ...
    @property
    def words(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Words:
    """Words with the language they are in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """One section's message: what is counted, its value and range, or that it is not shown."""

    heading: Words
    subject: Words
    group: Words | None
    value: str
    unit: Words | None
    range: str
    code: str


@dataclass(frozen=True, slots=True)
class Summary:
    language: str
    direction: str
    title: str
    lead: tuple[str, Words, str]
    """The publication's title, in its own language, between the words around it."""
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    notices: tuple[str, ...]
    phrases: Mapping[str, str]

    @property
    def description(self) -> str:
        return f"{self.lead[0]}{self.lead[1].text}{self.lead[2]}"

    @property
    def folder(self) -> str:
        return f"summary-{self.language.partition('-')[0]}"


def summarise(document: Document, phrases: Phrases) -> Summary:
    """The summary of `document` in the language of `phrases`."""
    say = Speaker(phrases)
    lines = tuple(line for section in document.sections for line in _lines(section, document, say))
    told = phrases.phrases
    notices = [told["synthetic"]] if document.synthetic else []
    if not phrases.checked_by:
        notices.append(told["unchecked"])
    parts = [part for line in lines for part in (line.heading, line.subject, line.group, line.unit)]
    if any(part is not None and part.language != phrases.language for part in parts):
        notices.append(told["untranslated"])
    title = say.words(document.publication.title)
    before, _, after = told["lead"].partition("{title}")
    periods = {figure.release.period for figure in document.figures}
    whole = max(periods, key=lambda period: (period.days, period.start), default=None)
    facts = [(told["published"], say.day(document.made_at.date()))]
    if whole is not None:
        facts.insert(0, (told["period"], f"{say.day(whole.start)} – {say.day(whole.end)}"))
    return Summary(
        phrases.language,
        phrases.direction,
        told["title"],
        (before, title, after),
        tuple(facts),
        lines,
        tuple(notices),
        told,
    )


@dataclass(frozen=True, slots=True)
class Speaker:
    """Words, numbers and dates in one language."""

    phrases: Phrases

    def words(self, english: str) -> Words:
        found = self.phrases.words.get(english) or self.phrases.words.get(english[:1].lower() + english[1:])
        if found is not None:
            return Words(self.numerals(found), self.phrases.language)
        mine = self.phrases.language.partition("-")[0] == "en"
        return Words(english, self.phrases.language if mine else ENGLISH)

    def numerals(self, text: str) -> str:
        """Numbers in `text` with this language's digits, and thousands parted as it parts them."""
        return re.sub(r"\d[\d,]*(?:\.\d+)?", lambda match: self._number(match.group()), text)

    def _number(self, text: str) -> str:
        whole, point, rest = text.replace(",", "").partition(".")
        groups: list[str] = []
        sizes = list(self.phrases.grouping)
        while whole:
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            groups.insert(0, whole[-size:])
            whole = whole[:-size]
        parted = ",".join(groups) if "," in text else "".join(groups)
        return f"{parted}{point}{rest}".translate(str.maketrans("0123456789", self.phrases.digits))

    def day(self, day: date) -> str:
        return f"{self.numerals(str(day.day))} {self.phrases.months[day.month - 1]} {self.numerals(str(day.year))}"

    def range(self, estimate: Estimate) -> str:
        spread = words.span(estimate)
        if not spread:
            return ""
        low, high = (self.numerals(end) for end in spread.split(" to "))
        return self.phrases.phrases["range"].format(low=low, high=high)


def _lines(section: SectionBlock, document: Document, say: Speaker) -> tuple[Line, ...]:
    """The first figure of the section that is about one number."""
    for figure in section.figures:
        line = _line(section.heading, figure, document, say)
        if line is not None:
            return (line,)
    return ()


def _line(heading: str, figure: FigureBlock, document: Document, say: Speaker) -> Line | None:
    """What the summary says of a figure; None for one that is about no single number."""
    spec = figure.spec
    about = About(spec.subject, document.partnership, spec.margin, spec.focus, spec.says, spec.by)
    one = earlier.headline(figure.table, about)
    if one is None:
        return None
    group = None if one.category == tables.TOTAL else say.words(words.category(one.category))
    head, subject = say.words(heading), say.words(spec.subject)
    if one.estimate is None:
        value = say.numerals(words.number(one.count or 0))
        return Line(head, subject, group, value, None, "", figure.code)
    share = words.is_share(one.estimate) or words.is_change(one.estimate)
    unit = None if share else say.words(one.estimate.unit)
    value = say.numerals(words.value(one.estimate))
    return Line(head, subject, group, value, unit, say.range(one.estimate), figure.code)


def pdf(summary: Summary, document: Document) -> bytes:
    """The summary as PDF/UA-1; the same bytes for the same summary."""
    import typst

    made = document.made_at.date()

    def words_of(part: Words | None) -> dict[str, str] | None:
        return None if part is None else {"text": part.text, "lang": part.language.partition("-")[0]}

    data: dict[str, Any] = {
        "language": summary.language.partition("-")[0],
        "direction": summary.direction,
        "title": summary.title,
        "description": summary.description,
        "partnership": document.partnership,
        "lead": [summary.lead[0], words_of(summary.lead[1]), summary.lead[2]],
        "date": [made.year, made.month, made.day],
        "facts": [list(fact) for fact in summary.facts],
        "notices": list(summary.notices),
        "range_note": summary.phrases["range_note"],
        "code": summary.phrases["code"],
        "lines": [
            {
                "heading": words_of(line.heading),
                "subject": words_of(line.subject),
                "group": words_of(line.group),
                "unit": words_of(line.unit),
                "value": line.value,
                "range": line.range,
                "code": line.code,
            }
            for line in summary.lines
        ],
    }
    paper: bytes = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[str(drawing.FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(document.made_at.timestamp()),
    )
    return paper
