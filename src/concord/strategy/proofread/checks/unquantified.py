"""Claims of quantity with no figure: a sharp increase, higher rates, more likely, peaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Role, Sentence
from concord.strategy.proofread.language import is_intent, quote, trim
from concord.strategy.proofread.numbers import EVENT, counts, has_year, percentages
from concord.strategy.proofread.remark import Kind, Remark

_MEASURE = r"(?:rates?|percentages?|proportions?|levels?|numbers?|shares?|demands?|volumes?|prevalence|concentrations?)"
CLAIMS = (
    re.compile(
        r"\b(?:sharp|significant|marked|steep|substantial|slight|dramatic|rapid|notable|considerable|large|small|"
        r"continued|steady)\s+"
        r"(?:increases?|rises?|decreases?|falls?|reductions?|growth|drops?|declines?)\b(?:\s+(?:in|of|"
        r"related to)\s+[A-Za-z ]{3,40}\b)?",
        re.I,
    ),
    re.compile(rf"\b(?:higher|lower|greater|worse)\s+{_MEASURE}\b(?:\s+(?:of|for|in)\s+[\w ]{{3,40}}\b)?", re.I),
    re.compile(
        r"\b(?:has|have|had) been\s+(?:\w+\s+){0,2}(?:higher|lower|greater|worse|above|"
        r"below)\b(?:\s+than[\w ]{3,40}\b)?",
        re.I,
    ),
    re.compile(
        r"\b(?:are|is|were|was)\s+(?:\w+\s+){0,2}?(?:more|less|twice as|disproportionately) likely to\b[\w ]{0,40}\b",
        re.I,
    ),
    re.compile(r"\b(?:peaks|peaked|a peak)\s+(?:at|in|on|during|between)\b[^.;:]{3,60}\b", re.I),
    re.compile(
        r"\b(?:disproportionate|significant|large|high|considerable|substantial)\s+(?:numbers?|proportions?|"
        r"shares?)\s+of\b[\w -]{3,40}\b",
        re.I,
    ),
    re.compile(rf"\bhigh\s+{_MEASURE}\s+(?:of|for)\b[\w -]{{3,40}}\b", re.I),
    re.compile(r"\b(?:the\s+)?(?:vast\s+)?majority of\s+(?:the\s+)?[\w -]{3,40}\b", re.I),
    re.compile(r"\b(?:are|is) (?:over|under)-?\s?represented\b[\w ]{0,40}\b", re.I),
    re.compile(r"\b(?:has|have) (?:increased|risen|grown|fallen|decreased|declined|dropped|reduced)\b", re.I),
    re.compile(r"\bat an? (?:unacceptable|high|low|record) level\b", re.I),
)
GENERAL = re.compile(
    r"\b(?:can|may|might|research (?:suggests?|shows?)|studies|evidence (?:suggests?|links)|review \(|leads? to|act as|"
    r"often|tend to|globally|global (?:estimate|evidence|average))\b",
    re.I,
)
OFFENCE_MEASURE = re.compile(r"\bper (?:1,?000|10,?000|100,?000|head)\b", re.I)


def check(document: Document) -> Iterator[Remark]:
    intents = {item.line for listing in document.listings for item in listing.items if _intends(listing.lead_in)}
    for sentence in document.sentences:
        if (
            sentence.block.role is Role.TABLE
            or sentence.line in intents
            or is_intent(sentence.text)
            or GENERAL.search(sentence.text)
            or _has_figure(sentence)
        ):
            continue
        for pattern in CLAIMS:
            match = pattern.search(sentence.text)
            if match and "peak" in match.group().lower() and has_year(match.group()):
                continue
            if match and not ("majority" in match.group().lower() and percentages(sentence.block.text)):
                yield _remark(sentence, match)
                break
    yield from _outcomes(document)


def _intends(lead_in: object) -> bool:
    text = getattr(lead_in, "text", "")
    return (
        re.search(
            r"\b(?:we|will|to|aims?|intentions?|outcomes?|priorities|through|continue)\s*(?:achieve)?\s*:?$", text, re.I
        )
        is not None
    )


def _has_figure(sentence: Sentence) -> bool:
    text = sentence.text
    if percentages(text) or OFFENCE_MEASURE.search(text) or re.search(r"(?<![\d.])\d+\.\d+", text):
        return True
    return any(
        re.match(rf"\s(?:[\w’'-]+\s){{0,2}}?{EVENT}\b", text[n.end :], re.I) and n.value >= 10 for n in counts(text)
    )


def _remark(sentence: Sentence, match: re.Match[str]) -> Remark:
    said = trim(match.group())
    if said.lower().startswith("peak"):
        return Remark(
            sentence.line_at(match.start()),
            Kind.UNQUANTIFIED,
            f"{quote(said)}: a peak is claimed with no figure and no period; times of day are also often filled "
            "in by default.",
            "Give the number and share in the peak, the period, and how many records had a known time.",
        )
    listed = re.search(
        r"\ball (?:of )?the (\d+|[a-z]+) (?:most )?[\w ]{3,30}?(?=\s(?:than|in|for|across)\b|[.,;:]|$)", sentence.text
    )
    extra = f" {quote(listed.group())} are not listed." if listed else ""
    broken = re.search(r"\bsince (?:20(?:1\d|20)|2020)", sentence.text)
    pandemic = " The years 2020 and 2021 were unlike the rest: say how they were treated." if broken else ""
    return Remark(
        sentence.line_at(match.start()),
        Kind.UNQUANTIFIED,
        f"{quote(said)} is a claim about size with no figure.{extra}{pandemic}",
        "Give the figures compared, with counts, period and source; or take the claim out.",
    )


def _outcomes(document: Document) -> Iterator[Remark]:
    """Outcomes of which none has a measure, anywhere in the draft."""
    found = [
        listing
        for listing in document.listings
        if listing.lead_in is not None
        and listing.lead_in.role is Role.HEADING
        and len(listing.items) >= 2
        and re.match(r"(?:our |the |key |intended )?outcomes?\b", listing.lead_in.text, re.I)
    ]
    items = [item for listing in found for item in listing.items]
    if len(items) < 3 or any(percentages(i.text) or counts(i.text) for i in items):
        return
    first, *rest = [listing.lead_in.line for listing in found if listing.lead_in is not None]
    yield Remark(
        first,
        Kind.UNQUANTIFIED,
        f"None of the {len(items)} outcomes in this draft has a measure, a starting figure, a target or an owner.",
        "Give each outcome at least one indicator with its latest figure, the date by which it should move, and "
        "who answers for it.",
        tuple(rest),
    )
