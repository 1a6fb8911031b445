"""Counts that do not match their lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Listing, Role, sentences_of
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.numbers import SMALL_WORD, words_for
from concord.strategy.proofread.remark import Kind, Remark

_VERB = r"(?:will|have|has|is|are|was|were|can|to|we|they|that|which|who)"
COUNTED = re.compile(
    rf"(?<![\w.,£/–-])(?P<n>\d{{1,2}}|"
    rf"{SMALL_WORD})\s+(?P<noun>(?:(?!{_VERB}\b)[a-z’'-]+\s+){{0,3}}?(?!{_VERB}\b)[a-z-]+s|people|children)\b",
    re.I,
)
UNITS = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|times|points|children|people|pupils|schools|officers|residents|"
    r"victims|offen[cs]es|incidents|miles|pounds)$",
    re.I,
)
OPENS_LIST = re.compile(
    r"^(?:(?:these|they|which|this)\s+(?:are|include|includes|is|were)\b|including\b|namely\b|as follows)", re.I
)
PARTIAL = re.compile(
    r"\b(?:not limited to|such as|for example|include[sd]?|including|among(?:st)? (?:these|them|others))\b", re.I
)


def check(document: Document) -> Iterator[Remark]:
    for listing in document.listings:
        yield from _against_items(listing)
    for sentence in document.sentences:
        yield from _inline(sentence.text, sentence.line_at)


def _promise(text: str) -> tuple[int, str, int] | None:
    """The number of things that a lead-in promises, its words, and where they stand; None where it promises none."""
    found = [m for m in COUNTED.finditer(text) if not UNITS.search(m.group("noun"))]
    for match in reversed(found):
        number = words_for(match.group("n"))
        tail = text[match.end() :]
        if (
            number is None
            or number < 2
            or re.search(r"\b(?:one|out)\s+of\s+(?:the\s+|our\s+)?$", text[: match.start()], re.I)
        ):
            continue
        if re.fullmatch(rf"(?:\s+(?!{_VERB}\b)[\w’',-]+){{0,5}}\s*[:.–-]?\s*", tail):
            return number, match.group(), match.start()
    return None


def _against_items(listing: Listing) -> Iterator[Remark]:
    lead_in = listing.lead_in
    if lead_in is None or len(listing.items) < 2 or lead_in.role is Role.HEADING:
        return
    sentences = list(sentences_of(lead_in))
    last = sentences[-1]
    promise = _promise(last.text) if last.text.endswith((":", "-", "–")) else None
    place = last
    opening = last.text
    if promise is None and len(sentences) > 1 and OPENS_LIST.match(last.text):
        place = sentences[-2]
        promise = _promise(place.text) or _loose(place.text)
    if promise is None:
        return
    number, words, offset = promise
    shown = len(listing.items)
    if number == shown:
        return
    lines = tuple(item.line for item in listing.items)
    if number > shown and PARTIAL.search(opening):
        yield Remark(
            place.line_at(offset),
            Kind.COUNT,
            f"{quote(words)}: the list shows {shown} of {number}, and does not say where the rest are.",
            f"List all {number}, or say that these {shown} are examples and point to the document with the full list.",
            lines,
        )
        return
    yield Remark(
        place.line_at(offset),
        Kind.COUNT,
        f"{quote(words)}: the list that follows has {shown}, not {number}.",
        f"Add what is missing or write “{shown}”; best, leave the number out and let the list speak."
        if number > shown
        else f"Write “{shown}”, or take out what does not belong; best, leave the number out and let the list speak.",
        lines,
    )


def _loose(text: str) -> tuple[int, str, int] | None:
    """A number of things that may be listed, anywhere in the sentence before “These are:”, if it is the only one."""
    found = [
        (number, m.group(), m.start())
        for m in COUNTED.finditer(text)
        if not UNITS.search(m.group("noun")) and (number := words_for(m.group("n"))) is not None and number >= 2
    ]
    return found[0] if len(found) == 1 else None


def _inline(text: str, line_at: object) -> Iterator[Remark]:
    """“three aims: prevention, pursuit and support”."""
    assert callable(line_at)  # noqa: S101
    match = re.search(rf"{COUNTED.pattern}\s*:\s+(?P<rest>[^:;.]+)[.]?$", text, re.I)
    if match is None or UNITS.search(match.group("noun")):
        return
    number = words_for(match.group("n"))
    rest = match.group("rest")
    if number is None or number < 2 or rest.count(",") < 1 or re.search(r"\d", rest):
        return
    pieces = [piece for piece in re.split(r",\s+(?:and\s+|or\s+)?", rest) if piece.strip()]
    least = len(pieces)
    most = least + sum(len(re.findall(r"\s(?:and|or)\s", piece)) for piece in pieces)
    if not least <= number <= most:
        shown = least if least == most else f"{least} to {most}"
        yield Remark(
            line_at(match.start()),
            Kind.COUNT,
            f"{quote(match.group('n') + ' ' + match.group('noun'))}: {shown} are named after the colon.",
            "Make the number and the list agree; set the list as bullets so that it can be counted.",
        )
