"""Receiving files under a contract, from the door to a visible version of a dataset.

In order, for each file: copy and checksum, recognise, check against the contract, write the part and its quarantine.
Then, for the whole batch: the versions that make the parts visible, and last the receipts. A run that dies leaves
unfinished files that nobody reads; the next run sweeps them away and does the work again, to the same result.
"""

from __future__ import annotations

import codecs
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from concord.evidence.extracts import quarantine
from concord.evidence.extracts.arrivals import (
    Arrival,
    Limits,
    Outer,
    Profile,
    check_readable,
    clear,
    stage,
    survey,
)
from concord.evidence.extracts.checks import Plan, named, plan, quoted
from concord.evidence.extracts.contracts import SharingAgreement, check_agreement, contract_ref, edition
from concord.evidence.extracts.engine import Text, connection, convert, identifying_parquet
from concord.evidence.extracts.files import (
    Clock,
    disk_trouble,
    explaining_disk,
    make_folder,
    moment,
    one_at_a_time,
    publish,
    sweep,
    temporary,
    write_bytes,
)
from concord.evidence.extracts.headings import Layout, recognise
from concord.evidence.extracts.receipts import (
    ALREADY,
    LOADED,
    REFUSED,
    SKIPPED,
    Receipt,
    read_receipt,
    receipt_file,
    receipt_id,
    write_receipt,
)
from concord.evidence.extracts.sealing import PURPOSE, key, seal, sealed_bytes
from concord.evidence.extracts.versions import Manifest, Piece, folder_of, latest_manifest, version_file, write_version
from concord.kernel.errors import BadInput, ConcordError, Where
from concord.strategy.shapes.feed import Feed

Progress = Callable[[str], None]
"""Told in a short sentence what is being done: which file of how many, and its rows."""

UNICODE_BOM = "utf-8-sig"


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


class FilesRefused(ConcordError):
    """Some of several files were refused. The others were received: `results` tells of each."""

    def __init__(self, results: Sequence[LoadResult]) -> None:
        refused = [r for r in results if r.error is not None]
        first = refused[0].error
        assert first is not None  # noqa: S101 - chosen for having one
        kept = sum(1 for r in results if r.status in (LOADED, ALREADY))
        others = f" {kept} were received and stay." if kept else " None was received."
        super().__init__(
            f"{len(refused)} of {len(results)} files were refused.{others} The first: {first.what}",
            where=first.where,
            why=first.why,
            next_step=first.next_step,
        )
        self.exit_code = first.exit_code
        self.results = tuple(results)


@dataclass(slots=True)
class _Received:
    """A file on its way: what its receipt will say, and the parts that wait to become visible."""

    receipt: Receipt
    pieces: dict[str, Piece] = field(default_factory=dict)
    error: ConcordError | None = None
    existing: Path | None = None


def load(
    home: Path,
    feed: Feed,
    paths: Sequence[Path],
    *,
    agreements: Mapping[str, SharingAgreement],
    clock: Clock | datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> list[LoadResult]:
    """Receives files, folders and archives under a feed's contract; one result for each file.

    Sound files are received even where others are not. Raises the reason where the only file was refused, and
    `FilesRefused` where some of several were: BadInput for a wrong, empty, damaged or drifted file, Refused where an
    agreement has expired or a heading is forbidden, Environment for the disk. Nothing is lost or half visible.
    """
    home = Path(home)
    now = moment(clock)
    say = progress or (lambda _message: None)
    with explaining_disk(home):
        check_agreement(feed, agreements, now.date())
        waiting = "Another load is under way in this home folder; this one starts when it has finished."
        with one_at_a_time(home / "receipts" / ".lock", on_wait=lambda: say(waiting)):
            results = _load(home, feed, [Path(p) for p in paths], now, say, limits or Limits())
    refused = [r for r in results if r.error is not None]
    if len(results) == 1 and refused and refused[0].error is not None:
        raise refused[0].error
    if refused:
        raise FilesRefused(results)
    return results


def _load(home: Path, feed: Feed, paths: list[Path], now: datetime, say: Progress, limits: Limits) -> list[LoadResult]:
    landing = make_folder(home / "landing", private=True)
    for left in landing.glob(".work-*"):
        clear(left)
    work = make_folder(landing / f".work-{os.getpid()}", private=True)
    for table in feed.tables.values():
        sweep(folder_of(home, table.dataset) / "parts")
    try:
        arrivals = survey(paths, work, limits)
        pseudonyms = key(home, f"pseudonym-{PURPOSE}") if _identifies(feed) else None
        batch = _Batch(home, feed, now, work, edition(feed), contract_ref(feed))
        results: list[_Received | LoadResult] = []
        with connection(work, pseudonyms) as con:
            for number, arrival in enumerate(arrivals, start=1):
                say(f"{number} of {len(arrivals)}: {arrival.name}")
                if arrival.skipped:
                    results.append(_skipped(feed, arrival))
                    continue
                received = batch.receive(con, arrival)
                results.append(received)
                say(f"{number} of {len(arrivals)}: {arrival.name} ({received.receipt.rows:,} rows)")
        manifests = batch.make_visible([r for r in results if isinstance(r, _Received)])
        return [r if isinstance(r, LoadResult) else batch.finish(r, manifests) for r in results]
    finally:
        clear(work)


def _identifies(feed: Feed) -> bool:
    return any(table.holds_identifiers for table in feed.tables.values())


def _skipped(feed: Feed, arrival: Arrival) -> LoadResult:
    return LoadResult(
        feed.key, arrival.name, 0, 0, 0, 0.0, None, None, SKIPPED, notes=(f"Not read: {arrival.skipped}.",)
    )


@dataclass(slots=True)
class _Batch:
    """One run of `load`: what all its files share."""

    home: Path
    feed: Feed
    now: datetime
    work: Path
    edition: str
    contract: str
    taken: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    landed: dict[str, str] = field(default_factory=dict)

    def receive(self, con: duckdb.DuckDBPyConnection, arrival: Arrival) -> _Received:
        """One file, as far as parts that nobody sees yet. A refusal is an outcome here, trouble with the disk is not."""
        started = time.perf_counter()
        staged = self.work / "staged.csv"
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
        received = _Received(receipt)
        try:
            if arrival.refusal is not None:
                raise arrival.refusal
            profile = stage(arrival, staged)
            identity = receipt_id(self.feed, profile.sha256, self.edition)
            received.receipt = replace(receipt, id=identity, sha256=profile.sha256, bytes=profile.size)
            existing = receipt_file(self.home, self.feed.key, identity)
            if existing.is_file() and self._still_held(read_receipt(existing)):
                received.receipt, received.existing = self._again(read_receipt(existing), arrival.name), existing
                return received
            check_readable(arrival, profile)
            text, header, notes = _as_text(arrival, profile, staged, self.work)
            layout = recognise(self.feed, header, name=arrival.name, file_name=arrival.file_name)
            self._convert(con, arrival, text, layout, notes, received)
        except duckdb.Error as error:
            trouble = disk_trouble(error, self.home)
            if trouble is None:
                raise
            raise trouble from error
        except ConcordError as error:
            if error.exit_code == 5:
                raise
            self._drop(received)
            received.error = error
            told = {"what": error.what, "why": error.why or "", "next": error.next_step or "", "kind": type(error).__name__}
            received.receipt = replace(received.receipt, status=REFUSED, refused=told)
        finally:
            for left in ("staged.csv", "sound.csv", "broken.csv", "faults.csv", "utf8.csv"):
                (self.work / left).unlink(missing_ok=True)
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
        note = (f"A later file has since replaced {', '.join(overtaken)}; nothing was changed back.",) if overtaken else ()
        return replace(receipt, status=ALREADY, file=name, notes=(*receipt.notes, *note))

    def _convert(
        self,
        con: duckdb.DuckDBPyConnection,
        arrival: Arrival,
        text: Text,
        layout: Layout,
        notes: list[str],
        received: _Received,
    ) -> None:
        table, identity = layout.table, received.receipt.id
        if text.lines_below <= 0 and not (table.partition and all(p in layout.stated for p in table.partition)):
            raise BadInput(
                f"{arrival.file_name} has headings but no rows.",
                where=Where(file=arrival.name),
                next_step="If there is truly nothing to report, name the file after its month; else ask for it again.",
            )
        steps = plan(self.feed, layout, self.now.date())
        parts = make_folder(folder_of(self.home, table.dataset) / "parts")
        target, faults = temporary(parts, ".parquet"), self.work / "faults.csv"
        received.pieces[""] = Piece(target)
        outcome = convert(con, text, layout, steps, target, faults, self.work)
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
        release = _release(con, layout, target)
        split = self._by_partition(con, layout, target, parts)
        self._claim(table.dataset, split, arrival, release)
        sealed = self._seal_identifiers(con, steps, layout, received) if steps.identifiers else None
        received.pieces = {
            partition: Piece(file, release=release, receipt=identity, identifiers=sealed)
            for partition, file in split.items()
        }
        received.receipt = replace(
            received.receipt, status=LOADED, notes=tuple(notes), landing=self._land(arrival, text, received.receipt.sha256)
        )

    def _by_partition(
        self, con: duckdb.DuckDBPyConnection, layout: Layout, target: Path, parts: Path
    ) -> dict[str, Path]:
        """The file's rows by partition. Raises BadInput where neither its name nor its rows say which."""
        names = layout.table.partition
        if not names:
            return {"all": target}
        if all(name in layout.stated for name in names):
            return {"/".join(f"{name}={layout.stated[name]}" for name in names): target}
        held = {r[0] for r in con.execute(f"DESCRIBE SELECT * FROM read_parquet({quoted(target)})").fetchall()}  # noqa: S608
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
        groups = con.execute(
            f"SELECT DISTINCT {listed} FROM read_parquet({quoted(target)}) ORDER BY ALL"  # noqa: S608
        ).fetchall()
        split: dict[str, Path] = {}
        for group in groups:
            key_ = "/".join(f"{name}={one}" for name, one in zip(names, group, strict=True))
            if len(groups) == 1:
                return {key_: target}
            file = temporary(parts, ".parquet")
            only = " AND ".join(f"{sql} = {quoted(one)}" for sql, one in zip(value.values(), group, strict=True))
            con.execute(
                f"COPY (SELECT * FROM read_parquet({quoted(target)}) WHERE {only}) "  # noqa: S608
                f"TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
            )
            split[key_] = file
        target.unlink()
        return split

    def _claim(self, dataset: str, split: dict[str, Path], arrival: Arrival, release: str | None) -> None:
        """Raises BadInput where another file of the same run fills the same partition and neither is the newer."""
        for partition in split:
            other = self.taken.get((dataset, partition))
            if other is not None and other[1] == release:
                for file in split.values():
                    file.unlink(missing_ok=True)
                raise BadInput(
                    f"{arrival.file_name} and {other[0]} both hold {partition.replace('/', ', ')} of {dataset}.",
                    where=Where(file=arrival.name),
                    why="One would replace the other, and nothing says which is the later.",
                    next_step="Load only the one that stands, or load them one after the other, the later last.",
                )
        for partition in split:
            self.taken[dataset, partition] = (arrival.name, release)

    def _seal_identifiers(
        self, con: duckdb.DuckDBPyConnection, steps: Plan, layout: Layout, received: _Received
    ) -> str:
        """Writes what identifies the persons of a file, encrypted, and returns its name in the feed's folder."""
        folder = make_folder(self.home / "identifiers" / layout.table.dataset, private=True)
        content = identifying_parquet(con, steps)
        name = f"{received.receipt.id}.sealed"
        write_bytes(folder / name, sealed_bytes(content, key(self.home, "identifiers")), private=True)
        return name

    def _land(self, arrival: Arrival, text: Text, sha256: str) -> str:
        """Keeps the file, or the archive it came in, as received; encrypted where it identifies anyone."""
        outer: Outer | None = arrival.outer
        digest, source = (outer.sha256, outer.path) if outer else (sha256, self.work / "staged.csv")
        if digest in self.landed:
            return self.landed[digest]
        folder = make_folder(self.home / "landing" / self.feed.key, private=True)
        secret = _identifies(self.feed)
        final = folder / f"{digest}{'.zip' if outer else '.csv'}{'.sealed' if secret else ''}"
        if not final.exists():
            unfinished = temporary(self.work)
            if secret:
                with source.open("rb") as plain, unfinished.open("wb") as sealed:
                    seal(plain, sealed, key(self.home, "landing"))
                unfinished.chmod(0o600)
                publish(unfinished, final)
            elif outer is not None:
                os.link(source, unfinished)
                publish(unfinished, final)
            else:
                publish(source, final)
        self.landed[digest] = str(final.relative_to(self.home))
        return self.landed[digest]

    def _drop(self, received: _Received) -> None:
        for piece in received.pieces.values():
            if isinstance(piece.content, Path):
                piece.content.unlink(missing_ok=True)
        received.pieces = {}

    def make_visible(self, files: list[_Received]) -> dict[str, Manifest]:
        """One new version of each dataset that the run touches: all of a run's files at once, or none."""
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

    def finish(self, received: _Received, manifests: Mapping[str, Manifest]) -> LoadResult:
        """Writes the receipt, the last word on a file, and says what became of it."""
        receipt, file = received.receipt, received.existing
        manifest = manifests.get(receipt.dataset or "") if receipt.status == LOADED else None
        if manifest is not None:
            shas = {part.partition: part.sha256 for part in manifest.parts}
            older = {part.partition for part in manifest.parts if part.release} & set(received.pieces)
            overtaken = [p for p in sorted(older) if manifest_release(manifest, p) != received.pieces[p].release]
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


def manifest_release(manifest: Manifest, partition: str) -> str | None:
    """The release a partition is held from."""
    return next((part.release for part in manifest.parts if part.partition == partition), None)


def _release(con: duckdb.DuckDBPyConnection, layout: Layout, target: Path) -> str | None:
    """The latest month in the file, for sources that resend the whole series."""
    month = layout.table.release_from
    if month is None:
        return None
    row = con.execute(f"SELECT strftime(max({named(month)}), '%Y-%m') FROM read_parquet({quoted(target)})").fetchone()  # noqa: S608
    return str(row[0]) if row and row[0] else None


def _as_text(arrival: Arrival, profile: Profile, staged: Path, work: Path) -> tuple[Text, str, list[str]]:
    """The file as text DuckDB or the record splitter can read, its heading line, and notes on what had to be done.

    Raises BadInput where it is in no encoding Concord can tell.
    """
    notes: list[str] = []
    encoding, path = UNICODE_BOM, staged
    if profile.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not profile.utf8 and not _mostly_utf8(staged):
        encoding = _guess(arrival, staged)
    if encoding != UNICODE_BOM:
        path = work / "utf8.csv"
        try:
            with staged.open(encoding=encoding, newline="") as source, path.open("w", encoding="utf-8", newline="") as out:
                while chunk := source.read(1 << 20):
                    out.write(chunk)
        except UnicodeError as error:
            raise _no_encoding(arrival) from error
        renewed = stage(Arrival(arrival.name, arrival.file_name, lambda: path.open("rb"), 0), work / "staged2.csv")
        (work / "staged2.csv").unlink()
        profile = replace(renewed, sha256=profile.sha256)
        called = {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding, encoding)
        notes.append(f"The file is in {called}, not UTF-8; it was read as such.")
    lines = 0
    header = ""
    with path.open(encoding=UNICODE_BOM, errors="replace", newline=None) as stream:
        for line in stream:
            lines += 1
            header = line.rstrip("\n")
            if header.strip() or lines > 20:
                break
    direct = profile.utf8 and not profile.nulls and not profile.bare_returns
    return Text(path, profile, UNICODE_BOM, lines, direct), header, notes


def _mostly_utf8(file: Path) -> bool:
    """Whether a file that is not UTF-8 throughout is UTF-8 with damage: it has sound letters beyond ASCII."""
    with file.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    continue
                return True
    return False


def _guess(arrival: Arrival, file: Path) -> str:
    """Windows-1252 is what British office software writes. Raises BadInput where the text cannot be that."""
    try:
        with file.open(encoding="cp1252", newline="") as stream:
            while chunk := stream.read(1 << 20):
                if any(ord(letter) < 32 and letter not in "\r\n\t" for letter in chunk):
                    raise _no_encoding(arrival)
    except UnicodeDecodeError as error:
        raise _no_encoding(arrival) from error
    return "cp1252"


def _no_encoding(arrival: Arrival) -> BadInput:
    return BadInput(
        f"{arrival.file_name} is not text in any encoding Concord can tell.",
        where=Where(file=arrival.name),
        next_step="Export it again as CSV in UTF-8.",
    )
