"""A million points in London's LSOAs: the grid of cells beside shapely's tree, and beside geopandas where it is there.

All three must give the same area for every point. Prints seconds, points a second, ratios and peak memory.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from concord.evidence.geography import BoundarySet

POINTS = 1_000_000
ROUNDS = 3


def tree(areas: BoundarySet) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Shapely's own: a tree of boxes, then the exact test."""
    index = shapely.STRtree(areas.shapes)

    def find(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        point, area = index.query(shapely.points(x, y), predicate="intersects")
        first = np.full(len(x), len(areas))
        np.minimum.at(first, point, area)
        return np.where(first == len(areas), -1, first)

    return find


def joined(areas: BoundarySet) -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
    """What an analyst would write: geopandas' spatial join."""
    try:
        import geopandas
    except ImportError:
        return None
    frame = geopandas.GeoDataFrame({"area": np.arange(len(areas))}, geometry=list(areas.shapes), crs=27700)

    def find(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y), crs=27700)
        found = geopandas.sjoin(points, frame, how="left", predicate="intersects")
        return found.groupby(level=0)["area"].min().fillna(-1).to_numpy().astype(int)

    return find


def main(file: Path) -> None:
    began = time.perf_counter()
    areas = BoundarySet.from_file(file)
    read = time.perf_counter() - began
    began = time.perf_counter()
    cells = areas.index
    built = time.perf_counter() - began
    west, south, east, north = shapely.total_bounds(areas.shapes)
    x, y = np.random.default_rng(1).uniform([[west], [south]], [[east], [north]], (2, POINTS))
    print(f"{len(areas):,} areas, {POINTS:,} points; cells of {cells.cell:.0f} m, {cells.crossed_share:.1%} crossed")
    print(f"reading {read:.2f} s, building the cells {built:.2f} s (once for a boundary set)")
    ways = {"cells": areas.find, "shapely tree": tree(areas)}
    if (join := joined(areas)) is not None:
        ways["geopandas sjoin"] = join
    spent: dict[str, float] = dict.fromkeys(ways, float("inf"))
    answers: dict[str, np.ndarray] = {}
    for _ in range(ROUNDS):
        for name, find in ways.items():
            began = time.perf_counter()
            answers[name] = find(x, y)
            spent[name] = min(spent[name], time.perf_counter() - began)
    for name, seconds in spent.items():
        ratio = spent["cells"] / seconds
        print(f"{name:16} {seconds:6.2f} s   {POINTS / seconds / 1e6:6.2f} million a second   cells take {ratio:.2f}")
        if not np.array_equal(answers[name], answers["cells"]):
            sys.exit(f"{name} puts points elsewhere")
    print(f"all ways agree; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: bench/point_in_area.py BOUNDARIES")
    main(Path(sys.argv[1]))
