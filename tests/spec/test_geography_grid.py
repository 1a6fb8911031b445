"""Degrees to grid metres beside Ordnance Survey's own test points, and distances beside worked values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest

from concord.evidence.geography import great_circle, grid_distance, to_degrees, to_grid

# Ordnance Survey, OSTN15/OSGM15 test points: latitude, longitude, easting, northing. Written from memory (the file is
# not on this machine); that the transformation gives all of them to the millimetre is what confirms the memory.
POINTS = (
    ("St Mary's, Scilly", 49.92226393730, -6.29977752014, 91492.146, 11318.804),
    ("Lizard", 49.96006137820, -5.20304609998, 170370.718, 11572.405),
    ("Plymouth", 50.43885825610, -4.10864563561, 250359.811, 62016.569),
    ("St Catherine's Point", 50.57563665000, -1.29782277240, 449816.371, 75335.861),
    ("Former Ordnance Survey", 50.93127937910, -1.45051433700, 438710.920, 114792.250),
    ("Nash Point", 51.40078220140, -3.55128349240, 292184.870, 168003.465),
    ("North Foreland", 51.37447025550, 1.44454730409, 639821.835, 169565.858),
    ("Brislington", 51.42754743020, -2.54407618349, 362269.991, 169978.690),
    ("Lambeth, London", 51.48936564950, -0.11992557180, 530624.974, 178388.464),
    ("Carmarthen", 51.85890896400, -4.30852476960, 241124.584, 220332.641),
    ("Colchester", 51.89436637350, 0.89724327012, 599445.590, 225722.826),
    ("Droitwich", 52.25529381630, -2.15458614387, 389544.190, 261912.153),
    ("King's Lynn", 52.75136687170, 0.40153547065, 562180.547, 319784.995),
    ("Nottingham", 52.96219109410, -1.19747655922, 454002.834, 340834.943),
    ("Skelmersdale side of Manchester", 53.34480280190, -2.64049320810, 357455.843, 383290.436),
    ("Anglesey", 53.41628516040, -4.28918069756, 247958.971, 393492.909),
    ("Blackpool", 53.77911025760, -3.04045490691, 331534.564, 431920.794),
    ("Leeds", 53.80021519630, -1.66379168242, 422242.186, 433818.701),
    ("Isle of Man", 54.08666318080, -4.63452168212, 227778.330, 468847.388),
    ("Flamborough Head", 54.11685144290, -0.07773133187, 525745.670, 470703.214),
)


@pytest.mark.parametrize(("name", "latitude", "longitude", "easting", "northing"), POINTS)
def test_the_survey_s_own_points_come_out_to_the_millimetre(
    name: str, latitude: float, longitude: float, easting: float, northing: float
) -> None:
    found = to_grid([longitude], [latitude])
    assert found.easting[0] == pytest.approx(easting, abs=0.0015), name
    assert found.northing[0] == pytest.approx(northing, abs=0.0015), name
    back = to_degrees(found.easting, found.northing)
    assert back[0][0] == pytest.approx(longitude, abs=2e-8)
    assert back[1][0] == pytest.approx(latitude, abs=2e-8)


def test_what_has_no_place_on_the_grid_is_nan_and_said() -> None:
    nan = float("nan")
    found = to_grid([-0.12, 2.35, nan, -0.12, 2.1], [51.49, 48.86, 51.5, nan, 55.1])
    assert found.placed.tolist() == [True, False, False, False, False]
    assert np.isnan(found.northing[1:]).all()
    assert (found.missing, found.outside) == (2, 2)
    assert found.note == ("2 of 5 have no coordinates; 2 lie outside the national grid (OSTN15 covers Great Britain)")
    assert to_grid([-0.12], [51.49]).note == ""
    assert len(to_grid([], []).easting) == 0


def test_two_lengths_are_a_mistake_not_a_guess() -> None:
    with pytest.raises(ValueError, match="2 of one coordinate and 1 of the other"):
        to_grid([1.0, 2.0], [51.0])


# A degree of arc is the radius times pi / 180, whatever the method.
@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0.0, 51.0), (0.0, 52.0), 6_371_008.8 * np.pi / 180),
        ((0.0, 0.0), (90.0, 0.0), 6_371_008.8 * np.pi / 2),
        ((-0.1, 51.5), (-0.1, 51.5), 0.0),
        ((0.0, 0.0), (180.0, 0.0), 6_371_008.8 * np.pi),
    ],
)
def test_great_circle(a: tuple[float, float], b: tuple[float, float], metres: float) -> None:
    assert great_circle([a[0]], [a[1]], [b[0]], [b[1]])[0] == pytest.approx(metres, rel=1e-12, abs=1e-6)


def test_map_and_sphere_agree_within_what_they_claim() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-0.5, 0.3, (2, 400)), rng.uniform(51.3, 51.7, (2, 400))
    a, b = to_grid(lon[0], lat[0]), to_grid(lon[1], lat[1])
    ratio = grid_distance(a.easting, a.northing, b.easting, b.northing) / great_circle(lon[0], lat[0], lon[1], lat[1])
    assert abs(ratio - 1).max() < 0.005


def test_the_statistics_office_s_own_pairs_of_degrees_and_metres_agree(shared: Path) -> None:
    """Each LSOA of the office's file carries a point in both, rounded to a metre and to a hundred-thousandth degree."""
    file = shared / "data" / "boundaries" / "london_lsoa.gpkg"
    _, _, _, (east, north, lat, lon) = pyogrio.raw.read(
        file, columns=["BNG_E", "BNG_N", "LAT", "LONG"], read_geometry=False
    )
    found = to_grid(lon, lat)
    assert len(east) == 4994 and found.placed.all()
    away = np.hypot(found.easting - east, found.northing - north)
    assert away.max() < 1.3, "half a metre and half a hundred-thousandth degree, each way"
    assert abs((found.northing - north).mean()) < 0.02, "no shift: without OSTN15 it would be above a metre"
