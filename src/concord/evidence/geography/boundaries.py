"""A set of boundaries of one kind and one vintage, and the area of every point in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from concord import codelists
from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.geography import geopackage
from concord.evidence.geography.cells import CellIndex
from concord.evidence.geography.grid import to_grid
from concord.kernel.errors import BadInput, Refused, Where

GRID, DEGREES = "EPSG:27700", ("EPSG:4326", "EPSG:4258", "OGC:CRS84")
_HEADING = re.compile(r"^([A-Za-z]+)(\d{2})(?:CD|_code)$")


@dataclass(frozen=True, eq=False)
class BoundarySet:
    """Areas of one `kind` (lsoa, ward, borough, ...) and `vintage`, sorted by code. Polygons in metres of OSGB36.

    `extent` says what the outlines follow (clipped to the coast, to the extent of the realm, generalised), because
    areas in square kilometres, and so densities, differ by it. Codes are unique; no polygon is empty or invalid.
    """

    kind: str
    vintage: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    shapes: npt.NDArray[np.object_]
    source: str
    extent: str = "not stated"
    repaired: tuple[str, ...] = ()
    """Codes whose outlines crossed themselves and were mended."""

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def label(self) -> str:
        return f"{self.kind} {self.vintage}"

    @cached_property
    def index(self) -> CellIndex:
        """Built at the first question and kept with the set."""
        return CellIndex(self.shapes)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of codes and outlines: what a figure drawn from this set rests on."""
        made = hashlib.sha256()
        for code, shape in zip(self.codes, shapely.to_wkb(self.shapes), strict=True):
            made.update(code.encode() + b"\0" + shape)
        return made.hexdigest()

    @cached_property
    def square_kilometres(self) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = shapely.area(self.shapes) / 1e6
        return found

    def find(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Index in `codes` of the area each point lies in, -1 where in none. A boundary belongs to the lowest code."""
        return self.index.find(easting, northing)

    def codes_of(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> pa.DictionaryArray:
        """Code of the area of each point, null where in none."""
        found = self.find(easting, northing)
        return pa.DictionaryArray.from_arrays(
            pa.array(found, mask=found < 0), pa.array(self.codes, type=pa.string()), ordered=False
        )

    def density(self, counts: Mapping[str, float]) -> tuple[dict[str, float], str]:
        """Counts per square kilometre by code, and the words that must stand beside them. Unknown codes raise."""
        where = {code: place for place, code in enumerate(self.codes)}
        unknown = sorted(set(counts) - set(where))
        if unknown:
            raise Refused(
                f"A density was asked for {len(unknown)} codes that are not in the boundaries ({self.label}).",
                why=f"For example {unknown[0]}. Areas of another vintage have other sizes.",
                next_step="Use the boundaries of the same vintage as the counts.",
            )
        found = {code: count / float(self.square_kilometres[where[code]]) for code, count in counts.items()}
        return found, f"Per square kilometre of {self.label}, outlines {self.extent} ({self.source})."

    def only(self, chosen: npt.NDArray[np.bool_]) -> BoundarySet:
        """The areas for which `chosen` is true, in the same order."""
        places = np.flatnonzero(chosen)
        return replace(
            self,
            codes=tuple(self.codes[place] for place in places),
            names=tuple(self.names[place] for place in places),
            shapes=self.shapes[places],
        )

    @classmethod
    def from_file(
        cls,
        file: Path | str,
        *,
        kind: str | None = None,
        vintage: str | None = None,
        code_field: str | None = None,
        name_field: str | None = None,
        extent: str = "not stated",
    ) -> BoundarySet:
        """Reads GeoPackage, shapefile (also inside a zip) or GeoJSON.

        Kind and vintage follow from the code's heading where that is the Office for National Statistics' own
        (WD24CD: wards of 2024). Raises BadInput where the file cannot be read or does not say what it is.
        """
        path = Path(file)
        if path.suffix == ".gpkg" and (found := geopackage.read(path)) is not None:
            columns, shapes, crs = found
            return cls._made(
                columns, shapes, crs, path, kind, vintage, code_field, name_field, source=path.name, extent=extent
            )
        import pyogrio  # brings pandas with it, which no figure needs

        try:
            meta, _, shapes, values = pyogrio.raw.read(f"/vsizip/{path}" if path.suffix == ".zip" else path)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise BadInput(
                "The boundaries cannot be read.",
                where=Where(file=path),
                why=str(error).splitlines()[0],
                next_step="Give a GeoPackage, a shapefile (with its .dbf, .shx and .prj) or a GeoJSON file.",
            ) from error
        columns = dict(zip(meta["fields"], values, strict=True))
        return cls._made(
            columns, shapes, meta["crs"], path, kind, vintage, code_field, name_field, source=path.name, extent=extent
        )

    @classmethod
    def from_dataset(cls, version: DatasetVersion, *, extent: str = "not stated") -> BoundarySet:
        """From a loaded boundary feed: columns code, name, kind, vintage, geometry (WKB) and crs.

        Raises BadInput where a column is missing or where kinds, vintages or coordinate systems are mixed.
        """
        wanted = ("code", "name", "kind", "vintage", "geometry", "crs")
        missing = [name for name in wanted if name not in version.columns]
        if missing:
            raise BadInput(
                f"Dataset “{version.dataset}” holds no boundaries.",
                where=Where(file=version.dataset, field=missing[0]),
                why=f"It has no column {', '.join(missing)}.",
                next_step="Load a boundary file under the feed “boundaries”.",
            )
        with duckdb.connect() as connection:
            table = connection.sql(f"SELECT {', '.join(wanted)} FROM {version.scan}").to_arrow_table()
        said = {name: table[name].unique().to_pylist() for name in ("kind", "vintage", "crs")}
        for name, values in said.items():
            if len(values) != 1:
                raise BadInput(
                    f"Dataset “{version.dataset}” mixes boundaries: its {name} is "
                    f"{' and '.join(map(str, values)) or 'nowhere said'}.",
                    where=Where(file=version.dataset, field=name),
                    next_step="Keep each kind and vintage in a dataset of its own.",
                )
        kind, vintage, crs = (str(said[name][0]) for name in ("kind", "vintage", "crs"))
        return cls.from_table(
            table.select(["code", "name", "geometry"]),
            crs=crs,
            source=f"{version.dataset}, version {version.version}",
            kind=level_of(kind) or kind,
            vintage=vintage,
            code_field="code",
            name_field="name",
            extent=extent,
        )

    @classmethod
    def from_table(
        cls,
        table: pa.Table,
        *,
        crs: str,
        source: str,
        kind: str | None = None,
        vintage: str | None = None,
        code_field: str | None = None,
        name_field: str | None = None,
        extent: str = "not stated",
    ) -> BoundarySet:
        """From a loaded dataset: one row an area, its outline (WKB) in the column `geometry`, `crs` as the file had."""
        columns = {name: np.array(table[name].to_pylist(), dtype=object) for name in table.column_names}
        shapes = columns.pop("geometry", None)
        if shapes is None:
            raise BadInput(
                "The dataset holds no outlines.",
                where=Where(file=source, field="geometry"),
                next_step="Load a boundary file: its dataset has the column geometry.",
            )
        return cls._made(
            columns, shapes, crs, source, kind, vintage, code_field, name_field, source=source, extent=extent
        )

    @classmethod
    def _made(
        cls,
        columns: Mapping[str, npt.NDArray[np.object_]],
        wkb: npt.NDArray[np.object_],
        crs: str | None,
        file: Path | str,
        kind: str | None,
        vintage: str | None,
        code_field: str | None,
        name_field: str | None,
        *,
        source: str,
        extent: str,
    ) -> BoundarySet:
        code_field, kind, vintage = _what(columns, file, kind, vintage, code_field)
        name_field = name_field or _name_field(code_field, tuple(columns))
        codes = np.array([str(code or "").strip() for code in columns[code_field]], dtype=object)
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        _unique(codes, file, code_field)
        shapes = _on_grid(shapely.from_wkb(wkb[order]), crs, file)
        shapes, repaired = _sound(shapes, codes, file)
        names = columns[name_field][order] if name_field else codes
        return cls(
            kind=kind,
            vintage=vintage,
            codes=tuple(codes),
            names=tuple(str(name).strip() for name in names),
            shapes=shapes,
            source=source,
            extent=extent,
            repaired=repaired,
        )


def heading(name: str) -> tuple[str, str] | None:
    """Level and vintage that a heading says, or None.

    The statistics office writes LSOA21CD for the code of a 2021 LSOA; its loaded dataset has the column lsoa21_code.
    """
    found = _HEADING.match(name)
    if found is None:
        return None
    level = level_of(found[1])
    return (level, f"20{found[2]}") if level else None


def level_of(word: str) -> str | None:
    """The level of area that a word means, by its name here (borough) or the statistics office's (LAD, lad)."""
    levels = codelists.get("area_levels")
    if word.lower() in levels:
        return word.lower()
    return next((each.code for each in levels if each.extra["prefix"] == word.upper()), None)


def _what(
    columns: Mapping[str, object], file: Path | str, kind: str | None, vintage: str | None, code_field: str | None
) -> tuple[str, str, str]:
    """The code's field, the kind and the vintage: as given, or as the first heading of the statistics office says."""
    if code_field is None:
        code_field = next((name for name in columns if heading(name)), None)
    if code_field not in columns:
        raise BadInput(
            f"Which column holds the areas' codes? There is none called “{code_field}”."
            if code_field
            else "No column holds codes of areas.",
            where=Where(file=file, field=code_field),
            why=f"The columns are {', '.join(columns)}.",
            next_step="Name the column of the codes, the kind of area and the vintage.",
        )
    said = heading(code_field) or (None, None)
    kind, vintage = kind or said[0], vintage or said[1]
    if kind is None or vintage is None:
        raise BadInput(
            "The boundaries do not say which vintage they are of.",
            where=Where(file=file, field=code_field),
            why=f"The heading “{code_field}” names no kind of area and no year, as WD24CD does.",
            next_step="Give the kind of area and the year in which these boundaries held.",
        )
    return code_field, kind, vintage


def _name_field(code_field: str, fields: Sequence[str]) -> str | None:
    wanted = code_field[:-2] + "NM" if code_field.endswith("CD") else "name"
    lowered = {field.lower(): field for field in fields}
    return lowered.get(wanted.lower()) or lowered.get("name")


def _unique(codes: npt.NDArray[np.object_], file: Path | str, field: str) -> None:
    if not len(codes) or (codes == "").any():
        what = "There are no areas in the file." if not len(codes) else "An area has no code."
        raise BadInput(what, where=Where(file=file, field=field), next_step="Give every area its code.")
    again = np.flatnonzero(codes[1:] == codes[:-1])
    if len(again):
        raise BadInput(
            f"The area {codes[again[0]]} stands in the boundaries {len(again) + 1} times or more.",
            where=Where(file=file, field=field),
            why="A point would lie in two areas, or an area would be counted in parts.",
            next_step="Give each area once, as a multipolygon where it has several parts.",
        )


def _on_grid(shapes: npt.NDArray[np.object_], crs: str | None, file: Path | str) -> npt.NDArray[np.object_]:
    said = (crs or "").strip()
    if said.upper() == GRID or ("OSGB" in said and "British National Grid" in said):
        return shapes
    if said.upper() in DEGREES:
        moved: npt.NDArray[np.object_] = shapely.transform(shapes, _degrees_to_grid)
        return moved
    raise BadInput(
        "The boundaries are not in a coordinate system that is known here.",
        where=Where(file=file),
        why=f"The file says: {said[:80] or 'nothing'}.",
        next_step=f"Give them in the British National Grid ({GRID}) or in degrees ({DEGREES[0]}).",
    )


def _degrees_to_grid(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    placed = to_grid(points[:, 0], points[:, 1])
    return np.column_stack([placed.easting, placed.northing])


def _sound(
    shapes: npt.NDArray[np.object_], codes: npt.NDArray[np.object_], file: Path | str
) -> tuple[npt.NDArray[np.object_], tuple[str, ...]]:
    """The shapes with crossed outlines mended. Raises BadInput where one is no area at all, or off the grid."""
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    placed = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    for wrong, why in ((~polygons, "It has no outline, or points or lines in its place."), (~placed, "Off the grid.")):
        if wrong.any():
            raise BadInput(
                f"{int(wrong.sum())} of {len(codes)} boundaries are no areas, the first {codes[wrong][0]}.",
                where=Where(file=file),
                why=why,
                next_step="Leave them out, or give their outlines in Great Britain.",
            )
    broken = ~shapely.is_valid(shapes)
    mended = shapes.copy()
    mended[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return mended, tuple(codes[broken])
