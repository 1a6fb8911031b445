"""A GeoPackage with one layer, read as the database it is: the general library takes a third of a second to begin."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

Objects = npt.NDArray[np.object_]
_BOX = (0, 32, 48, 48, 64)
"""Bytes of the bounding box before an outline, by the number in its flags (OGC 12-128r19, 2.1.3)."""


def read(path: Path) -> tuple[dict[str, Objects], Objects, str] | None:
    """Columns by name, outlines (WKB) and coordinate system; rows in the file's order.

    None where the file is anything out of the ordinary, which the general library can tell of: several layers, a view,
    a system without a number, no GeoPackage at all.
    """
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            return _layer(file)
    except (sqlite3.Error, IndexError, ValueError):
        return None


def _layer(file: sqlite3.Connection) -> tuple[dict[str, Objects], Objects, str] | None:
    layers = file.execute(
        "SELECT g.table_name, g.column_name, s.organization, s.organization_coordsys_id "
        "FROM gpkg_geometry_columns AS g JOIN gpkg_contents AS c USING (table_name) "
        "JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id WHERE c.data_type = 'features'"
    ).fetchall()
    if len(layers) != 1 or layers[0][2].upper() == "NONE":
        return None
    table, outline, organisation, number = layers[0]
    described = file.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    if [kind.upper() for _, _, kind, _, _, key in described if key] != ["INTEGER"]:
        return None
    fields = [name for _, name, _, _, _, key in described if not key and name != outline]
    if any(kind.upper().startswith(("DATE", "BOOL")) for _, _, kind, *_ in described):
        return None  # kept as text or a number, and read as what it means by the library
    asked = ", ".join(_quoted(name) for name in (outline, *fields))
    rows = file.execute(f"SELECT {asked} FROM {_quoted(table)} ORDER BY rowid").fetchall()
    columns = {name: np.array([row[n] for row in rows] + [None], dtype=object)[:-1] for n, name in enumerate(fields, 1)}
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [_well_known(row[0]) for row in rows]
    return columns, shapes, f"{organisation.upper()}:{number}"


def _well_known(blob: bytes | None) -> bytes | None:
    """What follows the header. Raises ValueError where there is none, IndexError for a box of a kind unheard of."""
    if blob is None:
        return None
    if blob[:2] != b"GP":
        raise ValueError("no outline of a GeoPackage")
    return blob[8 + _BOX[(blob[3] >> 1) & 7] :]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
