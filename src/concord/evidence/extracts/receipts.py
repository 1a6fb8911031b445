"""A receipt for every file that was ever offered: when, what, under which contract, and what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from concord.evidence.extracts import calendar
from concord.evidence.extracts.files import Clock, make_folder, moment, to_json, write_bytes
from concord.strategy.shapes.feed import Feed

LOADED, ALREADY, REFUSED, SKIPPED = "loaded", "already received", "refused", "skipped"


_ID = re.compile(r"[0-9a-f]+(-[0-9]+)?")
"""An id, and the number of the table where one file holds several."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What happened to one file. `partitions` maps each partition it filled to the digest of the part.

    Where several tables were stacked in the file, `also` has the further datasets with their versions, and each
    partition carries the name of its dataset before it.

    `sheet` is the sheet, data frame or layer it tells of; where a file held several tables, the first receipt names
    the `others`. `landing`, `quarantine` and `error_report` are paths inside the home folder. `refused` holds what,
    why and next.
    """

    id: str
    feed: str
    file: str
    received_at: str
    status: str
    sha256: str
    bytes: int
    contract: str
    agreement: str | None
    gateway: str
    rows: int = 0
    accepted: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    table: str | None = None
    dataset: str | None = None
    version: int | None = None
    also: dict[str, int] = field(default_factory=dict)
    partitions: dict[str, str] = field(default_factory=dict)
    landing: str | None = None
    quarantine: str | None = None
    error_report: str | None = None
    notes: tuple[str, ...] = ()
    sheet: str | None = None
    others: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.received_at)


def receipt_id(feed: Feed, sha256: str, edition: str) -> str:
    """The same bytes under the same contract have the same id."""
    return hashlib.sha256(f"{feed.key}\n{sha256}\n{edition}".encode()).hexdigest()[:20]


def receipt_file(home: Path, feed: str, identity: str) -> Path:
    return home / "receipts" / feed / f"{identity}.json"


def write_receipt(home: Path, receipt: Receipt) -> Path:
    """Puts a receipt on the disk. A refusal is kept beside earlier ones, a reception replaces only itself."""
    name = receipt.id
    if receipt.status == REFUSED:
        name = f"refused-{receipt.id}-{receipt.when:%Y%m%dT%H%M%S%f}"
    file = receipt_file(home, receipt.feed, name)
    make_folder(file.parent)
    write_bytes(file, to_json(asdict(receipt)))
    return file


@lru_cache(maxsize=65_536)
def _kept(file: Path, _written: int, _size: int) -> Receipt:
    """A receipt is read once a process for as long as its file is the same: pages ask for thousands of them."""
    return read_receipt(file)


def read_receipt(file: Path) -> Receipt:
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    raw["notes"], raw["others"] = tuple(raw["notes"]), tuple(raw.get("others", ()))
    return Receipt(**raw)


def receipts(home: Path, feed: str | None = None) -> list[Receipt]:
    """Every receipt, newest first; of one feed, where named."""
    root = home / "receipts"
    folders = [root / feed] if feed else [each for each in root.glob("*") if each.is_dir()]
    found = [receipt for folder in folders for receipt in _in(folder)]
    return sorted(found, key=lambda r: (r.when, r.file), reverse=True)


def _in(folder: Path) -> Iterator[Receipt]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as listed:
        for each in listed:
            if each.name.endswith(".json") and not each.name.startswith("."):
                about = each.stat()
                yield _kept(Path(each.path), about.st_mtime_ns, about.st_size)


def receipt_named(home: Path, feed: str, identity: str) -> Receipt | None:
    """One receipt of a feed by its id, or None. `identity` may come from an address: only an id is looked for."""
    if not _ID.fullmatch(identity):
        return None
    file = receipt_file(home, feed, identity)
    if file.is_file():
        return read_receipt(file)
    return next((receipt for receipt in receipts(home, feed) if receipt.id == identity), None)


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed stands today.

    `state` is one of: `received` (nothing is due), `due` (its period has ended, its day has not come), `late`,
    `never received`. `next_due` is the day the next file is, or was, expected; `missing` are periods between the
    first and the last received that never came.
    """

    feed: str
    title: str
    owner: str
    state: str
    last_period: str | None
    next_period: str | None
    next_due: date | None
    days_late: int
    missing: tuple[str, ...]
    last_received_at: datetime | None
    rows: int
    accepted: int
    quarantined: int
    last_refusal: Receipt | None


def feed_status(home: Path, feeds: Iterable[Feed], clock: Clock | datetime) -> list[FeedStatus]:
    """Each feed's standing against its clock, by what its receipts cover."""
    today = moment(clock).date()
    return [_status(feed, receipts(home, feed.key), today) for feed in feeds]


def _status(feed: Feed, history: list[Receipt], today: date) -> FeedStatus:
    loaded = [r for r in history if r.status == LOADED]
    refusals = [r for r in history if r.status == REFUSED]
    covered = sorted({calendar.period_of(feed.due.every, m) for r in loaded for m in calendar.months_of(r.partitions)})
    state, next_period, next_due, late = "received", None, None, 0
    missing: tuple[str, ...] = ()
    if feed.due.every != "once":
        first = calendar.period_of(feed.due.every, feed.due.first) if feed.due.first else None
        following = calendar.following(feed.due.every, covered[-1]) if covered else first
        if following is not None:
            next_period, next_due = following, calendar.due_on(feed.due, following)
            late = max(0, (today - next_due).days)
            state = "late" if late else "due" if today > following.end else "received"
        if covered:
            between, step = [], covered[0]
            while step < covered[-1]:
                if step not in covered:
                    between.append(step.label)
                step = calendar.following(feed.due.every, step)
            missing = tuple(between)
    if not loaded and state == "received":
        state = "never received"
    return FeedStatus(
        feed=feed.key,
        title=feed.title,
        owner=feed.owner or feed.publisher or "",
        state=state,
        last_period=covered[-1].label if covered else None,
        next_period=next_period.label if next_period else None,
        next_due=next_due,
        days_late=late,
        missing=missing,
        last_received_at=loaded[0].when if loaded else None,
        rows=sum(r.rows for r in loaded),
        accepted=sum(r.accepted for r in loaded),
        quarantined=sum(r.quarantined for r in loaded),
        last_refusal=refusals[0] if refusals else None,
    )
