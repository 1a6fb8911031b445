"""Which area a point lies in: a grid of cells answers for most points, and the exact test for the rest.

Few cells of a fine grid are crossed by any boundary. A block of cells that none crosses lies wholly in one area (or
in none), so one exact test answers for all of it; a point in such a cell costs one array look-up. Points in crossed
cells are tested exactly. The answer is the one that testing every point against every area would give.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

CELLS = 4_000_000
"""At most about this many cells, 16 MB: a finer grid costs more to build than its look-ups save."""
FINEST = 25.0
"""No cell is smaller than this many metres."""
SLACK = 1e-3
"""Boundaries are drawn this much thicker, in metres, so that rounding never leaves a crossed cell out."""

Codes = npt.NDArray[np.int32]
CROSSED = -2
NOWHERE = -1


class CellIndex:
    """Finds which of `shapes` (polygons in metres, in order of preference) a point lies in.

    A point on a shared boundary, or where areas overlap, belongs to the first area that holds it: always the same
    one, and never two.
    """

    def __init__(self, shapes: npt.NDArray[np.object_], *, cell: float | None = None) -> None:
        self._tree = shapely.STRtree(shapes)
        self._size = len(shapes)
        west, south, east, north = shapely.total_bounds(shapes)
        self.cell = cell or max(FINEST, float(np.sqrt((east - west) * (north - south) / CELLS)))
        # One empty row of cells all round, so that points outside fall into a cell of their own.
        self._west, self._south = west - self.cell, south - self.cell
        self._columns = int((east - self._west) / self.cell) + 2
        self._rows = int((north - self._south) / self.cell) + 2
        self._grid = self._filled(~self._crossed(shapes))

    @property
    def crossed_share(self) -> float:
        """Share of the cells that a boundary crosses."""
        return float((self._grid == CROSSED).mean())

    def find(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> Codes:
        """Index of the area of each point; -1 where it lies in none or has no place (NaN)."""
        x, y = np.asarray(easting, dtype=float), np.asarray(northing, dtype=float)
        found = np.full(len(x), NOWHERE, dtype=np.int32)
        column, row = (x - self._west) / self.cell, (y - self._south) / self.cell
        inside = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)  # NaN compares false
        found[inside] = self._grid[row[inside].astype(np.int32), column[inside].astype(np.int32)]
        unsure = np.flatnonzero(found == CROSSED)
        found[unsure] = self._exact(x[unsure], y[unsure])
        return found

    def _exact(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Codes:
        point, area = self._tree.query(shapely.points(x, y), predicate="intersects")
        first = np.full(len(x), self._size, dtype=np.int32)
        np.minimum.at(first, point, area.astype(np.int32))
        first[first == self._size] = NOWHERE
        return first

    def _crossed(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        # Pieces of boundary shorter than a cell touch no cell but those of their two ends' columns and rows.
        rings = shapely.get_rings(shapely.get_parts(shapely.segmentize(shapes, self.cell / 2)))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        piece = ring[1:] == ring[:-1]
        start, end = points[:-1][piece], points[1:][piece]
        low, high = np.minimum(start, end) - SLACK, np.maximum(start, end) + SLACK
        columns = [((each[:, 0] - self._west) / self.cell).astype(np.int32) for each in (low, high)]
        rows = [((each[:, 1] - self._south) / self.cell).astype(np.int32) for each in (low, high)]
        crossed = np.zeros((self._rows, self._columns), dtype=bool)
        for row in rows:
            for column in columns:
                crossed[row, column] = True
        return crossed

    def _filled(self, free: npt.NDArray[np.bool_]) -> Codes:
        """The area of every free cell: joined cells share one, so one of each block is tested."""
        from scipy import ndimage  # a tenth of a second that whoever places no points need not wait

        block, blocks = ndimage.label(free)
        first = np.zeros(blocks + 1, dtype=np.int64)
        flat = block.ravel()
        first[flat[::-1]] = np.arange(flat.size - 1, -1, -1)
        row, column = np.divmod(first, self._columns)
        area = self._exact(self._west + (column + 0.5) * self.cell, self._south + (row + 0.5) * self.cell)
        area[0] = CROSSED
        filled: Codes = area[block]
        return filled
