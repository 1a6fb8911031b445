"""Tables of counts by area, as this room takes and gives them: columns code and count, and keys."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from concord.evidence.extracts.files import scanned
from concord.kernel.errors import BadInput, Where


def counted(counts: pa.Table) -> pa.Table:
    """`counts` itself. Raises BadInput where it lacks the columns code or count."""
    for name in ("code", "count"):
        if name not in counts.column_names:
            raise BadInput(
                f"A table of counts by area needs a column “{name}”.",
                where=Where(field=name),
                why=f"Its columns are {', '.join(counts.column_names)}.",
            )
    return counts


def keys_of(counts: pa.Table) -> tuple[str, ...]:
    """The columns counts are kept apart by, beside the area (a month, a kind of crime)."""
    return tuple(name for name in counts.column_names if name not in ("code", "count"))


def read_csv(file: Path) -> pa.Table:
    """A published CSV file, every value as text. Raises BadInput where it cannot be read."""
    if not file.is_file():
        raise BadInput("There is no such file.", where=Where(file=file))
    with duckdb.connect() as connection:
        try:
            return connection.sql(
                f"SELECT * FROM read_csv({scanned(file)}, all_varchar = true, header = true)"
            ).to_arrow_table()
        except duckdb.Error as error:
            raise BadInput(
                "The file cannot be read as comma-separated values.",
                where=Where(file=file),
                why=str(error).splitlines()[0],
            ) from error
