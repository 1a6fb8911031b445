"""Datasets for another purpose: the same rows, with every pseudonym made anew under that purpose's key.

The new pseudonym is a keyed digest (HMAC-SHA-256) of the evidence's own, so nobody without the key can join two
purposes, or either with the evidence; one purpose's datasets still join among themselves. Other references (a crime's,
a notification's) are made anew as well, because two copies could be joined by them. What no key can hide is a row that
its own values single out: an export keeps only the `columns` its purpose needs. One pass of SQL, however many rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.extracts.files import make_folder, publish, temporary
from concord.evidence.extracts.sealing import PURPOSE, Pads, pseudonym_sql, purpose_key
from concord.kernel.errors import Refused, Usage, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.linkage import Linkage

_SCHEMES = {"person_ref_l": "person_ref", "person_ref_r": "person_ref", "own_ref": "linked_ref", "alias": "linked_ref"}
"""Columns that hold the same kind of reference as another; values of one kind still join after they are made anew."""


def view(connection: duckdb.DuckDBPyConnection, name: str, version: DatasetVersion, home: Path, purpose: str) -> None:
    """Make view `name` of a dataset under the pseudonyms of `purpose`.

    The key is in the connection, not in the view's text. A connection holds one purpose at a time: it is what keeps
    two purposes from being joined by mistake.
    """
    Pads.of(purpose_key(home, purpose)).tell(connection)
    connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {query(version)}').fetchall()


def query(version: DatasetVersion) -> str:
    """The dataset with each pseudonym replaced, for a connection that holds a purpose's key."""
    changed = ", ".join(
        f'{pseudonym_sql(column, _SCHEMES.get(column, _kind(column)))} AS "{column}"' for column in references(version)
    )
    return f"SELECT * {f'REPLACE ({changed})' if changed else ''} FROM {version.scan}"


def references(version: DatasetVersion) -> list[str]:
    """The columns to make anew: pseudonyms, and every other reference, since two copies could be joined by it."""
    return [name for name in version.columns if name in _SCHEMES or name.endswith("_ref")]


def _kind(column: str) -> str:
    return "crime_ref" if column.endswith("crime_ref") else column


def export(
    home: Path,
    version: DatasetVersion,
    linkage: Linkage | None,
    purpose: str,
    folder: Path,
    *,
    columns: tuple[str, ...] = (),
) -> Path:
    """Write a dataset as Parquet into `folder` under the pseudonyms of `purpose`, sorted so that order tells nothing.

    `columns` keeps only those. Raises Usage for a purpose the partnership does not name, Refused for the evidence's
    own: its pseudonyms do not leave.
    """
    purposes = linkage.purposes if linkage else {}
    if purpose not in purposes:
        raise Usage(
            f"linkage.toml names no purpose “{purpose}”.",
            where=Where(file="linkage.toml", key="purposes"),
            next_step=did_you_mean(purpose, purposes),
        )
    if purpose == PURPOSE:
        raise Refused(
            "The evidence's own pseudonyms do not leave it.",
            why="Whoever held them could join the copy with everything loaded here.",
            next_step=f"Export for a purpose of its own: {', '.join(each for each in purposes if each != PURPOSE)}.",
        )
    final = make_folder(folder) / f"{version.dataset}.parquet"
    unfinished = temporary(folder, ".parquet")
    quoted = "'" + str(unfinished).replace("'", "''") + "'"
    kept = ", ".join(f'"{column}"' for column in columns) or "*"
    with duckdb.connect() as connection:
        Pads.of(purpose_key(home, purpose)).tell(connection)
        connection.execute(
            f"COPY (SELECT {kept} FROM ({query(version)}) ORDER BY ALL) TO {quoted} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
    publish(unfinished, final)
    return final
