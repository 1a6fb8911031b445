"""Write a publication in every format into a folder: pages, PDF, Word, spreadsheet, tables, a page for each code."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import Release
from concord.evidence.publications import earlier, html, pdf, summary, tabular, word, words, workbook
from concord.evidence.publications.document import Document, FigureBlock, Place, compose
from concord.evidence.publications.earlier import Edition
from concord.evidence.publications.listings import Listing
from concord.evidence.publications.summary import Phrases
from concord.strategy.shapes.publication import Publication

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. `figures` maps a code to its page, `formats` what a reader calls a format to its file."""

    folder: Path
    html: Path
    pdf: Path
    index: Path
    figures: Mapping[str, Path]
    titles: Mapping[str, str]
    synthetic: bool
    formats: Mapping[str, Path]
    period: str = ""
    """The longest period that a figure is about."""

    def moved(self, folder: Path) -> Published:
        """The same, after everything was moved to `folder`."""

        def there(path: Path) -> Path:
            return folder / path.relative_to(self.folder)

        return replace(
            self,
            folder=folder,
            html=there(self.html),
            pdf=there(self.pdf),
            index=there(self.index),
            figures={code: there(path) for code, path in self.figures.items()},
            formats={name: there(path) for name, path in self.formats.items()},
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
    editions: Sequence[Edition] = (),
    phrases: Sequence[Phrases] = (),
) -> Published:
    """Compose `publication` from `releases` (keyed as its figures are cited) and write it into `out`.

    `withheld` says, for figures without a release, why in words that go on the page; `listings` are the tables of
    words of each section, by its key; `editions` are earlier ones, newest first, that figures are compared with;
    `phrases` are the languages of the public summary.
    Everything is composed before anything is written. Raises BadInput for what is missing or typed by hand.
    """
    document = compose(
        publication,
        releases,
        partnership=partnership,
        areas=areas,
        clock=clock,
        withheld=withheld or {},
        listings=listings,
        pictures=True,
        editions=editions,
    )
    reader = audience or publication.audience.replace("_", " ").capitalize()
    made = _documents(document, reader)
    tables = tabular.files(document, audience=reader, public=publication.audience == "public")
    made["CSV"] = (f"{publication.key}-tables.zip", tabular.archive(document, tables))
    downloads = [html.Download(name, file, len(content)) for name, (file, content) in made.items()]
    summaries = _summaries(document, phrases)
    links = [one.link for one in summaries]
    page = html.publication_page(document, audience=reader, downloads=downloads, summaries=links)
    firsts = {figure.code: figure for figure in reversed(document.figures)}
    figures = {code: html.figure_page(document, figure) for code, figure in sorted(firsts.items())}

    folder = out / publication.key
    for each in (folder / "tables", out / "figures", out / "assets"):
        each.mkdir(parents=True, exist_ok=True)
    for asset in sorted(_ASSETS.iterdir()):
        shutil.copyfile(asset, out / "assets" / asset.name)
    for file, content in (*made.values(), *((f"tables/{name}", content) for name, content in tables)):
        (folder / file).write_bytes(content)
    (folder / "index.html").write_text(page, "utf-8")
    for one in summaries:
        (folder / one.made.folder).mkdir(exist_ok=True)
        (folder / one.made.folder / one.file).write_bytes(one.paper)
        text = html.summary_page(one.made, document, languages=links, pdf_file=one.file, pdf_bytes=len(one.paper))
        (folder / one.made.folder / "index.html").write_text(text, "utf-8")
    cited = {figure.spec.cited_as: figure.code for figure in document.figures}
    (folder / earlier.FILE).write_bytes(earlier.record(document.made_at.date(), cited, editions))
    paths = {}
    for code, text in figures.items():
        paths[code] = out / "figures" / f"{code}.html"
        paths[code].write_text(text, "utf-8")
    index = out / "index.html"
    index.write_text(_index(document, list(firsts.values()), downloads), "utf-8")
    return Published(
        out,
        folder / "index.html",
        folder / f"{publication.key}.pdf",
        index,
        paths,
        {code: figure.reading.title for code, figure in firsts.items()},
        document.synthetic,
        {name: folder / file for name, (file, _) in made.items()},
        document.period,
    )


@dataclass(frozen=True, slots=True)
class _Short:
    """The summary in one language, ready to be written. `link` is what other pages need to lead there."""

    made: summary.Summary
    link: Mapping[str, str]
    file: str
    paper: bytes


def _summaries(document: Document, phrases: Sequence[Phrases]) -> list[_Short]:
    found = []
    for each in phrases:
        made = summary.summarise(document, each)
        if made.lines:
            link = {"language": made.language, "name": each.name, "folder": made.folder}
            file = f"{document.publication.key}-{made.folder}.pdf"
            found.append(_Short(made, link, file, summary.pdf(made, document)))
    return found


def _documents(document: Document, reader: str) -> dict[str, tuple[str, bytes]]:
    """What a reader calls each format, with its file's name and bytes. The PDF is set while the others are written."""
    key = document.publication.key
    with ThreadPoolExecutor(1) as beside:
        paper = beside.submit(pdf.pdf, document, audience=reader)
        text = word.docx(document, audience=reader)
        book = workbook.ods(document, audience=reader)
        return {
            "PDF": (f"{key}.pdf", paper.result()),
            "Word": (f"{key}.docx", text),
            "Spreadsheet": (f"{key}.ods", book),
        }


def _index(document: Document, figures: Sequence[FigureBlock], downloads: Sequence[html.Download]) -> str:
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
                "downloads": downloads,
                "earlier": [],
            }
        ],
        figures=[
            {"code": figure.code, "title": figure.reading.title} for figure in sorted(figures, key=lambda f: f.number)
        ],
    )
