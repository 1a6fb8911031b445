"""What a draft covers, said two ways: the ages it means, the offences in its definition, the fund behind a sum."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Role, Sentence
from concord.strategy.proofread.language import content_words, quote
from concord.strategy.proofread.numbers import MONEY
from concord.strategy.proofread.remark import Kind, Remark

EXPLOITATION = re.compile(r"\b(?:exploit\w*|slavery|traffick\w+|grooming|coerc\w+|supply of drugs)\b", re.I)


def check(document: Document) -> Iterator[Remark]:
    yield from _ages(document)
    yield from _definition(document)
    yield from _two_funds(document)


def _ages(document: Document) -> Iterator[Remark]:
    """“Under 25” in the definition, “aged 18–25” in the evidence: the year between is in one and not the other."""
    limits: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in document.sentences:
        for match in re.finditer(
            r"\bunder (?:the age of |age )?(\d\d)\b(?!s? ?%)|\baged under (\d\d)\b", sentence.text, re.I
        ):
            limits[int(match.group(1) or match.group(2))].append(sentence)
    for sentence in document.sentences:
        for match in re.finditer(
            r"\baged\s+(?:between\s+)?(\d{1,2})\s?(?:[-–—]|to|and)\s?(\d\d)\b", sentence.text, re.I
        ):
            top = int(match.group(2))
            if len(limits.get(top, ())) >= 2:
                yield Remark(
                    sentence.line_at(match.start()),
                    Kind.CONTRADICTION,
                    f"{quote(match.group())} takes in those who are {top}; elsewhere the draft stops at under {top} "
                    f"(line {limits[top][0].line}).",
                    f"Use one age limit, or say that this source counts people up to and including {top}.",
                    (limits[top][0].line,),
                    minor=True,
                )


def _definition(document: Document) -> Iterator[Remark]:
    """A definition that takes in exploitation and then lists offences none of which is one."""
    for block in document.blocks:
        if block.role not in (Role.PARAGRAPH, Role.STATUTE) or not re.search(r"\bencompass(?:es)?\b", block.text):
            continue
        scope, _, offences = block.text.partition("encompass")
        if (
            re.search(r"\bviolence and exploitation\b", scope, re.I)
            and not EXPLOITATION.search(offences)
            and offences.count(",") >= 3
        ):
            yield Remark(
                block.line,
                Kind.CONTRADICTION,
                "The definition takes in exploitation, but no offence in the list after “encompasses” is one of "
                "exploitation.",
                "Add the exploitation offences that count (for example modern slavery, trafficking), or say that "
                "the list covers violence alone.",
            )


FUND = re.compile(r"\b(?:the\s+)?(?P<name>(?:[A-Z][\w'’-]*\s+){1,5}(?:[Ff]und(?:ing)?|[Gg]rant))\b")


def _two_funds(document: Document) -> Iterator[Remark]:
    for sentence in document.sentences:
        sums = [m.group().strip() for m in MONEY.finditer(sentence.text)]
        names = [m.group("name") for m in FUND.finditer(sentence.text)]
        bodies = {frozenset(content_words(n)) - {"fund", "funding", "grant"} for n in names}
        if len(sums) == 1 and len(bodies) >= 2 and re.search(r"\bthrough\b", sentence.text):
            yield Remark(
                sentence.line_at(sentence.text.index(sums[0])),
                Kind.CONTRADICTION,
                f"One sum ({sums[0]}) is put down to two funds: {' and '.join(quote(n) for n in names[:2])}.",
                "Give each fund its own line: funder, fund, period and amount.",
            )
