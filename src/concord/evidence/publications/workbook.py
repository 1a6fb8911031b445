"""The same tables as an accessible spreadsheet (ODS): cover, contents, notes, one table a sheet.

Laid out as the Analysis Function asks of statistics in spreadsheets (analysisfunction.civilservice.gov.uk, "Releasing
statistics in spreadsheets"): words above the table, one heading row, no merged or blank cells in it, marks in brackets
in place of numbers, a named range for each table.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from concord.evidence.publications import packing, sheets, tabular, words
from concord.evidence.publications.document import Document, FigureBlock, about, methods
from concord.evidence.publications.sheets import Sheet, Value

_SPACES = (
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_DECIMALS = 3
Row = Sequence[tuple[Value, str, str]]
"""Cells of a row as (value, style, address that it links to)."""


def ods(document: Document, *, audience: str) -> bytes:
    """The bytes of the workbook; the same for the same document."""
    from odfdo import Document as Workbook
    from odfdo import Element

    book = Workbook("spreadsheet")
    book.body.clear()
    figures = tabular.firsts(document.figures)
    numbered = [(f"Table {n}", figure, sheets.sheet(figure.table)) for n, figure in enumerate(figures, start=1)]
    pages = [
        _page("Cover", 1, _cover(document, audience)),
        _page("Contents", 4, _contents(document, numbered)),
        _page("Notes", 3, _notes(document)),
        *(_page(name, len(sheet.columns), *_table(figure, sheet)) for name, figure, sheet in numbered),
    ]
    for page in pages:
        book.body.append(Element.from_tag(page))
    book.body.append(Element.from_tag(_ranges(numbered)))
    for style in _styles():
        book.insert_style(Element.from_tag(style), automatic=True)
    _described(book, document)
    made = io.BytesIO()
    book.save(made)
    return packing.repacked(made.getvalue(), document.made_at)


def _described(book: Any, document: Document) -> None:
    """Title, language and dates, in place of those of the empty workbook that everything starts from."""
    meta = book.meta
    meta.title = document.publication.title
    meta.description = document.publication.summary
    meta.subject = "Synthetic data" if document.synthetic else document.publication.summary
    meta.creator = document.partnership
    meta.initial_creator = document.partnership
    meta.language = "en-GB"
    moment = document.made_at.replace(microsecond=0, tzinfo=None)
    meta.creation_date = moment
    meta.date = moment
    for style in book.styles.get_elements("//style:default-style/style:text-properties"):
        style.set_attribute("fo:language", "en")
        style.set_attribute("fo:country", "GB")


def _cover(document: Document, audience: str) -> Iterable[Row]:
    yield [(document.publication.title, "title", "")]
    yield [(document.publication.summary, "words", "")]
    if document.synthetic:
        yield [("Synthetic data: everything here is invented. No person, place or event is real.", "strong", "")]
    yield [(f"Published by {document.partnership} on {words.day(document.made_at.date())}.", "words", "")]
    yield [(f"Period: {document.period}.", "words", "")]
    yield [(f"For: {audience}.", "words", "")]
    for notice in document.notices:
        yield [(notice, "strong", "")]
    yield [("The accessible form of this publication is its web page; the figures are the same.", "words", "")]
    yield [("Contents", "link", "#Contents.A1")]
    yield [("Notes", "link", "#Notes.A1")]


def _contents(document: Document, numbered: Sequence[tuple[str, FigureBlock, Sheet]]) -> Iterable[Row]:
    headings = {figure.code: section.heading for section in document.sections for figure in section.figures[::-1]}
    yield [("Contents", "title", "")]
    yield [("This worksheet contains one table: the worksheets that follow, one table in each.", "words", "")]
    yield [(name, "heading", "") for name in ("Worksheet", "Table", "Figure code", "Section")]
    for name, figure, sheet in numbered:
        yield [
            (name, "link", f"#'{name}'.A1"),
            (sheet.title, "words", ""),
            (figure.code, "words", ""),
            (headings[figure.code], "words", ""),
        ]


def _notes(document: Document) -> Iterable[Row]:
    yield [("Notes", "title", "")]
    yield [("This worksheet contains one table.", "words", "")]
    yield [(name, "heading", "") for name in ("Note", "About", "Text")]
    rows = [
        *((f"Mark {mark}", meaning) for mark, meaning in words.MARKS.items()),
        *(("Reading the figures", paragraph) for paragraph in about(document.publication)),
        *(("To keep in mind throughout", caution) for caution in document.throughout),
        *((f"Method of {codes}", f"{question} {method}") for codes, question, method in methods(document)),
    ]
    for number, (subject, text) in enumerate(rows, start=1):
        yield [(f"note {number}", "words", ""), (subject, "words", ""), (text, "words", "")]


def _table(figure: FigureBlock, sheet: Sheet) -> tuple[list[Row], list[Row]]:
    """Rows above the table, and the table with its heading first."""
    release = figure.release
    above = [
        f"{figure.reading.title}.",
        f"This worksheet contains one table. Figure code {figure.code}.",
        f"Base: {release.base}. Period: {figure.period}. Source: {release.source}.",
        *([f"Compared with before. {' '.join(figure.since)}"] if figure.since else []),
        *figure.notes,
        *(f"It cannot say: {caution}" for caution in figure.cannot_say),
    ]
    if release.synthetic:
        above.append("Synthetic data: everything here is invented.")
    head: list[Row] = [[(sheet.title, "title", "")], *([(line, "words", "")] for line in above)]
    body: list[Row] = [[(column.title, "heading", "") for column in sheet.columns]]
    for row in sheet.rows:
        body.append(
            [
                (value, f"n{min(column.places, _DECIMALS)}" if column.kind == "number" else "words", "")
                for value, column in zip(row, sheet.columns, strict=True)
            ]
        )
    return head, body


def _page(name: str, columns: int, rows: Iterable[Row], body: Sequence[Row] = ()) -> str:
    """A sheet as it is written. The first column is wide where it holds words; a table's heading repeats on paper."""
    wide = "cover" if name == "Cover" else "first"
    rest = f'<table:table-column table:style-name="other" table:number-columns-repeated="{columns - 1}"/>'
    written = [_row(row) for row in rows]
    if body:
        written.append(f"<table:table-header-rows>{_row(body[0])}</table:table-header-rows>")
        written += [_row(row) for row in body[1:]]
    return (
        f"<table:table {_SPACES} table:name={quoteattr(name)}>"
        f'<table:table-column table:style-name="{wide}"/>{rest if columns > 1 else ""}{"".join(written)}</table:table>'
    )


def _row(cells: Row) -> str:
    return f"<table:table-row>{''.join(_cell(*cell) for cell in cells)}</table:table-row>"


def _cell(value: Value, style: str, link: str) -> str:
    if value is None:
        return f'<table:table-cell table:style-name="{style}"/>'
    if isinstance(value, str):
        text = escape(_clean(value))
        if link:
            text = f'<text:a xlink:type="simple" xlink:href={quoteattr(link)}>{text}</text:a>'
        mark = "mark" if style.startswith("n") and style != "notes" else style
        return (
            f'<table:table-cell table:style-name="{mark}" office:value-type="string" calcext:value-type="string">'
            f"<text:p>{text}</text:p></table:table-cell>"
        )
    places = int(style[1:])
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="float" office:value="{value:.10g}">'
        f"<text:p>{value:,.{places}f}</text:p></table:table-cell>"
    )


def _clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _ranges(numbered: Sequence[tuple[str, FigureBlock, Sheet]]) -> str:
    """A name for each table, heading included: Table_1 and so on."""
    made = []
    for name, figure, sheet in numbered:
        first = len(_table(figure, sheet)[0]) + 1
        corner, end = f"A{first}", f"{_letters(len(sheet.columns))}{first + len(sheet.rows)}"
        made.append(
            f'<table:named-range table:name="{name.replace(" ", "_")}" '
            f"table:base-cell-address=\"$'{name}'.$A${first}\" "
            f"table:cell-range-address=\"$'{name}'.{_fixed(corner)}:{_fixed(end)}\"/>"
        )
    return f"<table:named-expressions {_SPACES}>{''.join(made)}</table:named-expressions>"


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _fixed(address: str) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", address)


def _styles() -> list[str]:
    spaces = (
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
        'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    )
    wrap = '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>'
    flat = '<style:table-cell-properties style:vertical-align="top"/>'
    ruled = (
        '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="bottom" '
        'fo:border-bottom="0.75pt solid #0b0c0c"/>'
    )

    def cell(name: str, properties: str, text: str = "", more: str = "") -> str:
        letters = f"<style:text-properties {text}/>" if text else ""
        return (
            f'<style:style {spaces} style:name="{name}" style:family="table-cell" '
            f'style:parent-style-name="Default"{more}>{properties}{letters}</style:style>'
        )

    def column(name: str, width: str) -> str:
        return (
            f'<style:style {spaces} style:name="{name}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width}"/></style:style>'
        )

    bold = 'fo:font-weight="bold"'
    right = '<style:paragraph-properties fo:text-align="end"/>'
    numbers = [
        f'<number:number-style {spaces} style:name="N{places}"><number:number number:decimal-places="{places}" '
        f'number:min-decimal-places="{places}" number:min-integer-digits="1" number:grouping="true"/>'
        "</number:number-style>"
        for places in range(_DECIMALS + 1)
    ]
    return [
        *numbers,
        column("cover", "17cm"),
        column("first", "7cm"),
        column("other", "4.2cm"),
        cell("title", flat, f'{bold} fo:font-size="15pt"'),
        cell("strong", wrap, bold),
        cell("words", flat),
        cell("link", flat, 'fo:color="#1a5a96" style:text-underline-style="solid"'),
        cell("heading", ruled, bold),
        cell("mark", flat + right),
        *(cell(f"n{places}", flat, more=f' style:data-style-name="N{places}"') for places in range(_DECIMALS + 1)),
    ]
