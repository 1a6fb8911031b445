"""Prose: Markdown a person wrote. It may cite what the folder knows; it may not state a figure by hand.

A figure typed into prose has no lineage and goes stale in silence. Prose cites one instead:
`{{indicator:T1.7}}`, `{{statement:fte_change}}`, `{{prose:foreword}}`, `{{figure:name}}`. Years, ages, dates,
numbered sections of law and counts below a hundred may be written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CITATION = re.compile(r"\{\{\s*([a-z_]+)\s*:\s*([^}\s]+)\s*\}\}")
_BRACES = re.compile(r"\{\{[^}]*\}\}?")
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]*>|https?://\S+")
_LAW = re.compile(
    r"\b(?:sections?|schedules?|paragraphs?|articles?|regulations?|parts?|chapters?|s|ss|SI|Act)\.?\s+\d[\d/.()A-Za-z]*",
    re.I,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:[/–-]\d{2,4})?\b")
_FIGURES = (
    re.compile(r"\d[\d,.]*\s*(?:%|per\s?cent\b|percentage points?\b)", re.I),
    re.compile(r"[£$€]\s*\d[\d,.]*(?:\s*(?:m|bn|k|million|billion)\b)?", re.I),
    re.compile(r"\b\d[\d,.]*\s+(?:per|in every)\s+[\d,]+", re.I),
    re.compile(r"\b\d{1,3}(?:,\d{3})+\b"),
    re.compile(r"\b\d+\.\d+\b"),
    re.compile(r"\b\d{3,}\b"),
)


def citations(text: str) -> Iterator[tuple[int, str, str]]:
    """Each `{{kind:name}}` with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in CITATION.finditer(line):
            yield number, match.group(1), match.group(2)


def broken_citations(text: str) -> Iterator[tuple[int, str]]:
    """Anything in double braces that is not a citation, with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in _BRACES.finditer(line):
            if CITATION.fullmatch(match.group()) is None:
                yield number, match.group()


def figures(text: str) -> Iterator[tuple[int, str]]:
    """Each figure typed by hand, with its line; one finding for one figure."""
    for number, line in enumerate(text.splitlines(), start=1):
        rest = line
        for harmless in (_CODE, _BRACES):
            rest = harmless.sub(" ", rest)
        for pattern in _FIGURES[:3]:
            for match in pattern.finditer(rest):
                yield number, match.group().strip()
            rest = pattern.sub(" ", rest)
        for harmless in (_LAW, _YEAR):
            rest = harmless.sub(" ", rest)
        for pattern in _FIGURES[3:]:
            for match in pattern.finditer(rest):
                yield number, match.group().strip()
            rest = pattern.sub(" ", rest)
