"""What the supplier is told: every row set aside, the rule it broke, its value, and what to do about it.

Rows are numbered as a spreadsheet numbers them. Identifying values are withheld: the supplier has the row.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from concord.evidence.extracts.checks import quoted
from concord.evidence.extracts.engine import Outcome
from concord.evidence.extracts.files import make_folder, publish, temporary, write_bytes
from concord.strategy.shapes.feed import Feed


def keep(
    con: duckdb.DuckDBPyConnection, home: Path, feed: Feed, identity: str, name: str, outcome: Outcome, faults: Path
) -> tuple[Path, Path]:
    """Puts the quarantined rows (CSV) and the report (text) in place; returns both paths."""
    folder = make_folder(home / "quarantine" / feed.key, private=True)
    rows, report = folder / f"{identity}.csv", folder / f"{identity}.txt"
    unfinished = temporary(folder, ".csv")
    unfinished.write_bytes(faults.read_bytes())
    publish(unfinished, rows)
    write_bytes(report, _report(con, feed, name, outcome, rows).encode())
    return rows, report


def _report(con: duckdb.DuckDBPyConnection, feed: Feed, name: str, outcome: Outcome, rows: Path) -> str:
    grouped = con.execute(
        "SELECT field, rule, problem, fix, count(*) AS n, list_slice(list(\"row\" ORDER BY \"row\"), 1, 10) AS first, "  # noqa: S608
        "list_slice(list_distinct(list(value)), 1, 3) AS examples "
        f"FROM read_csv({quoted(rows)}, all_varchar=false, types={{'row': 'BIGINT', 'value': 'VARCHAR', "
        "'field': 'VARCHAR', 'rule': 'VARCHAR', 'problem': 'VARCHAR', 'fix': 'VARCHAR'}) "
        "GROUP BY ALL ORDER BY n DESC, field, rule"
    ).fetchall()
    lines = [
        "Error report for the supplier",
        "=============================",
        f"Feed:     {feed.title} ({feed.key}, contract version {feed.version})",
        f"File:     {name}",
        f"Received: {outcome.rows:,} rows. Accepted: {outcome.accepted:,}. Set aside: {outcome.quarantined:,}.",
        f"All rows: {rows.name} (row, field, rule, value, problem, fix)",
        "",
        "Rows are numbered as in a spreadsheet: the headings are row 1.",
        "",
    ]
    for number, (field, rule, problem, fix, count, first, examples) in enumerate(grouped, start=1):
        shown = ", ".join(str(row) for row in first) + (" and more" if count > len(first) else "")
        lines.append(f"{number}. {problem} ({rule}{f', field {field}' if field else ''})")
        lines.append(f"   {count:,} row{'s' if count != 1 else ''}: {shown}")
        values = [v for v in (examples or []) if v]
        if values:
            lines.append(f"   For example: {'; '.join(values)}")
        lines.append(f"   To put right: {fix}")
        lines.append("")
    lines.append("Correct the rows at their source and send the whole file again: it replaces this one.")
    return "\n".join(lines) + "\n"
