"""Files as they come: every encoding, Word's corners, PDF's lines, and files that are not what they say."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pikepdf
import pytest
import typst
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml import etree

from concord.kernel.errors import BadInput
from concord.strategy.proofread import proofread, read
from concord.strategy.proofread.document import Role

WRONG = "Northmere recorded 1,041 sexual offences in 2022-23, a decrease of 9.32% (109 offences) on the previous year."


def _words(path: Path) -> list[str]:
    return [line.text for line in read(path).lines if line.text]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "mac-roman"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_text_in_any_encoding_and_with_any_line_end(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = f"Strategy{line_end}{line_end}{WRONG}{line_end}It cost £3 in 2024 and the café’s owner said so."
    if encoding in ("latin-1",):
        text = text.replace("’", "'")
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path = tmp_path / "draft.txt"
    path.write_bytes(mark + text.encode(encoding))
    assert [(r.line, r.kind) for r in proofread(path)] == [(3, "change_does_not_compute")]


def test_form_feeds_and_odd_separators_do_not_shift_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    path.write_text(f"One\x0c\n\x0cTwo\u2028and more\x0b\n\n{WRONG}\n", encoding="utf-8")
    assert [r.line for r in proofread(path)] == [4]


def test_a_paragraph_saved_as_one_long_line_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    path.write_text(f"{'The partnership has worked hard for years. ' * 20}{WRONG}\nAn end.\n", encoding="utf-8")
    assert [(r.line, r.kind) for r in proofread(path)] == [(1, "change_does_not_compute")]


# --- Word


def _save(draft: docx.document.Document, folder: Path) -> Path:
    path = folder / "draft.docx"
    draft.save(path)
    return path


def test_word_tables_are_read_row_by_row_where_they_stand(tmp_path: Path) -> None:
    draft = docx.Document()
    draft.add_paragraph("Before.")
    table = draft.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Robbery", "480 offences"
    draft.add_paragraph("After.")
    document = read(_save(draft, tmp_path))
    assert [(line.text, line.role) for line in document.lines if line.text] == [
        ("Before.", None),
        ("Robbery | 480 offences", Role.TABLE),
        ("After.", None),
    ]


def test_word_deletions_are_left_out_and_insertions_kept(tmp_path: Path) -> None:
    draft = docx.Document()
    paragraph = draft.add_paragraph("The board ")
    for tag, inner, words in (("w:del", "w:delText", "never "), ("w:ins", "w:t", "always ")):
        change, run, text = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        text.text = words
        text.set(qn("xml:space"), "preserve")
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run("decides.")
    assert _words(_save(draft, tmp_path)) == ["The board always decides."]


def test_word_text_boxes_are_read(tmp_path: Path) -> None:
    draft = docx.Document()
    paragraph = draft.add_paragraph("Beside the box.")
    box = etree.fromstring(
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>Inside the box.</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    paragraph._p.append(box)
    assert _words(_save(draft, tmp_path)) == ["Beside the box.", "Inside the box."]


def test_word_contents_are_left_alone(tmp_path: Path) -> None:
    draft = docx.Document()
    style = draft.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    draft.add_paragraph("Working with and\t3", style=style)
    draft.add_paragraph("The board meets each quarter.")
    document = read(_save(draft, tmp_path))
    assert [block.role for block in document.blocks] == [Role.CONTENTS, Role.PARAGRAPH]
    assert proofread(_save(draft, tmp_path)) == []


def test_word_bookmarks_are_where_links_may_lead(tmp_path: Path) -> None:
    draft = docx.Document()
    paragraph = draft.add_paragraph("The method")
    mark = OxmlElement("w:bookmarkStart")
    mark.set(qn("w:name"), "method")
    mark.set(qn("w:id"), "1")
    paragraph._p.append(mark)
    assert "method" in read(_save(draft, tmp_path)).anchors


# --- PDF


def test_pdf_running_heads_are_not_read_into_the_text(tmp_path: Path) -> None:
    source = """
#set page(width: 12cm, height: 8cm, header: [Northmere plan, draft 3], footer: context counter(page).display())
#for part in (1, 2, 3, 4) [
  The partnership's part number #part has been written by the people who know the place best, and they have said that it
  is worth having.
  #pagebreak(weak: true)
]
"""
    path = tmp_path / "draft.pdf"
    path.write_bytes(typst.compile(source.encode()))
    assert not [block.text for block in read(path).blocks if "draft 3" in block.text or block.text.strip().isdigit()]


def test_a_pdf_paragraph_over_a_page_end_is_one_paragraph(tmp_path: Path) -> None:
    words = "the partnership has met and the board has heard what it said about the work of the year, " * 8
    source = f"#set page(width: 12cm, height: 6cm)\n#set text(size: 11pt)\nIn 2023 {words} and so it ended."
    path = tmp_path / "draft.pdf"
    path.write_bytes(typst.compile(source.encode()))
    document = read(path)
    assert {line.place for line in document.lines if line.place} >= {"page 1", "page 2"}
    assert len([block for block in document.blocks if block.role is Role.PARAGRAPH]) == 1


# --- files that are not what they say


def _pdf(text: str = "One line.") -> bytes:
    return typst.compile(text.encode())


def _zip(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    return held.getvalue()


def _word() -> bytes:
    held = io.BytesIO()
    draft = docx.Document()
    draft.add_paragraph("One line.")
    draft.save(held)
    return held.getvalue()


def _locked_pdf() -> bytes:
    held = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf())) as opened:
        opened.save(held, encryption=pikepdf.Encryption(owner="owner", user="reader"))
    return held.getvalue()


def _empty_word() -> bytes:
    held = io.BytesIO()
    docx.Document().save(held)
    return held.getvalue()


BAD = [
    ("draft.txt", b"", "is empty", "Save the draft again"),
    ("draft.txt", b" \r\n\t\n", "is empty", "Save the draft again"),
    ("draft.md", b"\xef\xbb\xbf", "is empty", "Save the draft again"),
    ("draft.txt", bytes(range(256)) * 8, "is not text", "save it as .docx"),
    ("draft.txt", b"\xff\xfea", "is not text", "save it as .docx"),
    ("draft.txt", _pdf(), "holds a PDF", "ends in .pdf"),
    ("draft.md", _word(), "holds a zip archive", "ends in .docx"),
    ("draft.pdf", _word(), "holds a zip archive", "ends in .docx"),
    ("draft.pdf", b"plain words", "is not one", "Export the draft to PDF again"),
    ("draft.pdf", _pdf()[:300], "is damaged", "Export the draft to PDF again"),
    ("draft.pdf", _locked_pdf(), "protected by a password", "without the password"),
    ("draft.pdf", _pdf("#rect()"), "no text layer", "text recognition"),
    ("draft.docx", b"plain words", "is not a Word document", "save it as .docx"),
    ("draft.docx", _pdf(), "holds a PDF", "ends in .pdf"),
    ("draft.docx", _zip(**{"xl/workbook.xml": "<x/>"}), "is a zip archive, but not a Word document", "Name the draft"),
    ("draft.docx", _word()[:900], "is damaged", "let Word repair it"),
    ("draft.docx", _zip(**{"word/document.xml": "<broken"}), "is damaged", "let Word repair it"),
    ("draft.docx", _empty_word(), "has no text", "typed text"),
    ("draft.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password", "save it as .docx"),
    ("draft.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not a kind of draft", "save it as .docx"),
    ("draft.xlsx", _zip(**{"xl/workbook.xml": "<x/>"}), "not a kind of draft", ".docx, .pdf, .md or .txt"),
    ("draft", b"words", "not a kind of draft", ".docx, .pdf, .md or .txt"),
]


@pytest.mark.parametrize(("name", "data", "what", "next_step"), BAD, ids=[f"{n}-{w[:22]}" for n, _, w, _ in BAD])
def test_a_file_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, name: str, data: bytes, what: str, next_step: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(BadInput) as refusal:
        proofread(path)
    assert what in refusal.value.what
    assert next_step in (refusal.value.next_step or "")
    assert refusal.value.where is not None
    assert refusal.value.where.file == path


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        proofread(tmp_path / "gone.docx")
    with pytest.raises(BadInput, match="is a folder"):
        proofread(tmp_path)


def test_a_file_too_large_to_be_a_draft_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    with path.open("wb") as file:
        file.truncate(51 * 1024 * 1024)
    with pytest.raises(BadInput, match="more than proofreading will read"):
        proofread(path)


def test_an_ending_in_capitals_is_the_same_ending(tmp_path: Path) -> None:
    path = tmp_path / "DRAFT.TXT"
    path.write_text(WRONG, encoding="utf-8")
    assert len(proofread(path)) == 1
