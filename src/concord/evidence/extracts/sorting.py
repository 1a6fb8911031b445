"""One run over files of many feeds: each is opened, told apart and handed to the batch of its feed."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from concord.evidence.extracts.arrivals import Arrival, Limits
from concord.evidence.extracts.batch import Batch
from concord.evidence.extracts.contracts import SharingAgreement, check_agreement, contract_ref, edition
from concord.evidence.extracts.engine import Converter
from concord.evidence.extracts.files import disk_trouble, temporary
from concord.evidence.extracts.opening import open_staged
from concord.evidence.extracts.outcomes import Desk, LoadResult, Ready, Received
from concord.evidence.extracts.receipts import REFUSED, SKIPPED
from concord.evidence.extracts.staging import stage, stage_beside
from concord.evidence.extracts.telling import Teller
from concord.kernel.errors import ConcordError, Environment, Refused
from concord.strategy.shapes.feed import Feed

NO_FEED = ""
"""The feed of a result whose file is no feed's, or could be two feeds'."""


@dataclass(slots=True)
class Sorter:
    """A batch for each feed, and who tells the files apart. `barred` says of a feed why nothing of it may come."""

    home: Path
    batches: Mapping[str, Batch]
    barred: Mapping[str, Refused]
    teller: Teller
    limits: Limits

    @classmethod
    def of(
        cls,
        home: Path,
        feeds: Mapping[str, Feed],
        agreements: Mapping[str, SharingAgreement],
        now: datetime,
        work: Path,
        limits: Limits,
        converter: Converter,
    ) -> Sorter:
        barred: dict[str, Refused] = {}
        for key, feed in feeds.items():
            try:
                check_agreement(feed, agreements, now.date())
            except Refused as refusal:
                barred[key] = refusal
        batches = {
            key: Batch(home, feed, now, work, edition(feed), contract_ref(feed), limits, convert=converter)
            for key, feed in feeds.items()
        }
        return cls(home, batches, barred, Teller(feeds), limits)

    def receive(self, desk: Desk, arrival: Arrival) -> list[Received] | LoadResult:
        """One file. A refusal is an outcome; trouble with the disk is raised."""
        started = time.perf_counter()
        if arrival.skipped:
            return not_read(NO_FEED, arrival)
        staged = temporary(desk.work, ".csv")
        try:
            if arrival.refusal is not None:
                raise arrival.refusal
            profile = stage_beside(arrival, staged, stage(arrival, staged))
            for key, batch in self.batches.items():
                if key not in self.barred and (held := batch.held(profile.sha256, arrival.name)):
                    return held
            opened = open_staged(desk.con, arrival, profile, staged, desk.work, self.limits)
            feed = self.teller.feed_of(arrival, opened.frames)
            ready = Ready(profile, opened, time.perf_counter() - started, self.barred.get(feed.key))
            return self.batches[feed.key].receive(desk, arrival, ready)
        except duckdb.Error as error:
            trouble = disk_trouble(error, self.home)
            if trouble is None:
                raise
            raise trouble from error
        except ConcordError as error:
            if isinstance(error, Environment):
                raise
            return _refused(arrival, error, time.perf_counter() - started)
        finally:
            desk.tidy()

    def finish(self, files: Sequence[list[Received] | LoadResult], spoiled: Collection[str]) -> list[LoadResult]:
        """Makes the files of each feed visible together, feed after feed, and says what became of every file."""
        of_feed: dict[str, list[list[Received]]] = {}
        for file in files:
            if isinstance(file, list):
                of_feed.setdefault(file[0].receipt.feed, []).append(file)
        told = {key: iter(self.batches[key].finish(received, spoiled)) for key, received in of_feed.items()}
        return [
            result
            for file in files
            for result in ([file] if isinstance(file, LoadResult) else next(told[file[0].receipt.feed]))
        ]


def not_read(feed: str, arrival: Arrival) -> LoadResult:
    """The result of a file that is no data."""
    note = f"Not read: {arrival.skipped}."
    return LoadResult(feed, arrival.name, 0, 0, 0, 0.0, None, None, SKIPPED, notes=(note,))


def _refused(arrival: Arrival, error: ConcordError, seconds: float) -> LoadResult:
    """The result of a file that nobody's contract describes: nothing of it is kept, not even a receipt."""
    return LoadResult(NO_FEED, arrival.name, 0, 0, 0, round(seconds, 4), None, None, REFUSED, error=error)
