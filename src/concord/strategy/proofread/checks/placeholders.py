"""Text left for someone to fill in, and notes to the author that must not be published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Role
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.remark import Kind, Remark

ONLY_IF = re.compile(
    r"\((?:only\s+)?(?:if|where|when)\s+(?:it(?:'s| is)?\s+|there(?:'s| is)?\s+|this (?:is|shows)\s+|"
    r"they\s+)?(?:an?\s+)?"
    r"(?:reduction|reduced|decrease|fall|down|drop|improv\w+|good|positive|favourable|better|increase|up|rise)[^)]*\)",
    re.I,
)
IMAGE = re.compile(
    r"^(?:\[|\()?(?:image|photo(?:graph)?|picture|logo|headshot|portrait|signature|diagram|infographic|"
    r"map)\s+(?:of|here|to)\b",
    re.I,
)
LEFT_OPEN = re.compile(
    r"\b(?:TBC|TBA|TBD|TODO|FIXME|X{2,}|XX+%|lorem ipsum|placeholder)\b|\?{3,}|_{4,}|X{1,3}%|£X+\b"
    r"|\b(?:to be (?:confirmed|added|inserted|completed|agreed|drafted|updated|supplied|provided))\b"
    r"|\[(?:insert|add|name|date|number|figure|link|title|xx|…|\.{2,}|tbc|placeholder|borough|area|logo|image|"
    r"to)\b[^\]]*\](?!\()"
    r"|<(?:insert|add|name|date|number|figure|link)\b[^>]*>"
    r"|\bclick (?:or tap )?(?:here )?to (?:enter|add)\b"
    r"|Error! (?:Bookmark|Reference)[^.]*",
    re.I,
)
INSERT = re.compile(
    r"\bINSERT\b|^(?:insert|add) (?:text|figure|image|table|chart|map|name|date|quote|case study)\b", re.I
)


def check(document: Document) -> Iterator[Remark]:
    for block in document.blocks:
        if block.role in (Role.CONTENTS, Role.STATUTE):
            continue
        text = block.text
        only_if = ONLY_IF.search(text)
        if only_if and not re.search(r"[.;]\s", text[only_if.start() :]) and len(text) < 160:
            yield Remark(
                block.line_at(only_if.start()),
                Kind.PLACEHOLDER,
                f"{quote(only_if.group())} is a note to the author with no figure, and it asks for the figure "
                "only if it "
                "looks good: choosing figures by their direction misleads the reader.",
                "Give the figure whatever its direction, with its count, period and source; say it if it rose.",
            )
            continue
        image = IMAGE.search(text)
        if image and len(text.split()) <= 12:
            yield Remark(
                block.line,
                Kind.PLACEHOLDER,
                f"{quote(text)} stands where a picture should be.",
                "Put the picture in with a text alternative, or take the line out.",
            )
            continue
        insert = INSERT.search(text)
        if (insert and insert.group().isupper()) or (insert and insert.start() == 0 and len(text.split()) <= 8):
            yield Remark(
                block.line_at(insert.start()),
                Kind.PLACEHOLDER,
                f"{quote(text)} marks text that was never put in.",
                "Write the passage, or take the line and its heading out until there is one.",
            )
            continue
        for left in LEFT_OPEN.finditer(text):
            if left.group().upper().startswith("X") and not left.group().isupper():
                continue
            yield Remark(
                block.line_at(left.start()),
                Kind.PLACEHOLDER,
                f"{quote(left.group())} is still to be filled in.",
                "Fill it in, or take the statement out of this version; if it is not known, say who will settle "
                "it and when.",
            )
