"""Outlines for maps from the boundaries that are loaded: the partnership's own wards, and the small areas in them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely

from concord.evidence.datasets.store import Store
from concord.evidence.geography import BoundarySet, Geography, to_degrees
from concord.kernel.errors import BadInput
from concord.strategy import Partnership

WARDS, SMALL = "boundary_ward_2024", "boundary_lsoa_2021"
_PLACES = 6
"""Decimals of a degree that are kept: a tenth of a metre."""


def of_loaded(store: Store, partnership: Partnership) -> dict[str, Any] | None:
    """A GeoJSON FeatureCollection of the areas, each with `name`, `code` and `level`; None where none is loaded.

    Small areas are those of the borough by name (“Tower Hamlets 001A”). Features come in order of level and code.
    """
    geography = Geography.of(partnership)
    wards = {area.code: area.name for area in geography.at("ward")}
    boroughs = {above.name for code in wards for above in geography.above(code) if above.level == "borough"}
    features: list[dict[str, Any]] = []
    for dataset, level in ((WARDS, "ward"), (SMALL, "lsoa")):
        if not store.has(dataset):
            continue
        try:
            found = BoundarySet.from_dataset(store.latest(dataset))
        except BadInput:
            continue  # not boundaries as they are known here: a map is left out, its table stands
        chosen = np.array(
            [
                code in wards if level == "ward" else any(name.startswith(f"{borough} ") for borough in boroughs)
                for code, name in zip(found.codes, found.names, strict=True)
            ]
        )
        own = found.only(chosen)
        for code, name, shape in zip(own.codes, own.names, shapely.transform(own.shapes, _degrees), strict=True):
            features.append(
                {
                    "type": "Feature",
                    "properties": {"name": wards.get(code, name), "code": code, "level": level},
                    "geometry": json.loads(shapely.to_geojson(shape)),
                }
            )
    return {"type": "FeatureCollection", "features": features} if features else None


def _degrees(points: np.ndarray) -> np.ndarray:
    longitude, latitude = to_degrees(points[:, 0], points[:, 1])
    return np.round(np.column_stack([longitude, latitude]), _PLACES)
