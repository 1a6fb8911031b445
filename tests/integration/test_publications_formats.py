"""One document in every format: the same figures cell by cell, in files that other programs open and read aloud."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import lxml.html
import odfdo
import pikepdf
import pytest
from docx.oxml.ns import qn
from publication_support import AT, PLACE, areas, publication

from concord.evidence.publications import Published, leaks, render
from concord.evidence.publications.words import MARKS

PUBLICATION, RELEASES = publication()
TABLES = {release.tables[0].code: release.tables[0] for release in RELEASES.values()}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    out = tmp_path_factory.mktemp("site")
    return render(PUBLICATION, RELEASES, partnership=PLACE, out=out, clock=lambda: AT, areas=areas())


@pytest.fixture(scope="module")
def html_tables(published: Published) -> dict[str, list[list[str]]]:
    """Heading and rows of each table of the page, by figure code."""
    page = lxml.html.fromstring(published.html.read_text("utf-8"))
    found: dict[str, list[list[str]]] = {}
    for figure in page.iter("figure"):
        table = next(figure.iter("table"), None)
        if table is not None:
            code = figure.xpath(".//figcaption/a[@class='code']")[0].text
            found[code] = [[cell.text_content() for cell in row] for row in table.iter("tr")]
    return found


@pytest.fixture(scope="module")
def word(published: Published) -> Any:
    return docx.Document(str(published.formats["Word"]))


@dataclass
class Book:
    """A workbook as other programs see it: rows of each sheet, and the sheet of each figure code."""

    sheets: dict[str, list[list[Any]]]
    of_code: dict[str, str]
    ranges: dict[str, tuple[int, int]]
    content: str


@pytest.fixture(scope="module")
def book(published: Published) -> Book:
    path = published.formats["Spreadsheet"]
    opened = odfdo.Document(path)
    sheets = {table.name: table.get_values() for table in opened.body.tables}
    rows = sheets["Contents"]
    content = zipfile.ZipFile(path).read("content.xml").decode()
    ranges = {
        name.replace("_", " "): (int(first), int(last))
        for name, first, last in re.findall(
            r'table:named-range table:name="(\w+)"[^>]*cell-range-address="[^"]*\$A\$(\d+):\$[A-Z]+\$(\d+)"', content
        )
    }
    names = {row[2]: re.sub(r"\[(.*?)\].*", r"\1", str(row[0])) for row in rows[3:]}
    return Book(sheets, names, ranges, content)


def _table_of(book: Book, code: str) -> list[list[Any]]:
    name = book.of_code[code]
    first, last = book.ranges[name]
    return [[value for value in row if value is not None] for row in book.sheets[name][first - 1 : last]]


def _csv(published: Published, code: str) -> list[list[str]]:
    text = (published.folder / "assessment" / "tables" / f"{code}.csv").read_text("utf-8")
    return list(csv.reader(io.StringIO(text)))


def test_every_format_has_every_code(published: Published, html_tables: dict[str, Any], book: Book, word: Any) -> None:
    assert set(html_tables) == set(TABLES)
    assert set(book.of_code) == set(TABLES)
    captions = " ".join(p.text for p in word.paragraphs if p.style.name == "Caption")
    assert set(re.findall(r"Figure code (HB-\S+)\.", captions)) == set(TABLES)
    names = zipfile.ZipFile(published.formats["CSV"]).namelist()
    assert names == ["datapackage.json", *(f"{code}.csv" for code in html_tables)]
    assert sorted(published.formats) == ["CSV", "PDF", "Spreadsheet", "Word"]


def test_word_has_the_same_cells_as_the_page(html_tables: dict[str, Any], word: Any) -> None:
    by_title = {_title(table): [[c.text for c in row.cells] for row in table.rows] for table in word.tables}
    for code, rows in html_tables.items():
        assert by_title[code] == rows, code


def _title(table: Any) -> str:
    found = re.search(r"Figure (HB-\S+):", table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val")))
    return found[1] if found else ""


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("%", "").replace("−", "-").replace("+", ""))


def _flat(row: list[str]) -> list[str]:
    """Cells of a page's row with an interval as its two ends, as spreadsheets have it."""
    cells: list[str] = []
    for text in row:
        found = re.fullmatch(r"(\S+) to (\S+)", text)
        cells += [found[1], found[2]] if found else [text]
    return cells


@pytest.mark.parametrize("code", list(TABLES))
def test_the_spreadsheet_has_the_numbers_that_the_page_prints(
    code: str, html_tables: dict[str, Any], book: Book
) -> None:
    heading, *rows = html_tables[code]
    sheet_heading, *sheet_rows = _table_of(book, code)
    wide = any("interval" in title for title in heading)
    assert len(sheet_heading) == len(heading) + wide
    assert len(sheet_rows) == len(rows)
    for printed, kept in zip(rows, sheet_rows, strict=True):
        assert len(kept) == len(sheet_heading)  # no blank cells
        assert str(kept[0]) == printed[0]
        numbers = [value for value in kept[1:] if not isinstance(value, str)]
        said = [text for text in _flat(printed)[1:] if re.fullmatch(r"[−+]?[\d,.]+%?", text)]
        assert [float(n) for n in numbers] == [_number(text) for text in said], printed
        marks = {value for value in kept[1:] if value in MARKS} - {"[z]"}
        assert marks == {text for text in printed if text in MARKS}


@pytest.mark.parametrize("code", list(TABLES))
def test_the_csv_has_the_released_cells_and_no_others(code: str, published: Published) -> None:
    table = TABLES[code]
    heading, *rows = _csv(published, code)
    size = len(table.dimensions)
    by_key = {tuple(row[:size]): dict(zip(heading[size:], row[size:], strict=True)) for row in rows}
    assert len(by_key) == len(rows) == len(table.cells)
    for cell in table.cells:
        kept = by_key[cell.key]
        if cell.hidden:
            assert {value for name, value in kept.items() if name != "note"} == {"[c]"}
            continue
        assert kept["count"] == str(cell.count)
        assert kept.get("base", "[z]") == ("[z]" if cell.base is None else str(cell.base))
        if cell.estimate is not None:
            assert float(kept["value"]) == pytest.approx(cell.estimate.value, abs=0.5)
            assert cell.estimate.interval is not None
            assert float(kept["lower"]) <= float(kept["value"]) <= float(kept["upper"])


def test_the_data_package_describes_what_is_there(published: Published) -> None:
    package = json.loads((published.folder / "assessment/tables/datapackage.json").read_text("utf-8"))
    assert package["synthetic"] is True
    assert package["licenses"][0]["name"] == "OGL-UK-3.0"
    for resource in package["resources"]:
        heading = _csv(published, resource["code"])[0]
        assert [field["name"] for field in resource["schema"]["fields"]] == heading
        assert resource["schema"]["missingValues"] == ["", "[c]", "[u]", "[x]", "[z]"]


def test_archives_are_dated_by_the_clock_and_not_by_the_day(published: Published) -> None:
    for name in ("Word", "Spreadsheet", "CSV"):
        for entry in zipfile.ZipFile(published.formats[name]).infolist():
            assert entry.date_time == (2026, 1, 5, 9, 30, 10), entry.filename


def test_word_is_told_apart_by_structure_and_not_by_looks(word: Any) -> None:
    for table in word.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert all(cell.text.strip() for cell in table.rows[0].cells)
    pictures = list(word.element.body.iter("{*}docPr"))
    assert len(pictures) == len(list(word.inline_shapes)) >= 14
    assert all(len(picture.get("descr")) > 40 and picture.get("title") for picture in pictures)
    assert len({picture.get("id") for picture in pictures}) == len(pictures)
    levels = [int(p.style.name[-1]) for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    tongues = {tag.get(qn("w:val")) for tag in word.styles.element.iter(qn("w:lang"))}
    assert tongues == {"en-GB"}
    fields = [tag.text for tag in word.element.body.iter(qn("w:instrText"))]
    assert any(field and field.strip().startswith("TOC") for field in fields)
    foot = word.sections[0].footer.paragraphs[0].text
    assert foot == "Needs assessment. Harbourside. For: Public. Synthetic data. Page 1 of 1"
    properties = word.core_properties
    assert (properties.author, properties.title, properties.language) == ("Harbourside", "Needs assessment", "en-GB")
    assert properties.created == AT.replace(tzinfo=None, microsecond=0) or properties.created == AT


def test_links_inside_word_lead_to_bookmarks(word: Any) -> None:
    body = word.element.body
    names = [tag.get(qn("w:name")) for tag in body.iter(qn("w:bookmarkStart"))]
    assert len(names) == len(set(names))
    wanted = {tag.get(qn("w:anchor")) for tag in body.iter(qn("w:hyperlink"))} - {None}
    assert wanted <= set(names)
    assert len(wanted) > len(RELEASES)


def test_the_workbook_is_one_that_reads_aloud_in_order(book: Book, published: Published) -> None:
    names = list(book.sheets)
    assert names[:3] == ["Cover", "Contents", "Notes"]
    assert names[3:] == [f"Table {n}" for n in range(1, len(TABLES) + 1)]
    assert "covered-table-cell" not in book.content
    assert "number-columns-spanned" not in book.content
    assert book.content.count("<table:table-header-rows>") == len(TABLES)
    assert "Synthetic data" in str(book.sheets["Cover"])
    for mark, meaning in MARKS.items():
        assert any(mark in str(row[1]) and row[2] == meaning for row in book.sheets["Notes"][3:])
    entries = zipfile.ZipFile(published.formats["Spreadsheet"]).infolist()
    assert entries[0].filename == "mimetype"
    assert entries[0].compress_type == zipfile.ZIP_STORED
    linked = re.findall(r'xlink:href="#\'?([^\'"]+?)\'?\.A1"', book.content)
    assert set(linked) == set(names) - {"Cover"}


def test_the_pdf_has_a_row_for_each_row_and_a_description_for_each_chart(
    published: Published, html_tables: dict[str, Any]
) -> None:
    with pikepdf.open(published.pdf) as pdf:
        rows = charts = 0
        ahead = [pdf.Root.StructTreeRoot.K]
        while ahead:
            node = ahead.pop()
            if isinstance(node, pikepdf.Array):
                ahead += list(node)
            elif isinstance(node, pikepdf.Dictionary):
                rows += str(node.get("/S")) == "/TR"
                charts += str(node.get("/S")) == "/Figure" and "/Alt" in node
                ahead += [node.K] if "/K" in node else []
        asked = {release.id for release in RELEASES.values()}
        assert rows == sum(len(table) for table in html_tables.values()) + len(asked) + 1
        assert charts == len(RELEASES) - 1  # one figure is a table alone


def test_the_pdf_prints_every_row_of_the_page_in_order(
    published: Published, html_tables: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copyfile(published.pdf, tmp_path / "a.pdf")
    rows = {" ".join(row) for table in html_tables.values() for row in table[1:]}
    found = {leak.words for leak in leaks.search(tmp_path, rows, TABLES)}
    assert {row for row in rows if row not in found and leaks.plain(row) not in found} == set()
    assert set(TABLES) <= found


def test_a_paper_for_few_readers_says_so_in_every_format(tmp_path: Path) -> None:
    notice = "Holds small numbers: for the tactical group, under agreement ISA-3."
    few = {name: _with_notice(one, notice) for name, one in RELEASES.items()}
    made = render(PUBLICATION, few, partnership=PLACE, out=tmp_path, clock=lambda: AT, areas=areas())
    assert notice in docx.Document(str(made.formats["Word"])).sections[0].footer.paragraphs[0].text
    assert notice in str(odfdo.Document(made.formats["Spreadsheet"]).body.get_table(name="Cover").get_values())
    assert notice in made.html.read_text("utf-8")


def _with_notice(release: Any, notice: str) -> Any:
    return replace(release, notice=notice, hides_up_to=0)
