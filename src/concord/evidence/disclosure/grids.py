"""Cutting everything that was ever counted into the pieces that overlapping tables have in common.

A cell is a selection: some days, and for some dimensions some categories. Cells that restrict the same dimensions are
cut into a grid, whose pieces are the finest that any of them tells apart: “April to January” and “April to December”
make a piece of January, “under 25” and “under 24” a piece of those aged 24, and the two together a piece of both. Grids
are then joined: a grid of fewer dimensions adds up one of more, and two that share dimensions have the same margin.

Method: tables as a hypergraph over their dimensions. Where it is acyclic (no circle of tables such as areas by kinds,
kinds by hours and hours by areas), tables with equal margins always come from one whole table, so that joining them in
pairs gives an attacker everything: Vorob'ev (1962), Theory of Probability and its Applications 7; Beeri, Fagin, Maier
and Yannakakis (1983), Journal of the ACM 30. A circle is combined into one grid of all its dimensions where that has at
most `MOST_IN_CIRCLE` pieces; beyond, its tables are joined in pairs, and `Cut.circles` says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from concord.evidence.disclosure.identity import CellId
from concord.evidence.disclosure.partitions import (
    Classes,
    Dim,
    Dims,
    Label,
    circle_of,
    connected,
    joined_classes,
    reached,
    told_apart,
)

MOST_IN_CIRCLE = 4_000
MOST_PIECES = 100_000
"""A single grid beyond this cannot be attacked in the time that a person will wait."""
_TIME = ("", "")


class TooFine(Exception):
    """The selections of `dims` cut each other into more than `MOST_PIECES` pieces."""

    def __init__(self, dims: Collection[Dim], pieces: int) -> None:
        super().__init__(dims)
        self.dims = named(dims)
        self.pieces = pieces


def named(dims: Iterable[Dim]) -> str:
    """Dimensions in words."""
    words = sorted({name.replace("_", " ") if (name, label) != _TIME else "time" for name, label in dims})
    return ", ".join(words) or "no dimension"


@dataclass(frozen=True, slots=True)
class Complete:
    """Within `whole`, the categories `labels` of `dimension` are all there is: a table showed them adding up."""

    whole: CellId
    dimension: str
    labels: frozenset[str]


@dataclass(slots=True)
class Cut:
    """What cutting found. `pieces` names the new variables, from `first` on; `rows` are equations Σ ± variable = 0 as
    (positive, negative) numbers; `zero` variables hold nothing; `circles` the dimensions joined in pairs only."""

    first: int
    pieces: list[Callable[[], CellId]] = field(default_factory=list)
    rows: list[tuple[Sequence[int], Sequence[int]]] = field(default_factory=list)
    circles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Grid:
    dims: tuple[Dim, ...]
    classes: tuple[Classes, ...]
    index: NDArray[np.int64]
    """The variable of each piece, -1 where it holds nothing."""

    def margin(self, dims: Collection[Dim]) -> _Grid:
        """The shape of this grid's margin over `dims` (with no variables)."""
        kept = [position for position, dim in enumerate(self.dims) if dim in dims]
        classes = tuple(self.classes[position] for position in kept)
        return _Grid(tuple(self.dims[p] for p in kept), classes, np.empty([c.size for c in classes], dtype=np.int64))

    def within(self, coarse: _Grid) -> NDArray[np.int64]:
        """For every piece, in flat order, the flat place in `coarse` that it belongs to; its classes must refine it."""
        places = []
        for dim, classes in zip(self.dims, self.classes, strict=True):
            if dim not in coarse.dims:
                places.append(np.zeros(classes.size, dtype=np.int64))
                continue
            onto = coarse.classes[coarse.dims.index(dim)]
            stride = prod(coarse.index.shape[coarse.dims.index(dim) + 1 :])
            places.append(
                stride * np.array([onto.place(members[0] if members else None) for members in classes.members])
            )
        total = np.zeros((), dtype=np.int64)
        for place in places:
            total = total[..., None] + place
        return np.broadcast_to(total, self.index.shape).ravel()


class Universe:
    """The cells that count one kind of thing, by number."""

    def __init__(self, cells: Mapping[int, CellId], complete: Iterable[Complete]) -> None:
        self._start = min(cell.start for cell in cells.values())
        self._end = max(cell.end for cell in cells.values())
        self._complete = list(complete)
        several = {name for cell in cells.values() for name, labels in cell.at if len(labels) > 1}
        self._disjoint = several | {known.dimension for known in self._complete}
        edges = {c.start for c in cells.values()} | {c.end + timedelta(days=1) for c in cells.values()}
        self._days = sorted(edges)[:-1]
        self._ends = dict(zip(self._days, [*self._days[1:], self._end + timedelta(days=1)], strict=True))
        self._name = next(iter(cells.values())).universe
        self._selected: dict[Dims, dict[int, dict[Dim, tuple[Label, ...]]]] = defaultdict(dict)
        spans: dict[tuple[date, date], tuple[date, ...]] = {}
        for number, cell in cells.items():
            selection = self._selection(cell, spans)
            self._selected[frozenset(selection)][number] = selection
        self._always: dict[Dim, set[Label]] = {
            dim: {label for cells in self._selected.values() for chosen in cells.values() for label in chosen[dim]}
            for dim in frozenset.intersection(*self._selected)
        }

    def _selection(
        self, cell: CellId, spans: dict[tuple[date, date], tuple[date, ...]]
    ) -> dict[Dim, tuple[Label, ...]]:
        found: dict[Dim, tuple[Label, ...]] = {
            (name, "" if name in self._disjoint else labels[0]): labels for name, labels in cell.at
        }
        span = (cell.start, cell.end)
        if span != (self._start, self._end):
            if span not in spans:
                spans[span] = tuple(day for day in self._days if cell.start <= day <= cell.end)
            found[_TIME] = spans[span]
        return found

    def _everything(self, dim: Dim) -> Collection[Label] | None:
        return self._days if dim == _TIME else None

    def cut(self, made: Cut) -> None:
        """Adds this universe's pieces and equations to `made`. Raises TooFine."""
        own = {
            dims: {
                dim: told_apart(dict.fromkeys(chosen[dim] for chosen in cells.values()), self._everything(dim))
                for dim in dims
            }
            for dims, cells in self._selected.items()
        }
        self._combine_circles(own, made)
        # Where two meet, their dimensions in common make a grid, at least as fine as both; so do those they lie in.
        nodes = [dims for dims in own if not any(dims < other for other in own)]
        together = {*own, *(one & other for one, other in combinations(nodes, 2))}
        grids: dict[Dims, dict[Dim, Classes]] = {}
        links: list[tuple[Dims, Dims]] = []
        for dims in sorted(together, key=lambda each: (-len(each), sorted(each))):
            above = [other for other in grids if dims < other]
            nearest = [one for one in above if not any(other < one for other in above)]
            parts = [{dim: grids[one][dim] for dim in dims} for one in nearest]
            grids[dims] = self._join(dims, [*parts, own[dims]] if dims in own else parts)
            links += [(one, dims) for one in nearest]
        built = {dims: self._grid(dims, classes, self._selected.get(dims, {}), made) for dims, classes in grids.items()}
        for many, few in links:
            _equal_margins(built[many], built[few], made)
        for dims in own:
            self._differences(dims, built[dims], made)

    def _join(self, dims: Dims, parts: Sequence[Mapping[Dim, Classes]]) -> dict[Dim, Classes]:
        return {dim: self._joined(dim, [part[dim] for part in parts]) for dim in dims}

    def _joined(self, dim: Dim, parts: Sequence[Classes]) -> Classes:
        return joined_classes(parts, self._everything(dim))

    def _combine_circles(self, own: dict[Dims, dict[Dim, Classes]], made: Cut) -> None:
        """Adds to `own` one grid for all the dimensions of each circle of tables, where that is small enough."""
        nodes = [dims for dims in own if not any(dims < other for other in own)]
        for circle in connected(circle_of(nodes)):
            whole = frozenset().union(*circle)
            parts = [classes for dims, classes in own.items() if dims <= whole]
            joined = {
                dim: joined_classes([part[dim] for part in parts if dim in part], self._everything(dim))
                for dim in whole
            }
            if prod(classes.size for classes in joined.values()) <= MOST_IN_CIRCLE:
                own[whole] = joined
            else:
                made.circles.append(f"{self._name} by {named(whole)}")

    def _grid(
        self,
        dims: Dims,
        classes: Mapping[Dim, Classes],
        cells: Mapping[int, Mapping[Dim, tuple[Label, ...]]],
        made: Cut,
    ) -> _Grid:
        ordered = tuple(sorted(dims))
        kinds = tuple(classes[dim] for dim in ordered)
        shape = tuple(kind.size for kind in kinds)
        if prod(shape) > MOST_PIECES:
            raise TooFine(dims, prod(shape))
        index = np.full(shape, -2, dtype=np.int64)
        self._mark_empty(ordered, kinds, index)
        for position, (dim, kind) in enumerate(zip(ordered, kinds, strict=True)):
            if dim in self._always and kind.rest and self._always[dim] <= kind.of.keys():  # no cell counts it
                index[(slice(None),) * position + (0,)] = -1
        summed: list[tuple[int, NDArray[np.int64]]] = []
        flat = index.reshape(-1)
        strides = [prod(shape[position + 1 :]) for position in range(len(shape))]
        for number, chosen in cells.items():
            places = np.zeros(1, dtype=np.int64)
            for dim, kind, stride in zip(ordered, kinds, strides, strict=True):
                taken = {kind.place(label) for label in chosen[dim]}
                places = (places[:, None] + stride * np.fromiter(taken, np.int64, len(taken))).ravel()
            held = places[flat[places] != -1]
            if len(held) == 1 and flat[held[0]] == -2:
                flat[held[0]] = number
            else:
                summed.append((number, held))
        missing = np.flatnonzero(flat == -2)
        first = made.first + len(made.pieces)
        flat[missing] = np.arange(first, first + len(missing))
        made.pieces.extend(
            self._namer(ordered, kinds, [np.array([at]) for at in np.unravel_index(place, shape)]) for place in missing
        )
        made.rows.extend(([number], flat[held].tolist()) for number, held in summed)
        return _Grid(ordered, kinds, index)

    def _differences(self, dims: Dims, grid: _Grid, made: Cut) -> None:
        """Adds what selections differ by, or come to together, where that is several pieces not all cells of a table.

        Cells of a table are protected each by itself; pieces that nobody tabulated are also protected together.
        """
        if not (grid.index >= made.first).any():
            return
        for dim in dims:
            axis = grid.dims.index(dim)
            alike: dict[tuple[object, ...], list[tuple[int, frozenset[Label] | None]]] = defaultdict(list)
            for number, chosen in self._selected.get(dims, {}).items():
                rest = tuple((other, chosen[other]) for other in grid.dims if other != dim)
                alike[rest].append((number, frozenset(chosen[dim])))
            for number, chosen in self._selected.get(dims - {dim}, {}).items():
                rest = tuple((other, chosen[other]) for other in grid.dims if other != dim)
                if rest in alike:
                    alike[rest].append((number, None))
            for rest, nested in alike.items():
                if len(nested) > 1:
                    self._nested(grid, axis, dict(rest), nested, made)  # type: ignore[arg-type]

    def _nested(
        self,
        grid: _Grid,
        axis: int,
        rest: Mapping[Dim, tuple[Label, ...]],
        nested: Sequence[tuple[int, frozenset[Label] | None]],
        made: Cut,
    ) -> None:
        dim, kind = grid.dims[axis], grid.classes[axis]
        index = [
            np.unique([kinds.place(label) for label in rest[one]]) if one != dim else np.arange(kind.size)
            for one, kinds in zip(grid.dims, grid.classes, strict=True)
        ]
        slab = np.moveaxis(grid.index[np.ix_(*index)], axis, 0).reshape(kind.size, -1)
        if not (slab >= made.first).any():
            return
        known = {
            frozenset(range(kind.size)) if labels is None else frozenset(kind.place(label) for label in labels)
            for _, labels in nested
        }
        for region in sorted(reached(known, 1 if slab.shape[1] > 1 else 2), key=sorted):
            pieces = slab[sorted(region)].ravel()
            pieces = pieces[pieces >= 0]
            if len(pieces) > 1 and (pieces >= made.first).any():
                made.rows.append(([made.first + len(made.pieces)], pieces.tolist()))
                made.pieces.append(self._namer(grid.dims, grid.classes, index, axis, sorted(region)))

    def _mark_empty(self, dims: tuple[Dim, ...], kinds: tuple[Classes, ...], index: NDArray[np.int64]) -> None:
        members = [kind.members for kind in kinds]
        for known in self._complete:
            where = self._selection(known.whole, {})
            dim = (known.dimension, "")
            if dim not in dims or not where.keys() <= set(dims):
                continue
            inside = []
            for position, one in enumerate(dims):
                rest = kinds[position].rest
                if one == dim:
                    # The rest holds whatever is not told apart here, which may be on the list.
                    told = known.labels <= kinds[position].of.keys()
                    holds = [
                        told if rest and number == 0 else known.labels.isdisjoint(labels)  # type: ignore[arg-type]
                        for number, labels in enumerate(members[position])
                    ]
                elif one in where:
                    chosen = set(where[one])
                    holds = [
                        bool(labels) and not (rest and number == 0) and chosen.issuperset(labels)
                        for number, labels in enumerate(members[position])
                    ]
                else:
                    holds = [True] * kinds[position].size
                inside.append(np.flatnonzero(holds))
            index[np.ix_(*inside)] = -1

    def _namer(
        self,
        dims: tuple[Dim, ...],
        kinds: tuple[Classes, ...],
        index: Sequence[NDArray[np.int64]],
        axis: int = 0,
        region: Sequence[int] = (),
    ) -> Callable[[], CellId]:
        """What names the pieces at `index` in every dimension, those in `region` along `axis`, when it is asked to."""

        def name() -> CellId:
            start, end = self._start, self._end
            at: list[tuple[str, tuple[str, ...]]] = []
            for position, (dim, kind) in enumerate(zip(dims, kinds, strict=True)):
                places = list(region) if region and position == axis else index[position].tolist()
                labels = [label for place in places for label in kind.members[place]]
                rest = kind.rest and 0 in places
                if dim == _TIME:
                    others = set(self._days) - set(kind.of) if rest else set()
                    chosen = sorted({*others, *labels})  # type: ignore[type-var]
                    start, end = chosen[0], self._ends[chosen[-1]] - timedelta(days=1)  # type: ignore[assignment, index]
                elif rest:
                    at.append((dim[0], (f"other than {', '.join(sorted(map(str, set(kind.of) - set(labels))))}",)))
                else:
                    at.append((dim[0], tuple(sorted(map(str, labels)))))
            return CellId(self._name, start, end, tuple(sorted(at)))

        return name


def _equal_margins(node: _Grid, shared: _Grid, made: Cut) -> None:
    """The margin of `node` is that of `shared`, whose classes are at least as fine."""
    margin = node.margin(shared.dims)
    size = margin.index.size
    place = shared.within(margin)
    sort = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[sort], np.arange(size + 1))
    pieces = shared.index.ravel()[sort]
    parts = node.index.ravel()
    node_place = node.within(margin)
    node_sort = np.argsort(node_place, kind="stable")
    node_bounds = np.searchsorted(node_place[node_sort], np.arange(size + 1))
    parts = parts[node_sort]
    for number in range(size):
        left = pieces[bounds[number] : bounds[number + 1]]
        right = parts[node_bounds[number] : node_bounds[number + 1]]
        left, right = left[left >= 0].tolist(), right[right >= 0].tolist()
        if left != right and (left or right):
            made.rows.append((left, right))
