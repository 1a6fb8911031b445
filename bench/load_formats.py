"""Times what the formats cost beside CSV of the same rows: Parquet, and a workbook beside openpyxl reading it.

    .venv/bin/python bench/load_formats.py [rows of Parquet, 1000000] [rows of the workbook, 100000]

Synthetic rows in the shape of street-level crime. Each load is a process of its own, with its peak memory. The peers:
DuckDB's bare copy of the same Parquet as text, and openpyxl, the reader analysts use, only reading the same workbook.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
WORKBOOK_PEER = (
    "import sys, openpyxl\n"
    "book = openpyxl.load_workbook(sys.argv[1], read_only=True)\n"
    "print(sum(1 for _ in book.active.iter_rows(values_only=True)) - 1)"
)
COPY_PEER = (
    "import sys, duckdb\n"
    "duckdb.sql(f\"COPY (SELECT COLUMNS(*)::VARCHAR FROM '{sys.argv[1]}') "
    "TO '{sys.argv[1]}.copy' (FORMAT parquet, COMPRESSION zstd)\")"
)


def rows(count: int) -> str:
    """A query of synthetic street-level rows."""
    force = "'Metropolitan Police Service'"
    columns = {
        "Crime ID": "sha256(i::VARCHAR)",
        "Month": "'2023-01'",
        "Reported by": force,
        "Falls within": force,
        "Longitude": "-0.03 + (i % 1000) / 1e5",
        "Latitude": "51.5 + (i % 777) / 1e5",
        "Location": "'On or near Synthetic Street ' || (i % 5000)",
        "LSOA code": "'E0100' || (1000 + i % 8999)",
        "LSOA name": "'Synthetic ' || (i % 300)",
        "Crime type": "'Burglary'",
        "Last outcome category": "'Investigation complete; no suspect identified'",
        "Context": "NULL::VARCHAR",
    }
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    return f"SELECT {listed} FROM range({count}) t(i)"


def timed(*command: str) -> tuple[float, float, str]:
    """Seconds, peak memory in MB and what was printed by a command in a process of its own."""
    wrapper = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], capture_output=True, text=True); "
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss; "
        "sys.stdout.write(done.stdout); sys.stderr.write(done.stderr); print(peak); sys.exit(done.returncode)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", wrapper, *command], capture_output=True, text=True, check=True)
    printed, _, peak = done.stdout.strip().rpartition("\n")
    return time.perf_counter() - started, int(peak) / 1024, printed


def main() -> None:
    large, small = (int(sys.argv[i]) if len(sys.argv) > i else n for i, n in ((1, 1_000_000), (2, 100_000)))
    import openpyxl

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        name = "2023-01-metropolitan-street"
        for kind, count in (("csv", large), ("parquet", large), ("small.csv", small)):
            place = work / kind
            place.mkdir()
            form = "parquet" if kind == "parquet" else "csv"
            duckdb.sql(f"COPY ({rows(count)}) TO '{place}/{name}.{form}' (FORMAT {form})")
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("street")
        table = duckdb.sql(rows(small))
        sheet.append(table.columns)
        for row in table.fetchall():
            sheet.append(row)
        (work / "xlsx").mkdir()
        book.save(work / "xlsx" / f"{name}.xlsx")
        found: dict[str, tuple[float, float]] = {}
        for kind, end, count in (
            ("csv", "csv", large),
            ("parquet", "parquet", large),
            ("small.csv", "csv", small),
            ("xlsx", "xlsx", small),
        ):
            file = work / kind / f"{name}.{end}"
            home = work / f"home-{kind}"
            seconds, peak, printed = timed(
                sys.executable, "-m", "concord.cli", "load", "police_uk", str(file), "--home", str(home), "--json"
            )
            told = json.loads(printed)
            assert told["rows"] == told["accepted"] == count, told
            found[f"concord load, {kind}, {count:,} rows, {file.stat().st_size / 1e6:,.0f} MB"] = (seconds, peak)
        seconds, peak, _ = timed(sys.executable, "-c", COPY_PEER, str(work / "parquet" / f"{name}.parquet"))
        found["DuckDB's bare copy of that Parquet as text"] = (seconds, peak)
        seconds, peak, printed = timed(sys.executable, "-c", WORKBOOK_PEER, str(work / "xlsx" / f"{name}.xlsx"))
        assert printed == str(small)
        found["openpyxl only reading that workbook"] = (seconds, peak)
    for what, (seconds, peak) in found.items():
        print(f"{what:62} {seconds:7.1f} s  {peak:7,.0f} MB")
    listed = list(found.values())
    print(f"Parquet beside CSV of the same rows: {listed[1][0] / listed[0][0]:.2f} times the seconds")
    print(f"Parquet beside DuckDB's bare copy:   {listed[1][0] / listed[4][0]:.2f} times")
    print(f"the workbook beside openpyxl:        {listed[3][0] / listed[5][0]:.2f} times")


if __name__ == "__main__":
    main()
