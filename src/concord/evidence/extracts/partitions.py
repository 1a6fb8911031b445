"""Which partitions a converted file fills, and which release of a series it is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from concord.evidence.extracts.checks import named, quoted
from concord.evidence.extracts.files import temporary
from concord.evidence.extracts.headings import Layout
from concord.kernel.errors import BadInput, Where


def by_partition(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path, parts: Path) -> dict[str, Path]:
    """The file's rows by partition. Raises BadInput where neither its name nor its rows say which."""
    names = layout.table.partition
    if not names:
        return {"all": target}
    if all(name in layout.stated for name in names):
        return {"/".join(f"{name}={layout.stated[name]}" for name in names): target}
    held = {r[0] for r in con.execute(f"DESCRIBE SELECT * FROM read_parquet({quoted(target)})").fetchall()}
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
    listed = ", ".join(f"{sql} AS {named(n)}" for n, sql in value.items())
    groups = con.execute(f"SELECT DISTINCT {listed} FROM read_parquet({quoted(target)}) ORDER BY ALL").fetchall()
    split: dict[str, Path] = {}
    for group in groups:
        key_ = "/".join(f"{name}={one}" for name, one in zip(names, group, strict=True))
        if len(groups) == 1:
            return {key_: target}
        file = temporary(parts, ".parquet")
        only = " AND ".join(f"{sql} = {quoted(one)}" for sql, one in zip(value.values(), group, strict=True))
        con.execute(
            f"COPY (SELECT * FROM read_parquet({quoted(target)}) WHERE {only}) "
            f"TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
        )
        split[key_] = file
    target.unlink()
    return split


def release_of(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path) -> str | None:
    """The latest month in the file, for sources that resend the whole series."""
    month = layout.table.release_from
    if month is None:
        return None
    row = con.execute(f"SELECT strftime(max({named(month)}), '%Y-%m') FROM read_parquet({quoted(target)})").fetchone()
    return str(row[0]) if row and row[0] else None


def without_stubs(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path) -> list[str]:
    """Leaves out months of a wide file that are next to empty beside the others; returns a note on each."""
    wide = layout.table.wide
    if wide is None or not wide.least_share:
        return []
    month, value = named(wide.into), named(wide.value)
    totals = f"SELECT {month} AS m, sum({value}) AS total FROM read_parquet({quoted(target)}) GROUP BY 1"
    stubs = con.execute(
        f"WITH t AS ({totals}) SELECT m, total FROM t "
        f"WHERE total < {wide.least_share!r} * (SELECT median(total) FROM t) ORDER BY m"
    ).fetchall()
    if not stubs:
        return []
    whole = temporary(target.parent, ".parquet")
    listed = ", ".join(f"DATE {quoted(m)}" for m, _ in stubs)
    con.execute(
        f"COPY (SELECT * FROM read_parquet({quoted(target)}) WHERE {month} NOT IN ({listed})) "
        f"TO {quoted(whole)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    whole.replace(target)
    return [f"{m:%B %Y} was left out: its total is {total}, so it is not a whole month." for m, total in stubs]
