"""Word drafts: paragraphs, lists, tables, text boxes and links with their targets, in reading order.

A line is a paragraph or a row of a table. Text deleted under tracked changes is left out, text inserted is kept.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from concord.kernel.errors import BadInput, Where
from concord.strategy.proofread.document import Document, Line, Role, build
from concord.strategy.proofread.language import quote

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
LARGEST_UNPACKED = 200 * 1024 * 1024


def read(path: Path, data: bytes) -> Document:
    document = _open(path, data)
    lines: list[Line] = []
    styles = {style.style_id: style.name or "" for style in document.styles}
    part = document.part
    heading = ""
    for text, role, level in _body(document.element.body, part, styles):
        if role is Role.HEADING and text.strip():
            heading = text.strip()
        for piece in text.split("\n"):
            lines.append(Line(len(lines) + 1, piece, role, level, f"under {quote(heading)}" if heading else ""))
    if not any(line.text.strip() for line in lines):
        raise BadInput(
            f"{path.name} has no text in it.",
            where=Where(file=path),
            why="It may hold only pictures of text.",
            next_step="Give the draft as typed text.",
        )
    anchors = {mark.get(f"{_W}name", "") for mark in document.element.body.iter(f"{_W}bookmarkStart")}
    return build(lines, wrapped=False, anchors=anchors)


def _open(path: Path, data: bytes) -> Any:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            if "word/document.xml" not in names:
                raise BadInput(
                    f"{path.name} is a zip archive, but not a Word document.",
                    where=Where(file=path),
                    why="It holds no “word/document.xml”.",
                    next_step="Name the draft itself; a spreadsheet or a slide pack must be saved as .docx or "
                    ".pdf first.",
                )
            if sum(info.file_size for info in package.infolist()) > LARGEST_UNPACKED:
                raise BadInput(
                    f"{path.name} unpacks to more than {LARGEST_UNPACKED // 1048576} MB.",
                    where=Where(file=path),
                    next_step="Take out the pictures, or give the text alone.",
                )
        return docx.Document(io.BytesIO(data))
    except BadInput:
        raise
    except Exception as problem:
        # python-docx, lxml and zipfile each raise their own kinds for a damaged package.
        raise BadInput(
            f"{path.name} is damaged: it cannot be opened as a Word document.",
            where=Where(file=path),
            why=str(problem).splitlines()[0][:160] if str(problem) else type(problem).__name__,
            next_step="Open it in Word, let Word repair it, save it again and try once more.",
        ) from problem


def _body(parent: Any, part: Any, styles: dict[str, str]) -> Iterator[tuple[str, Role | None, int]]:
    for child in parent:
        if child.tag == f"{_W}p":
            yield _paragraph(child, part, styles)
            for box in child.iter(f"{_W}txbxContent"):
                if not any(a.tag == _FALLBACK for a in box.iterancestors()):
                    yield from _body(box, part, styles)
        elif child.tag == f"{_W}tbl":
            yield from _table(child, part, styles)
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            if content is not None:
                yield from _body(content, part, styles)
        elif child.tag in (f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
            yield from _body(child, part, styles)


def _table(table: Any, part: Any, styles: dict[str, str]) -> Iterator[tuple[str, Role | None, int]]:
    """One line a row, cells in order. A table used for layout, of one cell to a row, reads as paragraphs."""
    rows = list(table.iter(f"{_W}tr"))
    for row in rows:
        cells = [cell for cell in row if cell.tag == f"{_W}tc"]
        if len(cells) == 1:
            yield from _body(cells[0], part, styles)
            continue
        texts = [" ".join(t for t, _, _ in _body(cell, part, styles) if t.strip()) for cell in cells]
        yield " | ".join(texts), Role.TABLE, 0


def _paragraph(paragraph: Any, part: Any, styles: dict[str, str]) -> tuple[str, Role | None, int]:
    properties = paragraph.find(f"{_W}pPr")
    style, numbered, depth = "", False, 0
    if properties is not None:
        named = properties.find(f"{_W}pStyle")
        style = styles.get(named.get(f"{_W}val"), "") if named is not None else ""
        numbering = properties.find(f"{_W}numPr")
        numbered = numbering is not None
        if numbering is not None and numbering.find(f"{_W}ilvl") is not None:
            depth = int(numbering.find(f"{_W}ilvl").get(f"{_W}val") or 0)
    text = _text(paragraph, part)
    lower = style.lower()
    if lower.startswith("toc") and lower != "toc heading":
        return text, Role.CONTENTS, 0
    if lower.startswith("heading") or lower in ("title", "subtitle", "toc heading"):
        level = int(lower[-1]) if lower[-1].isdigit() else 0
        return text.replace("\n", " "), Role.HEADING, level
    if lower.startswith("list") or (numbered and text.strip()):
        return text.replace("\n", " "), Role.ITEM, depth
    return text, None, 0


def _text(element: Any, part: Any) -> str:
    pieces: list[str] = []
    for child in element:
        tag = child.tag
        if tag == f"{_W}r":
            pieces.append(_run(child))
        elif tag == f"{_W}hyperlink":
            words = _text(child, part)
            target = _target(child, part)
            pieces.append(f"[{words}]({target})" if words.strip() else "")
        elif tag in (f"{_W}ins", f"{_W}moveTo", f"{_W}smartTag", f"{_W}fldSimple", f"{_W}customXml"):
            pieces.append(_text(child, part))
        elif tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            pieces.append(_text(content, part) if content is not None else "")
    return "".join(pieces)


def _run(run: Any) -> str:
    pieces = []
    for child in run:
        if child.tag == f"{_W}t":
            pieces.append(child.text or "")
        elif child.tag == f"{_W}tab":
            pieces.append("\t")
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif child.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
    return "".join(pieces)


def _target(link: Any, part: Any) -> str:
    relation, anchor = link.get(f"{_R}id"), link.get(f"{_W}anchor")
    address = ""
    if relation and relation in part.rels:
        address = part.rels[relation].target_ref or ""
    if anchor:
        return f"{address}#{anchor}"
    return address.replace(" ", "%20").replace(")", "%29")
