"""Files in the formats suppliers send, written by other libraries than those that read them."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Sequence[Any]]
HEADINGS = ("ref", "happened_on", "ward", "knife", "victims", "note")
DAY = dt.date(2026, 10, 5)
ROW = ("A1", DAY, "SYN01", "Y", 2, "hello")


def xlsx(path: Path, sheets: Mapping[str, Rows], *, hidden: Sequence[str] = (), from_1904: bool = False) -> Path:
    """A workbook of these sheets. Text that starts with `=` is a formula, which nobody has calculated."""
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.remove(book.active)
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        if name in hidden:
            sheet.sheet_state = "hidden"
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    cell = sheet.cell(number, column, value)
                    if isinstance(value, str) and value.startswith("#"):
                        cell.data_type = "e"
    book.save(path)
    return path


def ods(path: Path, sheets: Mapping[str, Rows]) -> Path:
    from odfdo import Cell, Document, Row, Table

    document = Document("spreadsheet")
    document.body.clear()
    for name, rows in sheets.items():
        table = Table(name)
        for values in rows:
            row = Row()
            for value in values:
                row.append_cell(Cell(value))
            table.append_row(row)
        document.body.append(table)
    document.save(path)
    return path


def xlsb(path: Path, rows: Rows, *, sheet: str = "Sheet1") -> Path:
    """A binary workbook of one sheet: MS-XLSB records in a package. Dates are bare day numbers."""

    def record(kind: int, body: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return (
            number
            + (bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7]))
            + body
        )

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + text("rId1") + text(sheet))
    book += record(144) + record(132)
    width = max(len(row) for row in rows)
    cells = b""
    for number, row in enumerate(rows):
        cells += record(0, struct.pack("<IIH", number, 0, 300) + bytes(7))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, str) and value == "#N/A":
                cells += record(3, place + b"\x2a")
            elif isinstance(value, str):
                cells += record(6, place + text(value))
            elif isinstance(value, dt.date):
                cells += record(5, place + struct.pack("<d", (value - dt.date(1899, 12, 30)).days))
            elif value is not None:
                cells += record(5, place + struct.pack("<d", value))
    content = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    content += record(145) + cells + record(146) + record(130)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<?xml version="1.0"?>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", f'{head}<Types xmlns="{kind}/content-types"/>')
        package.writestr("xl/workbook.bin", book)
        link = f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/>'
        package.writestr("xl/_rels/workbook.bin.rels", f"{head}<Relationships>{link}</Relationships>")
        package.writestr("xl/worksheets/sheet1.bin", content)
    return path


def xls(path: Path, rows: Rows, *, sheet: str = "Sheet1", locked: bool = False) -> Path:
    """An Excel 97 workbook of one sheet: MS-XLS records in a compound file (MS-CFB). Dates are cells of format 14."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    bof = struct.pack("<HHHHII", 0x0600, 0, 0, 0, 0, 0)
    formats = b"".join(record(0xE0, struct.pack("<HH", 0, number).ljust(20, b"\0")) for number in (0, 14))
    cells = b""
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 1 if isinstance(value, dt.date) else 0)
            if isinstance(value, str) and value.startswith("#N/A"):
                cells += record(0x205, place + b"\x2a\x01")
            elif isinstance(value, str):
                cells += record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            elif isinstance(value, dt.date):
                cells += record(0x203, place + struct.pack("<d", (value - dt.date(1899, 12, 30)).days))
            elif value is not None:
                cells += record(0x203, place + struct.pack("<d", value))
    content = record(0x809, bof.replace(b"\x00\x06\x00\x00", b"\x00\x06\x10\x00", 1)) + cells + record(0x0A, b"")
    name = struct.pack("<BB", len(sheet), 0) + sheet.encode("latin-1")
    globals_ = (
        record(0x809, bof.replace(b"\x00\x06\x00\x00", b"\x00\x06\x05\x00", 1))
        + (record(0x2F, b"\x01\x00" + bytes(52)) if locked else b"")
        + record(0x42, b"\xb0\x04")
        + formats
    )
    start = len(globals_) + 4 + 6 + len(name) + 4
    globals_ += record(0x85, struct.pack("<IBB", start, 0, 0) + name) + record(0x0A, b"")
    path.write_bytes(_compound("Workbook", globals_ + content))
    return path


def _compound(name: str, content: bytes) -> bytes:
    """A compound file with one stream, padded so that it is not kept among the small ones."""
    content = content.ljust(4096, b"\0")
    content = content.ljust(-(-len(content) // 512) * 512, b"\0")
    sectors = len(content) // 512
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    chain = [table, end] + [n + 3 for n in range(sectors - 1)] + [end]
    assert len(chain) <= 128, "one sector of table is enough for a test"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)

    def entry(called: str, kind: int, child: int, start: int, size: int) -> bytes:
        letters = called.encode("utf-16-le")
        return (
            letters.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(letters) + 2, kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(content))
    directory += (bytes(68) + struct.pack("<III", free, free, free) + bytes(48)) * 2
    return head + struct.pack("<128I", *chain, *[free] * (128 - len(chain))) + directory + content


def parquet(path: Path, rows: Rows, headings: Sequence[str] = HEADINGS, types: Sequence[Any] | None = None) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*rows, strict=True)) or [[] for _ in headings]
    arrays = [pa.array(c, type=types[i] if types else None) for i, c in enumerate(columns)]
    pq.write_table(pa.table(dict(zip(headings, arrays, strict=True))), path)
    return path
