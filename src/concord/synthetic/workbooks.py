"""Writes a table as the workbook an office keeps: one sheet, a heading row, dates as dates; the same bytes each time.

The generator runs wherever Concord does, and no library that writes workbooks does: an Excel or an OpenDocument file
is a zip of a few short XML texts, and these are they.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from concord.kernel import workbooks

Table = dict[str, np.ndarray]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def write_xlsx(table: Table, path: Path, sheet: str) -> Path:
    """An Excel workbook (ECMA-376). Texts that are dates become date cells, numbers number cells."""
    return workbooks.write_xlsx({sheet: _rows(table)}, path)


def write_ods(table: Table, path: Path, sheet: str) -> Path:
    """An OpenDocument spreadsheet (ISO/IEC 26300)."""
    lines = []
    for row in _rows(table):
        lines.append(f"<table:table-row>{''.join(_ods_cell(value) for value in row)}</table:table-row>")
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {
        "mimetype": kind,
        "META-INF/manifest.xml": workbooks.HEAD + f'<manifest:manifest xmlns:manifest="{names}manifest:1.0" '
        f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        "content.xml": workbooks.HEAD + f'<office:document-content xmlns:office="{names}office:1.0" '
        f'xmlns:table="{names}table:1.0" xmlns:text="{names}text:1.0" office:version="1.3"><office:body>'
        f'<office:spreadsheet><table:table table:name="{escape(sheet)}">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>",
    }
    return workbooks.write_zip(path, parts)


def _rows(table: Table) -> list[tuple[object, ...]]:
    columns = [column.tolist() for column in table.values()]
    return [tuple(table), *zip(*columns, strict=True)]


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    shown = f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}">{shown}</table:table-cell>'
    if isinstance(value, str) and _DAY.fullmatch(value):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}">{shown}</table:table-cell>'
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'
