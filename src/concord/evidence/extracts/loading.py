"""Receiving files under a contract, from the door to a visible version of a dataset.

In order, for each file: copy and checksum, recognise, check against the contract, write the part and its quarantine.
Then, for the whole batch: the versions that make the parts visible, and last the receipts. A run that dies leaves
unfinished files that nobody reads; the next run sweeps them away and does the work again, to the same result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, Protocol

import duckdb

from concord.evidence.extracts.arrivals import Arrival, Limits, clear, survey
from concord.evidence.extracts.batch import Batch
from concord.evidence.extracts.contracts import SharingAgreement, check_agreement, contract_ref, edition
from concord.evidence.extracts.engine import Converter, connection, convert
from concord.evidence.extracts.files import Clock, explaining_disk, make_folder, moment, one_at_a_time, sweep
from concord.evidence.extracts.outcomes import Desk, LoadResult, Received
from concord.evidence.extracts.receipts import ALREADY, LOADED, SKIPPED
from concord.evidence.extracts.sealing import PURPOSE, key
from concord.evidence.extracts.sorting import Sorter, not_read
from concord.evidence.extracts.versions import folder_of
from concord.kernel.errors import BadInput, ConcordError, Where
from concord.strategy.shapes.feed import Feed

Progress = Callable[[str], None]
"""Told in a short sentence what is being done: which file of how many, and its rows."""

Engine = Literal["duckdb", "spark"]
"""Where files are converted: in this process, or on Spark's workers."""

AT_ONCE = 3
"""Files worked on side by side: for a small file, planning the query costs more than running it, on one core; and while
one file is flushed to the disk, two others keep both cores at work."""


class FilesRefused(ConcordError):
    """Some of several files were refused. The others were received: `results` tells of each."""

    def __init__(self, results: Sequence[LoadResult], refused: Sequence[ConcordError]) -> None:
        first = refused[0]
        kept = sum(1 for r in results if r.status in (LOADED, ALREADY))
        offered = sum(1 for r in results if r.status != SKIPPED)
        others = f" {kept} were received and stay." if kept else " None was received."
        super().__init__(
            f"{len(refused)} of {offered} files were refused.{others} The first: {first.what}",
            where=first.where,
            why=first.why,
            next_step=first.next_step,
        )
        self.exit_code = first.exit_code
        self.results = tuple(results)


def load(
    home: Path,
    feed: Feed,
    paths: Sequence[Path],
    *,
    agreements: Mapping[str, SharingAgreement],
    clock: Clock | datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
    engine: Engine = "duckdb",
) -> list[LoadResult]:
    """Receives files, folders and archives under a feed's contract; one result for each file.

    Sound files are received even where others are not. Raises the reason where the only file was refused, and
    `FilesRefused` where some of several were: BadInput for a wrong, empty, damaged or drifted file, Refused where an
    agreement has expired or a heading is forbidden, Environment for the disk. Nothing is lost or half visible.
    `engine` is where files are converted; the result is the same (Environment where Spark cannot be had).
    """
    home, now, say = Path(home), moment(clock), progress or (lambda _message: None)

    def receiver(work: Path, converter: Converter) -> _OneFeed:
        batch = Batch(home, feed, now, work, edition(feed), contract_ref(feed), limits or Limits(), convert=converter)
        return _OneFeed(batch)

    with explaining_disk(home):
        check_agreement(feed, agreements, now.date())
        return _outcome(_load(home, [feed], paths, receiver, say, limits or Limits(), engine))


def _outcome(results: list[LoadResult]) -> list[LoadResult]:
    """The results, or the error that tells what was refused."""
    refused = [r.error for r in results if r.error is not None]
    if refused and sum(1 for r in results if r.status != SKIPPED) == 1:
        raise refused[0]
    if refused:
        raise FilesRefused(results, refused)
    return results


def load_any(
    home: Path,
    feeds: Mapping[str, Feed],
    paths: Sequence[Path],
    *,
    agreements: Mapping[str, SharingAgreement],
    clock: Clock | datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
    engine: Engine = "duckdb",
) -> list[LoadResult]:
    """Receives files of any of `feeds`, each under the contract that describes it (`telling.py` says how it is told).

    The same as `load` in all else. A file of no feed, or of two, is refused and no other with it; the result then has
    no feed. The agreement of each feed is checked when the first of its files is met.
    """
    home, now, say = Path(home), moment(clock), progress or (lambda _message: None)

    def receiver(work: Path, converter: Converter) -> Sorter:
        return Sorter.of(home, feeds, agreements, now, work, limits or Limits(), converter)

    with explaining_disk(home):
        return _outcome(_load(home, list(feeds.values()), paths, receiver, say, limits or Limits(), engine))


class Receiver(Protocol):
    """What takes one file after another, and in the end makes them visible."""

    def receive(self, desk: Desk, arrival: Arrival) -> list[Received] | LoadResult: ...
    def finish(self, files: Sequence[list[Received] | LoadResult], spoiled: Collection[str]) -> list[LoadResult]: ...


@dataclass(slots=True)
class _OneFeed:
    """Every file under the contract of one feed."""

    batch: Batch

    def receive(self, desk: Desk, arrival: Arrival) -> list[Received] | LoadResult:
        return not_read(self.batch.feed.key, arrival) if arrival.skipped else self.batch.receive(desk, arrival)

    def finish(self, files: Sequence[list[Received] | LoadResult], spoiled: Collection[str]) -> list[LoadResult]:
        received = iter(self.batch.finish([file for file in files if isinstance(file, list)], spoiled))
        return [r for file in files for r in ([file] if isinstance(file, LoadResult) else next(received))]


def _load(
    home: Path,
    feeds: Sequence[Feed],
    paths: Sequence[Path],
    receiver_of: Callable[[Path, Converter], Receiver],
    say: Progress,
    limits: Limits,
    engine: Engine,
) -> list[LoadResult]:
    waiting = "Another load is under way in this home folder; this one starts when it has finished."
    with one_at_a_time(home / "receipts" / ".lock", on_wait=lambda: say(waiting)):
        landing = make_folder(home / "landing", private=True)
        _sweep(home, feeds)
        work = make_folder(landing / f".work-{os.getpid()}", private=True)
        try:
            arrivals = survey([Path(path) for path in paths], work, limits)
            if all(arrival.skipped for arrival in arrivals):
                raise BadInput(
                    f"There is nothing to load in {', '.join(Path(p).name for p in paths)}: it holds no data files.",
                    where=Where(file=paths[0]),
                    why=f"Only {', '.join(arrival.file_name for arrival in arrivals[:5])}.",
                    next_step="Name the data files, or the archive or folder that holds them.",
                )
            identifying = any(feed.holds_identifiers for feed in feeds)
            pseudonyms = key(home, f"pseudonym-{PURPOSE}") if identifying else None
            with connection(work, pseudonyms) as con, _converter(engine, work, pseudonyms) as converter:
                receiver = receiver_of(work, converter)
                files = _each(con, receiver, arrivals, work, pseudonyms, say)
            return receiver.finish(files, _spoiled(arrivals, files))
        finally:
            _sweep(home, feeds)


def _spoiled(arrivals: Sequence[Arrival], files: Sequence[list[Received] | LoadResult]) -> set[str]:
    """The digests of archives in which a file was refused: they are not kept whole."""
    errors = {
        arrival.name
        for arrival, file in zip(arrivals, files, strict=True)
        if (file.error if isinstance(file, LoadResult) else any(one.error for one in file))
    }
    refused = errors | {
        arrival.name
        for arrival, file in zip(arrivals, files, strict=True)
        if isinstance(file, list) and file[0].twin in errors
    }
    return {arrival.outer.sha256 for arrival in arrivals if arrival.outer is not None and arrival.name in refused}


def _each(
    con: duckdb.DuckDBPyConnection,
    receiver: Receiver,
    arrivals: Sequence[Arrival],
    work: Path,
    pseudonyms: bytes | None,
    say: Progress,
) -> list[list[Received] | LoadResult]:
    """Every file received, a few side by side."""
    results: list[list[Received] | LoadResult] = []
    desks: SimpleQueue[Desk] = SimpleQueue()
    for number in range(AT_ONCE):
        desks.put(Desk(con.cursor(), make_folder(work / f"desk-{number}", private=True), pseudonyms))

    def receive(arrival: Arrival) -> list[Received] | LoadResult:
        desk = desks.get()
        try:
            return receiver.receive(desk, arrival)
        finally:
            desks.put(desk)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for number, result in enumerate(pool.map(receive, arrivals), start=1):
                results.append(result)
                rows = sum(file.receipt.rows for file in result) if isinstance(result, list) else 0
                say(f"{number} of {len(arrivals)}: {arrivals[number - 1].name} ({rows:,} rows)")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


@contextmanager
def _converter(engine: Engine, work: Path, pseudonyms: bytes | None) -> Iterator[Converter]:
    if engine == "duckdb":
        yield convert
        return
    from concord.evidence.extracts.spark_load import on_spark

    with on_spark(work, pseudonyms) as converter:
        yield converter


def _sweep(home: Path, feeds: Sequence[Feed]) -> None:
    """Removes everything unfinished, of this run or of one that was killed. The caller holds the lock."""
    for left in (home / "landing").glob(".work-*"):
        clear(left)
    folders = [folder_of(home, dataset) / "parts" for feed in feeds for dataset in feed.datasets]
    for kind in ("landing", "receipts", "quarantine", "identifiers"):
        folders += (home / kind).glob("*/")
    for folder in folders:
        sweep(folder)
