"""Parts of a Word file that the library has no words for: heading rows, contents, bookmarks, descriptions, pages."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_DEEP, _MUTED, _RULE = "12436D", "505A5F", "B1B4B6"


class Marks:
    """Names of bookmarks: short, unique, and the same for the same target."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __getitem__(self, target: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]", "_", target)[:30]
        return self._names.setdefault(target, f"_{plain}_{len(self._names)}")

    def number(self, target: str) -> int:
        name = self[target]
        return list(self._names.values()).index(name) + 1


def empty() -> Any:
    """A document with the house's styles, A4, in British English."""
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    made = Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(25)
    page.top_margin = page.bottom_margin = Mm(22)

    def letters(name: str, size: float, *, bold: bool | None = None, colour: str = "0B0C0C") -> Any:
        style = made.styles[name]
        style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), bold
        style.font.color.rgb = RGBColor.from_string(colour)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for face in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{face}"), "Arial")
        for theme in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        return style

    def new(name: str, size: float, after: float, *, bold: bool = False, colour: str = "0B0C0C") -> Any:
        made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = made.styles["Normal"]
        style = letters(name, size, bold=bold, colour=colour)
        style.paragraph_format.space_after = Pt(after)
        return style

    letters("Normal", 11).paragraph_format.space_after = Pt(8)
    letters("Title", 26, bold=True, colour=_DEEP)
    letters("Subtitle", 13, bold=False, colour=_MUTED).font.italic = False
    for level, size in ((1, 18), (2, 13), (3, 11)):
        heading = letters(f"Heading {level}", size, bold=True, colour=_DEEP if level == 1 else "0B0C0C")
        heading.paragraph_format.space_before = Pt(18 if level == 1 else 14)
        heading.paragraph_format.space_after = Pt(6)
        heading.paragraph_format.keep_with_next = True
    letters("Caption", 9, bold=False, colour=_MUTED).paragraph_format.space_after = Pt(12)
    letters("Quote", 11).font.italic = False
    new("Note", 9.5, 6, colour=_MUTED)
    new("Notice", 11, 8, bold=True)
    new("Table title", 10, 4, bold=True).paragraph_format.keep_with_next = True
    new("Contents heading", 15, 6, bold=True, colour=_DEEP)
    _language(made)
    package = made.part.package
    for key in [key for key, link in package.rels.items() if link.reltype.endswith("/thumbnail")]:
        package.rels.pop(key)  # a picture of somebody else's page
    return made


def _language(made: Any) -> None:
    """British English for every style and run that says nothing else."""
    from docx.oxml.ns import qn

    for tongue in made.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:val"), "en-GB")
        tongue.set(qn("w:eastAsia"), "en-GB")


def marked(line: Any, target: str, marks: Marks) -> None:
    """Wrap a paragraph in a bookmark that links can lead to."""
    number, name = marks.number(target), marks[target]
    start = _element(f'<w:bookmarkStart {_W} w:id="{number}" w:name={quoteattr(name)}/>')
    line._p.insert(1 if line._p.pPr is not None else 0, start)
    line._p.append(_element(f'<w:bookmarkEnd {_W} w:id="{number}"/>'))


def inward(line: Any, text: str, target: str, marks: Marks) -> None:
    """Words that lead to a bookmark."""
    line._p.append(_element(_link(text, marks[target])))


def _link(text: str, name: str) -> str:
    look = f'<w:rPr><w:color w:val="{_DEEP}"/><w:u w:val="single"/></w:rPr>'
    return (
        f'<w:hyperlink {_W} w:anchor={quoteattr(name)} w:history="1"><w:r>{look}'
        f'<w:t xml:space="preserve">{_clean(text)}</w:t></w:r></w:hyperlink>'
    )


def outward(line: Any, text: str, href: str) -> None:
    """Words that lead to an address."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn

    link = _element(_link(text, ""))
    del link.attrib[qn("w:anchor")]
    link.set(qn("r:id"), line.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    line._p.append(link)


def contents(made: Any, entries: Sequence[tuple[int, str, str]], marks: Marks) -> None:
    """A contents field over headings of two levels, filled in as Word would fill it but for page numbers."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\n \\h \\z </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    for place, (level, text, target) in enumerate(entries):
        inset = f'<w:pPr><w:spacing w:after="{40 if level == 2 else 60}"/><w:ind w:left="{360 * (level - 1)}"/></w:pPr>'
        opening = begin if place == 0 else ""
        closing = end if place == len(entries) - 1 else ""
        _append(made, f"<w:p {_W}>{inset}{opening}{_link(text, marks[target])}{closing}</w:p>")


def table(
    made: Any,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str,
    description: str,
    *,
    numbers: int,
) -> None:
    """A table with a heading row that repeats on every page and no merged cells. `numbers`: so many columns after the
    first are numbers, set right."""
    width = 9300 // len(columns)
    size = 18 if len(columns) <= 6 else 14
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for _ in columns)
    head = _row(columns, width, size, heading=True, numbers=numbers)
    body = "".join(_row(row, width, size, heading=False, numbers=numbers) for row in rows)
    _append(
        made,
        f'<w:tbl {_W}><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>'
        f'<w:top w:val="single" w:sz="8" w:color="0B0C0C"/><w:bottom w:val="single" w:sz="4" w:color="{_RULE}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:color="{_RULE}"/></w:tblBorders>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" '
        f'w:noVBand="1"/><w:tblCaption w:val={quoteattr(_clean(title))}/>'
        f"<w:tblDescription w:val={quoteattr(_clean(description or title))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>",
    )
    made.add_paragraph("").paragraph_format.space_after = 0


def _row(cells: Sequence[str], width: int, size: int, *, heading: bool, numbers: int) -> str:
    repeats = "<w:tblHeader/>" if heading else ""
    written = []
    for place, text in enumerate(cells):
        side = '<w:jc w:val="right"/>' if 0 < place <= numbers and not (heading and len(text) > 30) else ""
        bold = "<w:b/>" if heading else ""
        written.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:spacing w:after="20"/>{side}'
            f'</w:pPr><w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{_clean(text)}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{''.join(written)}</w:tr>"


def paragraph_style() -> Any:
    """What the library calls the kind of styles that paragraphs have."""
    from docx.enum.style import WD_STYLE_TYPE

    return WD_STYLE_TYPE.PARAGRAPH


def picture(made: Any, png: bytes, inches: float, title: str, description: str) -> None:
    """A picture on a line of its own, with words for those who do not see it."""
    from docx.shared import Inches

    line = made.add_paragraph()
    line.paragraph_format.keep_with_next = True
    shape = line.add_run().add_picture(io.BytesIO(png), width=Inches(inches))
    properties = shape._inline.docPr
    properties.set("descr", description)
    properties.set("title", title)
    properties.set("name", f"Chart {properties.get('id')}")


def footer(made: Any, text: str) -> None:
    """The words and the page number at the foot of every page."""
    line = made.sections[0].footer.paragraphs[0]
    look = f'<w:rPr><w:color w:val="{_MUTED}"/><w:sz w:val="17"/></w:rPr>'

    def run(inner: str) -> None:
        line._p.append(_element(f"<w:r {_W}>{look}{inner}</w:r>"))

    def page(instruction: str) -> None:
        run('<w:fldChar w:fldCharType="begin"/>')
        run(f'<w:instrText xml:space="preserve"> {instruction} </w:instrText>')
        run('<w:fldChar w:fldCharType="separate"/>')
        run("<w:t>1</w:t>")
        run('<w:fldChar w:fldCharType="end"/>')

    run(f'<w:t xml:space="preserve">{_clean(text)}. Page </w:t>')
    page("PAGE")
    run('<w:t xml:space="preserve"> of </w:t>')
    page("NUMPAGES")


def _append(made: Any, xml: str) -> None:
    made.element.body.insert_element_before(_element(xml), "w:sectPr")


def _element(xml: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(xml)


def _clean(text: str) -> str:
    """As XML text, without the characters that no XML may hold."""
    return escape(re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text))
