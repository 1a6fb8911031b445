"""Code lists: CSV files with a header, every row as long as the header."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from concord.kernel.names import did_you_mean
from concord.strategy.problems import Problem

Rows = tuple[Mapping[str, str], ...]


def parse(file: Path, text: str) -> tuple[tuple[str, ...], Rows, list[Problem]]:
    """Columns, rows and mistakes of one code list. Rows that do not fit are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[Problem] = []
    rows: list[Mapping[str, str]] = []
    columns: tuple[str, ...] = ()
    try:
        for row in reader:
            if not columns:
                columns = tuple(row)
                problems += _header(file, columns)
            elif row and len(row) != len(columns):
                what = f"The row has {_fields(len(row))}, and the header has {len(columns)}."
                expected = f"a value for each of {', '.join(columns)}"
                problems.append(Problem(str(file), what, expected, reader.line_num))
            elif row:
                rows.append(dict(zip(columns, row, strict=True)))
    except csv.Error as error:
        expected = "comma-separated values, with quotation marks in pairs"
        problems.append(Problem(str(file), f"The list cannot be read: {error}.", expected, reader.line_num))
    if not columns:
        problems.append(Problem(str(file), "The list is empty.", "a header row and at least one row", 1))
    return columns, tuple(rows), problems


def _fields(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _header(file: Path, columns: Sequence[str]) -> list[Problem]:
    problems = []
    if any(not column.strip() for column in columns):
        problems.append(Problem(str(file), "A column has no name.", "a name for every column", 1))
    for column in sorted({column for column in columns if columns.count(column) > 1}):
        problems.append(Problem(str(file), f"Two columns are called “{column}”.", "every column once", 1, column))
    return problems


def against(file: Path, columns: Sequence[str], wanted: Sequence[str], because: str) -> list[Problem]:
    """What separates the columns of a list from those it must have; `because` says who wants them."""
    missing = [column for column in wanted if column not in columns]
    surplus = [column for column in columns if column and column not in wanted]
    expected = f"the columns {', '.join(wanted)} ({because})"
    if len(missing) == len(surplus) == 1:
        hint = f"Is it the column called “{surplus[0]}”?"
        return [Problem(str(file), f"The column “{missing[0]}” is missing.", expected, 1, missing[0], hint)]
    return [
        *(Problem(str(file), f"The column “{each}” is missing.", expected, 1, each) for each in missing),
        *(Problem(str(file), f"The column “{each}” is not one this list has.", expected, 1, each) for each in surplus),
    ]


def repeated(file: Path, rows: Rows, unique: Sequence[str]) -> list[Problem]:
    """Rows that share all their `unique` values. Rows count from the header, which is row 1."""
    seen: dict[tuple[str, ...], int] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        values = tuple(row.get(column, "") for column in unique)
        first = seen.setdefault(values, number)
        if first != number:
            what = f"“{', '.join(values)}” is already in row {first}."
            problems.append(Problem(str(file), what, f"each {' and '.join(unique)} once", number, unique[0]))
    return problems


def not_among(file: Path, rows: Rows, column: str, valid: Collection[str], called: str) -> list[Problem]:
    """Rows whose `column` is neither blank nor one of `valid`; `called` says in words what those are."""
    return [
        Problem(
            str(file),
            f"“{row[column]}” is no {called}.",
            f"the {called} that is meant, or nothing",
            number,
            column,
            did_you_mean(row[column], valid),
        )
        for number, row in enumerate(rows, start=2)
        if row.get(column) and row[column] not in valid
    ]


def no_dates(file: Path, rows: Rows, column: str) -> list[Problem]:
    """Rows whose `column` is no date."""
    problems = []
    for number, row in enumerate(rows, start=2):
        try:
            dt.date.fromisoformat(row.get(column, ""))
        except ValueError:
            what = f"“{row.get(column, '')}” is not a date."
            problems.append(Problem(str(file), what, "a date that exists, written 2024-08-01", number, column))
    return problems
