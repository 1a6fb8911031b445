"""Tables for machines: a CSV for each figure code, and the metadata that says what their columns mean.

The metadata is a Data Package (specs.frictionlessdata.io): names, titles, units, sources, licence, and what the marks
in place of numbers mean.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from concord.evidence.publications import packing, sheets, words
from concord.evidence.publications.document import Document, FigureBlock
from concord.evidence.publications.sheets import Column, Sheet, Value

_LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def files(document: Document, *, audience: str, public: bool) -> list[tuple[str, bytes]]:
    """(name, bytes) of `datapackage.json` and of every table, in the order of the document."""
    figures = firsts(document.figures)
    tables = [(figure, sheets.tidy(figure.table)) for figure in figures]
    package = json.dumps(_package(document, tables, audience, public), ensure_ascii=False, indent=2) + "\n"
    return [
        ("datapackage.json", package.encode()),
        *((f"{sheet.code}.csv", text(sheet).encode()) for _, sheet in tables),
    ]


def archive(document: Document, made: Sequence[tuple[str, bytes]]) -> bytes:
    """The same files as one zip."""
    return packing.packed(made, document.made_at)


def firsts(figures: Sequence[FigureBlock]) -> list[FigureBlock]:
    """Each table once, however often it is drawn."""
    found: dict[str, FigureBlock] = {}
    for figure in figures:
        found.setdefault(figure.code, figure)
    return list(found.values())


def text(sheet: Sheet) -> str:
    """The sheet as CSV with a heading of machine names."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([column.name for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_written(value, column) for value, column in zip(row, sheet.columns, strict=True)])
    return made.getvalue()


def _written(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A spreadsheet would compute a word that begins like a formula.
        return f" {value}" if value.startswith(_FORMULA) else value
    return f"{value:.{column.places}f}" if column.places else f"{value:.10g}"


def _package(
    document: Document, tables: Sequence[tuple[FigureBlock, Sheet]], audience: str, public: bool
) -> dict[str, Any]:
    publication = document.publication
    made: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": publication.key.replace("_", "-"),
        "title": publication.title,
        "description": publication.summary,
        "created": document.made_at.isoformat(),
        "contributors": [{"title": document.partnership, "roles": ["publisher"]}],
        "audience": audience,
        "synthetic": document.synthetic,
        "marks": words.MARKS,
        "resources": [_resource(figure, sheet) for figure, sheet in tables],
    }
    if public:
        made["licenses"] = [_LICENCE]
    return made


def _resource(figure: FigureBlock, sheet: Sheet) -> dict[str, Any]:
    release = figure.release
    made: dict[str, Any] = {
        "name": sheet.code.lower(),
        "path": f"{sheet.code}.csv",
        "title": sheet.title,
        "description": figure.reading.title,
        "code": sheet.code,
        "base": release.base,
        "period": figure.period,
        "method": release.method,
        "cannot_say": list(figure.cannot_say),
        "sources": [{"title": release.source}],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "schema": {
            "fields": [
                {"name": column.name, "title": column.title, "type": "string" if column.kind == "text" else "number"}
                for column in sheet.columns
            ],
            "missingValues": ["", *words.MARKS],
        },
    }
    if figure.notes:
        made["notes"] = list(figure.notes)
    return made
