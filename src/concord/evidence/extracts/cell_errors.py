"""Which cells of a workbook hold an error instead of a value: the reader of workbooks gives them as blank.

Layouts: ECMA-376 part 1, 18.3.1.4 (xlsx); MS-XLSB 2.4.293 and 2.4.665 (xlsb); MS-XLS 2.4.24 and 2.4.127 (xls).
OpenDocument gives the error's own text, so nothing has to be looked for.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

Errors = dict[str, dict[tuple[int, int], str]]
"""By sheet: the cells (row and column from 1) and what they show."""

_SHOWN = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_CHUNK = 1 << 20
_CELL = re.compile(rb"<(?:\w+:)?c ([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_ADDRESS = re.compile(rb"\br=\"([A-Z]+)([0-9]+)\"")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")


def cell_errors(path: Path, suffix: str, no_result: str) -> Errors:
    """The error cells of a workbook; `no_result` is what a formula that was never calculated shows."""
    if suffix == ".xlsx":
        return _xlsx(path, no_result)
    if suffix == ".xlsb":
        return _xlsb(path)
    return _xls(path) if suffix == ".xls" else {}


def _sheet_parts(package: zipfile.ZipFile, names: Iterator[tuple[str, str]], links: str) -> dict[str, str]:
    """The part of the package that holds each sheet."""
    relations = package.read(links).decode("utf-8", "replace")
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        identity, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if identity and target:
            place = target[1]
            targets[identity[1]] = place[1:] if place.startswith("/") else f"xl/{place}"
    held = set(package.namelist())
    return {name: targets[link] for name, link in names if targets.get(link) in held}


# ------------------------------------------------------------------ xlsx


def _xlsx(path: Path, no_result: str) -> Errors:
    from html import unescape

    with zipfile.ZipFile(path) as package:
        book = next(n for n in package.namelist() if n.lower() == "xl/workbook.xml")
        links = next((n for n in package.namelist() if n.lower() == "xl/_rels/workbook.xml.rels"), None)
        if links is None:
            return {}
        text = package.read(book).decode("utf-8", "replace")
        tags = re.findall(r"<(?:\w+:)?sheet\b[^>]*>", text)
        pairs = [(re.search(r'\bname="([^"]*)"', t), re.search(r'\b\w+:id="([^"]*)"', t)) for t in tags]
        named = iter([(unescape(n[1]), link[1]) for n, link in pairs if n and link])
        found: Errors = {}
        for sheet, part in _sheet_parts(package, named, links).items():
            with package.open(part) as stream:
                rest = b""
                while chunk := stream.read(_CHUNK):
                    rest += chunk
                    whole = rest.rfind(b"</row>") + 6
                    if whole > 5:
                        _xlsx_rows(rest[:whole], found.setdefault(sheet, {}), no_result)
                        rest = rest[whole:]
                _xlsx_rows(rest, found.setdefault(sheet, {}), no_result)
    return found


def _xlsx_rows(text: bytes, found: dict[tuple[int, int], str], no_result: str) -> None:
    if b't="e"' not in text and b"<f" not in text and b":f" not in text:
        return
    for cell in _CELL.finditer(text):
        attributes, inside = cell[1], cell[2] or b""
        error = b't="e"' in attributes
        if not error and (b"f>" not in inside and b"<f" not in inside):
            continue
        address, value = _ADDRESS.search(attributes), _VALUE.search(inside)
        if address is None:
            continue
        place = (int(address[2]), _column(address[1]))
        if error:
            found[place] = value[1].decode() if value else "#VALUE!"
        elif (value is None or not value[1]) and b't="str"' not in attributes:
            found[place] = no_result


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


# ------------------------------------------------------------------ xlsb


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        yield kind, content[at : at + size]
        at += size


def _xlsb(path: Path) -> Errors:
    with zipfile.ZipFile(path) as package:
        links = "xl/_rels/workbook.bin.rels"
        named = []
        for kind, body in _records(package.read("xl/workbook.bin")):
            if kind == 156:  # BrtBundleSh: state, identity, relation, name
                (size,) = struct.unpack_from("<I", body, 8)
                link = body[12 : 12 + 2 * size].decode("utf-16-le")
                (letters,) = struct.unpack_from("<I", body, 12 + 2 * size)
                name = body[16 + 2 * size : 16 + 2 * size + 2 * letters].decode("utf-16-le")
                named.append((name, link))
        found: Errors = {}
        for sheet, part in _sheet_parts(package, iter(named), links).items():
            row, cells = 0, found.setdefault(sheet, {})
            for kind, body in _records(package.read(part)):
                if kind == 0:  # BrtRowHdr
                    row = struct.unpack_from("<I", body)[0] + 1
                elif kind in (3, 11):  # BrtCellError, BrtFmlaError
                    cells[row, struct.unpack_from("<I", body)[0] + 1] = _SHOWN.get(body[8], "#VALUE!")
    return found


# ------------------------------------------------------------------ xls


def _xls(path: Path) -> Errors:
    book = _stream(path.read_bytes(), ("Workbook", "Book"))
    starts: dict[int, str] = {}
    found: Errors = {}
    at, sheet = 0, ""
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        body = book[at + 4 : at + 4 + size]
        if at in starts:
            sheet = starts[at]
        if kind == 0x85 and size > 8:  # BOUNDSHEET: where the sheet starts, and its name
            letters, wide = body[6], body[7] & 1
            name = body[8 : 8 + letters * (2 if wide else 1)]
            starts[struct.unpack_from("<I", body)[0]] = name.decode("utf-16-le" if wide else "latin-1")
        elif kind == 0x205 and size >= 8 and body[7]:  # BOOLERR
            row, column = struct.unpack_from("<HH", body)
            found.setdefault(sheet, {})[row + 1, column + 1] = _SHOWN.get(body[6], "#VALUE!")
        elif kind == 0x06 and size >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:  # FORMULA that gave an error
            row, column = struct.unpack_from("<HH", body)
            found.setdefault(sheet, {})[row + 1, column + 1] = _SHOWN.get(body[8], "#VALUE!")
        at += 4 + size
    return found


def _stream(content: bytes, names: tuple[str, ...]) -> bytes:
    """One stream of a compound file (MS-CFB), empty where it is not there or is kept among the small ones."""
    sector = 1 << struct.unpack_from("<H", content, 30)[0]
    (tables, directory) = struct.unpack_from("<I", content, 44)[0], struct.unpack_from("<I", content, 48)[0]

    def part(number: int) -> bytes:
        return content[(number + 1) * sector : (number + 2) * sector]

    listed = list(struct.unpack_from("<109I", content, 76))
    following, extra = struct.unpack_from("<II", content, 68)
    for _ in range(extra):
        more = struct.unpack(f"<{sector // 4}I", part(following).ljust(sector, b"\xff"))
        listed += more[:-1]
        following = more[-1]
    chain: list[int] = []
    for number in listed[:tables]:
        chain += struct.unpack(f"<{sector // 4}I", part(number).ljust(sector, b"\xff"))

    def whole(start: int) -> bytes:
        parts, seen = [], 0
        while start < len(chain) and seen <= len(chain):
            parts.append(part(start))
            start, seen = chain[start], seen + 1
        return b"".join(parts)

    entries = whole(directory)
    for at in range(0, len(entries), 128):
        entry = entries[at : at + 128]
        (letters,) = struct.unpack_from("<H", entry, 64)
        if entry[: max(letters - 2, 0)].decode("utf-16-le", "replace") in names:
            start, size = struct.unpack_from("<II", entry, 116)
            return whole(start)[:size] if size >= 4096 else b""
    return b""
