"""Words on their way into a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

FORMULA = tuple("=+-@\t\r")


def plain(cell: str) -> str:
    """A word that a spreadsheet would compute, because it begins like a formula, as a word."""
    return f"'{cell}" if cell[:1] in FORMULA else cell


def lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines of CSV, one at a time, each cell a plain word."""
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([plain(cell) for cell in row])
        yield buffer.getvalue()
