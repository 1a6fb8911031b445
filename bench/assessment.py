"""A borough's analysis from the same raw files, through Concord's rooms and as a good analyst would write it in Python.

Reading, rates with intervals, Gi* and local Moran with 999 permutations over London's 4,994 small areas for 4 types,
320 monthly series taken apart, stop and search ratios, 13 charts. `--events N` invents N single events in London
instead of the police's counts, which both join to the areas they lie in. Each way is a process of its own, its start
counted.
usage: assessment.py DATA [--events N] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import shapely
from measure import Cost, cost_of

from concord.evidence.geography import BoundarySet

HERE = Path(__file__).resolve().parent
TYPES = (
    "ARSON AND CRIMINAL DAMAGE", "BURGLARY", "DRUG OFFENCES", "POSSESSION OF WEAPONS", "PUBLIC ORDER OFFENCES",
    "ROBBERY", "SEXUAL OFFENCES", "THEFT", "VEHICLE OFFENCES", "VIOLENCE AGAINST THE PERSON",
)  # fmt: skip
# Where Concord is installed there is no geopandas, which would drag itself in through pyogrio.
OURS = f"""import sys, runpy
sys.modules["geopandas"] = None
runpy.run_path({str(HERE / "ours_assessment.py")!r}, run_name="__main__")"""
EXACT = ("rates", "ratios", "gi", "moran", "hot", "trend", "season", "searches", "found", "knives", "women")
TOLERANCE = 1e-9


def invent(file: Path, areas: BoundarySet, count: int, seed: int = 1) -> None:
    """Invented events: dated, typed, at points that lie in the areas, busy areas many times busier than quiet ones."""
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0.0, 1.0, len(areas))
    area = rng.choice(len(areas), count, p=weight / weight.sum())
    west, south, east, north = shapely.bounds(areas.shapes).T
    x, y = np.empty(count), np.empty(count)
    left = np.arange(count)
    while len(left):
        x[left] = rng.uniform(west[area[left]], east[area[left]])
        y[left] = rng.uniform(south[area[left]], north[area[left]])
        left = left[areas.find(x[left], y[left]) != area[left]]
    start = np.datetime64("2018-03-01")
    days = int((np.datetime64("2026-03-01") - start) / np.timedelta64(1, "D"))
    table = pa.table(
        {
            "event_id": np.arange(count),
            "recorded_on": pa.array(start + rng.integers(0, days, count)),
            "type": pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, len(TYPES), count), pa.int32()), TYPES)
            .cast(pa.string()),
            "easting": np.round(x, 1),
            "northing": np.round(y, 1),
        }
    )  # fmt: skip
    csv.write_csv(table, file)


def same(ours: Path, theirs: Path) -> list[str]:
    """How the numbers compare, one line for each kind. Exits where one differs by more than rounding."""
    a, b = (dict(np.load(folder / "numbers.npz")) for folder in (ours, theirs))
    said = []
    for name in EXACT:
        gap = float(np.abs(a[name].astype(float) - b[name].astype(float)).max())
        reach = float(np.abs(b[name]).max())
        said.append(
            f"  {name:9} {a[name].size:>7,} numbers, largest difference {gap:.1e} (largest number {reach:,.1f})"
        )
        if gap > TOLERANCE * max(1.0, reach):
            sys.exit(f"{name} differ: {gap}")
    high = a["gi"] > 1  # where a statistic is high both count draws at least as high; ties are counted otherwise below
    gap = np.abs(a["gi_p"] - b["gi_p"])[high]
    said.append(
        f"  gi_p      {gap.size:>7,} permutation p of areas above the mean: mean difference {gap.mean():.4f}, "
        f"largest {gap.max():.3f} (999 draws alone give about 0.01 and 0.06)"
    )
    return said


def run(data: Path, events: Path | None, rounds: int, scratch: Path) -> None:
    os.environ["PYTHONPYCACHEPREFIX"] = str(scratch / "compiled")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    given = [str(events)] if events else []
    ways = {
        "concord": [sys.executable, "-c", OURS, str(data), str(scratch / "ours"), *given],
        "pandas, GeoPandas, PySAL": [
            sys.executable, str(HERE / "peers" / "assessment_pandas.py"), str(data), str(scratch / "peer"), *given,
        ],
    }  # fmt: skip
    best: dict[str, Cost] = {}
    for turn in range(rounds + 1):
        for name, command in ways.items():
            cost = cost_of(command)
            if turn and (name not in best or cost.wall < best[name].wall):  # the first turn compiles and fills caches
                best[name] = cost
    ours, theirs = best.values()
    for name, cost in best.items():
        spent = f"{cost.wall:6.2f} s wall   {cost.processor:6.2f} s processor"
        print(f"  {name:26} {spent}   {cost.memory / 1e6:7,.0f} MB peak")
    print(
        f"  the peer takes {theirs.wall / ours.wall:.1f} times the wall time, {theirs.processor / ours.processor:.1f} "
        f"times the processor, {theirs.memory / ours.memory:.1f} times the memory"
    )
    print("\n".join(same(scratch / "ours", scratch / "peer")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--invent", type=Path, help="write the invented events to this file and end")
    asked = parser.parse_args()
    if asked.invent:
        invent(asked.invent, BoundarySet.from_file(asked.data / "boundaries" / "london_lsoa.gpkg"), asked.events)
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        events = None
        if asked.events:
            events = scratch / "events.csv"
            # By a process of its own: what this one held would count as memory of those that it starts.
            made = [str(asked.data), "--events", str(asked.events), "--invent", str(events)]
            subprocess.run([sys.executable, __file__, *made], check=True)
            print(f"{asked.events:,} invented events, {events.stat().st_size / 1e6:,.0f} MB of CSV")
        else:
            print("the police's open counts")
        run(asked.data, events, asked.rounds, scratch)


if __name__ == "__main__":
    main()
