"""Words typed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document, Role
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.remark import Kind, Remark

AGAIN = re.compile(r"\b(?P<w>[a-z’'-]+(?:\s+[a-z’'-]+){0,2})\s+(?P=w)\b", re.I)
MEANT = frozenset(["had", "that", "very", "many", "much", "so", "no", "bye", "far"])
RESTART = re.compile(
    r"\b(?P<p>for|of|to|with|by|from|in|on|at)\s+(?P<w>[a-z]{3,})\s+(?P=p)\s+(?:any|all|the|a|an|our|every)\s+(?P=w)\b",
    re.I,
)
AROUND = re.compile(r"\b(?P<w>[a-z]{3,})\s+\([^)]{2,12}\)\s+(?P=w)\b", re.I)
FUNDED_BY_ITSELF = re.compile(
    r"(?P<w>(?:[A-Z][\w’'-]+\s+){1,3}[A-Z][\w’'-]+),?\s+(?:which is\s+)?(?:funded|led|run|managed|owned|"
    r"chaired)\s+by\s+the\s+(?P=w)\b"
)


def check(document: Document) -> Iterator[Remark]:
    for block in document.prose:
        if block.role is Role.TABLE:
            continue
        for match in AGAIN.finditer(block.text):
            if match.group("w").lower() in MEANT or len(match.group("w")) < 2:
                continue
            yield Remark(
                block.line_at(match.start()),
                Kind.REPEATED,
                f"{quote(match.group())} repeats itself.",
                f"Write “{match.group()[-len(match.group('w')) :]}” once.",
            )
        for pattern in (RESTART, AROUND):
            for match in pattern.finditer(block.text):
                yield Remark(
                    block.line_at(match.start()),
                    Kind.REPEATED,
                    f"{quote(match.group())} says “{match.group('w')}” twice.",
                    "Keep one of the two.",
                )
        for match in FUNDED_BY_ITSELF.finditer(block.text):
            yield Remark(
                block.line_at(match.start()),
                Kind.REPEATED,
                f"{quote(match.group(), 90)}: one name stands for two bodies.",
                "Give each body its own name: who does the work, and who pays or answers for it.",
            )
