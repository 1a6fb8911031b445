"""What was set aside and why, counted over the error reports of many files at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from concord.evidence.extracts.files import scanned
from concord.evidence.extracts.receipts import Receipt

_FIRST, _EXAMPLES = 10, 3


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of thing wrong in one file: how many rows, which first, with which values.

    `first` are row numbers as a spreadsheet counts them. Values that identify a person were withheld when the
    report was written.
    """

    receipt: str
    field: str
    rule: str
    problem: str
    fix: str
    rows: int
    first: tuple[int, ...]
    examples: tuple[str, ...]


def faults(home: Path, receipts: Iterable[Receipt]) -> tuple[Fault, ...]:
    """Every kind of thing wrong in the files of these receipts, the most frequent first.

    A row with two things wrong counts under both. Files whose report is gone are left out.
    """
    found: list[Fault] = []
    for receipt in receipts:
        if receipt.quarantine:
            file = home / receipt.quarantine
            if file.is_file():
                found += _of_file(receipt.id, file, file.stat().st_mtime_ns)
    return tuple(sorted(found, key=lambda each: (-each.rows, each.field, each.rule)))


@lru_cache(maxsize=2048)
def _of_file(receipt: str, file: Path, _written: int) -> tuple[Fault, ...]:
    query = f"""
        SELECT field, rule, problem, fix, count(*) AS rows,
               list(TRY_CAST("row" AS BIGINT) ORDER BY TRY_CAST("row" AS BIGINT))[:{_FIRST}] AS first,
               list_sort(list(DISTINCT left(value, 60)) FILTER (value <> ''))[:{_EXAMPLES}] AS examples
        FROM read_csv({scanned(file)}, header=true, all_varchar=true, delim=',', quote='"', escape='"',
                      auto_detect=false, columns={{'row': 'VARCHAR', 'field': 'VARCHAR', 'rule': 'VARCHAR',
                      'value': 'VARCHAR', 'problem': 'VARCHAR', 'fix': 'VARCHAR'}})
        GROUP BY ALL"""
    with duckdb.connect(":memory:") as con:
        con.execute("SET enable_progress_bar = false")
        rows = con.execute(query).fetchall()
    return tuple(
        Fault(
            receipt,
            field or "",
            rule or "",
            problem or "",
            fix or "",
            count,
            tuple(number for number in first or () if number is not None),
            tuple(examples or ()),
        )
        for field, rule, problem, fix, count, first, examples in rows
    )
