"""Workbooks: Excel of every age and OpenDocument. A sheet becomes columns of text, with its own row numbers."""

from __future__ import annotations

import csv
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from concord.evidence.extracts.arrivals import Arrival
from concord.evidence.extracts.blocks import block_rows
from concord.evidence.extracts.cell_errors import cell_errors
from concord.evidence.extracts.engine import Scan
from concord.evidence.extracts.files import explaining_disk, scanned, temporary
from concord.evidence.extracts.formats import XLSX, Kind, locked
from concord.evidence.extracts.frames import Row, contracts_of, renderer
from concord.evidence.extracts.headings import Layout
from concord.kernel.errors import BadInput, Where

TOP = 40
"""Rows at the top of a sheet in which the headings are looked for."""
_AT_ONCE = 20_000
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)|Err:[0-9]{3}")
NO_RESULT = "(a formula without a result)"


@dataclass
class Sheet:
    """One sheet of a workbook. `errors` are the cells that hold no value but an error, by row and column from 1."""

    arrival: Arrival
    name: str
    hidden: bool
    first_column: int
    cells: list[list[Any]]
    from_1904: bool
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    separators: tuple[str, ...] = (",",)
    made: bool = False

    @cached_property
    def _top(self) -> list[Row]:
        written = renderer(None, from_1904=self.from_1904, serials=[])
        found: list[Row] = []
        for number, cells in enumerate(islice(self.cells, TOP * 5), start=1):
            if len(found) < TOP and any(cell != "" for cell in cells):
                found.append((number, tuple(re.sub(r"[\r\n]+", " ", written(cell) or "") for cell in cells)))
        return found

    def top(self, separator: str) -> Iterable[Row]:
        return self._top

    def content(self, con: duckdb.DuckDBPyConnection, layout: Layout, work: Path) -> tuple[Scan, list[str]]:
        wanted = contracts_of(layout)
        for index in layout.unnamed:
            self._check_unnamed(layout, index)
        serials: list[int] = []
        writers = {i: renderer(c, from_1904=self.from_1904, serials=serials) for i, c in wanted.items()}
        filled = {layout.positions[f] for f in layout.table.fill_down if f in layout.positions}
        rows, broken, notes = self._rows(layout, set(wanted), filled)
        target = temporary(work, ".parquet")
        schema = pa.schema([("row_no", pa.int64()), *((f"c{i}", pa.string()) for i in range(len(layout.columns)))])
        with explaining_disk(work), pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as out:
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                columns = [pa.array([n for n, _ in part], pa.int64())]
                for index in range(len(layout.columns)):
                    write = writers.get(index)
                    if write is None:
                        columns.append(pa.nulls(len(part), pa.string()))
                    else:
                        columns.append(pa.array([write(cells[index]) for _, cells in part], pa.string()))
                out.write_batch(pa.record_batch(columns, schema=schema))
        if broken:
            with explaining_disk(work), (work / "broken.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(broken)
        if serials:
            notes.append(f"{len(serials):,} cells held the number of a day instead of a date; they were read as dates.")
        if self.from_1904:
            notes.append("The workbook counts days from 1904; its dates were read as such.")
        cells = ", ".join(f"c{i}" for i in range(len(layout.columns)))
        source = f"(SELECT {cells} FROM read_parquet({scanned(target)}))"
        numbered = f"(SELECT row_no, {cells} FROM read_parquet({scanned(target)}))"
        return Scan(source, numbered, len(rows), len(broken)), notes

    def _rows(
        self, layout: Layout, wanted: set[int], filled: set[int]
    ) -> tuple[list[tuple[int, list[Any]]], list[list[object]], list[str]]:
        """The rows below the headings with their numbers; those with an error in a column that is kept; and notes."""
        ends = re.compile(layout.table.ends_at) if layout.table.ends_at else None
        written = renderer(None, from_1904=self.from_1904, serials=[])
        faulty: dict[int, list[int]] = {}
        for row, column in self.errors:
            faulty.setdefault(row, []).append(column - 1 - self.first_column)
        rows: list[tuple[int, list[Any]]] = []
        broken: list[list[object]] = []
        notes: list[str] = []
        above: dict[int, Any] = {}
        below = enumerate(islice(self.cells, layout.heading_row, None), start=layout.heading_row + 1)
        for number, cells in block_rows(self.cells, layout) if layout.table.blocks else below:
            first = next((c for c in cells if c != ""), None)
            if first is None and number not in faulty:
                continue
            if ends is not None and first is not None and ends.search(written(first) or ""):
                notes.append(f"Row {number:,} (“{str(first)[:40]}”) and what follows it are footnotes by the contract.")
                break
            for index in filled:
                if cells[index] == "":
                    cells[index] = above.get(index, "")
                above[index] = cells[index]
            wrong = [(i, self.errors[number, i + 1 + self.first_column]) for i in faulty.get(number, ())]
            wrong += [(i, c) for i, c in enumerate(cells) if type(c) is str and c[:1] in "#E" and _ERROR.fullmatch(c)]
            wrong = [(i, value) for i, value in wrong if i in wanted]
            if wrong:
                broken += [self._fault(number, layout, wrong)]
            else:
                rows.append((number, cells))
        return rows, broken, notes

    @staticmethod
    def _fault(number: int, layout: Layout, wrong: list[tuple[int, str]]) -> list[object]:
        listed = "; ".join(f"“{layout.columns[i].strip()}”: {value}" for i, value in wrong)
        return [
            number,
            "formula",
            listed,
            "A formula in this row gives an error, or has never been calculated.",
            "Correct the formula at its source, let the workbook calculate, and save it again.",
        ]

    def _check_unnamed(self, layout: Layout, index: int) -> None:
        """Raises BadInput where a column without a heading holds something, and the contract does not expect it."""
        if layout.table.unnamed_columns == "ignored":
            return
        for number, cells in enumerate(islice(self.cells, layout.heading_row, None), start=layout.heading_row + 1):
            if index < len(cells) and cells[index] != "":
                raise BadInput(
                    f"Column {letters(index + 1 + self.first_column)} of {self.arrival.file_name} "
                    "holds values but has no heading.",
                    where=Where(file=f"{self.arrival.name}, sheet “{self.name}”", row=number),
                    next_step='Give it a heading, empty it, or say `unnamed_columns = "ignored"` in the contract.',
                )


def letters(column: int) -> str:
    """A column's letters, the first being 1."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def sheets(arrival: Arrival, path: Path, kind: Kind) -> list[Sheet]:
    """Every sheet that holds cells. Raises BadInput where the workbook is locked, damaged or no workbook."""
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            found = list(_sheets(arrival, book))
        errors = cell_errors(path, kind.suffix, NO_RESULT)
        from_1904 = kind is XLSX and _from_1904(path)
    except calamine.PasswordError as error:
        raise locked(arrival) from error
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        OSError,
        KeyError,
        ValueError,
        IndexError,
        struct.error,
    ) as error:
        old = kind.suffix == ".xls"
        raise BadInput(
            f"{arrival.file_name} cannot be opened as a workbook: it is damaged"
            + (", or it is an old Word or PowerPoint file." if old else "."),
            where=Where(file=arrival.name),
            why=str(error),
            next_step="Open it in Excel, save it as an Excel workbook (.xlsx), and load that.",
        ) from error
    if not found:
        raise BadInput(
            f"{arrival.file_name} holds no sheet with anything in it.",
            where=Where(file=arrival.name),
            next_step="Ask the supplier to export it again and resend it.",
        )
    for sheet in found:
        sheet.from_1904, sheet.errors = from_1904, errors.get(sheet.name, {})
    return found


def _sheets(arrival: Arrival, book: calamine.CalamineWorkbook) -> Iterator[Sheet]:
    for about in book.sheets_metadata:
        if about.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.start is None:
            continue
        hidden = about.visible is not calamine.SheetVisibleEnum.Visible
        yield Sheet(arrival, about.name, hidden, sheet.start[1], list(sheet.iter_rows()), from_1904=False)


def _from_1904(path: Path) -> bool:
    with zipfile.ZipFile(path) as package:
        name = next((n for n in package.namelist() if n.lower() == "xl/workbook.xml"), None)
        return bool(name and re.search(rb"date1904\s*=\s*[\"'](1|true)[\"']", package.read(name)))
