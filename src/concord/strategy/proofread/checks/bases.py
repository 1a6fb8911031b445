"""Figures that cannot be read: a share of how many, a count over what time, a rank on what value, money of when."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.checks.changes import FROM_TO, directed
from concord.strategy.proofread.checks.contradictions import RANK, rank_value
from concord.strategy.proofread.document import Document, Role, Sentence
from concord.strategy.proofread.language import is_intent, quote, series, trim
from concord.strategy.proofread.numbers import (
    EVENT,
    MONEY,
    MONTH,
    ORDINALS,
    POINTS,
    SPAN,
    YEAR,
    Number,
    counts,
    has_year,
    percentages,
    span_years,
)
from concord.strategy.proofread.remark import Kind, Remark

CENSUS = re.compile(r"\b(?:census|mid-year (?:population )?estimates?|ONS|Office for National Statistics)\b", re.I)
WIDE_SCOPE = re.compile(
    r"\b(?:global(?:ly)?|worldwide|world health organi[sz]ation|nationally|in england|in the uk|across the uk)\b", re.I
)
BUDGET = re.compile(r"\b(?:budget|funding|grant|spend(?:ing)?|cost|inflation|council tax)\b", re.I)
BASE = re.compile(r"\b[nN]\s?=\s?\d|\bout of (?:\w+\s)?\d|\bbase[d]?(?: of| on)?:? \d|\bsample of \d", re.I)
WORD_SHARE = re.compile(
    r"\b(?:(?:over|more than|nearly|about|almost|around|just over|just under|at least)\s+)?"
    r"(?:half|an? (?:third|quarter|fifth|tenth)|two[- ]thirds|three[- ]quarters|(?:one|two|three|four|1|2|3|"
    r"4) (?:in|out of) (?:every )?"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}))\s+(?:of\s+)?(?:all\s+|the\s+|our\s+|those\s+)?"
    r"(?:children|young people|victims|women|girls|boys|men|people|residents|adults|pupils|offenders|suspects|"
    r"offences|incidents|reports|cases|respondents)\b",
    re.I,
)
SUPERLATIVE = re.compile(
    r"(?<=\s)(?:one of\s+)?the\s+(?P<pole>highest|lowest|largest|smallest|most|fastest)\b(?P<what>[^.;:]{3,80}?)"
    r"\s+(?:in|of|across)\s+(?P<where>(?:the\s+)?(?:England|London|Wales|UK|country|region|Britain|Europe|"
    r"United Kingdom)\b)",
)
ORDINAL_FACTORS = re.compile(
    rf"\b(?P<a>{'|'.join(ORDINALS)}|\d(?:st|nd|rd|th))\s+and\s+(?P<b>{'|'.join(ORDINALS)}|\d(?:st|nd|rd|th))\s+"
    r"(?:highest|most|largest|biggest|commonest)\b[^.;:]*",
    re.I,
)
BARE_RANK = re.compile(
    rf"\b(?P<rank>\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)})[\s-]+(?:most|least|highest|lowest|largest|"
    rf"smallest|worst|best)\b(?:[\w ]{{1,40}}\b)?",
    re.I,
)
BETWEEN_DASH = re.compile(
    rf"\bbetween\s+(?P<span>(?:{MONTH}\s+)?{YEAR}\s?[-–—]\s?(?:{MONTH}\s+)?(?:{YEAR}|\d\d))\b", re.I
)
SCORE = re.compile(r"\b(?:score|index|rate|average|mean|median) (?:of|was|is|at|stood at)\s+(?P<n>\d+(?:\.\d+)?)", re.I)
RECENT = re.compile(r"\b(?:recent(?:ly)?|latest|last year|this year|currently|to date|so far|in the past year)\b", re.I)
PLAN = re.compile(r"\b(?:plan|strategy|programme)\b", re.I)


def check(document: Document) -> Iterator[Remark]:
    survey = dict(_surveys(document))
    covered = {line for remark in survey.values() for line in (remark.line, *remark.lines)}
    yield from survey.values()
    for sentence in document.sentences:
        if sentence.line in covered or sentence.block.role is Role.TABLE:  # a table's headings hold its period and base
            continue
        remarks = list(_of_sentence(sentence))
        note = _span_note(sentence)
        if note and not remarks and _ambiguous(sentence):
            remarks = [note]
        elif note and remarks and note.message not in remarks[0].message:
            first = remarks[0]
            remarks[0] = Remark(
                first.line, first.kind, f"{first.message} {note.message}", f"{first.suggestion} {note.suggestion}"
            )
        yield from remarks


def _of_sentence(sentence: Sentence) -> Iterator[Remark]:
    yield from _shares(sentence)
    yield from _ranks(sentence)
    yield from _events(sentence)
    yield from _scores(sentence)
    yield from _money(sentence)


# --- shares and changes without counts


def _shares(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    if is_intent(text) or BASE.search(text):
        return
    open_ = [p for p in percentages(text) if not _settled(sentence, p)]
    if open_ and not CENSUS.search(text) and not BUDGET.search(text):
        first = open_[0]
        yield _share_remark(sentence, first, [_said(text, p) for p in open_])
        return
    word = WORD_SHARE.search(text)
    if (
        word
        and not WIDE_SCOPE.search(text)
        and not CENSUS.search(text)
        and not counts(text)
        and not percentages(text)
        and not _counted_around(sentence, word.start())
    ):
        yield Remark(
            sentence.line_at(word.start()),
            Kind.BASE,
            f"{quote(word.group())} is a share with no number behind "
            f"it{'' if has_year(sentence.block.text) else ' and no period'}.",
            "Give the percentage, the number it is a share of, the period and the source.",
        )


def _counted_around(sentence: Sentence, offset: int) -> bool:
    """Whether counts of cases stand within a sentence or so of a place: the base may be there."""
    block, place = sentence.block.text, sentence.offset + offset
    window = block[max(place - 160, 0) : place + 160]
    return any(
        n.value >= 10 and re.match(rf"\s(?:[\w’'-]+\s){{0,3}}?{EVENT}\b", window[n.end :], re.I) for n in counts(window)
    )


def _said(text: str, percent: Number) -> str:
    """The percentage with the words that blur it: “more than 80%”."""
    blur = re.search(
        r"(?:(?:more|less|fewer) than|over|under|nearly|almost|about|around|at least|up to|approximately|roughly)\s+$",
        text[: percent.start],
        re.I,
    )
    return f"{blur.group().strip().lower() + ' ' if blur else ''}{percent.written()}%"


def _settled(sentence: Sentence, percent: Number) -> bool:
    """A percentage that another check reads, or that has its counts beside it or in the sentences around."""
    text = sentence.text
    if re.match(r"\s*(?:higher|lower|more|less|above|below|greater|fewer)\b", text[percent.end :], re.I):
        return True
    if POINTS.match(text, percent.start) or percent.value in (0, 100) or percent.decimals >= 2:
        return True
    if re.match(r"\s*(?:confidence|credible|interval|CI\b|limits?\b|significance)", text[percent.end :], re.I):
        return True
    near = text[max(percent.start - 90, 0) : percent.end + 60]
    stated = counts(near)
    if FROM_TO.search(near) or re.search(r"\bfrom\s+\d[\d.,]*\s?%", near):
        return True
    changes = directed(text, percent.start, percent.end) is not None and not re.match(r"\s*of\b", text[percent.end :])
    return bool(stated) or (changes and _counted_around(sentence, percent.start))


def _share_remark(sentence: Sentence, percent: Number, shown: list[str]) -> Remark:
    text = sentence.text
    line = sentence.line_at(percent.start)
    figures = series(list(dict.fromkeys(shown)))
    many = len(set(shown)) > 1
    dated = "" if has_year(text) else ", nor the period"
    if re.search(r"\bestimat\w+|\bexpected\b|\bmodel(?:led)?\b", text, re.I):
        return Remark(
            line,
            Kind.BASE,
            f"{figures} is worked out from an estimate, and the draft does not say how: which estimate, which "
            "population, "
            f"which count it was set against{dated and ', or the period'}.",
            "Give the estimate and its source and year, the population, the count, and the working; mark it as an "
            "estimate.",
        )
    if directed(text, percent.start, percent.end) and not re.match(r"\s*of\b", text[percent.end :]):
        return Remark(
            line,
            Kind.BASE,
            f"The change of {figures} has no counts{', and no period' if not has_year(text) else ''}: a reader "
            "cannot tell many from few.",
            "Give the earlier and the later count with the percentage, and both periods.",
        )
    loose = "A bound is no figure to compare later years with. " if percent.approximate else ""
    survey = re.search(r"\bsurvey|respondents?\b", text, re.I)
    of_what = "how many answered" if survey else "how many it is a share of"
    suggestion = (
        f"Write the exact percentage with its base and period, for example “{percent.value}% (a of b, year)”, "
        "and the source."
    )
    if re.search(r"\b(?:most|least) deprived (?:areas|parts|wards|neighbourhoods)\b", text, re.I):
        loose += (
            "“Most deprived areas” is not defined, and the share of residents living there is needed to compare with."
        )
    return Remark(
        line,
        Kind.BASE,
        f"{figures[0].upper()}{figures[1:]}: the draft does not say {of_what}{dated}. {loose}".strip(),
        suggestion if not many else suggestion.replace("exact percentage", "percentages"),
    )


# --- ranks


def _ranks(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    factors = ORDINAL_FACTORS.search(text)
    if factors and not percentages(text) and not counts(text):
        unnamed = min(rank_value(factors.group("a")), rank_value(factors.group("b"))) > 1
        yield Remark(
            sentence.line_at(factors.start()),
            Kind.BASE,
            f"{quote(factors.group())}: places in an order are given without the "
            f"counts{', and the first place is not named' if unnamed else ''}.",
            "Name every factor down to the ones mentioned, with the number of cases each, the total, and the period.",
        )
        return
    match = RANK.search(text) or BARE_RANK.search(text) or SUPERLATIVE.search(text)
    if match is None or (is_intent(text) and not has_year(text)):
        return
    values = [n for n in (*percentages(text), *counts(text)) if n.end <= match.start() or n.start >= match.end()]
    valued = bool(values) or re.search(r"\d+\.\d+", text) is not None
    dated = has_year(text)
    if valued and dated:
        return
    lacks = series(
        [*([] if valued else ["the value it ranks on"]), *([] if dated else ["a year"]), "a source"][
            : 2 if not (valued or dated) else 1
        ],
        "or",
    )
    yield Remark(
        sentence.line_at(match.start()),
        Kind.BASE,
        f"{quote(trim(match.group()))} is a place in a ranking without {lacks}: a rank can move while nothing "
        "changes, and an old one cannot be told from a new.",
        "Give the value for this area and for those compared with, an interval where there is one, the year and "
        "the source.",
    )


# --- counts, scores and money without a period


def _events(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    if is_intent(text) or has_year(text) or has_year(sentence.block.text):
        return
    found = [
        n
        for n in counts(text)
        if n.value >= 10
        and n.decimals == 0
        and re.match(rf"\s(?:(?!and\b)[\w’'-]+\s){{0,3}}?{EVENT}\b", text[n.end :], re.I)
        and not re.search(
            r"\b(?:\d+|one|two|three|four)\s+(?:in|out of)\s+$|\b(?:every|per)\s+$", text[: n.start], re.I
        )
    ]
    if not found or re.search(r"\b(?:capacity|places|up to|maximum)\b", text, re.I):
        return
    yield Remark(
        sentence.line_at(found[0].start),
        Kind.BASE,
        f"{series([n.written() for n in found])}: counted over no stated time.",
        "Give the first and last date of the count, and the source.",
    )


def _scores(sentence: Sentence) -> Iterator[Remark]:
    match = SCORE.search(sentence.text)
    if (
        match
        and not has_year(sentence.block.text)
        and not is_intent(sentence.text)
        and not re.match(r"\s?%", sentence.text[match.end() :])
    ):
        yield Remark(
            sentence.line_at(match.start()),
            Kind.BASE,
            f"{quote(match.group())} has no year: which release it comes from is not stated.",
            "Name the index or source and the year of its release beside the figure.",
        )


def _money(sentence: Sentence) -> Iterator[Remark]:
    text = sentence.text
    match = MONEY.search(text)
    if (
        match is None
        or has_year(sentence.block.text)
        or re.search(r"\b(?:per hour|fine of|per week|each week)\b", text)
    ):
        return
    when = RECENT.search(text)
    said = f", and “{when.group().lower()}” will not age well" if when else ""
    yield Remark(
        sentence.line_at(match.start()),
        Kind.BASE,
        f"{match.group().strip()} is given for no stated year or period{said}.",
        "Give the financial year or years, the funder and the fund; say whether it is one-off or yearly.",
    )


# --- periods that can be read two ways


def _claims(sentence: Sentence) -> bool:
    text = sentence.text
    return bool(
        percentages(text)
        or [n for n in counts(text) if n.value >= 10]
        or BARE_RANK.search(text)
        or re.search(r"\b(?:higher|lower|highest|lowest|more|fewer)\b", text)
    )


def _ambiguous(sentence: Sentence) -> bool:
    text = sentence.text
    long_spans = [m for m in SPAN.finditer(text) if span_years(m) >= 2]
    return (bool(long_spans) or BETWEEN_DASH.search(text) is not None) and _claims(sentence) and not PLAN.search(text)


def _span_note(sentence: Sentence) -> Remark | None:
    """What a span such as 2018-2022 leaves open: financial or calendar years, and how many."""
    text = sentence.text
    if not _claims(sentence) or (PLAN.search(text) and not BARE_RANK.search(text)):
        return None
    between = BETWEEN_DASH.search(text)
    for match in SPAN.finditer(text):
        if "/" in match.group():
            continue
        years = span_years(match)
        if years < 1 or (years == 1 and between is None and re.search(r"\b(?:previous|preceding) year\b", text)):
            continue
        said = between.group() if between else match.group()
        how_many = (
            f"{years} financial years or {years + 1} calendar years"
            if years > 1
            else "one financial year or two calendar years"
        )
        if between and re.search(MONTH, between.group()):
            how_many = "it names one month and two years, so neither end is certain"
            message = f"{quote(said)} is not a period: {how_many}."
        else:
            message = f"{quote(said)} may be {how_many}."
        return Remark(
            sentence.line_at(match.start()),
            Kind.BASE,
            message,
            "Write the first and last month, for example “April 2021 to March 2022”.",
            minor=True,
        )
    return None


# --- surveys told in a list


def _surveys(document: Document) -> Iterator[tuple[int, Remark]]:
    """A list of answers that mixes counts and percentages, or hangs on a base that is only roughly known."""
    for listing in document.listings:
        lead_in = listing.lead_in
        if lead_in is None or lead_in.role is Role.CONTENTS:
            continue
        with_percent = [b for b in listing.items if percentages(b.text)]
        with_count = [b for b in listing.items if counts(b.text) and not percentages(b.text)]
        rough = re.search(
            r"\b(?:roughly|about|around|approximately|some|over|nearly)\s+(?P<n>\d[\d,]*)\b", lead_in.text, re.I
        )
        asked = re.search(r"\b(?:survey\w*|respondents?|asked|responses|consult\w+)\b", lead_in.text, re.I)
        if not asked or not with_percent or not (with_count or rough):
            continue
        parts = []
        if rough:
            parts.append(f"the base is only {quote(rough.group())}")
        if with_count:
            parts.append("some answers are counts and some percentages")
        if not has_year(lead_in.text):
            parts.append("no date is given")
        if len(counts(listing.items[-1].text)) > 1:
            parts.append("more than one answer may have been allowed")
        yield (
            lead_in.line,
            Remark(
                lead_in.line,
                Kind.BASE,
                f"These answers cannot be compared: {series(parts)}.",
                "For each question give the number who answered it, then every answer as a count and a percentage "
                "of that number, "
                "with the dates and how people were asked.",
                tuple(b.line for b in listing.items),
            ),
        )
