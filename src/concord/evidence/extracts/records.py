"""Reading a damaged file record by record, so that one broken row costs one row.

DuckDB reads sound files far faster; this is for the file in which a row is short, a quotation mark never closes or a
byte is no text. A stray quotation mark spoils its own row only: a record may run over lines, but not over many.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_RECORD_IN_LINES = 30
"""A quoted field may hold line ends, but a field of more lines than this is a quotation mark left open."""

_VALUE_SHOWN = 200

_NOT_TEXT = re.compile("[\0\udc80-\udcff]")
"""Zero bytes, and bytes that are no letter of the encoding (as `surrogateescape` stands for them)."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be split into its fields. `row` counts as a spreadsheet does, the headings being row 1."""

    row: int
    rule: str
    value: str
    problem: str
    fix: str


def split_records(
    lines: Iterable[str], width: int, *, first_row: int, complete: bool, separator: str = ","
) -> Iterator[str | list[str] | Broken]:
    """The records below the headings, or what is broken about each: exactly one item for each row received.

    A sound record has the row number put in front of its `width` fields: as the line it is where no field is quoted,
    as a list where one is. Blank lines are rows to a spreadsheet, so
    they count in the numbering, but nothing was sent in them and nothing is returned. `complete` says whether the
    file ends with a line end; if not, a short last row was cut off rather than mistyped.
    """
    ahead: deque[str] = deque()
    source = iter(lines)

    def following(index: int) -> str | None:
        while len(ahead) <= index:
            line = next(source, None)
            if line is None:
                return None
            ahead.append(line)
        return ahead[index]

    row = first_row - 1
    while following(0) is not None:
        line = ahead.popleft()
        row += 1
        text = line.rstrip("\r\n")
        plain = separator == "," and '"' not in text
        if plain and text.count(",") == width - 1 and not _NOT_TEXT.search(text) and width > 1:
            yield f"{row},{text}"
            continue
        if not text.strip():
            continue
        if _NOT_TEXT.search(text):
            yield Broken(
                row,
                "encoding",
                text.encode("utf-8", "replace").decode()[:_VALUE_SHOWN].replace("\0", "?"),
                "The row holds bytes that are not text.",
                "Export the file again as UTF-8.",
            )
            continue
        fields = _parse(text, separator)
        if fields is None:
            joined, taken = text, 0
            while taken < LONGEST_RECORD_IN_LINES and (more := following(taken)) is not None:
                if _NOT_TEXT.search(more):
                    break  # that line is broken in its own right, and no field may be made of it
                joined += "\n" + more.rstrip("\r\n")
                taken += 1
                if '"' not in more:
                    continue
                longer = _parse(joined, separator)
                if longer is not None and len(longer) == width:
                    fields = longer
                    for _ in range(taken):
                        ahead.popleft()
                    break
        if fields is None:
            yield Broken(
                row,
                "quotation",
                text[:_VALUE_SHOWN],
                "A quotation mark in this row is never closed, or text follows a closing one.",
                "Close the quotation mark, and double every one inside a quoted field.",
            )
        elif len(fields) != width:
            yield _wrong_width(row, fields, width, text, cut=not complete and following(0) is None)
        else:
            yield [str(row), *fields]


def _parse(text: str, separator: str) -> list[str] | None:
    """The fields of one record, or None where its quotation marks do not fit."""
    if '"' not in text:
        return text.split(separator) if "\n" not in text else None
    try:
        rows = list(csv.reader([line + "\n" for line in text.split("\n")], delimiter=separator, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1:
        return None
    # The reader sees a line end after the last field only where a quoted field did not swallow it.
    return rows[0]


def _wrong_width(row: int, fields: list[str], width: int, text: str, *, cut: bool) -> Broken:
    if cut and len(fields) < width:
        return Broken(
            row,
            "cut_short",
            text[:_VALUE_SHOWN],
            f"The file ends in the middle of this row: it has {len(fields)} of {width} fields.",
            "The file was cut short. Export and send the whole file again.",
        )
    return Broken(
        row,
        "fields",
        text[:_VALUE_SHOWN],
        f"The row has {len(fields)} fields where the headings have {width}.",
        "Put a field that holds the separator in quotation marks, and leave a blank field blank rather than out.",
    )


def _single_ends(lines: Iterable[str]) -> Iterator[str]:
    """Lines, with an end that a program wrote twice (CR CR LF) taken for the one end it is."""
    bare = False
    for line in lines:
        if not (bare and line == "\r\n"):
            yield line
        bare = line.endswith("\r")


@dataclass(frozen=True, slots=True)
class Resplit:
    """How many records of a damaged file were sound and how many broken."""

    sound: int
    broken: int


def resplit(
    source: Path,
    encoding: str,
    width: int,
    *,
    skip: int,
    complete: bool,
    sound_to: Path,
    broken_to: Path,
    separator: str = ",",
) -> Resplit:
    """Writes sound records, row number first, to one CSV file and the broken ones to another. `skip` lines are the
    headings and what stands above them."""
    sound = broken = 0
    with (
        source.open(encoding=encoding, errors="surrogateescape", newline="") as stream,
        sound_to.open("w", encoding="utf-8", newline="") as good,
        broken_to.open("w", encoding="utf-8", newline="") as bad,
    ):
        lines = _single_ends(stream)
        write_line = good.write
        write_good = csv.writer(good, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow
        write_bad = csv.writer(bad, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow
        for _ in range(skip):
            next(lines, None)
        for record in split_records(lines, width, first_row=skip + 1, complete=complete, separator=separator):
            if isinstance(record, str):
                write_line(record + "\n")
                sound += 1
            elif isinstance(record, Broken):
                write_bad([record.row, record.rule, record.value, record.problem, record.fix])
                broken += 1
            else:
                write_good(record)
                sound += 1
    return Resplit(sound, broken)
