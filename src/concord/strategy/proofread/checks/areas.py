"""Figures that may not be about the place the draft is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Sentence
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.numbers import counts, percentages
from concord.strategy.proofread.remark import Kind, Remark

WIDER = re.compile(
    r"\b(?:in|across|for|within|throughout|over|by)\s+(?:the\s+)?(?P<area>(?:[A-Z][\w&’'-]*\s+){0,4}?"
    r"(?:BCU|Basic Command Unit|Borough Command Unit|ICB|ICS|Integrated Care (?:Board|System)|[Ff]orce [Aa]rea|"
    r"[Pp]olice [Aa]rea|"
    r"[Ss]ub-?[Rr]egion|[Cc]ommand [Uu]nit|[Rr]egion))\b"
)
COMPARISON = re.compile(r"\b(?:than|compared|average|against|versus|similar(?:ly)?)\b[^.]*$", re.I)
COMPASS = re.compile(
    r"\b(?:in|to|from|across)\s+the\s+(?P<side>(?:[Nn]orth|[Ss]outh)?[- ]?(?:[Ee]ast|[Ww]est)|[Nn]orth|[Ss]outh|"
    r"[Cc]entre|[Cc]entral part)"
    r"\s+of\s+the\s+(?:borough|city|county|district|area|town)\b"
)
PROVIDER = re.compile(
    r"\bof\s+(?P<who>[A-Z][\w&]*(?:\s+[A-Z][\w&]*){0,3})['’]s?\s+(?:[\w-]+\s+){0,4}?(?:referrals|clients|cases|"
    r"service users|caseload|contacts)\b"
)
SECTORS = re.compile(
    r"\b(?:in|to)\s+(?:particular|certain|some|specific)\s+(?:sectors|areas|parts|locations|"
    r"pockets)\s+of\s+the\s+(?:borough|city|county|district)\b",
    re.I,
)


def check(document: Document) -> Iterator[Remark]:
    own = document.area
    for sentence in document.sentences:
        if re.search(r"\d", sentence.text):
            yield from _wider(sentence, own)
            yield from _provider(sentence, own)
        for match in COMPASS.finditer(sentence.text):
            yield Remark(
                sentence.line_at(match.start()),
                Kind.AREA,
                f"{quote(match.group())} is not a defined area, so the claim cannot be checked or repeated.",
                "List the wards it means, or name an area set that is drawn on a map in this document.",
            )
        for match in SECTORS.finditer(sentence.text):
            yield Remark(
                sentence.line_at(match.start()),
                Kind.AREA,
                f"{quote(match.group())} does not say which, so the claim cannot be checked.",
                "Name the places (as wards or neighbourhoods, not addresses) and give the share of the total they "
                "hold.",
            )


def _here(own: str | None) -> str:
    return own or "the place this draft is about"


def _wider(sentence: Sentence, own: str | None) -> Iterator[Remark]:
    text = sentence.text
    for match in WIDER.finditer(text):
        figures = [
            n for n in (*percentages(text), *counts(text)) if n.end <= match.start() and match.start() - n.end < 60
        ]
        if not figures or COMPARISON.search(text[: match.start()]) or (own and own in match.group("area")):
            continue
        yield Remark(
            sentence.line_at(match.start()),
            Kind.AREA,
            f"The figure {figures[-1].written()} is for {match.group('area')}, a wider area than {_here(own)}: it "
            "does not say how many are local.",
            f"Give the figure for {_here(own)}, or say plainly that it covers the wider area and which places that is.",
        )


def _provider(sentence: Sentence, own: str | None) -> Iterator[Remark]:
    text = sentence.text
    for match in PROVIDER.finditer(text):
        if not percentages(text[: match.start() + 1]) or (own and own in text):
            continue
        yield Remark(
            sentence.line_at(match.start()),
            Kind.AREA,
            f"The figure is about all of {match.group('who')}'s own cases, wherever they live; it is not shown to "
            f"hold for {_here(own)}.",
            f"Give the figure for {_here(own)}, or say that it is {match.group('who')}'s across all areas, with "
            "the number of cases.",
        )
