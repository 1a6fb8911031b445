"""Which datasets and partitions a converted file fills, which release of a series it is, and of which areas."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from concord.evidence.extracts.files import make_folder, scanned, temporary
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.values import listed, named, quoted
from concord.evidence.extracts.versions import folder_of
from concord.kernel.errors import BadInput, Where

_BATCH = 100_000


def by_dataset(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path, home: Path) -> dict[str, Path]:
    """The file's rows by dataset, each in that dataset's own folder: one, unless tables are stacked in the file."""
    table = layout.table
    if table.stacked is None:
        return {table.dataset: target}
    apart: dict[str, Path] = {}
    for dataset in table.datasets:
        own = listed(value for value, into in table.stacked.into.items() if into == dataset)
        left_out = table.stacked.without(dataset) | {table.stacked.field}
        left_out |= {f"{f}_missing" for f in left_out if f in table.fields and table.fields[f].missing}
        rows = temporary(make_folder(folder_of(home, dataset) / "parts"), ".parquet")
        con.execute(
            f"COPY (SELECT * EXCLUDE ({', '.join(named(f) for f in sorted(left_out))}) "
            f"FROM read_parquet({scanned(target)}) WHERE {named(table.stacked.field)} IN ({own})) "
            f"TO {quoted(rows)} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        if pq.read_metadata(rows).num_rows:
            apart[dataset] = rows
        else:
            rows.unlink()
    target.unlink()
    return apart


def by_partition(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path, parts: Path) -> dict[str, Path]:
    """The file's rows by partition. Raises BadInput where neither its name nor its rows say which."""
    names = layout.table.partition
    if not names:
        return {"all": target}
    said = {**layout.stated, **{name: str(value) for name, value in layout.table.constant.items()}}
    if all(name in said for name in names):
        return {"/".join(f"{name}={said[name]}" for name in names): target}
    held = {r[0] for r in con.execute(f"DESCRIBE SELECT * FROM read_parquet({scanned(target)})").fetchall()}
    unsaid = [name for name in names if name not in held]
    if unsaid:
        raise BadInput(
            f"The name of the file does not say its {' and '.join(unsaid)}, and nor do its rows.",
            where=Where(file=layout.table.title),
            next_step=f"Name it so that it fits {layout.table.file_name}.",
        )
    value = {
        n: f"strftime({named(n)}, '%Y-%m')" if n == "month" else f"coalesce({named(n)}::VARCHAR, 'unknown')"
        for n in names
    }
    key = " || '/' || ".join(f"{quoted(n + '=')} || {sql}" for n, sql in value.items())
    rows = f"SELECT *, file_row_number AS row_ FROM read_parquet({scanned(target)}, file_row_number=true)"
    ordered = f"SELECT * EXCLUDE (row_, file_row_number), {key} AS part_ FROM ({rows}) ORDER BY part_, row_"
    split: dict[str, Path] = {}
    writer: pq.ParquetWriter | None = None
    for batch in con.sql(ordered).to_arrow_reader(_BATCH):
        parts_of_rows = batch.column("part_").to_pylist()
        content = batch.drop_columns(["part_"])
        start = 0
        while start < len(parts_of_rows):
            name, end = parts_of_rows[start], bisect_right(parts_of_rows, parts_of_rows[start])
            if name not in split:
                if writer is not None:
                    writer.close()
                split[name] = temporary(parts, ".parquet")
                writer = pq.ParquetWriter(split[name], content.schema, compression="zstd")
            if writer is not None:
                writer.write_batch(content.slice(start, end - start))
            start = end
    if writer is not None:
        writer.close()
    target.unlink()
    return split


def release_of(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path) -> str | None:
    """The latest month in the file, for sources that resend the whole series."""
    month = layout.table.release_from
    if month is None:
        return None
    query = f"SELECT strftime(max({named(month)}), '%Y-%m') FROM read_parquet({scanned(target)})"
    ((latest,),) = con.execute(query).fetchall()
    return str(latest) if latest else None


def without_stubs(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path) -> list[str]:
    """Leaves out months of a wide file that are next to empty beside the others; returns a note on each."""
    wide = layout.table.wide
    if wide is None or not wide.least_share:
        return []
    month, value = named(wide.made[0]), named(wide.value)
    totals = f"SELECT {month} AS m, sum({value}) AS total FROM read_parquet({scanned(target)}) GROUP BY 1"
    stubs = con.execute(
        f"WITH t AS ({totals}) SELECT m, total FROM t "
        f"WHERE total < {wide.least_share!r} * (SELECT median(total) FROM t) ORDER BY m"
    ).fetchall()
    if not stubs:
        return []
    whole = temporary(target.parent, ".parquet")
    listed = ", ".join(f"DATE {quoted(m)}" for m, _ in stubs)
    con.execute(
        f"COPY (SELECT * FROM read_parquet({scanned(target)}) WHERE {month} NOT IN ({listed})) "
        f"TO {quoted(whole)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    whole.replace(target)
    return [f"{m:%B %Y} was left out: its total is {total}, so it is not a whole month." for m, total in stubs]


def vintage_of(con: duckdb.DuckDBPyConnection, layout: Layout, partition: str, rows: Path) -> str | None:
    """Of which edition of the small areas a partition's codes are, such as `LSOA 2021`; None where nobody asks.

    Raises BadInput where codes of two editions stand in it: no lookup could serve both.
    """
    vintage = layout.table.vintage
    if vintage is None:
        return None
    found = [
        edition
        for edition, pattern in vintage.marks.items()
        if con.execute(
            f"SELECT 1 FROM read_parquet({scanned(rows)}) "
            f"WHERE regexp_full_match({named(vintage.field)}, {quoted(pattern)}) LIMIT 1"
        ).fetchall()
    ]
    if len(found) > 1:
        raise BadInput(
            f"{partition} mixes codes of {vintage.of} {' and '.join(found)}.",
            where=Where(file=layout.table.title),
            why="A code of one edition may be another place in the other.",
            next_step="Ask for the file with all its areas of one edition.",
        )
    return f"{vintage.of} {found[0] if found else vintage.otherwise}"
