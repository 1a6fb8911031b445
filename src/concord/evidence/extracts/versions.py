"""How a dataset grows: immutable parts, then one small file that makes a new version of them visible.

A part is a Parquet file named after its content, so it never changes and is never written twice. A version is a JSON
manifest listing the parts; it is written last. A restated month is a new version that points at another part: the
old part and the old version stay, and an old figure can be computed again as it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from concord.evidence.extracts.files import (
    Clock,
    explaining_disk,
    flush,
    make_folder,
    moment,
    one_at_a_time,
    publish,
    sweep,
    temporary,
    to_json,
    write_bytes,
)
from concord.kernel.errors import BadInput, Where

_NAME = re.compile(r"^[a-z0-9][a-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Part:
    """One immutable Parquet file: a partition of a dataset in one edition.

    `columns` are (name, type) pairs. `release` orders editions of a source that resends its whole series.
    `identifiers` names the encrypted file that belongs to the part, in `identifiers/<dataset>/`.
    `vintage` is the edition of small areas that its codes are of, such as `LSOA 2021`, where the contract asks.
    """

    partition: str
    file: str
    sha256: str
    rows: int
    bytes: int
    columns: tuple[tuple[str, str], ...]
    release: str | None = None
    receipt: str | None = None
    identifiers: str | None = None
    vintage: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one version of a dataset is made of, and how it came to be. `made_at` is ISO 8601 with its offset."""

    dataset: str
    version: int
    made_at: str
    source: str
    synthetic: bool
    rows: int
    parts: tuple[Part, ...]
    contract: str | None = None
    agreement: str | None = None
    receipts: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    previous: str | None = None

    def to_bytes(self) -> bytes:
        whole = asdict(self)
        # A part without a vintage is written as it was before parts had one: its digest is pinned by old figures.
        whole["parts"] = [{k: v for k, v in p.items() if k != "vintage" or v is not None} for p in whole["parts"]]
        return to_json(whole)

    @property
    def sha256(self) -> str:
        """Digest of the manifest: it covers every part's own digest, so it pins the whole content."""
        return _digest_of(self)

    @classmethod
    def from_bytes(cls, content: bytes, where: Path) -> Manifest:
        """Raises BadInput where the file is not a manifest."""
        try:
            raw: dict[str, Any] = json.loads(content)
            parts = tuple(
                Part(**{**part, "columns": tuple((name, kind) for name, kind in part["columns"])})
                for part in raw.pop("parts")
            )
            receipts, caveats = tuple(raw.pop("receipts")), tuple(raw.pop("caveats"))
            return cls(parts=parts, receipts=receipts, caveats=caveats, **raw)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                "A dataset's manifest cannot be read.",
                where=Where(file=where),
                why=str(error),
                next_step="Restore the file from a backup; the parts beside it are untouched.",
            ) from error


@lru_cache(maxsize=1024)
def _digest_of(manifest: Manifest) -> str:
    """Worked out once: an assessment asks fifty findings of the same few datasets, and each keeps the digests."""
    return hashlib.sha256(manifest.to_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Piece:
    """Content for one partition: a table in memory, or a Parquet file in the dataset's own `parts` folder."""

    content: pa.Table | Path
    release: str | None = None
    receipt: str | None = None
    identifiers: str | None = None
    vintage: str | None = None


def folder_of(home: Path, dataset: str) -> Path:
    """Where a dataset lives. Raises ValueError for a name that is not small letters, digits and `_`."""
    if not _NAME.match(dataset):
        raise ValueError(f"“{dataset}” cannot name a dataset: use small letters, digits and _")
    return home / "datasets" / dataset


def version_file(home: Path, dataset: str, version: int) -> Path:
    return folder_of(home, dataset) / "versions" / f"{version:06d}.json"


def version_numbers(home: Path, dataset: str) -> list[int]:
    """The versions that are visible, oldest first."""
    folder = folder_of(home, dataset) / "versions"
    return sorted(int(f.stem) for f in folder.glob("*.json") if f.stem.isdigit()) if folder.is_dir() else []


def read_manifest(home: Path, dataset: str, version: int) -> Manifest:
    file = version_file(home, dataset, version)
    return Manifest.from_bytes(file.read_bytes(), file)


def latest_manifest(home: Path, dataset: str) -> Manifest | None:
    numbers = version_numbers(home, dataset)
    return read_manifest(home, dataset, numbers[-1]) if numbers else None


def digest(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _store_part(parts: Path, partition: str, piece: Piece) -> Part:
    """Puts one part in place under the name of its content, and describes it."""
    unfinished = temporary(parts, ".parquet")
    if isinstance(piece.content, Path):
        unfinished = piece.content
    else:
        with explaining_disk(parts):
            pq.write_table(piece.content, unfinished, compression="zstd")
    sha = digest(unfinished)
    described = pq.read_metadata(unfinished)
    schema = described.schema.to_arrow_schema()
    size = unfinished.stat().st_size
    slug = re.sub(r"[^a-z0-9]+", "-", partition.lower()).strip("-")[:80] or "all"
    final = parts / f"{slug}-{sha[:16]}.parquet"
    if final.exists() and final.stat().st_size == size:
        unfinished.unlink()
    else:
        publish(unfinished, final, settle=False)  # `write_version` flushes the folder before anything points here
    return Part(
        partition=partition,
        file=final.name,
        sha256=sha,
        rows=described.num_rows,
        bytes=size,
        columns=tuple((field.name, str(field.type)) for field in schema),
        release=piece.release,
        receipt=piece.receipt,
        identifiers=piece.identifiers,
        vintage=piece.vintage,
    )


def lock_of(home: Path, dataset: str) -> Path:
    return folder_of(home, dataset) / ".lock"


def write_version(
    home: Path,
    dataset: str,
    pieces: Mapping[str, Piece],
    *,
    source: str,
    synthetic: bool,
    clock: Clock | datetime,
    whole: bool = False,
    contract: str | None = None,
    agreement: str | None = None,
    receipts: Sequence[str] = (),
    caveats: Sequence[str] = (),
) -> Manifest:
    """Makes the next version of `dataset` from `pieces` by partition; partitions not named keep their parts.

    With `whole`, the pieces are the entire dataset and other partitions leave it. An older `release` never replaces
    a newer one. If nothing would change, the latest version is returned and nothing is written.
    Raises Environment on a full disk; a version is visible only when all of it is on the disk.
    """
    if not pieces:
        raise ValueError("a version needs at least one partition")
    folder = folder_of(home, dataset)
    parts, versions = make_folder(folder / "parts"), make_folder(folder / "versions")
    with one_at_a_time(lock_of(home, dataset)):
        sweep(versions)
        sweep(parts, keep={p.content for p in pieces.values() if isinstance(p.content, Path)})
        before = latest_manifest(home, dataset)
        kept = {} if whole or before is None else {part.partition: part for part in before.parts}
        for partition, piece in pieces.items():
            held = kept.get(partition)
            if held is not None and held.release and piece.release and piece.release < held.release:
                if isinstance(piece.content, Path):
                    piece.content.unlink(missing_ok=True)
                continue
            stored = _store_part(parts, partition, piece)
            if held is None or (held.sha256, held.release) != (stored.sha256, stored.release):
                kept[partition] = stored
        with explaining_disk(parts):
            flush(parts)
        made = tuple(kept[partition] for partition in sorted(kept))
        if before is not None and made == before.parts and (before.contract, before.synthetic) == (contract, synthetic):
            return before
        manifest = Manifest(
            dataset=dataset,
            version=before.version + 1 if before else 1,
            made_at=moment(clock).isoformat(),
            source=source,
            synthetic=synthetic,
            rows=sum(part.rows for part in made),
            parts=made,
            contract=contract,
            agreement=agreement,
            receipts=tuple(receipts),
            caveats=tuple(caveats),
            previous=before.sha256 if before else None,
        )
        # Other processes read without a lock, so the manifest appears at once and never replaces one.
        write_bytes(version_file(home, dataset, manifest.version), manifest.to_bytes(), only_new=True)
        return manifest
