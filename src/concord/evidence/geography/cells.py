"""Which area a point lies in: a grid of cells answers for most points, and the edges in a cell for nearly all others.

Few cells of a fine grid are crossed by any boundary. A block of cells that none crosses lies wholly in one area (or
in none), so one exact test answers for all of it; a point in such a cell costs one array look-up. A crossed cell knows
the few edges in it and the area on either side of each: a point there lies on the near side of the first edge met on
the way to it. Points as good as on an edge or on the border of a cell, and cells where areas overlap, are tested
against the areas themselves. The answer is the one that testing every point against every area would give.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from concord.evidence.geography.edges import NOWHERE, Codes, Edges, Floats, Pieces, Places

CELLS = 4_000_000
"""At most about this many cells, 16 MB: a finer grid costs more to build than its look-ups save."""
FINEST = 25.0
"""No cell is smaller than this many metres."""
SLACK = 1e-3
"""Boundaries are drawn this much thicker, in metres, so that rounding never leaves a crossed cell out."""
TOUCHING = 1e-6
"""Metres from an edge within which rounding may put a point on its wrong side; ten thousand times the rounding."""
MANY = 12
"""In a cell with more edges than this the areas themselves are tested."""

CROSSED = -2
"""A crossed cell that its edges do not answer for. Codes below this name those that they do."""


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
        self._edges = Edges.of(shapes)
        pieces = self._edges.cut(self._west, self._south, self.cell)
        self._grid = self._filled(~self._crossed(pieces))
        self._keep(pieces)

    @property
    def crossed_share(self) -> float:
        """Share of the cells that a boundary crosses."""
        return float((self._grid <= CROSSED).mean())

    def find(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> Codes:
        """Index of the area of each point; -1 where it lies in none or has no place (NaN)."""
        x, y = np.asarray(easting, dtype=float), np.asarray(northing, dtype=float)
        column, row = (x - self._west) / self.cell, (y - self._south) / self.cell
        inside = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)  # NaN compares false
        if inside.all():
            found: Codes = self._grid[row.astype(np.int32), column.astype(np.int32)]
        else:
            found = np.full(len(x), NOWHERE, dtype=np.int32)
            found[inside] = self._grid[row[inside].astype(np.int32), column[inside].astype(np.int32)]
        unsure = np.flatnonzero(found <= CROSSED)
        x, y, slot = x[unsure], y[unsure], CROSSED - found[unsure]
        answer, left = self._beside(slot, x, y)
        for at in (column[unsure], row[unsure]):
            left |= np.abs(at - np.rint(at)) * self.cell < SLACK
        answer[left] = self._exact(x[left], y[left])
        found[unsure] = answer
        return found

    def _beside(self, slot: Codes, x: Floats, y: Floats) -> tuple[Codes, npt.NDArray[np.bool_]]:
        """The area of each point by the edges of its cell, and for which points they do not settle it."""
        edges, first = self._edges, self._first[slot]
        count = self._first[slot + 1] - first
        count[slot == 0] = 0
        answer = np.full(len(x), NOWHERE, dtype=np.int32)
        left = count == 0
        some = np.flatnonzero(~left)
        edge = self._edge[first[some]]
        side = edges.side(edge, x[some], y[some])
        answer[some] = np.where(side > 0, edges.left[edge], edges.right[edge])
        left[some] = np.abs(side) < TOUCHING
        # Where there are more, look along the line from the point to a place on the first: what it meets first decides.
        nearest = np.ones(len(x))
        for nth in range(1, int(count.max(initial=0))):
            more = np.flatnonzero(count > nth)
            edge = self._edge[first[more] + nth]
            px, py, (qx, qy) = x[more], y[more], self._place[slot[more]].T
            here, there = edges.side(edge, px, py), edges.side(edge, qx, qy)
            along = np.hypot(qx - px, qy - py)
            ends = [
                ((qx - px) * (end[edge, 1] - py) - (qy - py) * (end[edge, 0] - px)) / np.maximum(along, TOUCHING)
                for end in (edges.start, edges.end)
            ]
            close = [np.abs(each) < TOUCHING for each in (here, there, *ends)]
            apart = ((here > 0) == (there > 0)) & ~close[0] & ~close[1]
            passed = ((ends[0] > 0) == (ends[1] > 0)) & ~close[2] & ~close[3]
            meets = ~apart & ~passed
            left[more] |= (meets & np.logical_or.reduce(close)) | (along < TOUCHING)
            met = meets & ~left[more]
            where, edge, here, there = more[met], edge[met], here[met], there[met]
            share = here / (here - there)
            sooner = share < nearest[where]
            where, edge = where[sooner], edge[sooner]
            nearest[where] = share[sooner]
            answer[where] = np.where(here[sooner] > 0, edges.left[edge], edges.right[edge])
        return answer, left

    def _exact(self, x: Floats, y: Floats) -> Codes:
        point, area = self._tree.query(shapely.points(x, y), predicate="intersects")
        first = np.full(len(x), self._size, dtype=np.int32)
        np.minimum.at(first, point, area.astype(np.int32))
        first[first == self._size] = NOWHERE
        return first

    def _crossed(self, pieces: Pieces) -> npt.NDArray[np.bool_]:
        """The cells that a piece lies in or within `SLACK` of: it comes that near to others at its ends alone."""
        crossed = np.zeros((self._rows, self._columns), dtype=bool)
        for ends in (pieces.start, pieces.end):
            columns = [((ends[:, 0] + off - self._west) / self.cell).astype(np.int32) for off in (-SLACK, SLACK)]
            rows = [((ends[:, 1] + off - self._south) / self.cell).astype(np.int32) for off in (-SLACK, SLACK)]
            for row in rows:
                for column in columns:
                    crossed[row, column] = True
        return crossed

    def _keep(self, pieces: Pieces) -> None:
        """Write into each crossed cell the slot under which its edges stand; slot 0 holds none."""
        middle = (pieces.start + pieces.end) / 2
        column, row = ((middle - (self._west, self._south)) / self.cell).astype(np.int32).T
        cell = row.astype(np.int64) * self._columns + column
        order = np.argsort(cell, kind="stable")
        cell, edge, middle = cell[order], pieces.edge[order], middle[order]
        start = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        count = np.diff(np.append(start, len(cell)))
        unsure = np.add.reduceat((~self._edges.sure[edge]).astype(np.int32), start) > 0
        answers = (count <= MANY) & ~unsure
        self._first: Places = np.append(0, np.append(start, len(cell)))
        """Where the edges of each slot begin in `_edge`; the next slot's beginning is its end."""
        self._edge: Codes = edge.astype(np.int32)
        self._place: Floats = np.concatenate([[[0.0, 0.0]], middle[start]])
        """A place on the first edge of each slot, within its cell."""
        slots = np.where(answers, np.arange(1, len(start) + 1), 0)
        self._grid.ravel()[cell[start]] = (CROSSED - slots).astype(np.int32)

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
