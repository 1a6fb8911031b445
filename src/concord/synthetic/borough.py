"""Harbourside: twenty wards in five neighbourhoods, off any real coast, and the people who live there.

Shares are the anchors of the borough that the strategy describes, retold as an invented place; where no
figure is known they are assumptions, made so that the sums come out near the anchors.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

RESIDENTS = 310_300
AGE_BANDS = ("0-9", "10-17", "18-24", "25-39", "40-64", "65+")
BAND_FROM = np.array([0, 10, 18, 25, 40, 65])
BAND_TO = np.array([10, 18, 25, 40, 65, 96])
BAND_SHARES = np.array([0.122, 0.090, 0.132, 0.371, 0.229, 0.056])
MALE_SHARE = 0.502
LSOAS_PER_WARD = 8
POSTCODES_PER_LSOA = 18
WEST, SOUTH = 2.02, 55.02  # open North Sea: no address, street or school of any country lies here
EAST, NORTH = 656_000, 575_000  # metres of the national grid at that corner, roughly: the grid itself ends at the coast
CELL_EAST, CELL_NORTH = 0.016, 0.0095  # about 1 km each way at this latitude


def rows(name: str) -> list[dict[str, str]]:
    """A packaged table of the generator's assumptions."""
    with (files("concord.synthetic") / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@dataclass(frozen=True)
class Places:
    """Wards, LSOAs and postcodes; arrays over LSOAs and postcodes point at their ward and LSOA by index."""

    ward_codes: tuple[str, ...]
    ward_names: tuple[str, ...]
    neighbourhoods: tuple[str, ...]
    ward_share: np.ndarray
    deprivation: np.ndarray
    lsoa_codes: tuple[str, ...]
    lsoa_ward: np.ndarray
    lsoa_x: np.ndarray
    lsoa_y: np.ndarray
    postcodes: tuple[str, ...]
    postcode_lsoa: np.ndarray

    def in_neighbourhood(self, name: str) -> np.ndarray:
        """Which wards lie in the neighbourhood, as booleans."""
        return np.array([each == name for each in self.neighbourhoods])


@cache
def places() -> Places:
    """The borough's geography. Coordinates of LSOAs are metres from its south-west corner."""
    wards = rows("wards")
    ward_of = np.repeat(np.arange(len(wards)), LSOAS_PER_WARD)
    within = np.tile(np.arange(LSOAS_PER_WARD), len(wards))
    column = np.array([int(w["column"]) for w in wards])
    row = np.array([int(w["row"]) for w in wards])
    letters = "ABDEFGHJLN"
    postcodes, postcode_lsoa = [], []
    for lsoa, ward in enumerate(ward_of):
        for unit in range(POSTCODES_PER_LSOA):
            pair = letters[unit // 10 + 2 * (within[lsoa] % 5)] + letters[unit % 10]
            postcodes.append(f"HB{ward + 1} {within[lsoa] // 5 + 1}{pair}")
            postcode_lsoa.append(lsoa)
    return Places(
        ward_codes=tuple(w["ward_code"] for w in wards),
        ward_names=tuple(w["ward_name"] for w in wards),
        neighbourhoods=tuple(w["neighbourhood"] for w in wards),
        ward_share=np.array([float(w["population_share"]) for w in wards]),
        deprivation=np.array([float(w["deprivation"]) for w in wards]),
        lsoa_codes=tuple(f"{wards[w]['ward_code']}{n + 1:04d}" for w, n in zip(ward_of, within, strict=True)),
        lsoa_ward=ward_of,
        lsoa_x=column[ward_of] * 1000.0 + (within % 4) * 250.0 + 125.0,
        lsoa_y=(3 - row[ward_of]) * 1000.0 + (within // 4) * 500.0 + 250.0,
        postcodes=tuple(postcodes),
        postcode_lsoa=np.array(postcode_lsoa),
    )


def population_counts(size: float) -> np.ndarray:
    """Residents by ward, age band and sex (F, M), adding up to `RESIDENTS` times `size` exactly."""
    sexes = np.array([1 - MALE_SHARE, MALE_SHARE])
    exact = RESIDENTS * size * np.einsum("w,b,s->wbs", places().ward_share, BAND_SHARES, sexes)
    counts = np.floor(exact).astype(int)
    short = round(RESIDENTS * size) - int(counts.sum())
    largest = np.argsort(-(exact - counts), axis=None, kind="stable")[:short]
    counts.flat[largest] += 1
    return counts


def population_rows(size: float, vintage: str) -> list[dict[str, object]]:
    """The public estimates, one row for each ward, age band and sex."""
    here, counts = places(), population_counts(size)
    return [
        {
            "ward_code": here.ward_codes[w], "ward_name": here.ward_names[w],
            "neighbourhood": here.neighbourhoods[w], "age_band": AGE_BANDS[b], "sex": "FM"[s],
            "persons": int(counts[w, b, s]), "vintage": vintage,
        }
        for w in range(len(here.ward_codes)) for b in range(len(AGE_BANDS)) for s in range(2)
    ]  # fmt: skip


def areas_geojson(seed: int = 7) -> str:
    """Ward outlines: a warped grid whose neighbours share every point, the Island across a channel."""
    rng = np.random.default_rng(seed)
    steps = 6
    width, height = 5 * steps + 1, 4 * steps + 1
    grid_x, grid_y = np.meshgrid(np.arange(width) / steps, np.arange(height) / steps)
    # Smooth waves bend the grid; fine noise roughens it; both move shared points once, so no gap opens.
    bent_x = grid_x + 0.22 * np.sin(grid_y * 1.7) + 0.10 * np.sin(grid_x * 3.1 + grid_y * 2.3)
    bent_y = grid_y + 0.20 * np.sin(grid_x * 1.3) + 0.10 * np.cos(grid_x * 2.7 - grid_y * 1.9)
    bent_x += rng.uniform(-0.045, 0.045, bent_x.shape)
    bent_y += rng.uniform(-0.045, 0.045, bent_y.shape)

    def point(column: int, row: int, island: bool) -> list[float]:
        x, y = float(bent_x[row, column]), float(bent_y[row, column])
        if island:
            x, y = x + 0.10, y + 0.28
        return [round(WEST + x * CELL_EAST, 6), round(SOUTH + (4.6 - y) * CELL_NORTH, 6)]

    features = []
    for ward in rows("wards"):
        left, top = int(ward["column"]) * steps, int(ward["row"]) * steps
        island = ward["neighbourhood"] == "Island"
        ring = [point(left + k, top + steps, island) for k in range(steps)]
        ring += [point(left + steps, top + steps - k, island) for k in range(steps)]
        ring += [point(left + steps - k, top, island) for k in range(steps)]
        ring += [point(left, top + k, island) for k in range(steps)]
        ring.append(ring[0])
        features.append(
            {
                "type": "Feature",
                "properties": {k: ward[k] for k in ("ward_code", "ward_name", "neighbourhood")},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    collection = {
        "type": "FeatureCollection", "name": "areas", "synthetic": True,
        "notice": "Synthetic data: Harbourside does not exist.", "features": features,
    }  # fmt: skip
    return json.dumps(collection, indent=None, separators=(",", ":")) + "\n"
