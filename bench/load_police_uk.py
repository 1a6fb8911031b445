"""Receiving police.uk files beside DuckDB's bare CSV-to-Parquet copy of the same files, alternating, in one run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROUNDS = 5
BARE = """
import duckdb, sys
for number, file in enumerate(sys.argv[2:]):
    duckdb.execute(f"COPY (FROM read_csv('{file}', all_varchar = true)) TO '{sys.argv[1]}/{number}.parquet'")
"""


def spent(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "csv"
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        files = sorted(folder.rglob("*.csv"))
        size = sum(file.stat().st_size for file in files) / 1e6
        print(f"{len(files)} files, {size:.0f} MB, {ROUNDS} rounds; medians")
        ours, bare = [], []
        for number in range(ROUNDS):
            home, out = Path(work) / f"home{number}", Path(work) / f"out{number}"
            out.mkdir()
            python = sys.executable
            ours.append(spent([python, "-m", "concord.cli", "load", "police_uk", str(folder), "--home", str(home)]))
            bare.append(spent([python, "-c", BARE, str(out), *map(str, files)]))
        for position, name in enumerate(("wall", "processor")):
            mine, theirs = (statistics.median(row[position] for row in rows) for rows in (ours, bare))
            print(f"{name:10} concord {mine:6.2f} s   bare copy {theirs:6.2f} s   ratio {mine / theirs:.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bench/load_police_uk.py ARCHIVE.zip")
    main(Path(sys.argv[1]))
