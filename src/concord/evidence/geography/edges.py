"""The edges of a patchwork of areas, each once, with the area on either side; and the cells of a grid that they cross.

Neighbours share their common boundary point for point in a sound set of boundaries, so an edge has one area to its
left and one (or none) to its right. Where that does not hold (areas overlap, or one outline has a point that the other
lacks), the edges of the areas concerned are marked as not sure, and whoever asks must test the areas themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]
NOWHERE = -1


@dataclass(frozen=True, eq=False, slots=True)
class Edges:
    """Straight edges from `start` to `end` (each n by 2, metres) with the index of the area `left` and `right`."""

    start: Floats
    end: Floats
    left: Codes
    right: Codes
    """`NOWHERE` where no area lies on that side."""
    sure: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, shapes: npt.NDArray[np.object_]) -> Edges:
        """The edges of valid polygons and multipolygons."""
        # Outer rings run anticlockwise and holes clockwise, so that an area lies left of each of its edges.
        parts, part_of = shapely.get_parts(shapely.orient_polygons(shapes, exterior_cw=False), return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        real = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
        a, b, owner = points[:-1][real], points[1:][real], part_of[ring_of[ring[:-1][real]]].astype(np.int32)
        # An area that overlaps another, or does not meet it point for point, is named by the library's own check.
        suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
        turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
        a[turned], b[turned] = b[turned], a[turned]
        order = np.lexsort((b[:, 1], b[:, 0], a[:, 1], a[:, 0]))
        a, b, owner, turned = a[order], b[order], owner[order], turned[order]
        new = np.ones(len(a), dtype=bool)
        new[1:] = (a[1:] != a[:-1]).any(axis=1) | (b[1:] != b[:-1]).any(axis=1)
        edge = np.cumsum(new) - 1
        count = int(edge[-1]) + 1 if len(edge) else 0
        left, right = (np.full(count, NOWHERE, dtype=np.int32) for _ in range(2))
        left[edge[~turned]], right[edge[turned]] = owner[~turned], owner[turned]
        # Two areas on one side of an edge overlap, whatever else is said of them.
        crowded = (np.bincount(edge[turned], minlength=count) > 1) | (np.bincount(edge[~turned], minlength=count) > 1)
        doubtful = np.bincount(edge, weights=suspect[owner], minlength=count) > 0
        return cls(a[new], b[new], left, right, ~(crowded | doubtful))

    def __len__(self) -> int:
        return len(self.left)

    def side(self, edge: npt.NDArray[np.integer], x: Floats, y: Floats) -> Floats:
        """Metres from the line through each edge to each point: positive on its left, negative on its right."""
        (x0, y0), (x1, y1) = self.start[edge].T, self.end[edge].T
        across, up = x1 - x0, y1 - y0
        found: Floats = (across * (y - y0) - up * (x - x0)) / np.hypot(across, up)
        return found

    def cut(self, west: float, south: float, cell: float) -> Pieces:
        """The edges cut where they pass from one cell of a square grid to the next."""
        first, last = ((points - (west, south)) / cell for points in (self.start, self.end))
        edges, shares = [np.repeat(np.arange(len(self)), 2)], [np.tile([0.0, 1.0], len(self))]
        for axis in (0, 1):
            low, high = np.minimum(first[:, axis], last[:, axis]), np.maximum(first[:, axis], last[:, axis])
            lines = np.maximum(np.ceil(high) - np.floor(low) - 1, 0).astype(np.intp)
            edge = np.repeat(np.arange(len(self)), lines)
            nth = np.arange(len(edge)) - np.repeat(np.cumsum(lines) - lines, lines)
            line = np.floor(low)[edge] + 1 + nth
            edges.append(edge)
            shares.append((line - first[edge, axis]) / (last[edge, axis] - first[edge, axis]))
        edge, share = np.concatenate(edges), np.clip(np.concatenate(shares), 0.0, 1.0)
        order = np.argsort(edge + share / 2)
        edge, share = edge[order], share[order]
        piece = np.flatnonzero((edge[1:] == edge[:-1]) & (share[1:] > share[:-1]))
        edge, here, there = edge[piece], share[piece], share[piece + 1]
        origin, reach = self.start[edge], self.end[edge] - self.start[edge]
        return Pieces(edge, origin + here[:, None] * reach, origin + there[:, None] * reach)


@dataclass(frozen=True, eq=False, slots=True)
class Pieces:
    """Parts of edges that each lie in one cell: the edge, and the two ends (n by 2, metres)."""

    edge: Places
    start: Floats
    end: Floats
