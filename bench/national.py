"""Loading a national archive: 18 million invented police.uk rows, beside DuckDB's bare copy and a pandas script.

For each size the archive is written, received as files and as a zip, copied by DuckDB file by file and in one
statement, and loaded by the script in peers/; then everything is removed. Each is a process of its own. Processor time
is printed beside wall time, because a machine that others use stretches the one and not the other. (Of Spark it is the
command's own: its Java and workers are not among the processes that are waited for.)

usage: bench/national.py [--sizes 1,1/2,1/4,1/8,1/16] [--pandas-up-to 1/4] [--spark-up-to 0] [--work DIR]
       [--results FILE] [--chart FILE]
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import zipfile
from fractions import Fraction
from pathlib import Path

import archive
from measure import Cost, cost_of, slope

BARE = """
import duckdb, sys
out, how, *_ = sys.argv[1:]
files = sys.stdin.read().splitlines()
duckdb.execute("SET threads = 2; SET enable_progress_bar = false")
if how == "each":
    for number, file in enumerate(files):
        duckdb.execute(f"COPY (FROM read_csv('{file}', all_varchar = true)) TO '{out}/{number}.parquet'").fetchall()
else:
    duckdb.execute(f"COPY (FROM read_csv({files!r}, all_varchar = true)) TO '{out}/all.parquet' "
                   f"(FORMAT parquet, COMPRESSION {how})").fetchall()
"""
LABELS = {
    "concord": "`concord load`, files",
    "zip": "`concord load`, one zip",
    "spark": "`concord load --engine spark`",
    "each": "DuckDB, a copy for each file",
    "snappy": "DuckDB, one statement",
    "zstd": "DuckDB, one statement, zstd as ours",
    "pandas": "pandas script",
}


def measured(fraction: Fraction, work: Path, *, pandas: bool, spark: bool) -> tuple[int, int, int, dict[str, Cost]]:
    """Rows, bytes and files of one size, and what each way of loading it cost."""
    folder = work / "csv"
    rows, size = archive.write(folder, float(fraction))
    files = sorted(folder.rglob("*.csv"))
    listed = "\n".join(map(str, files))
    python, costs = sys.executable, {}
    load = [python, "-m", "concord.cli", "load", "police_uk", "--json", "--home"]

    def took(way: str, command: list[str], given: str = "") -> None:
        costs[way] = cost_of(command, given)
        print(f"{fraction} {LABELS[way]}: {costs[way]}", file=sys.stderr, flush=True)

    def bare(how: str) -> None:
        (work / how).mkdir()
        took(how, [python, "-c", BARE, str(work / how), how], listed)
        shutil.rmtree(work / how)

    # A bare copy first: it also brings the files into the page cache, for everyone.
    bare("snappy")
    bare("zstd")
    took("concord", [*load, str(work / "home"), str(folder)])
    held = sum(json.loads(f.read_bytes())["accepted"] for f in (work / "home" / "receipts").glob("police_uk/*.json"))
    assert held == rows, f"{held} of {rows} rows were accepted"
    shutil.rmtree(work / "home")
    bare("each")
    if spark:
        took("spark", [*load, str(work / "home"), "--engine", "spark", str(folder)])
        shutil.rmtree(work / "home")
    if pandas:
        script = Path(__file__).parent / "peers" / "load_pandas.py"
        took("pandas", [python, str(script), str(archive.CONTRACT), str(work / "pandas")], listed)
        shutil.rmtree(work / "pandas")
    packed = work / "archive.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for file in files:
            target.write(file, file.relative_to(folder))
            file.unlink()
    took("zip", [*load, str(work / "home"), str(packed)])
    shutil.rmtree(work / "home")
    packed.unlink()
    shutil.rmtree(folder)
    return rows, size, len(files), costs


def chart(points: list[dict[str, object]], target: Path) -> None:
    """The log-log line of cost against size, as SVG."""
    import vl_convert

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 520,
        "height": 320,
        "data": {"values": points},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "rows", "type": "quantitative", "scale": {"type": "log"}, "title": "rows (invented)"},
            "y": {
                "field": "seconds",
                "type": "quantitative",
                "scale": {"type": "log"},
                "title": "processor seconds",
            },
            "color": {"field": "way", "type": "nominal", "title": None, "legend": {"labelLimit": 260}},
            "strokeDash": {"field": "way", "type": "nominal", "title": None},
        },
    }
    target.write_text(vl_convert.vegalite_to_svg(spec))


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--sizes", default="1,1/2,1/4,1/8,1/16")
    reading.add_argument("--pandas-up-to", type=Fraction, default=Fraction(1, 4))
    reading.add_argument("--spark-up-to", type=Fraction, default=Fraction(0))
    reading.add_argument("--work", type=Path, default=None)
    reading.add_argument("--results", type=Path, default=None, help="keep results here, and report all kept so far")
    reading.add_argument("--chart", type=Path, default=None)
    asked = reading.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    earlier = asked.results.read_text().splitlines() if asked.results and asked.results.exists() else []
    found: dict[Fraction, tuple[int, int, int, dict[str, Cost]]] = {}
    for line in map(json.loads, earlier):
        costs = {way: Cost(*cost) for way, cost in line["costs"].items()}
        found[Fraction(line["size"])] = (line["rows"], line["bytes"], line["files"], costs)
    for fraction in map(Fraction, filter(None, asked.sizes.split(","))):
        with tempfile.TemporaryDirectory(dir=asked.work) as work:
            found[fraction] = measured(
                fraction,
                Path(work),
                pandas=fraction <= asked.pandas_up_to,
                spark=fraction <= asked.spark_up_to,
            )
        if asked.results:
            rows, size, files, costs = found[fraction]
            listed = {way: [cost.wall, cost.processor, cost.memory] for way, cost in costs.items()}
            kept = {"size": str(fraction), "rows": rows, "bytes": size, "files": files, "costs": listed}
            with asked.results.open("a") as stream:
                stream.write(json.dumps(kept) + "\n")
    report({size: found[size] for size in sorted(found)}, asked.chart)


def report(found: dict[Fraction, tuple[int, int, int, dict[str, Cost]]], target: Path | None) -> None:
    """Prints the table, the growth of each way, and the ratios at the largest size; draws the chart where asked."""
    print("| size | way | wall s | processor s | peak MB | wall, times concord | processor, times concord |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for fraction, (rows, size, files, costs) in found.items():
        ours = costs["concord"]
        for way in filter(costs.__contains__, LABELS):
            cost = costs[way]
            print(
                f"| {fraction}: {rows / 1e6:.2f} M rows, {size / 1e9:.2f} GB, {files} files | {LABELS[way]} "
                f"| {cost.wall:.1f} | {cost.processor:.1f} | {cost.memory / 1e6:.0f} "
                f"| {cost.wall / ours.wall:.2f} | {cost.processor / ours.processor:.2f} |"
            )
    points: list[dict[str, object]] = []
    for way, label in LABELS.items():
        line = [(rows, costs[way]) for rows, _, _, costs in found.values() if way in costs]
        points += [{"way": label.replace("`", ""), "rows": r, "seconds": c.processor} for r, c in line]
        if len(line) > 1:
            sizes = [float(rows) for rows, _ in line]
            print(
                f"{label}: cost grows as rows to the power {slope(sizes, [c.processor for _, c in line]):.2f} "
                f"(processor), {slope(sizes, [c.wall for _, c in line]):.2f} (wall)"
            )
    largest = list(found.values())[-1][3]
    for peer in ("each", "snappy", "zstd"):
        print(
            f"concord / {LABELS[peer]}: {largest['concord'].wall / largest[peer].wall:.2f} wall, "
            f"{largest['concord'].processor / largest[peer].processor:.2f} processor"
        )
    if target is not None:
        chart(points, target)


if __name__ == "__main__":
    main()
