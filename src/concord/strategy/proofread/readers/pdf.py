"""PDF drafts: the text layer, line by line, with the gaps between paragraphs put back from where lines stand.

Lines are numbered through the whole document. Lines that repeat at the head or foot of pages are kept in the
numbering but not read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from concord.kernel.errors import BadInput, Where
from concord.strategy.proofread.document import Document, Line, Role, build

MOST_PAGES = 2000


@dataclass(frozen=True, slots=True)
class _Placed:
    text: str
    page: int
    top: float
    bottom: float


def read(path: Path, data: bytes) -> Document:
    placed, anchors = _extract(path, data)
    if not placed:
        raise BadInput(
            f"{path.name} has no text layer.",
            where=Where(file=path),
            why="It is probably a scan: pictures of pages.",
            next_step="Export the draft to PDF from Word, or run text recognition (OCR) on it first.",
        )
    running = _running(placed)
    heights = [p.top - p.bottom for p in placed if p.top > p.bottom]
    usual = median(heights) if heights else 10.0
    pitches = [a.bottom - b.bottom for a, b in pairwise(placed) if a.page == b.page and a.bottom > b.bottom]
    pitch = median(pitches) if pitches else usual * 1.2
    lines: list[Line] = []
    number = 0
    previous: _Placed | None = None
    for here in placed:
        number += 1
        if re.sub(r"\d+", "#", here.text.strip()) in running:
            lines.append(Line(number, "", place=f"page {here.page}"))
            continue
        if previous is not None and _apart(previous, here, pitch):
            lines.append(Line(number, ""))
        tall = here.top - here.bottom > 1.15 * usual and len(here.text) < 120
        role = Role.HEADING if tall and not here.text.rstrip().endswith(".") else None
        lines.append(Line(number, here.text, role, place=f"page {here.page}"))
        previous = here
    return build(lines, wrapped=True, anchors=anchors)


def _apart(above: _Placed, here: _Placed, pitch: float) -> bool:
    if above.page != here.page:
        return above.text.rstrip()[-1:] in ".?!:" or not here.text.lstrip()[:1].islower()
    gap = above.bottom - here.bottom
    size = above.top - above.bottom
    other = here.top - here.bottom
    return gap > 1.25 * pitch or gap < 0 or (size > 0 and abs(other - size) > 0.15 * size)


def _running(placed: list[_Placed]) -> set[str]:
    """Heads and feet: first or last lines of a page that recur on at least three pages, page numbers aside."""
    edges: Counter[str] = Counter()
    pages: dict[int, list[_Placed]] = {}
    for line in placed:
        pages.setdefault(line.page, []).append(line)
    for lines in pages.values():
        for text in {re.sub(r"\d+", "#", line.text.strip()) for line in (*lines[:2], *lines[-2:])}:
            edges[text] += 1
    return {text for text, pages_with in edges.items() if pages_with >= 3} | {"#"}


def _extract(path: Path, data: bytes) -> tuple[list[_Placed], set[str]]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as problem:
        if "password" in str(problem).lower():
            raise BadInput(
                f"{path.name} is protected by a password.",
                where=Where(file=path),
                next_step="Save a copy without the password and try again.",
            ) from None
        raise BadInput(
            f"{path.name} is damaged: it cannot be opened as a PDF.",
            where=Where(file=path),
            why=str(problem),
            next_step="Export the draft to PDF again, or give the Word file.",
        ) from None
    try:
        if len(document) > MOST_PAGES:
            raise BadInput(
                f"{path.name} has {len(document)} pages, more than proofreading will read ({MOST_PAGES}).",
                where=Where(file=path),
                next_step="Give the draft alone, without its annexes.",
            )
        placed: list[_Placed] = []
        for number in range(len(document)):
            placed += _page(document[number], number + 1)
        return placed, set()
    finally:
        document.close()


def _page(page: Any, number: int) -> list[_Placed]:
    text_page = page.get_textpage()
    try:
        found = []
        index = 0
        for raw in text_page.get_text_range().split("\n"):
            text = raw.rstrip("\r").replace("\ufffe", "-").replace("\u00ad", "-")
            if text.strip():
                first = index + len(text) - len(text.lstrip())
                _, bottom, _, top = text_page.get_charbox(min(first, text_page.count_chars() - 1), loose=True)
                found.append(_Placed(text, number, top, bottom))
            index += len(raw) + 1
        return found
    finally:
        text_page.close()
        page.close()
