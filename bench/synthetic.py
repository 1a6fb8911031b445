"""Harbourside at growing sizes: seconds, rows a second, peak memory and their growth. Each size in its own process.

.venv/bin/python bench/synthetic.py [SIZE...]
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (0.5, 1.0, 2.0, 4.0)


def one(size: float) -> dict[str, float]:
    """Write 24 months at `size`, and say what it took."""
    from concord.synthetic import generate

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        generate(Path(folder), size=size)
        seconds = time.perf_counter() - started
        texts = [path for path in Path(folder).rglob("*.csv") if path.parent.name != "truth"]
        rows = sum(path.read_bytes().count(b"\n") - 1 for path in texts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"size": size, "seconds": seconds, "rows": rows, "peak_mib": peak}


def main(sizes: list[float]) -> None:
    """Print the table and the slopes of the log-log lines (1 is linear)."""
    found = []
    print("   size      rows   seconds    rows/s   peak MiB")
    for size in sizes:
        ran = subprocess.run([sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True)
        made = json.loads(ran.stdout)
        found.append(made)
        rate = made["rows"] / made["seconds"]
        print(f"{size:7g} {made['rows']:9,} {made['seconds']:9.2f} {rate:9,.0f} {made['peak_mib']:10,.0f}", flush=True)
    first, last = found[0], found[-1]
    for what in ("seconds", "peak_mib"):
        slope = math.log(last[what] / first[what]) / math.log(last["rows"] / first["rows"])
        print(f"{what} against rows, slope of the log-log line: {slope:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(float(sys.argv[2]))))
    else:
        main([float(each) for each in sys.argv[1:]] or list(SIZES))
