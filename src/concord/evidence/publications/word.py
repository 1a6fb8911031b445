"""The same document for Word: real headings, tables with marked heading rows, pictures with words, one language."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from concord.evidence.publications import drawing, packing, prose, wordparts, words
from concord.evidence.publications.document import Document, FigureBlock, SectionBlock, about, methods
from concord.evidence.publications.listings import Listing
from concord.evidence.publications.sheets import Grid

_TEXT_WIDTH = 6.3
"""Inches between the margins; a chart drawn `_FULL` points wide fills them."""
_FULL = 660
SYNTHETIC = "Synthetic data: everything here is invented. No person, place or event is real."


def docx(document: Document, *, audience: str) -> bytes:
    """The bytes of the file; the same for the same document. The document must have been composed with pictures."""
    writer = _Writer(document)
    writer.opening(audience)
    for number, section in enumerate(document.sections, start=1):
        writer.section(number, section)
    writer.about()
    wordparts.footer(writer.made, _footer(document, audience))
    _described(writer.made, document)
    kept = io.BytesIO()
    writer.made.save(kept)
    return packing.repacked(kept.getvalue(), document.made_at)


def _footer(document: Document, audience: str) -> str:
    said = [document.publication.title, document.partnership, f"For: {audience}"]
    return ". ".join([*said, *(["Synthetic data"] if document.synthetic else []), *document.notices])


def _described(made: Any, document: Document) -> None:
    """What the file says of itself, in place of what the empty template says."""
    properties = made.core_properties
    moment = document.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.title = document.publication.title
    properties.subject = document.publication.summary[:250]
    properties.author = properties.last_modified_by = document.partnership
    properties.comments = SYNTHETIC if document.synthetic else ""
    properties.keywords = "serious violence"
    properties.language = "en-GB"
    properties.created = properties.modified = moment
    properties.revision = 1


class _Writer:
    """Adds parts of the document one after another."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.made: Any = wordparts.empty()
        self.marks = wordparts.Marks()
        self.styles: dict[str, str | None] = {}
        """The identifier of each style by its name, None for the one that a paragraph has anyway."""
        self.known = {figure.anchor for figure in document.figures}

    def paragraph(self, text: str, style: str = "Normal") -> Any:
        line = self.made.add_paragraph(text)
        # The library goes through every style of the document each time that one is named.
        if style not in self.styles:
            self.styles[style] = self.made.part.get_style_id(style, wordparts.paragraph_style())
        line._p.style = self.styles[style]
        return line

    def heading(self, text: str, level: int, name: str) -> None:
        wordparts.marked(self.paragraph(text, f"Heading {level}"), name, self.marks)

    def opening(self, audience: str) -> None:
        document = self.document
        publication = document.publication
        self.paragraph(publication.title, "Title")
        self.paragraph(publication.summary, "Subtitle")
        for notice in (*([SYNTHETIC] if document.synthetic else []), *document.notices):
            self.paragraph(notice, "Notice")
        told = (
            ("Published by", document.partnership),
            ("Period", document.period),
            ("For", audience),
            ("Published", words.day(document.made_at.date())),
        )
        for term, text in told:
            line = self.paragraph(f"{term}: ")
            line.add_run(text).bold = True
        entries = []
        for number, section in enumerate(document.sections, start=1):
            entries.append((1, f"{number}. {section.heading}", f"section-{section.key}"))
            entries += [(2, figure.title, f"figure-{figure.anchor}") for figure in section.figures]
        entries.append((1, "About these figures", "about"))
        self.paragraph("Contents", "Contents heading")
        wordparts.contents(self.made, entries, self.marks)
        self.cautions("To keep in mind throughout", document.throughout, 1)

    def section(self, number: int, section: SectionBlock) -> None:
        self.heading(f"{number}. {section.heading}", 1, f"section-{section.key}")
        if section.prose is not None:
            self.nodes(prose.tree(section.prose))
        for figure in section.figures:
            self.figure(figure)
        for listing in section.listings:
            self.listing(section.key, listing)
        for note in section.left_out:
            self.paragraph(note, "Note")
        self.cautions("What these figures cannot say", section.cannot_say)

    def figure(self, figure: FigureBlock) -> None:
        self.heading(figure.title, 2, f"figure-{figure.anchor}")
        for sentence in figure.reading.text:
            self.paragraph(sentence)
        if figure.since:
            line = self.paragraph("")
            line.add_run("Compared with before. ").bold = True
            line.add_run(" ".join(figure.since))
        if figure.png:
            share = min(1.0, drawing.width(figure.svg) / _FULL)
            wordparts.picture(self.made, figure.png, share * _TEXT_WIDTH, figure.title, figure.reading.alt)
        for note in (each for each in figure.notes if each != figure.release.notice):
            self.paragraph(note, "Note")
        if figure.again:
            line = self.paragraph("The table is the one with ", "Note")
            wordparts.inward(line, "the figure above", f"figure-{figure.code}", self.marks)
            line.add_run(".")
        else:
            self.grid(figure.grid, f"Figure {figure.code}: {figure.reading.alt}")
        release = figure.release
        source = f"Base: {release.base}. Period: {figure.period}. Source: {release.source}."
        self.paragraph(f"Figure code {figure.code}. {source}", "Caption")

    def grid(self, grid: Grid, description: str) -> None:
        self.paragraph(grid.caption, "Table title")
        wordparts.table(
            self.made, grid.columns, grid.rows, grid.caption, description, numbers=len(grid.columns) - 1 - grid.words
        )

    def listing(self, section: str, listing: Listing) -> None:
        self.heading(listing.title, 2, f"listing-{section}-{listing.title}")
        if listing.intro:
            self.paragraph(listing.intro)
        if listing.rows:
            wordparts.table(self.made, listing.columns, listing.rows, listing.title, listing.intro, numbers=0)
        else:
            self.paragraph(listing.empty)

    def cautions(self, title: str, items: Sequence[str], level: int = 2) -> None:
        if items:
            self.paragraph(title, f"Heading {level}")
            for item in items:
                self.paragraph(item, "List Bullet")

    def about(self) -> None:
        self.heading("About these figures", 1, "about")
        for paragraph in about(self.document.publication):
            self.paragraph(paragraph)
        self.paragraph("; ".join(f"{mark} {meaning}" for mark, meaning in words.MARKS.items()) + ".")
        rows = tuple((question, method, codes) for codes, question, method in methods(self.document))
        caption = "Questions asked of the data, and how they were answered"
        self.paragraph(caption, "Table title")
        wordparts.table(self.made, ("Question", "Method", "Figures"), rows, caption, "", numbers=0)

    def nodes(self, nodes: Iterable[Mapping[str, Any]], style: str = "Normal") -> None:
        """Blocks of prose."""
        for node in nodes:
            kind = node["kind"]
            if kind == "heading":
                line = self.paragraph("", "Heading 2")
                self.inline(line, node["children"])
            elif kind in {"bullet_list", "ordered_list"}:
                self.nodes(node["children"], "List Bullet" if kind == "bullet_list" else "List Number")
            elif kind == "blockquote":
                self.nodes(node["children"], "Quote")
            elif kind == "paragraph":
                self.inline(self.paragraph("", style), node["children"])
            elif kind == "code":
                self.paragraph(node["text"], style)
            else:
                self.nodes(node.get("children", ()), style)

    def inline(self, line: Any, nodes: Iterable[Mapping[str, Any]], look: str = "") -> None:
        for node in nodes:
            kind = node["kind"]
            if kind == "cited":
                anchor = f"figure-{node['code']}"
                if node["code"] in self.known:
                    wordparts.inward(line, node["text"], anchor, self.marks)
                else:
                    line.add_run(f"{node['text']} ({node['code']})")
            elif kind == "link":
                wordparts.outward(line, "".join(_plain(node["children"])), node["href"])
            elif kind in {"softbreak", "hardbreak"}:
                line.add_run(" " if kind == "softbreak" else "\n")
            elif "text" in node:
                run = line.add_run(node["text"])
                run.bold, run.italic = "strong" in look or None, "em" in look or None
            else:
                self.inline(line, node.get("children", ()), f"{look} {kind}")


def _plain(nodes: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for node in nodes:
        yield node["text"] if "text" in node else "".join(_plain(node.get("children", ())))
