"""The names behind the pseudonyms of a dataset, for linkage and nothing else.

They are kept beside the datasets, encrypted, and are opened in memory only. A part of a dataset names the sealed
file that belongs to it, so an old version opens the identifiers it had.
"""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.extracts.retention import erased
from concord.evidence.extracts.sealing import key, read_sealed
from concord.kernel.errors import BadInput, Where


def identifiers(home: Path, version: DatasetVersion) -> pa.Table:
    """`person_ref` with what identified the person in the feed (such as `given_name`, `family_name`, `born_on`,
    `sex`, `postcode`), one row for each different combination, sorted.

    Identifiers that were erased when their time was up are left out: those persons are no longer linked anew.
    Raises BadInput where the dataset holds no identifiers, or a sealed file is gone, changed or of another key.
    """
    folder = home / "identifiers" / version.dataset
    names = sorted({part.identifiers for part in version.manifest.parts if part.identifiers})
    if not names:
        raise BadInput(
            f"Dataset “{version.dataset}” has no identifiers to link by.",
            where=Where(file=folder),
            why="Its contract marks no field as identifying a person.",
        )
    gone = erased(home)
    kept = [name for name in names if f"identifiers/{version.dataset}/{name}" not in gone]
    if not kept:
        raise BadInput(
            f"The identifiers of dataset “{version.dataset}” were erased when their time was up.",
            where=Where(file=folder),
            next_step="Links made before stand. Load newer extracts to link again.",
        )
    secret = key(home, "identifiers")
    tables = []
    for name in kept:
        file = folder / name
        if not file.is_file():
            raise BadInput(
                f"The identifiers of dataset “{version.dataset}” are incomplete.",
                where=Where(file=file),
                next_step="Restore the file from a backup, or load the original extract again.",
            )
        tables.append(pq.read_table(io.BytesIO(read_sealed(file, secret))))
    joined = pa.concat_tables(tables, promote_options="default")
    return (
        joined.group_by(joined.column_names)
        .aggregate([])
        .sort_by([(name, "ascending") for name in joined.column_names])
    )
