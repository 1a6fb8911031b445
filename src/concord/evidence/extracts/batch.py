"""One run over the files of a feed: each as far as parts nobody sees yet, then all of them visible together."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

import duckdb

from concord.evidence.extracts import quarantine
from concord.evidence.extracts.arrivals import Arrival, Outer, check_readable, stage
from concord.evidence.extracts.checks import Plan, plan
from concord.evidence.extracts.engine import Converter, Text, convert, identifying_parquet, prepare
from concord.evidence.extracts.files import disk_trouble, flush, make_folder, publish, temporary, write_bytes
from concord.evidence.extracts.headings import Layout, recognise
from concord.evidence.extracts.partitions import by_partition, release_of, without_stubs
from concord.evidence.extracts.receipts import (
    ALREADY,
    LOADED,
    REFUSED,
    Receipt,
    read_receipt,
    receipt_file,
    receipt_id,
    write_receipt,
)
from concord.evidence.extracts.sealing import key, seal, sealed_bytes
from concord.evidence.extracts.texts import as_text
from concord.evidence.extracts.versions import Manifest, Piece, folder_of, latest_manifest, version_file, write_version
from concord.kernel.errors import BadInput, ConcordError, Environment, Where
from concord.strategy.shapes.feed import Feed


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What became of one file. `rows == accepted + quarantined`; `seconds` is the time this file took.

    `status` is `loaded`, `already received`, `refused` or `skipped`; `error` says why it was refused.
    """

    feed: str
    file: str
    rows: int
    accepted: int
    quarantined: int
    seconds: float
    receipt: Path | None
    error_report: Path | None
    status: str
    dataset: str | None = None
    version: int | None = None
    notes: tuple[str, ...] = ()
    error: ConcordError | None = None


@dataclass(slots=True)
class Received:
    """A file on its way: what its receipt will say, and the parts that wait to become visible."""

    receipt: Receipt
    pieces: dict[str, Piece] = field(default_factory=dict)
    error: ConcordError | None = None
    existing: Path | None = None


@dataclass(slots=True)
class Desk:
    """Where one file at a time is worked on: a connection and a folder of its own."""

    con: duckdb.DuckDBPyConnection
    work: Path
    pseudonyms: bytes | None

    def __post_init__(self) -> None:
        prepare(self.con, self.pseudonyms)

    def tidy(self) -> None:
        for left in self.work.iterdir():
            left.unlink(missing_ok=True)


@dataclass(slots=True)
class Batch:
    """One run of `load`: what all its files share. `lock` guards what they claim and what they land."""

    home: Path
    feed: Feed
    now: datetime
    work: Path
    edition: str
    contract: str
    taken: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    landed: dict[str, str] = field(default_factory=dict)
    unsettled: set[Path] = field(default_factory=set)
    convert: Converter = convert
    lock: Lock = field(default_factory=Lock)

    def receive(self, desk: Desk, arrival: Arrival) -> Received:
        """One file, as far as parts nobody sees yet. A refusal is an outcome; trouble with the disk is raised."""
        started = time.perf_counter()
        staged = desk.work / "staged.csv"
        receipt = Receipt(
            id="",
            feed=self.feed.key,
            file=arrival.name,
            received_at=self.now.isoformat(),
            status=REFUSED,
            sha256="",
            bytes=arrival.size,
            contract=self.contract,
            agreement=self.feed.agreement,
            gateway=self.feed.gateway or self.feed.licence or "",
        )
        received = Received(receipt)
        try:
            if arrival.refusal is not None:
                unread = hashlib.sha256(arrival.name.encode()).hexdigest()
                received.receipt = replace(receipt, id=receipt_id(self.feed, unread, self.edition))
                raise arrival.refusal
            profile = stage(arrival, staged)
            identity = receipt_id(self.feed, profile.sha256, self.edition)
            received.receipt = replace(receipt, id=identity, sha256=profile.sha256, bytes=profile.size)
            existing = receipt_file(self.home, self.feed.key, identity)
            if existing.is_file() and self._still_held(read_receipt(existing)):
                received.receipt, received.existing = self._again(read_receipt(existing), arrival.name), existing
                return received
            check_readable(arrival, profile)
            text, header, notes = as_text(arrival, profile, staged, desk.work)
            layout = recognise(self.feed, header, name=arrival.name, file_name=arrival.file_name)
            self._convert(desk, arrival, text, layout, notes, received)
        except duckdb.Error as error:
            trouble = disk_trouble(error, self.home)
            if trouble is None:
                raise
            raise trouble from error
        except ConcordError as error:
            if isinstance(error, Environment):
                raise
            self._drop(received)
            received.error = error
            told = {
                "what": error.what,
                "why": error.why or "",
                "next": error.next_step or "",
                "kind": type(error).__name__,
            }
            received.receipt = replace(received.receipt, status=REFUSED, refused=told)
        finally:
            desk.tidy()
        received.receipt = replace(received.receipt, seconds=round(time.perf_counter() - started, 4))
        return received

    def _still_held(self, receipt: Receipt) -> bool:
        return (
            receipt.status == LOADED
            and receipt.dataset is not None
            and receipt.version is not None
            and version_file(self.home, receipt.dataset, receipt.version).is_file()
        )

    def _again(self, receipt: Receipt, name: str) -> Receipt:
        """The old receipt, with a word where a later file has since taken the place of this one."""
        latest = latest_manifest(self.home, receipt.dataset or "")
        now_held = {part.partition: part.sha256 for part in latest.parts} if latest else {}
        overtaken = [p for p, sha in receipt.partitions.items() if now_held.get(p) != sha]
        note = (
            (f"A later file has since replaced {', '.join(overtaken)}; nothing was changed back.",) if overtaken else ()
        )
        return replace(receipt, status=ALREADY, file=name, notes=(*receipt.notes, *note))

    def _convert(
        self,
        desk: Desk,
        arrival: Arrival,
        text: Text,
        layout: Layout,
        notes: list[str],
        received: Received,
    ) -> None:
        table, identity, con = layout.table, received.receipt.id, desk.con
        if text.lines_below <= 0 and not (table.partition and all(p in layout.stated for p in table.partition)):
            raise BadInput(
                f"{arrival.file_name} has headings but no rows.",
                where=Where(file=arrival.name),
                next_step="If there is truly nothing to report, name the file after its month; else ask for it again.",
            )
        steps = plan(self.feed, layout, self.now.date(), blanks=text.profile.blanks)
        parts = make_folder(folder_of(self.home, table.dataset) / "parts")
        target, faults = temporary(parts, ".parquet"), desk.work / "faults.csv"
        received.pieces[""] = Piece(target)
        outcome = self.convert(con, text, layout, steps, target, faults, desk.work)
        received.receipt = replace(
            received.receipt,
            table=layout.key,
            dataset=table.dataset,
            rows=outcome.rows,
            accepted=outcome.accepted,
            quarantined=outcome.quarantined,
        )
        if outcome.quarantined:
            rows, report = quarantine.keep(self.home, self.feed, identity, arrival.name, outcome, faults)
            received.receipt = replace(
                received.receipt,
                quarantine=str(rows.relative_to(self.home)),
                error_report=str(report.relative_to(self.home)),
            )
        if outcome.rows and not outcome.accepted:
            raise BadInput(
                f"Not one of the {outcome.rows:,} rows of {arrival.file_name} could be accepted.",
                where=Where(file=arrival.name),
                why=f"The reasons, row by row, are in {received.receipt.error_report}.",
                next_step="Send the report to the supplier. What was loaded before is unchanged.",
            )
        if not outcome.rows:
            notes.append("The file holds no rows: taken as a nil return.")
        if not text.profile.ends_cleanly:
            notes.append("The file does not end with a line end: its last row may have been cut off.")
        release = release_of(con, layout, target)
        notes += without_stubs(con, layout, target)
        split = by_partition(con, layout, target, parts)
        self._claim(table.dataset, split, arrival, release)
        sealed = self._seal_identifiers(con, steps, layout, received) if steps.identifiers else None
        received.pieces = {
            partition: Piece(file, release=release, receipt=identity, identifiers=sealed)
            for partition, file in split.items()
        }
        received.receipt = replace(
            received.receipt,
            status=LOADED,
            notes=tuple(notes),
            landing=self._land(arrival, desk, received.receipt.sha256),
        )

    def _claim(self, dataset: str, split: dict[str, Path], arrival: Arrival, release: str | None) -> None:
        """Raises BadInput where another file of the same run fills the same partition and neither is the newer."""
        with self.lock:
            found = [(p, self.taken[dataset, p]) for p in split if (dataset, p) in self.taken]
            clash = next(((p, other) for p, other in found if other[1] == release), None)
            if clash is None:
                for partition in split:
                    self.taken[dataset, partition] = (arrival.name, release)
            else:
                partition, other = clash
                for file in split.values():
                    file.unlink(missing_ok=True)
                raise BadInput(
                    f"{arrival.file_name} and {other[0]} both hold {partition.replace('/', ', ')} of {dataset}.",
                    where=Where(file=arrival.name),
                    why="One would replace the other, and nothing says which is the later.",
                    next_step="Load only the one that stands, or load them one after the other, the later last.",
                )

    def _seal_identifiers(self, con: duckdb.DuckDBPyConnection, steps: Plan, layout: Layout, received: Received) -> str:
        """Writes what identifies the persons of a file, encrypted, and returns its name in the feed's folder."""
        folder = make_folder(self.home / "identifiers" / layout.table.dataset, private=True)
        content = identifying_parquet(con, steps)
        name = f"{received.receipt.id}.sealed"
        write_bytes(folder / name, sealed_bytes(content, key(self.home, "identifiers")), private=True)
        return name

    def _land(self, arrival: Arrival, desk: Desk, sha256: str) -> str:
        """Keeps the file, or the archive it came in, as received; encrypted where it identifies anyone."""
        outer: Outer | None = arrival.outer
        digest, source = (outer.sha256, outer.path) if outer else (sha256, desk.work / "staged.csv")
        with self.lock:
            if digest not in self.landed:
                self.landed[digest] = self._put_landed(outer, digest, source)
            return self.landed[digest]

    def _put_landed(self, outer: Outer | None, digest: str, source: Path) -> str:
        folder = make_folder(self.home / "landing" / self.feed.key, private=True)
        secret = self.feed.holds_identifiers
        final = folder / f"{digest}{'.zip' if outer else '.csv'}{'.sealed' if secret else ''}"
        if not final.exists():
            unfinished = temporary(self.work)
            if secret:
                with source.open("rb") as plain, unfinished.open("wb") as sealed:
                    seal(plain, sealed, key(self.home, "landing"))
                unfinished.chmod(0o600)
                publish(unfinished, final, settle=False)
            elif outer is not None:
                os.link(source, unfinished)
                publish(unfinished, final, settle=False)
            else:
                publish(source, final, settle=False)
            self.unsettled.add(folder)
        return str(final.relative_to(self.home))

    def _drop(self, received: Received) -> None:
        for piece in received.pieces.values():
            if isinstance(piece.content, Path):
                piece.content.unlink(missing_ok=True)
        received.pieces = {}

    def make_visible(self, files: list[Received]) -> dict[str, Manifest]:
        """One new version of each dataset that the run touches: all of a run's files at once, or none."""
        for folder in sorted(self.unsettled):
            flush(folder)
        by_dataset: dict[str, dict[str, Piece]] = {}
        receipts: dict[str, list[str]] = {}
        for file in files:
            for partition, piece in file.pieces.items():
                pieces = by_dataset.setdefault(file.receipt.dataset or "", {})
                held = pieces.get(partition)
                older, newer = sorted([piece, held or piece], key=lambda p: p.release or "")
                if older is not newer and isinstance(older.content, Path):
                    older.content.unlink(missing_ok=True)
                pieces[partition] = newer
            if file.pieces:
                receipts.setdefault(file.receipt.dataset or "", []).append(file.receipt.id)
        tables = {table.dataset: table for table in self.feed.tables.values()}
        return {
            dataset: write_version(
                self.home,
                dataset,
                pieces,
                source=self.feed.attribution or self.feed.title,
                synthetic=self.feed.synthetic,
                clock=self.now,
                contract=self.contract,
                agreement=self.feed.agreement,
                receipts=receipts[dataset],
                caveats=[*tables[dataset].notes, *(n.why for n in tables[dataset].not_published)],
            )
            for dataset, pieces in by_dataset.items()
        }

    def finish(self, received: Received, manifests: Mapping[str, Manifest]) -> LoadResult:
        """Writes the receipt, the last word on a file, and says what became of it."""
        receipt, file = received.receipt, received.existing
        manifest = manifests.get(receipt.dataset or "") if receipt.status == LOADED else None
        if manifest is not None:
            shas = {part.partition: part.sha256 for part in manifest.parts}
            older = {part.partition for part in manifest.parts if part.release} & set(received.pieces)
            overtaken = [p for p in sorted(older) if _release_held(manifest, p) != received.pieces[p].release]
            notes = receipt.notes
            if overtaken:
                notes = (*notes, f"{len(overtaken)} months are held from a newer release, which stands.")
            receipt = replace(
                receipt,
                version=manifest.version,
                partitions={p: shas[p] for p in received.pieces if p not in overtaken},
                notes=notes,
            )
        if file is None and (receipt.id or receipt.status == REFUSED):
            file = write_receipt(self.home, receipt)
        return LoadResult(
            feed=receipt.feed,
            file=receipt.file,
            rows=receipt.rows,
            accepted=receipt.accepted,
            quarantined=receipt.quarantined,
            seconds=receipt.seconds,
            receipt=file,
            error_report=self.home / receipt.error_report if receipt.error_report else None,
            status=receipt.status,
            dataset=receipt.dataset,
            version=receipt.version,
            notes=receipt.notes,
            error=received.error,
        )


def _release_held(manifest: Manifest, partition: str) -> str | None:
    """The release a partition is held from."""
    return next((part.release for part in manifest.parts if part.partition == partition), None)
