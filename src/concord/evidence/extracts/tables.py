"""Files that hold typed columns: Parquet, R workspaces, and map files. All become Parquet that DuckDB streams."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from concord.evidence.extracts.arrivals import Arrival
from concord.evidence.extracts.engine import Scan
from concord.evidence.extracts.files import explaining_disk, scanned, temporary
from concord.evidence.extracts.formats import PACKED
from concord.evidence.extracts.frames import Row, as_text_sql, contracts_of
from concord.evidence.extracts.headings import Layout
from concord.kernel.errors import BadInput, Where

if TYPE_CHECKING:
    import pandas as pd

_LARGEST_R = 1 << 30
"""Bytes an R workspace may unfold to: it is read whole, in memory."""
_SHAPES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Typed:
    """A Parquet file as a frame: its column names are the headings, in row 1."""

    path: Path
    columns: tuple[tuple[str, str], ...]
    """Names, and DuckDB's names of their types."""
    rows: int
    name: str | None = None
    made: bool = False
    hidden: bool = False
    separators: tuple[str, ...] = (",",)
    file: str = ""

    def top(self, separator: str) -> Iterable[Row]:
        return [(1, tuple(column for column, _ in self.columns))]

    def content(self, con: duckdb.DuckDBPyConnection, layout: Layout, work: Path) -> tuple[Scan, list[str]]:
        wanted = contracts_of(layout)
        listed = []
        for index, (column, kind) in enumerate(self.columns):
            sql = as_text_sql(column, kind, wanted[index]) if index in wanted else "NULL::VARCHAR"
            if sql is None:
                raise BadInput(
                    f"The column “{column}” holds lists or structures, not single values.",
                    where=Where(file=self.file, field=column),
                    next_step="Export it with one value in each cell.",
                )
            listed.append(f"{sql} AS c{index}")
        cells = ", ".join(listed)
        rows = f"(SELECT {cells} FROM read_parquet({scanned(self.path)}))"
        numbered = (
            f"(SELECT file_row_number + 2 AS row_no, {cells} "
            f"FROM read_parquet({scanned(self.path)}, file_row_number=true))"
        )
        return Scan(rows, numbered, self.rows), []


def parquet(con: duckdb.DuckDBPyConnection, path: Path, arrival: Arrival, name: str | None = None) -> Typed:
    """A Parquet file as it came. Raises BadInput where it is damaged."""
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM read_parquet({scanned(path)})").fetchall()
        ((rows,),) = con.execute(f"SELECT count(*) FROM read_parquet({scanned(path)})").fetchall()
    except duckdb.Error as error:
        raise BadInput(
            f"{arrival.file_name} cannot be read as Parquet: it is damaged or was cut short.",
            where=Where(file=arrival.name),
            why=str(error).splitlines()[0],
            next_step="Fetch or export it again and compare its size with the supplier's.",
        ) from error
    columns = tuple((str(column), str(kind)) for column, kind, *_ in described)
    return Typed(path, columns, int(rows), name, file=arrival.name)


# ------------------------------------------------------------------ R


def r_frames(con: duckdb.DuckDBPyConnection, arrival: Arrival, path: Path, work: Path) -> list[Typed]:
    """The data frames of an R workspace, by name; other objects in it are no tables and are left out.

    Raises BadInput where it is damaged, larger than memory should hold, or has no data frame.
    """
    objects = _r_objects(arrival, path)
    frames: list[Typed] = []
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, value in sorted(objects.items(), key=lambda item: str(item[0])):
        if not isinstance(value, pd.DataFrame):
            continue
        target = temporary(work, ".parquet")
        with explaining_disk(work):
            pq.write_table(pa.Table.from_pandas(_plain_columns(value), preserve_index=False), target)
        frames.append(parquet(con, target, arrival, str(name)))
    if not frames:
        raise BadInput(
            f"{arrival.file_name} holds no data frame.",
            where=Where(file=arrival.name),
            why=f"It holds: {', '.join(f'{n} ({type(v).__name__})' for n, v in objects.items()) or 'nothing'}.",
            next_step="Save the table itself, as a data frame, or as CSV.",
        )
    return frames


def _plain_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Factors as the words they stand for; the names of rows are no column."""
    plain = frame.reset_index(drop=True)
    plain.columns = [str(column) for column in plain.columns]
    for column in plain.columns:
        if str(plain[column].dtype) == "category":
            plain[column] = plain[column].astype(object)
    return plain


def _r_objects(arrival: Arrival, path: Path) -> dict[Any, Any]:
    import rdata

    content = path.read_bytes()
    try:
        content = _unpacked(content)
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise _damaged_r(arrival, error) from error
    if len(content) > _LARGEST_R:
        raise BadInput(
            f"{arrival.file_name} unfolds to more than {_LARGEST_R / 1e6:,.0f} MB, too much to read from R at once.",
            where=Where(file=arrival.name),
            next_step="Save the table as Parquet or CSV and load that.",
        )
    classes = {**rdata.conversion.DEFAULT_CLASS_MAP, "Date": _r_date, "POSIXct": _r_moment}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # classes that R's own packages put on a plain data frame
            found = rdata.conversion.convert(rdata.parser.parse_data(content), classes)
    except (ValueError, KeyError, NotImplementedError, EOFError, IndexError, TypeError, AttributeError) as error:
        raise _damaged_r(arrival, error) from error
    if isinstance(found, dict):
        return found
    return {arrival.file_name.rsplit(".", 1)[0]: found}


def _unpacked(content: bytes) -> bytes:
    """R's own packing taken off, up to one byte more than is allowed."""
    readers = (gzip.open, bz2.open, lzma.open)
    for magic, opened in zip(PACKED, readers, strict=True):
        if content.startswith(magic):
            import io

            with opened(io.BytesIO(content)) as stream:
                return bytes(stream.read(_LARGEST_R + 1))
    return content


def _r_date(value: Any, attributes: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(pd.Series(value), unit="D")


def _r_moment(value: Any, attributes: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(pd.Series(value), unit="s", utc=True)


def _damaged_r(arrival: Arrival, error: Exception) -> BadInput:
    return BadInput(
        f"{arrival.file_name} cannot be read as an R workspace: it is damaged, or holds what Concord does not know.",
        where=Where(file=arrival.name),
        why=str(error) or type(error).__name__,
        next_step="Save the table as Parquet or CSV and load that.",
    )


# ------------------------------------------------------------------ maps

_NAMED_SYSTEMS = {"British_National_Grid": "EPSG:27700", "British National Grid": "EPSG:27700"}
"""Coordinate systems that old files spell out instead of naming them (OGC WKT names; EPSG registry 27700)."""


def map_layers(con: duckdb.DuckDBPyConnection, arrival: Arrival, path: Path, work: Path) -> list[Typed]:
    """The layers of a map file: their columns, the shape as well-known binary in `geometry`, and `crs`.

    Raises BadInput where it is damaged or has no layer.
    """
    import pyogrio

    lacking = {".shx", ".dbf"} - {end for end, _ in arrival.beside} if path.suffix == ".shp" else set()
    if lacking:
        raise BadInput(
            f"{arrival.file_name} is a shapefile without its {' and '.join(sorted(lacking))}.",
            where=Where(file=arrival.name),
            why="A shapefile is several files of one name: .shp, .shx and .dbf at least, and .prj.",
            next_step="Put them in one folder or zip archive and load that.",
        )
    try:
        layers = [str(layer) for layer, _ in pyogrio.list_layers(path)]
        frames = [_layer(con, arrival, path, layer, temporary(work, ".parquet")) for layer in layers]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise BadInput(
            f"{arrival.file_name} cannot be read as a map file: it is damaged or was cut short.",
            where=Where(file=arrival.name),
            why=str(error).replace(str(path), arrival.file_name),
            next_step="Export it again and compare its size with the supplier's.",
        ) from error
    if not frames:
        raise BadInput(f"{arrival.file_name} holds no layer.", where=Where(file=arrival.name))
    return frames


def _layer(con: duckdb.DuckDBPyConnection, arrival: Arrival, path: Path, layer: str, target: Path) -> Typed:
    import pyarrow as pa
    import pyarrow.parquet as pq
    import pyogrio

    with (
        explaining_disk(target),
        pyogrio.raw.open_arrow(path, layer=layer, batch_size=_SHAPES_AT_ONCE, use_pyarrow=True) as (meta, reader),
    ):
        shape = meta["geometry_name"] or "wkb_geometry"
        system = _system(meta["crs"])
        schema: pa.Schema | None = None
        writer: pq.ParquetWriter | None = None
        for batch in _batches(reader, shape, system):
            if writer is None:
                schema = batch.schema
                writer = pq.ParquetWriter(target, schema, compression="zstd")
            writer.write_batch(batch)
        if writer is None:
            empty = pa.schema([pa.field(f, pa.string()) for f in [*meta["fields"], "geometry", "crs"]])
            writer = pq.ParquetWriter(target, empty)
        writer.close()
    several = path.suffix == ".gpkg"  # a shapefile or GeoJSON has one layer, which is named after the file
    return replace(parquet(con, target, arrival, layer if several else None), made=True)


def _batches(reader: Any, shape: str, system: str | None) -> Iterator[Any]:
    """Record batches with the shape as plain binary `geometry`, the coordinate system in `crs`, and no metadata."""
    import pyarrow as pa

    for batch in reader:
        arrays, fields = [], []
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            plain = array.storage if isinstance(array, pa.ExtensionArray) else array
            arrays.append(plain)
            fields.append(pa.field("geometry" if name == shape else name, plain.type))
        arrays.append(pa.array([system] * batch.num_rows, pa.string()))
        fields.append(pa.field("crs", pa.string()))
        yield pa.record_batch(arrays, schema=pa.schema(fields))


def _system(crs: str | None) -> str | None:
    """The coordinate system by its registered name, where it has one."""
    if not crs or len(crs) < 20:
        return crs or None
    return next((code for words, code in _NAMED_SYSTEMS.items() if words in crs), crs)
