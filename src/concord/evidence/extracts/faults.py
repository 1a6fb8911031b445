"""What was set aside and why, counted over the error reports of many files at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    asked = [(receipt.id, home / receipt.quarantine) for receipt in receipts if receipt.quarantine]
    files = [(identity, file, file.stat().st_mtime_ns) for identity, file in asked if file.is_file()]
    counted = {each: _COUNTED.get(each) for each in files}
    missing = [each for each, found in counted.items() if found is None]
    if missing:
        # One connection for all of them: opening one costs more than counting a file.
        with duckdb.connect(":memory:") as con:
            con.execute("SET enable_progress_bar = false")
            counted |= {each: _of_file(con, each[0], each[1]) for each in missing}
        if len(_COUNTED) > _MOST:
            _COUNTED.clear()
        _COUNTED.update({each: found for each, found in counted.items() if found is not None})
    faults = [fault for found in counted.values() for fault in found or ()]
    return tuple(sorted(faults, key=lambda fault: (-fault.rows, fault.field, fault.rule)))


_COUNTED: dict[tuple[str, Path, int], tuple[Fault, ...]] = {}
"""Reports do not change once written, so each is counted once a process."""
_MOST = 4096


def _of_file(con: duckdb.DuckDBPyConnection, receipt: str, file: Path) -> tuple[Fault, ...]:
    query = f"""
        SELECT field, rule, problem, fix, count(*) AS rows,
               list(TRY_CAST("row" AS BIGINT) ORDER BY TRY_CAST("row" AS BIGINT))[:{_FIRST}] AS first,
               list_sort(list(DISTINCT left(value, 60)) FILTER (value <> ''))[:{_EXAMPLES}] AS examples
        FROM read_csv({scanned(file)}, header=true, all_varchar=true, delim=',', quote='"', escape='"',
                      auto_detect=false, columns={{'row': 'VARCHAR', 'field': 'VARCHAR', 'rule': 'VARCHAR',
                      'value': 'VARCHAR', 'problem': 'VARCHAR', 'fix': 'VARCHAR'}})
        GROUP BY ALL"""
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
