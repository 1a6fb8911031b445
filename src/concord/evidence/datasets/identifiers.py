"""The names behind the pseudonyms of a dataset, for linkage and for its reviewers, and for nothing else.

They are kept beside the datasets, encrypted, and are opened in memory only. A part of a dataset names the sealed
file that belongs to it, so an old version opens the identifiers it had. A person sees them only through `opened`: a few
records at a time, under their name, for a stated purpose, and not before that is on record.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.extracts.retention import erased
from concord.evidence.extracts.sealing import key, read_sealed
from concord.kernel.errors import BadInput, Refused, Where

MOST = 10
"""Records that may be opened at once: a pair and what is linked to it, never a list of people."""


@dataclass(frozen=True, slots=True)
class Opening:
    """That a named person is about to see who some pseudonyms are, and why. `records` are (dataset, pseudonym)."""

    reviewer: str
    purpose: str
    reason: str
    records: tuple[tuple[str, str], ...]


def opened(
    home: Path,
    versions: Mapping[str, DatasetVersion],
    records: Collection[tuple[str, str]],
    *,
    reviewer: str,
    purpose: str,
    reason: str,
    audit: Callable[[Opening], object],
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What identified the persons of a few records, each way they were written, for one reviewer to look at.

    `audit` is called first, and must keep the opening or raise: then nothing is opened. Raises Refused where nobody
    is named, no purpose or reason is given, or more than a few records are asked for; BadInput for a record that no
    loaded dataset holds.
    """
    for what, value in (("reviewer", reviewer), ("purpose", purpose), ("reason", reason)):
        if not value.strip():
            raise Refused(
                f"Names are opened only with a {what}.",
                why="Every look at a name is on record.",
                next_step=f"State the {what}.",
            )
    wanted = tuple(sorted(set(records)))
    if not 0 < len(wanted) <= MOST:
        raise Refused(
            f"{len(wanted)} records cannot be opened at once.",
            why=f"A review needs at most {MOST}; a list of people is not a review.",
            next_step="Open one pair at a time.",
        )
    for dataset, _ref in wanted:
        if dataset not in versions:
            raise BadInput(
                f"No loaded dataset “{dataset}” holds identifiers.", next_step="Take the pair from the queue again."
            )
    audit(Opening(reviewer, purpose, reason, wanted))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for dataset in sorted({name for name, _ in wanted}):
        table = identifiers(home, versions[dataset])
        for ref in (ref for name, ref in wanted if name == dataset):
            rows = table.filter(pc.equal(table.column("person_ref"), ref)).drop_columns("person_ref").to_pylist()
            if not rows:
                raise BadInput(
                    f"No record of dataset “{dataset}” has the pseudonym {ref}.",
                    next_step="Take the pair from the queue again; it may have been loaded anew.",
                )
            found[dataset, ref] = rows
    return found


def identifiers(home: Path, version: DatasetVersion) -> pa.Table:
    """`person_ref` with what identified the person in the feed (such as `given_name`, `family_name`, `born_on`,
    `sex`, `postcode`), one row for each different combination, sorted.

    Identifiers that were erased when their time was up are left out: those persons are no longer linked anew.
    Raises BadInput where the dataset holds no identifiers, or a sealed file is gone, changed or of another key.
    """
    joined = as_sealed(home, version)
    return (
        joined.group_by(joined.column_names)
        .aggregate([])
        .sort_by([(name, "ascending") for name in joined.column_names])
    )


def as_sealed(home: Path, version: DatasetVersion) -> pa.Table:
    """`identifiers` as the files hold them: in no order, and repeated where several months name one person."""
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
        tables.append(pq.ParquetFile(io.BytesIO(read_sealed(file, secret))).read())
    return pa.concat_tables(tables, promote_options="default")
