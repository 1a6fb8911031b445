"""The same document as PDF/UA-1, composed by typst, which refuses what is not accessible."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from typing import Any

from concord.evidence.publications import drawing, prose, words
from concord.evidence.publications.document import Document, FigureBlock, Grid, about, methods
from concord.evidence.publications.listings import Listing

_TEMPLATE = Path(__file__).parent / "templates" / "publication.typ"


def pdf(document: Document, *, audience: str) -> bytes:
    """The bytes of the PDF; the same for the same document."""
    import typst

    made: bytes = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[str(drawing.FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(_data(document, audience), ensure_ascii=False)},
        timestamp=int(document.made_at.timestamp()),
    )
    return made


def _data(document: Document, audience: str) -> dict[str, Any]:
    publication = document.publication
    made = document.made_at.date()
    return {
        "title": publication.title,
        "summary": publication.summary,
        "partnership": document.partnership,
        "synthetic": document.synthetic,
        "notices": list(document.notices),
        "date": [made.year, made.month, made.day],
        "keywords": ["serious violence", "needs assessment", *(["synthetic data"] if document.synthetic else [])],
        "facts": [["Period", document.period], ["For", audience], ["Published", words.day(made)]],
        "sections": [
            {
                "key": section.key,
                "heading": section.heading,
                "message": f"{section.figures[0].reading.title}." if section.figures else "",
                "prose": prose.tree(section.prose) if section.prose else [],
                "figures": [_figure(figure) for figure in section.figures],
                "cannot_say": list(section.cannot_say),
                "left_out": list(section.left_out),
                "listings": [
                    {
                        "title": each.title,
                        "intro": each.intro,
                        "columns": list(each.columns),
                        "weights": _weights(each),
                        "rows": [list(row) for row in each.rows],
                        "empty": each.empty,
                    }
                    for each in section.listings
                ],
            }
            for section in document.sections
        ],
        "about": list(about(publication)),
        "throughout": list(document.throughout),
        "marks": "; ".join(f"{mark} {meaning}" for mark, meaning in words.MARKS.items()) + ".",
        "methods": {
            "caption": "Questions asked of the data, and how they were answered",
            "words": 0,
            "columns": ["Question", "Method", "Figures"],
            "rows": [[question, method, codes.replace(", ", "\n")] for codes, question, method in methods(document)],
        },
    }


_FULL = 660
"""Width, in the chart's own points, that fills the page; narrower charts keep the same size of letters."""


def _figure(figure: FigureBlock) -> dict[str, Any]:
    release = figure.release
    return {
        "code": figure.code,
        "anchor": figure.anchor,
        "again": figure.again,
        "title": figure.reading.title,
        "text": list(figure.reading.text),
        "svg": figure.svg,
        "alt": figure.reading.alt,
        "width": min(100, round(100 * drawing.width(figure.svg) / _FULL)),
        "since": " ".join(figure.since),
        "notes": [note for note in figure.notes if note != figure.release.notice],
        "grid": _grid(figure.grid),
        "caption": f"Base: {release.base}. Period: {figure.period}. Source: {release.source}.",
    }


def _weights(listing: Listing) -> list[float]:
    """How wide each column should be beside the others: as the root of the text it holds, so that rows stay short."""
    rows = (listing.columns, *listing.rows)
    means = [sum(len(row[place]) for row in rows) / len(rows) for place in range(len(listing.columns))]
    return [round(max(2.2, sqrt(mean)), 2) for mean in means]


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "caption": grid.caption,
        "columns": list(grid.columns),
        "rows": [list(row) for row in grid.rows],
        "words": grid.words,
    }
