"""What every format becomes: frames of rows, each a sheet, a data frame, a layer, or the whole of a CSV file.

A frame shows its first rows, in which the headings are looked for, and then gives its content as columns of text, the
same text that a CSV file of that content would hold. From there on no format is different from another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import duckdb

from concord.evidence.extracts.engine import Scan, Text
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.values import named, quoted
from concord.strategy.shapes.feed import FieldContract

Row = tuple[int, tuple[str, ...]]
"""A row's number, as a spreadsheet counts, and its cells as text."""


class Frame(Protocol):
    """One table of a file. `name` is the sheet's, and None where the file holds one thing only."""

    @property
    def name(self) -> str | None: ...
    @property
    def hidden(self) -> bool: ...
    @property
    def made(self) -> bool:
        """Whether reading made columns that the file itself does not list (a shape, its coordinate system)."""
        ...

    @property
    def separators(self) -> tuple[str, ...]:
        """The ways in which rows may be split into cells, the usual one first."""
        ...

    def top(self, separator: str) -> Iterable[Row]:
        """The first rows that are not blank. Raises BadInput where the file has no rows at all."""
        ...

    def content(self, con: duckdb.DuckDBPyConnection, layout: Layout, work: Path) -> tuple[Text | Scan, list[str]]:
        """What stands below the headings, for the engine, and notes on what had to be done to read it.

        Raises BadInput where a column cannot be read as the layout wants it.
        """
        ...


def contracts_of(layout: Layout) -> dict[int, FieldContract]:
    """The contract of each column that is kept, by its index in the file."""
    fields = layout.table.fields
    found = {index: fields[field] for field, index in layout.positions.items()}
    found |= {index: fields[field] for field, indexes in layout.others.items() for index in indexes}
    if layout.table.wide:
        found |= dict.fromkeys(layout.wide, fields[layout.table.wide.value])
    return found


# ------------------------------------------------------------------ cells of a sheet

_FIRST_1900 = dt.datetime.fromisoformat("1899-12-30")
_FIRST_1904 = dt.datetime.fromisoformat("1904-01-01")
_LAST_SERIAL = 73_050
"""Day 73,050 of the 1900 system is 31 December 2099."""
_YEARS = range(1900, 2101)
"""A bare number in a date column that could be a year is not taken for a number of days."""
_EXACT = 10**15
"""Whole numbers below this are exact in the floating-point numbers that workbooks hold."""


def renderer(contract: FieldContract | None, *, from_1904: bool, serials: list[int]) -> Callable[[object], str | None]:
    """How cells of a column become text. `serials` gets a 1 for each day number that was read as a date."""
    kind = _kind(contract)
    first = _FIRST_1904 if from_1904 else _FIRST_1900

    def written(value: object) -> str | None:
        if isinstance(value, str):
            return value or None
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            if kind in ("date", "month", "timestamp") and 1 <= value <= _LAST_SERIAL and value not in _YEARS:
                serials.append(1)
                return _moment(first + dt.timedelta(days=value), kind)
            return number(value)
        if isinstance(value, dt.datetime):
            return _moment(value, kind)
        if isinstance(value, dt.date):
            return _moment(dt.datetime.combine(value, dt.time()), kind)
        if isinstance(value, dt.time):
            return value.strftime("%H:%M:%S" if value.second else "%H:%M")
        if isinstance(value, dt.timedelta):
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
        return str(value)

    return written


def _kind(contract: FieldContract | None) -> str:
    """What text a typed value must become. Where a contract lists ways of writing days, a month is one of them."""
    if contract is None:
        return "text"
    return "date" if contract.type == "month" and contract.date_format else contract.type


def number(value: float) -> str | None:
    """A number as CSV would hold it: whole numbers without a point, no number as nothing."""
    if value != value:
        return None
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    return repr(value)


def _moment(value: dt.datetime, kind: str) -> str:
    """Workbooks hold times as fractions of a day, so they are rounded to the second."""
    value = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    midnight = value.time() == dt.time()
    if kind == "timestamp" or not midnight:
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if kind == "month" and value.day == 1:
        return value.strftime("%Y-%m")
    return value.strftime("%Y-%m-%d")


# ------------------------------------------------------------------ columns of a typed file

_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)


def as_text_sql(column: str, kind: str, contract: FieldContract | None) -> str | None:
    """SQL that writes a typed column as text, or None where its type holds no single values (lists, structures)."""
    name, wanted = named(column), _kind(contract)
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "GEOMETRY")):
        return None
    if kind in ("FLOAT", "DOUBLE"):
        whole = f"abs({name}) < {_EXACT} AND {name} = trunc({name})"
        return f"CASE WHEN isnan({name}) THEN NULL WHEN {whole} THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END"
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        return f"rtrim(rtrim({name}::VARCHAR, '0'), '.')"
    if kind == "BLOB":
        return f"hex({name})"
    if kind == "DATE":
        if wanted == "timestamp":
            return f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
        return _month_sql(name, f"{name}::VARCHAR") if wanted == "month" else f"{name}::VARCHAR"
    if kind.startswith("TIMESTAMP"):
        moment = f"{name}::TIMESTAMP"
        if kind.endswith("ZONE"):
            moment = f"timezone({quoted(contract.zone if contract else 'UTC')}, {name})"
        second = f"date_trunc('second', {moment})"
        full = f"strftime({second}, '%Y-%m-%d %H:%M:%S')"
        if wanted == "timestamp":
            return full
        day = f"CASE WHEN {second} = date_trunc('day', {second}) THEN strftime({second}, '%Y-%m-%d') ELSE {full} END"
        return _month_sql(second, day) if wanted == "month" else day
    if kind in _WHOLE or kind in ("BOOLEAN", "TIME", "UUID", "INTERVAL") or kind.startswith("DECIMAL"):
        return f"{name}::VARCHAR"
    return f"nullif({name}::VARCHAR, '')"


def _month_sql(moment: str, otherwise: str) -> str:
    return f"CASE WHEN {moment} = date_trunc('month', {moment}) THEN strftime({moment}, '%Y-%m') ELSE {otherwise} END"
