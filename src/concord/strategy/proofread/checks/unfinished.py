"""Text that stops too soon: a trailing dash or comma, a sentence cut off, a lead-in or heading with nothing below."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Block, Document, Role
from concord.strategy.proofread.language import ending, quote, word_list
from concord.strategy.proofread.remark import Kind, Remark

HANGING = re.compile(
    r"\b(?P<w>of|the|a|an|and|or|to|for|with|by|from|as|that|which|who|is|are|our|their|than|into|between|including)$",
    re.I,
)
HANGING_IN = re.compile(r"\b(?P<verb>\w+)\s+(?P<w>in|on|at)$", re.I)
GOES_WITH = re.compile(
    r"\b(?:listened|listen|referred|entitled|belong|linked|close|open|known|accustomed|subject|looked|dealt|deal|"
    r"agree|cared|care|"
    r"paid|pay|asked|accounted|account|heard|hear|thought|aware|afraid|proud|made|capable|next)\s+\w+$",
    re.I,
)
FOLLOWING = re.compile(
    r"\b(?:the following|as follows|listed below|set out below|these (?:are|include)|they are|namely|"
    r"priorities are|this includes)\b",
    re.I,
)
DASH = re.compile(r"\s*[–—-]+$")
FACT_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|can|do|does|did|said|told|feel|felt|want|think|thought|found|showed|"
    r"said)\b",
    re.I,
)


def check(document: Document) -> Iterator[Remark]:
    blocks = document.blocks
    for i, block in enumerate(blocks):
        if block.role in (Role.CONTENTS, Role.TABLE):
            continue
        following = blocks[i + 1] if i + 1 < len(blocks) else None
        above = blocks[i - 1] if i else None
        yield from _ending(block, above, following)
        yield from _lead_in(document, block, following)
    yield from _empty_headings(document)
    yield from _labels_only(document)
    yield from _asked_not_answered(document)
    yield from _lone_note(document)
    yield from _loose_notes(document)


def _end(block: Block) -> int:
    return block.line_at(len(block.text) - 1)


def _ending(block: Block, above: Block | None, following: Block | None) -> Iterator[Remark]:
    text = block.text
    in_list = block.role is Role.ITEM and following is not None and following.role is Role.ITEM
    under = (
        (above.line,)
        if above is not None
        and above.role is Role.HEADING
        and (block.role is not Role.HEADING or above.text.endswith(":"))
        else ()
    )
    if DASH.search(text) and len(text) > 1:
        yield Remark(
            _end(block),
            Kind.TRUNCATED,
            f"{ending(text)} ends with a dash and nothing after it.",
            "Say what it is, who does it and by when, or take the line out.",
        )
        return
    if in_list and re.search(r"(?:[,;]|,?\s(?:and|or))$", text):
        return
    if re.search(r"[,;]$", text) and block.role is not Role.HEADING:
        yield Remark(
            _end(block),
            Kind.TRUNCATED,
            f"The text stops at a comma: {ending(text)}.",
            "Finish the sentence; where it quotes a law, quote the whole provision or name the section instead.",
            under,
        )
        return
    if block.role is Role.STATUTE:
        return
    if re.search(r"(?:\.{3,}|…)$", text):
        if following is not None and following.role is Role.ITEM:
            return
        yield Remark(
            _end(block), Kind.TRUNCATED, f"The text trails off: {ending(text)}.", "Finish the sentence.", under
        )
        return
    hanging = HANGING.search(text)
    hanging_in = HANGING_IN.search(text)
    if hanging and not GOES_WITH.search(text) and len(text.split()) > 1 and not text.endswith(("A", "I")):
        yield Remark(
            _end(block),
            Kind.TRUNCATED,
            f"The sentence stops at “{hanging.group('w')}”: {ending(text)}.",
            "Finish the sentence, or take it and its heading out until it can be." if under else "Finish the sentence.",
            under,
        )
    elif hanging_in and hanging_in.group("verb").lower() not in word_list("may_end_with_in") and len(text.split()) > 3:
        yield Remark(
            _end(block),
            Kind.TRUNCATED,
            f"{ending(text)} ends on “{hanging_in.group('w')}” and does not say {hanging_in.group('w')} what.",
            "Name the places, or reword the ending.",
        )


def _lead_in(document: Document, block: Block, following: Block | None) -> Iterator[Remark]:
    text = block.text
    if not text.endswith(":") or block.role not in (Role.PARAGRAPH, Role.ITEM):
        return
    gap: tuple[int, ...] = ()
    if following is None or (following.role in (Role.PARAGRAPH, Role.HEADING) and FOLLOWING.search(text[-120:])):
        if following is not None:
            if following.role is Role.HEADING and re.search(r"[“‘\"]", text):
                return
            gap = tuple(range(block.last_line + 1, following.line))
        yield Remark(
            _end(block),
            Kind.TRUNCATED,
            f"{ending(text, 60)} promises a list or diagram, and none follows.",
            "Put the list in as text; a diagram needs the same list beside it for readers who cannot see it.",
            gap,
        )


def _empty_headings(document: Document) -> Iterator[Remark]:
    """Where headings carry their level: one followed by another of the same or a higher level, or by the end."""
    headings = [b for b in document.blocks if b.role is Role.HEADING and b.level]
    if not headings:
        return
    blocks = document.blocks
    for i, block in enumerate(blocks):
        if block.role is not Role.HEADING or not block.level or _is_contents(block.text) or block is headings[0]:
            continue
        following = blocks[i + 1] if i + 1 < len(blocks) else None
        if following is None or (following.role is Role.HEADING and 0 < following.level <= block.level):
            yield Remark(
                block.line,
                Kind.TRUNCATED,
                f"Nothing stands under the heading {quote(block.text)}.",
                "Write the section, or take its heading out.",
            )


def _is_contents(text: str) -> bool:
    return re.fullmatch(r"(?:table of )?contents\s*:?", text, re.I) is not None


def _labels_only(document: Document) -> Iterator[Remark]:
    """Three or more bare labels in a row: what is left of a diagram."""
    run: list[Block] = []
    told = False
    for block in (*document.blocks, None):
        if block is not None and block.role is Role.HEADING and not block.level and not block.text.endswith((":", "?")):
            run.append(block)
            continue
        if len(run) >= 3 and told and all(len(b.text.split()) <= 8 for b in run):
            labels = run if block is None or block.role is not Role.ITEM else run[:-1]
            if len(labels) >= 3 and not any(re.match(r"image|photo|picture|insert", b.text, re.I) for b in labels):
                yield Remark(
                    labels[0].line,
                    Kind.TRUNCATED,
                    f"{quote(labels[0].text)} and the {len(labels) - 1} lines under it are labels with no words "
                    "between them, "
                    "as if a diagram had been lost.",
                    "Put the diagram back and say in text who answers to whom.",
                    tuple(b.line for b in labels[1:]),
                )
        run = []
        told = told or (block is not None and block.role is Role.PARAGRAPH and len(block.text.split()) > 12)


def _asked_not_answered(document: Document) -> Iterator[Remark]:
    """A heading that asks, over nothing but short notes."""
    for heading, body in document.sections:
        if heading is None or not body or not re.match(r"(?:what|how|who|where)\b.*\?$", heading.text, re.I):
            continue
        if all(b.role is Role.ITEM and _is_note(b.text) for b in body):
            yield Remark(
                heading.line,
                Kind.TRUNCATED,
                f"The heading {quote(heading.text)} is not answered: under it stand only {len(body)} bare note"
                f"{'s' if len(body) > 1 else ''}.",
                "Say what was found: how many were asked, when and how, and what they said.",
                tuple(b.line for b in body),
            )


def _is_note(text: str) -> bool:
    words = text.split()
    return (
        len(words) <= 10
        and not text.endswith(".")
        and not FACT_VERB.search(text)
        and not re.search(
            r"\b\w{3,}(?:ing|ed)\b",
            re.sub(r"\b(?:including|young|consulting)\b", "", text.partition("–")[0], flags=re.I),
            re.I,
        )
    )


def _lone_note(document: Document) -> Iterator[Remark]:
    """A list of one, a few words long, under a bare heading: an outline that was never written out."""
    for listing in document.listings:
        if len(listing.items) != 1 or listing.lead_in is None or listing.lead_in.role is not Role.HEADING:
            continue
        item = listing.items[0]
        if len(item.text.split()) <= 12 and not item.text.endswith("."):
            yield Remark(
                item.line,
                Kind.TRUNCATED,
                f"{quote(item.text)} is a note under a heading, not yet a passage.",
                "Write what was asked, of how many, when, and what they said; or take the heading out.",
                (listing.lead_in.line,),
            )


def _loose_notes(document: Document) -> Iterator[Remark]:
    """Notes lettered A, B, C that no mark in the text leads to."""
    letters: dict[str, Block] = {}
    for block in document.blocks:
        match = re.match(r"(?P<l>[A-F])\s+[A-Z][a-z]+", block.text)
        if match and block.role in (Role.PARAGRAPH, Role.HEADING, Role.STATUTE) and match.group("l") not in letters:
            letters[match.group("l")] = block
    if {"A", "B"} <= letters.keys():
        notes = [letters[letter] for letter in sorted(letters)]
        text = "\n".join(b.text for b in document.blocks if b not in notes)
        if re.search(r"\w[\[(]A[\])]|\bnote A\b|\[A\]", text):
            return
        yield Remark(
            notes[0].line,
            Kind.TRUNCATED,
            f"Notes lettered {', '.join(sorted(letters))} stand after the text, but no mark in the text leads to them.",
            "Put the letter in the text where each note belongs, or make the notes sentences of their own.",
            tuple(b.line for b in notes[1:]),
        )
