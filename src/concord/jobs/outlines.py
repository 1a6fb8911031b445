"""Outlines for maps from the boundaries that are loaded: the partnership's own wards, and the small areas in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from concord.evidence.datasets.store import Store
from concord.evidence.geography import BoundarySet, Geography, to_degrees
from concord.evidence.publications.document import load_areas
from concord.kernel.errors import BadInput
from concord.strategy import Partnership

WARDS, SMALL = "boundary_ward_2024", "boundary_lsoa_2021"
Rings = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
"""Names, each with the (longitude, latitude) of its outer ring."""
_KEPT: dict[tuple[object, ...], Rings] = {}
_PLACES = 6
"""Decimals of a degree that are kept: a tenth of a metre."""
_COARSE = 0.00005
"""Degrees by which an outline may be simplified under a small map: about five metres."""


def of_loaded(
    store: Store, partnership: Partnership, levels: tuple[str, ...] = ("ward", "lsoa")
) -> dict[str, Any] | None:
    """A GeoJSON FeatureCollection of the areas, each with `name`, `code` and `level`; None where none is loaded.

    Small areas are those of the borough by name (“Tower Hamlets 001A”). Features come in order of level and code.
    """
    geography = Geography.of(partnership)
    own_wards = {area.code: area.name for area in geography.at("ward")}
    boroughs = {above.name for code in own_wards for above in geography.above(code) if above.level == "borough"}
    features: list[dict[str, Any]] = []
    for dataset, level in ((WARDS, "ward"), (SMALL, "lsoa")):
        if level not in levels or not store.has(dataset):
            continue
        try:
            found = BoundarySet.from_dataset(store.latest(dataset))
        except BadInput:
            continue  # not boundaries as they are known here: a map is left out, its table stands
        chosen = np.array(
            [
                code in own_wards if level == "ward" else any(name.startswith(f"{borough} ") for borough in boroughs)
                for code, name in zip(found.codes, found.names, strict=True)
            ]
        )
        own = found.only(chosen)
        for code, name, shape in zip(own.codes, own.names, shapely.transform(own.shapes, _degrees), strict=True):
            features.append(
                {
                    "type": "Feature",
                    "properties": {"name": own_wards.get(code, name), "code": code, "level": level},
                    "geometry": json.loads(shapely.to_geojson(shape)),
                }
            )
    return {"type": "FeatureCollection", "features": features} if features else None


def areas(home: Path, partnership: Partnership, levels: tuple[str, ...] = ("ward", "lsoa")) -> dict[str, Any] | None:
    """Boundaries: the partnership's own file, else that of the synthetic extracts, else those loaded, of these levels,
    else none."""
    for folder in (*partnership.chain, home / "synthetic" / "council"):
        path = folder / "areas.geojson"
        if path.is_file():
            return load_areas(path)
    return of_loaded(Store(home), partnership, levels)


def wards(home: Path, partnership: Partnership) -> Rings:
    """The largest areas that are known, as name and outer ring of (longitude, latitude): what somebody finds a place
    by on a small map. Empty where no boundaries are there, or none that can be read: the map does without. Kept until
    the folder or the data change."""
    key = (home, partnership.chain, _stamp(home, partnership))
    found = _KEPT.get(key)
    if found is None:
        found = _rings(home, partnership)
        _KEPT.clear()
        _KEPT[key] = found
    return found


def _rings(home: Path, partnership: Partnership) -> Rings:
    try:
        found = areas(home, partnership, ("ward",))
    except BadInput:
        return ()  # who publishes is told what is wrong with the file; who looks for a place is not kept from it
    rings = []
    for each in found["features"] if found else ():
        about = each["properties"]
        if about.get("level", "ward") != "ward":
            continue
        shape = shapely.geometry.shape(each["geometry"]).simplify(_COARSE)
        parts = shape.geoms if hasattr(shape, "geoms") else (shape,)
        name = str(about.get("name") or about.get("ward_name") or "")
        rings += [(name if not n else "", tuple(part.exterior.coords)) for n, part in enumerate(parts)]
    return tuple(rings)


def _stamp(home: Path, partnership: Partnership) -> float:
    """When the newest of what the outlines are made of was written."""
    told = (*(each / "areas.geojson" for each in partnership.chain), home / "synthetic" / "council" / "areas.geojson")
    kept = home / "datasets" / WARDS / "versions"
    return max((each.stat().st_mtime for each in (*told, kept) if each.exists()), default=0.0)


def _degrees(points: np.ndarray) -> np.ndarray:
    longitude, latitude = to_degrees(points[:, 0], points[:, 1])
    return np.round(np.column_stack([longitude, latitude]), _PLACES)
