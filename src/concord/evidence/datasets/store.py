"""Datasets as the rest of the evidence side sees them: named, versioned, immutable, with a manifest.

Reading needs no lock: a version file lists parts that never change. `Store.at` opens the exact versions behind a
figure, so that last year's report can be run again as of last year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from concord.evidence.extracts.files import Clock, scanned
from concord.evidence.extracts.versions import (
    Manifest,
    Piece,
    digest,
    folder_of,
    read_manifest,
    version_file,
    version_numbers,
    write_version,
)
from concord.kernel.errors import BadInput, Where
from concord.kernel.lineage import DatasetRef
from concord.kernel.names import did_you_mean

MADE_BY = {
    "person_links": "concord link",
    "person_link_candidates": "concord link",
    "linkage_quality": "concord link",
    "definition_results": "concord definition classify",
    "definition_reasons": "concord definition classify",
    "police_uk_street": "concord load police_uk FILE...",
    "police_uk_outcomes": "concord load police_uk FILE...",
    "police_uk_stop_and_search": "concord load police_uk FILE...",
}
"""The command that makes a dataset, where it is not `concord load <dataset> FILE...`."""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """One version of a dataset: its Parquet files and the manifest that lists them."""

    home: Path
    manifest: Manifest

    @property
    def dataset(self) -> str:
        return self.manifest.dataset

    @property
    def version(self) -> int:
        return self.manifest.version

    @property
    def rows(self) -> int:
        return self.manifest.rows

    @property
    def synthetic(self) -> bool:
        return self.manifest.synthetic

    @property
    def files(self) -> tuple[Path, ...]:
        """The Parquet files, in order of their partitions."""
        parts = folder_of(self.home, self.dataset) / "parts"
        return tuple(parts / part.file for part in self.manifest.parts)

    @property
    def ref(self) -> DatasetRef:
        return DatasetRef(self.dataset, self.version, self.manifest.sha256, self.rows)

    @property
    def columns(self) -> dict[str, str]:
        """Column names and Arrow types over all parts, in order of first appearance."""
        return {name: kind for part in self.manifest.parts for name, kind in part.columns}

    @property
    def scan(self) -> str:
        """What to write after FROM in DuckDB to read this version."""
        listed = ", ".join(scanned(file) for file in self.files)
        mixed = len({part.columns for part in self.manifest.parts}) > 1
        return f"read_parquet([{listed}]{', union_by_name=true' if mixed else ''})"

    @property
    def vintages(self) -> dict[str, str]:
        """The edition of small areas that each partition's codes are of, where its contract asks: `LSOA 2021`."""
        return {part.partition: part.vintage for part in self.manifest.parts if part.vintage}

    def verify(self) -> None:
        """Raises BadInput naming the first part that is missing or is no longer what the manifest says."""
        for part, file in zip(self.manifest.parts, self.files, strict=True):
            if not file.is_file() or digest(file) != part.sha256:
                state = "has changed since it was written" if file.is_file() else "is missing"
                raise BadInput(
                    f"A part of dataset “{self.dataset}”, version {self.version}, {state}.",
                    where=Where(file=file),
                    next_step="Restore it from a backup, or load the original file again.",
                )


class Store:
    """The datasets under one home folder. `Store(home)` sees the latest; `Store(home).at(refs)` the pinned ones."""

    def __init__(self, home: Path, *, pinned: Mapping[str, DatasetRef] | None = None) -> None:
        self.home = Path(home)
        self._pinned = dict(pinned) if pinned is not None else None

    def datasets(self) -> list[str]:
        """Names of the datasets that hold at least one version."""
        if self._pinned is not None:
            return sorted(self._pinned)
        root = self.home / "datasets"
        found = [f.name for f in root.iterdir() if f.is_dir()] if root.is_dir() else []
        return sorted(name for name in found if version_numbers(self.home, name))

    def has(self, dataset: str) -> bool:
        if self._pinned is not None:
            return dataset in self._pinned
        return bool(version_numbers(self.home, dataset))

    def versions(self, dataset: str) -> tuple[DatasetVersion, ...]:
        """Every version, oldest first; one only where the store is pinned. Empty where never loaded."""
        if self._pinned is not None:
            return (self._open_pinned(self._pinned[dataset]),) if dataset in self._pinned else ()
        numbers = version_numbers(self.home, dataset)
        return tuple(DatasetVersion(self.home, read_manifest(self.home, dataset, n)) for n in numbers)

    def latest(self, dataset: str) -> DatasetVersion:
        """The newest version, or the pinned one. Raises BadInput naming the dataset and how to load it."""
        if self._pinned is not None:
            if dataset not in self._pinned:
                raise BadInput(
                    f"Dataset “{dataset}” is not among the versions this figure was made from.",
                    why=f"It rests on: {', '.join(sorted(self._pinned)) or 'none'}.",
                )
            return self._open_pinned(self._pinned[dataset])
        numbers = version_numbers(self.home, dataset)
        if not numbers:
            loaded = self.datasets()
            raise BadInput(
                f"Dataset “{dataset}” has not been loaded.",
                where=Where(file=self.home / "datasets"),
                why=did_you_mean(dataset, loaded) if loaded else "Nothing has been loaded here yet.",
                next_step=f"Run: {MADE_BY.get(dataset, f'concord load {dataset} FILE...')}",
            )
        return self._present(DatasetVersion(self.home, read_manifest(self.home, dataset, numbers[-1])))

    def at(self, refs: Iterable[DatasetRef]) -> Store:
        """A store that sees exactly these versions. Raises BadInput where one is gone or has changed."""
        pinned = {ref.dataset: ref for ref in refs}
        store = Store(self.home, pinned=pinned)
        for ref in pinned.values():
            store._open_pinned(ref)
        return store

    def write(
        self,
        dataset: str,
        partitions: Mapping[str, pa.Table | Path],
        *,
        source: str,
        synthetic: bool,
        clock: Clock | datetime,
        whole: bool = True,
        contract: str | None = None,
        receipts: Sequence[str] = (),
        caveats: Sequence[str] = (),
    ) -> DatasetVersion:
        """Makes a new version of a derived dataset from Arrow tables, or from Parquet files that it takes over.

        `whole` (the default): these partitions are the entire dataset. Otherwise others keep their parts.
        Returns the latest version unchanged where nothing would differ. Raises Environment on a full disk.
        """
        if self._pinned is not None:
            raise ValueError("a store pinned to past versions is read-only")
        pieces = {partition: Piece(content) for partition, content in partitions.items()}
        manifest = write_version(
            self.home,
            dataset,
            pieces,
            source=source,
            synthetic=synthetic,
            clock=clock,
            whole=whole,
            contract=contract,
            receipts=receipts,
            caveats=caveats,
        )
        return DatasetVersion(self.home, manifest)

    def _present(self, version: DatasetVersion) -> DatasetVersion:
        for file in version.files:
            if not file.is_file():
                raise BadInput(
                    f"A part of dataset “{version.dataset}” is missing.",
                    where=Where(file=file),
                    next_step="Restore it from a backup, or load the original file again.",
                )
        return version

    def _open_pinned(self, ref: DatasetRef) -> DatasetVersion:
        file = version_file(self.home, ref.dataset, ref.version)
        if not file.is_file():
            raise BadInput(
                f"Version {ref.version} of dataset “{ref.dataset}” is not here.",
                where=Where(file=file),
                next_step="Restore the home folder the figure was made in; versions are never removed by Concord.",
            )
        version = DatasetVersion(self.home, read_manifest(self.home, ref.dataset, ref.version))
        if version.manifest.sha256 != ref.sha256:
            raise BadInput(
                f"Version {ref.version} of dataset “{ref.dataset}” is not the one the figure was made from.",
                where=Where(file=file),
                why=f"Its digest is {version.manifest.sha256[:12]}, the figure's lineage says {ref.sha256[:12]}.",
                next_step="Restore the home folder the figure was made in.",
            )
        return self._present(version)
