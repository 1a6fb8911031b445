"""Whatever the areas and points: the quick answer is the exhaustive one, and counts carried over add up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.geography import BoundarySet, Lookup, carry_forward
from concord.evidence.geography.cells import CellIndex
from concord.evidence.geography.lookups import roll_up
from concord.kernel.errors import Refused

SETTINGS = settings(max_examples=40, deadline=None)


def one_by_one(shapes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Every point against every area, the first that holds it."""
    found = np.full(len(x), -1)
    for area in range(len(shapes) - 1, -1, -1):
        found[shapely.intersects_xy(shapes[area], x, y)] = area
    return found


@st.composite
def maps(draw: st.DrawFn) -> np.ndarray:
    """A warped patchwork whose neighbours share points, some with holes, some merged into multipolygons."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    across, up = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    scale = draw(st.sampled_from([40.0, 300.0, 5000.0]))
    x, y = np.meshgrid(np.arange(across + 1) * scale, np.arange(up + 1) * scale)
    x, y = x + rng.uniform(-0.3, 0.3, x.shape) * scale, y + rng.uniform(-0.3, 0.3, y.shape) * scale
    shapes = []
    for row in range(up):
        for column in range(across):
            corner = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            ring = [(x[c], y[c]) for c in corner]
            shape = shapely.Polygon(ring)
            if draw(st.booleans()):
                shape = shape.difference(shape.centroid.buffer(scale * 0.1))
            shapes.append(shape)
    if len(shapes) > 3 and draw(st.booleans()):
        shapes = [shapely.MultiPolygon([shapes[0], shapes[-1]]), *shapes[1:-1]]
    if draw(st.booleans()):  # areas that overlap, as rough outlines do
        shapes.append(shapes[0].buffer(scale * 0.2))
    return np.array(shapes, dtype=object)


@SETTINGS
@given(maps(), st.integers(0, 2**32), st.sampled_from([7.0, 25.0, 90.0, None]))
def test_the_grid_of_cells_answers_as_testing_every_point_against_every_area(
    shapes: np.ndarray, seed: int, cell: float | None
) -> None:
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(shapes)
    if cell and (east - west) * (north - south) / cell**2 > 400_000:
        cell = None
    corners = shapely.get_coordinates(shapes)
    halfway = (corners[1:] + corners[:-1]) / 2
    rounded = np.round(rng.uniform([west, south], [east, north], (60, 2)), 0)
    anywhere = rng.uniform([west - 50, south - 50], [east + 50, north + 50], (200, 2))
    beside = np.concatenate([corners, halfway])
    beside = np.concatenate([beside + rng.normal(0.0, apart, beside.shape) for apart in (1e-7, 1e-4, 0.1, 5.0)])
    points = np.concatenate([corners, halfway, beside, rounded, anywhere, [[np.nan, 0.0], [1e9, 1e9], [-1e9, 0.0]]])
    found = CellIndex(shapes, cell=cell).find(points[:, 0], points[:, 1])
    assert found.tolist() == one_by_one(shapes, points[:, 0], points[:, 1]).tolist()


def test_where_outlines_meet_point_for_point_the_edges_of_a_cell_answer_and_no_area_is_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(3)
    x, y = np.meshgrid(np.arange(13) * 90.0, np.arange(13) * 90.0)
    x, y = x + rng.uniform(-25, 25, x.shape), y + rng.uniform(-25, 25, y.shape)
    shapes = np.array(
        [
            shapely.Polygon([(x[r + a, c + b], y[r + a, c + b]) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))])
            for r in range(12)
            for c in range(12)
        ],
        dtype=object,
    )
    index = CellIndex(shapes)
    points = rng.uniform(-30, 1130, (20_000, 2))
    tested: list[int] = []
    exact = CellIndex._exact
    monkeypatch.setattr(CellIndex, "_exact", lambda self, a, b: tested.append(len(a)) or exact(self, a, b))
    found = index.find(points[:, 0], points[:, 1])
    assert index.crossed_share > 0.3
    assert sum(tested) < 20
    assert found.tolist() == one_by_one(shapes, points[:, 0], points[:, 1]).tolist()


def test_a_corner_that_the_neighbour_lacks_leaves_the_areas_themselves_to_be_tested() -> None:
    """The upper area's edge bulges over the lower two, which know nothing of its corner."""
    upper = shapely.Polygon([(0, 100), (100, 99.5), (200, 100), (200, 200), (0, 200)])
    lower = [shapely.box(0, 0, 110, 100), shapely.box(110, 0, 200, 100)]
    shapes = np.array([lower[0], upper, lower[1]], dtype=object)
    index = CellIndex(shapes, cell=5.0)
    assert not index._edges.sure.any()
    rng = np.random.default_rng(5)
    points = np.column_stack([rng.uniform(0, 200, 4000), rng.uniform(99, 101, 4000)])
    assert index.find(points[:, 0], points[:, 1]).tolist() == one_by_one(shapes, points[:, 0], points[:, 1]).tolist()


def test_an_edge_point_counts_once_and_for_the_lowest_code() -> None:
    left, right = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
    table = pa.table(
        {"WD24CD": ["E05000002", "E05000001"], "WD24NM": ["b", "a"], "geometry": shapely.to_wkb([left, right])}
    )
    areas = BoundarySet.from_table(table, crs="EPSG:27700", source="drawn here")
    assert (areas.kind, areas.vintage, areas.codes) == ("ward", "2024", ("E05000001", "E05000002"))
    codes = areas.codes_of([100.0, 100.0, 0.0, 200.0, 50.0, 201.0], [50.0, 0.0, 0.0, 100.0, 50.0, 50.0])
    assert codes.to_pylist() == ["E05000001", "E05000001", "E05000002", "E05000001", "E05000002", None]


# ------------------------------------------------------------------------------------------------ vintages and levels


@st.composite
def vintages(draw: st.DrawFn) -> tuple[Lookup, dict[str, float], list[tuple[str | None, str, int]]]:
    """A lookup with every kind of change, residents of the new areas, and counts on the old ones by month."""
    pairs: list[tuple[str, str, str]] = []
    for n in range(draw(st.integers(0, 4))):
        pairs.append((f"U{n}", f"U{n}", "U"))
    for n in range(draw(st.integers(0, 3))):
        pairs += [(f"M{n}{part}", f"N{n}", "M") for part in "ab"]
    for n in range(draw(st.integers(0, 3))):
        pairs += [(f"S{n}", f"T{n}{part}", "S") for part in "abc"[: draw(st.integers(2, 3))]]
    if draw(st.booleans()):
        pairs += [("X0", "Y0", "X"), ("X1", "Y0", "X"), ("X1", "Y1", "X")]
    if not pairs:
        pairs = [("U0", "U0", "U")]
    lookup = Lookup.from_table(
        pa.table(dict(zip(("LSOA11CD", "LSOA21CD", "CHGIND"), map(list, zip(*pairs, strict=True)), strict=True))),
        "LSOA11CD",
        "LSOA21CD",
        fit="exact",
        change="CHGIND",
        source="drawn here",
    )
    residents = {new: float(draw(st.integers(1, 3000))) for _, new, _ in pairs}
    old = sorted({low for low, _, _ in pairs})
    row = st.tuples(st.sampled_from([*old, None]), st.sampled_from(["2022-01", "2022-02"]), st.integers(0, 500))
    return lookup, residents, draw(st.lists(row, max_size=30))


def table_of(rows: list[tuple[str | None, str, int]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    types = (pa.string(), pa.string(), pa.int64())
    return pa.table(dict(zip(("code", "month", "count"), map(pa.array, map(list, columns), types), strict=True)))


@SETTINGS
@given(vintages())
def test_what_is_carried_over_adds_up_in_every_month_and_says_what_was_estimated(
    drawn: tuple[Lookup, dict[str, float], list[tuple[str | None, str, int]]],
) -> None:
    lookup, residents, rows = drawn
    if lookup.vintage_of(code for code, _, _ in rows) == "2021":
        return
    to_share = sum(n for code, _, n in rows if code and code[0] in "SX")
    counts = table_of(rows)
    carried = carry_forward(counts, lookup, residents=residents)
    assert carried.total == pytest.approx(sum(n for _, _, n in rows))
    assert carried.estimated == pytest.approx(to_share)
    for month in ("2022-01", "2022-02"):
        got = sum(r["count"] for r in carried.table.to_pylist() if r["month"] == month)
        assert got == pytest.approx(sum(n for _, m, n in rows if m == month))
    for found in carried.table.to_pylist():
        assert found["code"] is None or found["code"] in lookup.upper_codes
        assert -1e-9 <= found["estimated"] <= found["count"] + 1e-9
    unplaced = sum(n for code, _, n in rows if code is None)
    assert sum(r["count"] for r in carried.table.to_pylist() if r["code"] is None) == pytest.approx(unplaced)
    if to_share:
        with pytest.raises(Refused, match="have no single successor"):
            carry_forward(counts, lookup)
    else:
        assert carry_forward(counts, lookup).exact


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 99)), max_size=30))
def test_counts_rolled_up_add_up(rows: list[tuple[str | None, int]]) -> None:
    lookup = Lookup.from_table(
        pa.table({"small": ["a", "b", "c"], "large": ["P", "P", "Q"]}), "small", "large", fit="best", source="here"
    )
    counts = pa.table(
        {"code": pa.array([c for c, _ in rows], pa.string()), "count": pa.array([n for _, n in rows], pa.int64())}
    )
    found = {row["code"]: row["count"] for row in roll_up(counts, lookup).to_pylist()}
    wanted: dict[str | None, int] = {}
    for code, n in rows:
        upper = {"a": "P", "b": "P", "c": "Q", None: None}[code]
        wanted[upper] = wanted.get(upper, 0) + n
    assert found == wanted
