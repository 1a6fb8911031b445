"""One run over the files of a feed: each as far as parts nobody sees yet, then all of them visible together."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

import duckdb

from concord.evidence.extracts import quarantine
from concord.evidence.extracts.arrivals import BLANKS, Arrival, Limits
from concord.evidence.extracts.checks import Plan, plan
from concord.evidence.extracts.engine import Converter, Scan, Text, convert, identifying_parquet
from concord.evidence.extracts.files import disk_trouble, make_folder, temporary, write_bytes
from concord.evidence.extracts.headings import Layout, recognise
from concord.evidence.extracts.landing import Inside, Landing
from concord.evidence.extracts.opening import open_staged
from concord.evidence.extracts.outcomes import Desk, LoadResult, Ready, Received
from concord.evidence.extracts.partitions import by_dataset, by_partition, release_of, vintage_of, without_stubs
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
from concord.evidence.extracts.sealing import key, sealed_bytes
from concord.evidence.extracts.staging import stage, stage_beside
from concord.evidence.extracts.versions import Manifest, Piece, folder_of, latest_manifest, version_file, write_version
from concord.kernel.errors import BadInput, ConcordError, Environment, Where
from concord.strategy.shapes.feed import Feed


@dataclass(slots=True)
class Batch:
    """One run of `load`: what all its files share. `lock` guards what they claim and what they land."""

    home: Path
    feed: Feed
    now: datetime
    work: Path
    edition: str
    contract: str
    limits: Limits
    taken: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    met: dict[str, str] = field(default_factory=dict)
    convert: Converter = convert
    lock: Lock = field(default_factory=Lock)
    landing: Landing = field(init=False)

    def __post_init__(self) -> None:
        self.landing = Landing(self.home, self.feed, self.work)

    def receive(self, desk: Desk, arrival: Arrival, ready: Ready | None = None) -> list[Received]:
        """One file, as far as parts nobody sees yet: one entry for each table in it, or one that says why it was
        refused. A refusal is an outcome, and of the whole file; trouble with the disk is raised.

        A file that had to be opened to tell whose it is comes `ready`.
        """
        started = time.perf_counter() - (ready.seconds if ready else 0)
        staged = temporary(desk.work, ".csv")
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
        files = [received]
        try:
            if arrival.refusal is not None:
                unread = hashlib.sha256(arrival.name.encode()).hexdigest()
                received.receipt = replace(receipt, id=receipt_id(self.feed, unread, self.edition))
                raise arrival.refusal
            profile = ready.profile if ready else stage_beside(arrival, staged, stage(arrival, staged))
            identity = receipt_id(self.feed, profile.sha256, self.edition)
            receipt = replace(receipt, id=identity, sha256=profile.sha256, bytes=profile.size)
            received.receipt = receipt
            with self.lock:
                twin = self.met.setdefault(identity, arrival.name)
            if twin != arrival.name:
                received.twin = twin
                return files
            held = self.held(profile.sha256, arrival.name)
            if held:
                return held
            if ready and ready.barred is not None:
                raise ready.barred
            opened = ready.opened if ready else None
            opened = opened or open_staged(desk.con, arrival, profile, staged, desk.work, self.limits)
            found, notes = recognise(self.feed, opened.frames, name=arrival.name, file_name=arrival.file_name)
            files += [Received(replace(receipt, id=f"{identity}-{n}")) for n in range(2, len(found) + 1)]
            for received, (frame, layout) in zip(files, found, strict=True):
                began = time.perf_counter()
                if len(found) > 1:
                    received.receipt = replace(received.receipt, file=f"{arrival.name}/{layout.sheet}")
                received.receipt = replace(received.receipt, sheet=layout.sheet)
                content, said = frame.content(desk.con, layout, desk.work)
                self._convert(desk, arrival, content, layout, [*opened.notes, *notes, *said], received)
                spent = time.perf_counter() - (started if received is files[0] else began)
                received.receipt = replace(received.receipt, seconds=round(spent, 4))
            landing = self.landing.keep(arrival, opened, profile.sha256)
            others = tuple(file.receipt.id for file in files[1:])
            for file in files:
                file.receipt = replace(file.receipt, status=LOADED)
                if isinstance(landing, Inside):
                    file.inside = landing
                else:
                    file.receipt = replace(file.receipt, landing=landing)
            files[0].receipt = replace(files[0].receipt, others=others)
        except duckdb.Error as error:
            self._drop(files)
            trouble = disk_trouble(error, self.home)
            if trouble is None:
                raise
            raise trouble from error
        except ConcordError as error:
            self._drop(files)
            if isinstance(error, Environment):
                raise
            received.error = error
            told = {
                "what": error.what,
                "why": error.why or "",
                "next": error.next_step or "",
                "kind": type(error).__name__,
            }
            received.receipt = replace(
                received.receipt,
                status=REFUSED,
                refused=told,
                file=arrival.name,
                seconds=round(time.perf_counter() - started, 4),
            )
            return [received]
        finally:
            desk.tidy()
        return files

    def held(self, sha256: str, name: str) -> list[Received]:
        """What became of a file of this content that was received before and is still held; empty where none was."""
        identity = receipt_id(self.feed, sha256, self.edition)
        file = receipt_file(self.home, self.feed.key, identity)
        if not file.is_file():
            return []
        files = [file, *(file.with_name(f"{other}.json") for other in read_receipt(file).others)]
        if not all(f.is_file() and self._still_held(read_receipt(f)) for f in files):
            return []
        return [self._again(f, name) for f in files]

    def _still_held(self, receipt: Receipt) -> bool:
        return (
            receipt.status == LOADED
            and receipt.dataset is not None
            and receipt.version is not None
            and version_file(self.home, receipt.dataset, receipt.version).is_file()
        )

    def _again(self, file: Path, name: str) -> Received:
        """The old receipt, with a word where a later file has since taken the place of this one."""
        receipt = read_receipt(file)
        datasets = [d for d in (receipt.dataset, *receipt.also) if d]
        latest = {d: latest_manifest(self.home, d) for d in datasets}
        now_held = {
            _label(datasets, dataset, part.partition): part.sha256
            for dataset, manifest in latest.items()
            for part in (manifest.parts if manifest else ())
        }
        overtaken = [p for p, sha in receipt.partitions.items() if now_held.get(p) != sha]
        note = (
            (f"A later file has since replaced {', '.join(overtaken)}; nothing was changed back.",) if overtaken else ()
        )
        shown = (
            f"{name}/{receipt.sheet}" if "/" in receipt.file and receipt.file.endswith(f"/{receipt.sheet}") else name
        )
        again = replace(receipt, status=ALREADY, file=shown, notes=(*receipt.notes, *note))
        return Received(again, existing=file)

    def _convert(
        self,
        desk: Desk,
        arrival: Arrival,
        text: Text | Scan,
        layout: Layout,
        notes: list[str],
        received: Received,
    ) -> None:
        table, identity, con = layout.table, received.receipt.id, desk.con
        nothing = text.rows + text.broken == 0 if isinstance(text, Scan) else text.lines_below <= 0
        if nothing and not (table.partition and all(p in layout.stated for p in table.partition)):
            raise BadInput(
                f"{arrival.file_name} has headings but no rows.",
                where=Where(file=received.receipt.file),
                next_step="If there is truly nothing to report, name the file after its month; else ask for it again.",
            )
        steps = plan(
            self.feed, layout, self.now.date(), blanks=text.profile.blanks if isinstance(text, Text) else BLANKS
        )
        parts = make_folder(folder_of(self.home, table.dataset) / "parts")
        target, faults = temporary(parts, ".parquet"), desk.work / "faults.csv"
        received.pieces[table.dataset, ""] = Piece(target)
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
            rows, report = quarantine.keep(self.home, self.feed, identity, received.receipt.file, outcome, faults)
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
        if isinstance(text, Text) and not text.profile.ends_cleanly:
            notes.append("The file does not end with a line end: its last row may have been cut off.")
        release = release_of(con, layout, target)
        notes += without_stubs(con, layout, target)
        apart = by_dataset(con, layout, target, self.home)
        received.pieces = {(dataset, ""): Piece(file) for dataset, file in apart.items()}
        sealed = self._seal_identifiers(con, steps, layout, received) if steps.identifiers else None
        for dataset, rows_of_it in apart.items():
            split = by_partition(con, layout, rows_of_it, rows_of_it.parent)
            del received.pieces[dataset, ""]
            received.pieces |= {
                (dataset, partition): Piece(file, release=release, receipt=identity, identifiers=sealed)
                for partition, file in split.items()
            }
            self._claim(dataset, split, arrival.file_name, received.receipt.file, release)
        for (dataset, partition), piece in received.pieces.items():
            if isinstance(piece.content, Path):
                vintage = vintage_of(con, layout, partition, piece.content)
                received.pieces[dataset, partition] = replace(piece, vintage=vintage)
        received.receipt = replace(received.receipt, dataset=next(iter(apart)), notes=tuple(notes))

    def _claim(self, dataset: str, split: dict[str, Path], file_name: str, name: str, release: str | None) -> None:
        """Raises BadInput where another file of the same run fills the same partition and neither is the newer."""
        with self.lock:
            found = [(p, self.taken[dataset, p]) for p in split if (dataset, p) in self.taken]
            clash = next(((p, other) for p, other in found if other[1] == release), None)
            if clash is None:
                for partition in split:
                    self.taken[dataset, partition] = (name, release)
            else:
                partition, other = clash
                for file in split.values():
                    file.unlink(missing_ok=True)
                raise BadInput(
                    f"{file_name} and {other[0]} both hold {partition.replace('/', ', ')} of {dataset}.",
                    where=Where(file=name),
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

    def _drop(self, files: list[Received]) -> None:
        for received in files:
            for piece in received.pieces.values():
                if isinstance(piece.content, Path):
                    piece.content.unlink(missing_ok=True)
            received.pieces = {}

    def make_visible(self, files: list[Received]) -> dict[str, Manifest]:
        """One new version of each dataset that the run touches: all of a run's files at once, or none."""
        self.landing.settle()
        pieces_of: dict[str, dict[str, Piece]] = {}
        receipts: dict[str, list[str]] = {}
        for file in files:
            for (dataset, partition), piece in file.pieces.items():
                pieces = pieces_of.setdefault(dataset, {})
                held = pieces.get(partition)
                older, newer = sorted([piece, held or piece], key=lambda p: p.release or "")
                if older is not newer and isinstance(older.content, Path):
                    older.content.unlink(missing_ok=True)
                pieces[partition] = newer
            for dataset in dict.fromkeys(dataset for dataset, _ in file.pieces):
                receipts.setdefault(dataset, []).append(file.receipt.id)
        tables = self.feed.datasets
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
            for dataset, pieces in pieces_of.items()
        }

    def finish(self, files: Sequence[list[Received]], spoiled: Collection[str]) -> list[list[LoadResult]]:
        """Makes every file of the run visible, writes their receipts, and says what became of each. `spoiled` are the
        digests of archives in which something was refused."""
        for one in (one for file in files for one in file if one.inside is not None):
            one.receipt = replace(one.receipt, landing=self.landing.keep_inside(one.inside, spoiled))
        manifests = self.make_visible([one for file in files for one in file])
        # The first receipt of a file names the others and is written last: it stands for the whole file.
        own = [
            [self._result(one, manifests) for one in reversed(file)][::-1] if file[0].twin is None else []
            for file in files
        ]
        told = {file[0].receipt.id: results for file, results in zip(files, own, strict=True) if results}
        return [results or self._as_twin(file[0], told) for file, results in zip(files, own, strict=True)]

    @staticmethod
    def _as_twin(received: Received, told: Mapping[str, list[LoadResult]]) -> list[LoadResult]:
        """What became of a file that came twice in one run: what became of the other."""
        name, found = received.receipt.file, []
        for one in told[received.receipt.id]:
            shown = name + one.file.removeprefix(received.twin or "")
            status = ALREADY if one.status == LOADED else one.status
            notes = (*one.notes, f"Its content is that of {received.twin}, which came in the same run.")
            found.append(replace(one, file=shown, status=status, notes=notes, seconds=received.receipt.seconds))
        return found

    def _result(self, received: Received, manifests: Mapping[str, Manifest]) -> LoadResult:
        """Writes the receipt, the last word on a file, and says what became of it."""
        receipt, file = received.receipt, received.existing
        if receipt.status == LOADED and receipt.dataset in manifests:
            datasets = list(dict.fromkeys(dataset for dataset, _ in received.pieces))
            held = {(d, part.partition): part for d in datasets for part in manifests[d].parts}
            overtaken = [at for at, piece in received.pieces.items() if held[at].release != piece.release]
            notes = receipt.notes
            if overtaken:
                notes = (*notes, f"{len(overtaken)} months are held from a newer release, which stands.")
            receipt = replace(
                receipt,
                version=manifests[receipt.dataset].version,
                also={d: manifests[d].version for d in datasets if d != receipt.dataset},
                partitions={_label(datasets, *at): held[at].sha256 for at in received.pieces if at not in overtaken},
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


def _label(datasets: Sequence[str], dataset: str, partition: str) -> str:
    """How a receipt names a partition: with its dataset, where the file filled several."""
    return f"{dataset}/{partition}" if len(datasets) > 1 else partition
