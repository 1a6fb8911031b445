"""The supplier's empty file: the headings of a feed, what may stand under each, and its codes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from concord.kernel.errors import Usage
from concord.kernel.workbooks import write_xlsx
from concord.strategy.shapes.feed import Feed, Table
from concord.web.feeds import contract

Rows = list[tuple[str, ...]]
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


def headings(table: Table) -> tuple[str, ...]:
    """The headings of an empty file: every field the file itself states, those of several spellings once."""
    made = {*table.wide.made, table.wide.value} if table.wide else set()
    own = [field for field in table.fields if field not in made and field not in table.blocks]
    return tuple(table.fields[field].header or field for field in own)


def guide(table: Table) -> Rows:
    """Each field: its heading, whether it must be filled, its form and what it is."""
    rows: Rows = [("Heading", "Must be filled", "Form", "What it is")]
    for field, about in table.fields.items():
        words = contract.field_words(field, about)
        rows.append((words.header, words.must, words.form, words.about))
    if table.wide:
        rows.append(("", "", "", f"Further columns, one for each heading like {table.wide.columns}."))
    return _admissible(table, rows)


def codes(table: Table) -> Rows:
    """Every code that a field may hold, and every mark for a missing value, a row each."""
    rows: Rows = [("Heading", "Code", "Stands for")]
    for field, about in table.fields.items():
        heading = about.header or field
        rows += [(heading, value, "") for value in about.values]
        rows += [(heading, mark, why) for mark, why in about.missing.items() if mark]
        rows += [(heading, old, f"older word for {new}") for old, new in about.recode.items()]
    return _admissible(table, rows)


def _admissible(table: Table, rows: Rows) -> Rows:
    """The same rows without any words that would make the file inadmissible when it comes back filled."""
    barred = [re.compile(rule.columns) for rule in table.forbidden]
    return [tuple("" if any(b.search(cell) for b in barred) else cell for cell in row) for row in rows]


def write(feed: Feed, path: Path, table: str | None = None) -> list[Path]:
    """Writes the template to `path`: a workbook with a sheet for each table, its fields and its codes (.xlsx), or a
    CSV file of headings with a second one of codes beside it (.csv). Returns what was written.

    Raises Usage for another ending, for a table the feed lacks, and where one CSV file would have to hold several.
    """
    if table is not None and table not in feed.tables:
        raise Usage(f"The feed “{feed.key}” has no table “{table}”.", next_step=f"It has: {', '.join(feed.tables)}.")
    wanted = {table: feed.tables[table]} if table is not None else feed.tables
    if path.suffix.lower() == ".xlsx":
        return [write_xlsx(dict(_sheets(wanted)), path)]
    if path.suffix.lower() != ".csv":
        raise Usage(
            f"A template is written as .xlsx or .csv, not as “{path.suffix or path.name}”.",
            next_step=f"Name it {path.stem}.xlsx.",
        )
    if len(wanted) > 1:
        raise Usage(
            f"The feed “{feed.key}” has {len(wanted)} tables, and a CSV file holds one.",
            next_step=f"Name one with --table ({', '.join(feed.tables)}), or write an .xlsx file.",
        )
    (one,) = wanted.values()
    beside = path.with_name(f"{path.stem}.codes.csv")
    _write_csv(path, [headings(one)])
    _write_csv(beside, codes(one))
    return [path, beside]


def _sheets(tables: dict[str, Table]) -> Iterator[tuple[str, Sequence[Sequence[object]]]]:
    for key, table in tables.items():
        yield _sheet_name(key), [headings(table)]
    several = len(tables) > 1
    for key, table in tables.items():
        yield _sheet_name(f"Fields {key}" if several else "Fields"), guide(table)
    for key, table in tables.items():
        yield _sheet_name(f"Codes {key}" if several else "Codes"), codes(table)


def _sheet_name(text: str) -> str:
    return _NO_SHEET_NAME.sub(" ", text)[:31]


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    # With the mark in front, Excel takes the file for UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
