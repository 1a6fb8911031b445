"""Write a publication in every format into a folder: pages, a PDF, and a page for each figure code."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import Release
from concord.evidence.publications import html, pdf, words
from concord.evidence.publications.document import Document, FigureBlock, Place, compose
from concord.evidence.publications.listings import Listing
from concord.strategy.shapes.publication import Publication

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. `figures` maps a figure code to its page."""

    folder: Path
    html: Path
    pdf: Path
    index: Path
    figures: Mapping[str, Path]
    titles: Mapping[str, str]
    synthetic: bool

    def moved(self, folder: Path) -> Published:
        """The same, after everything was moved to `folder`."""

        def there(path: Path) -> Path:
            return folder / path.relative_to(self.folder)

        figures = {code: there(path) for code, path in self.figures.items()}
        return replace(
            self, folder=folder, html=there(self.html), pdf=there(self.pdf), index=there(self.index), figures=figures
        )


def render(
    publication: Publication,
    releases: Mapping[str, Release],
    *,
    partnership: Place,
    out: Path,
    clock: Callable[[], datetime],
    areas: Mapping[str, Any] | None = None,
    audience: str = "",
    withheld: Mapping[str, str] | None = None,
    listings: Mapping[str, Sequence[Listing]] | None = None,
) -> Published:
    """Compose `publication` from `releases` (keyed as its figures are cited) and write it into `out`.

    `withheld` says, for figures without a release, why in words that go on the page; `listings` are the tables of
    words of each section, by its key. Everything is composed before
    anything is written. Raises BadInput for what is missing or typed by hand.
    """
    document = compose(
        publication, releases, partnership=partnership, areas=areas, clock=clock, withheld=withheld or {},
        listings=listings,
    )  # fmt: skip
    reader = audience or publication.audience.replace("_", " ").capitalize()
    paper = pdf.pdf(document, audience=reader)
    page = html.publication_page(document, audience=reader, pdf_bytes=len(paper))
    firsts = {figure.code: figure for figure in reversed(document.figures)}
    figures = {code: html.figure_page(document, figure) for code, figure in sorted(firsts.items())}

    folder = out / publication.key
    for each in (folder, out / "figures", out / "assets"):
        each.mkdir(parents=True, exist_ok=True)
    for asset in sorted(_ASSETS.iterdir()):
        shutil.copyfile(asset, out / "assets" / asset.name)
    (folder / f"{publication.key}.pdf").write_bytes(paper)
    (folder / "index.html").write_text(page, "utf-8")
    paths = {}
    for code, text in figures.items():
        paths[code] = out / "figures" / f"{code}.html"
        paths[code].write_text(text, "utf-8")
    index = out / "index.html"
    index.write_text(_index(document, list(firsts.values())), "utf-8")
    return Published(
        out,
        folder / "index.html",
        folder / f"{publication.key}.pdf",
        index,
        paths,
        {code: figure.reading.title for code, figure in firsts.items()},
        document.synthetic,
    )


def _index(document: Document, figures: Sequence[FigureBlock]) -> str:
    made_on = words.day(document.made_at.date())
    publication = document.publication
    return html.site_page(
        partnership=document.partnership,
        synthetic=document.synthetic,
        made_on=made_on,
        publications=[
            {
                "key": publication.key,
                "title": publication.title,
                "summary": publication.summary,
                "period": document.period,
                "made_on": made_on,
            }
        ],
        figures=[
            {"code": figure.code, "title": figure.reading.title} for figure in sorted(figures, key=lambda f: f.number)
        ],
    )
