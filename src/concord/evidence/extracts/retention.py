"""How long raw files stay: what is past its time, what is held back, and a certificate for what was erased.

A contract's `retention_months` count from the day a file was received. When they have passed, the file as it came, the
rows set aside with their report, and the sealed identifiers go; the receipt and the dataset under pseudonyms stay.
Every hold and every erasure is an entry in one chain of numbered files, each carrying the digest of the one before. An
erasure is entered as planned before the first file goes and as done after the last, so that a run that dies in between
is finished by the next, and never looks finished when it is not.
"""

from __future__ import annotations

import calendar
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from concord.evidence.extracts.files import (
    Clock,
    explaining_disk,
    flush,
    make_folder,
    moment,
    one_at_a_time,
    to_json,
    write_bytes,
)
from concord.evidence.extracts.receipts import LOADED, Receipt, receipts
from concord.evidence.extracts.versions import digest
from concord.kernel.errors import BadInput, Refused, Usage, Where
from concord.strategy.shapes.feed import Feed

HELD, LIFTED, PLANNED, DONE = "held", "lifted", "erasure planned", "erased"


@dataclass(frozen=True, slots=True)
class Expired:
    """Raw files of one feed whose time is up. `files` are paths inside the home folder; `ends_on` the day the last
    receipt that needs them ran out; `held` the reason they stay all the same, if they do."""

    feed: str
    files: tuple[str, ...]
    receipts: tuple[str, ...]
    names: tuple[str, ...]
    ends_on: date
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the retention record. `digests` maps each erased file to the SHA-256 it had."""

    number: int
    kind: str
    feed: str
    at: str
    by: str
    why: str
    files: Mapping[str, str]
    receipts: tuple[str, ...]
    previous: str | None
    sha256: str


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def record(home: Path) -> list[Entry]:
    """The retention record, oldest first. Raises BadInput where an entry is missing, changed or out of its place."""
    folder, entries, previous = home / "retention", [], None
    for number, file in enumerate(sorted(folder.glob("[0-9]*.json")), start=1):
        content = file.read_bytes()
        try:
            raw: dict[str, Any] = json.loads(content)
            entry = Entry(**{**raw, "receipts": tuple(raw["receipts"]), "sha256": hashlib.sha256(content).hexdigest()})
        except (ValueError, TypeError, KeyError) as error:
            raise _broken(file, "it cannot be read") from error
        if entry.number != number or file.name != f"{number:06d}.json":
            raise _broken(file, "an entry before it is missing")
        if entry.previous != previous:
            raise _broken(file, "an entry before it was changed")
        previous = entry.sha256
        entries.append(entry)
    return entries


def _broken(file: Path, why: str) -> BadInput:
    return BadInput(
        "The retention record is not whole.",
        where=Where(file=file),
        why=f"At this entry {why}.",
        next_step="Restore the folder from a backup. Nothing was erased in this run.",
    )


def holds(entries: Iterable[Entry]) -> dict[str, str]:
    """Why each feed under a hold is held."""
    held: dict[str, str] = {}
    for entry in entries:
        if entry.kind == HELD:
            held[entry.feed] = f"{entry.why} (held by {entry.by} on {entry.at[:10]})"
        elif entry.kind == LIFTED:
            held.pop(entry.feed, None)
    return held


def erased(home: Path) -> frozenset[str]:
    """Paths inside the home folder that were erased, or are about to be."""
    return frozenset(file for entry in record(home) if entry.kind in (PLANNED, DONE) for file in entry.files)


def expired(home: Path, feeds: Mapping[str, Feed], day: date) -> list[Expired]:
    """What would be erased on `day`, each archive and file once, the longest expired first.

    An archive stays until the last of its members has run out. Feeds without `retention_months` keep their files.
    """
    held = holds(record(home))
    found = []
    for feed in feeds.values():
        if feed.retention_months is None:
            continue
        # What one landed file or archive carries ends together, with the youngest of its receipts.
        carried: dict[str, list[Receipt]] = {}
        for receipt in receipts(home, feed.key):
            if receipt.status == LOADED or receipt.quarantine:
                carried.setdefault(receipt.landing or receipt.id, []).append(receipt)
        for together in carried.values():
            ends_on = max(months_after(receipt.when.date(), feed.retention_months) for receipt in together)
            files = sorted({file for receipt in together for file in _raw_files(home, receipt)})
            if ends_on <= day and files:
                found.append(
                    Expired(
                        feed=feed.key,
                        files=tuple(files),
                        receipts=tuple(sorted(receipt.id for receipt in together)),
                        names=tuple(sorted({receipt.file for receipt in together})),
                        ends_on=ends_on,
                        held=held.get(feed.key),
                    )
                )
    return sorted(found, key=lambda each: (each.ends_on, each.feed, each.files))


def _raw_files(home: Path, receipt: Receipt) -> list[str]:
    named = [receipt.quarantine, receipt.error_report]
    if receipt.landing is not None:
        # A shapefile is several files, which landed under one digest.
        landed = home / receipt.landing
        named += [str(f.relative_to(home)) for f in landed.parent.glob(f"{landed.name.partition('.')[0]}.*")]
    if receipt.dataset is not None:
        named.append(f"identifiers/{receipt.dataset}/{receipt.id}.sealed")
    return [name for name in named if name is not None and (home / name).is_file()]


def erase(home: Path, feeds: Mapping[str, Feed], *, by: str, clock: Clock) -> list[Entry]:
    """Erases what is past its time and not held; returns the certificates, one for each feed.

    Finishes first what a killed run had planned. Raises BadInput where the record is not whole, Usage without a name.
    """
    _named(by)
    with _alone(home):
        entries = record(home)
        finished = {(e.feed, tuple(e.files)) for e in entries if e.kind == DONE}
        made = []
        for planned in [e for e in entries if e.kind == PLANNED and (e.feed, tuple(e.files)) not in finished]:
            made.append(_carry_out(home, planned, clock))
        due: dict[str, list[Expired]] = {}
        for each in expired(home, feeds, moment(clock).date()):
            if each.held is None:
                due.setdefault(each.feed, []).append(each)
        for key, several in due.items():
            files = sorted({file for each in several for file in each.files})
            months = feeds[key].retention_months
            planned = _enter(
                home,
                PLANNED,
                key,
                by,
                f"{months} months after receipt have passed, as the contract of “{feeds[key].title}” says.",
                clock,
                files={file: digest(home / file) for file in files},
                receipts=tuple(sorted({r for each in several for r in each.receipts})),
            )
            made.append(_carry_out(home, planned, clock))
        return made


def _carry_out(home: Path, planned: Entry, clock: Clock) -> Entry:
    for file in planned.files:
        with explaining_disk(home / file):
            (home / file).unlink(missing_ok=True)
            if (home / file).parent.is_dir():
                flush((home / file).parent)
    return _enter(
        home, DONE, planned.feed, planned.by, planned.why, clock, files=planned.files, receipts=planned.receipts
    )


def hold(home: Path, feed: str, *, by: str, why: str, clock: Clock) -> Entry:
    """Keeps a feed's raw files past their time, for an inquest or a claim. Raises Usage without name and reason."""
    _named(by, why)
    with _alone(home):
        return _enter(home, HELD, feed, by, why, clock)


def lift(home: Path, feed: str, *, by: str, why: str, clock: Clock) -> Entry:
    """Ends a hold. Raises Refused where the feed is not held."""
    _named(by, why)
    with _alone(home):
        if feed not in holds(record(home)):
            raise Refused(
                f"Feed “{feed}” is not held.", next_step="See what is held with: concord retention", where=None
            )
        return _enter(home, LIFTED, feed, by, why, clock)


def _named(by: str, why: str | None = None) -> None:
    if not by.strip() or (why is not None and not why.strip()):
        raise Usage(
            "Say who decides this" + ("" if why is None else " and why") + ".",
            next_step="Add --by NAME" + ("." if why is None else " and --why TEXT."),
        )


def _alone(home: Path) -> Any:
    # The lock of loading: no file may arrive while others go.
    return one_at_a_time(home / "receipts" / ".lock")


def _enter(
    home: Path,
    kind: str,
    feed: str,
    by: str,
    why: str,
    clock: Clock,
    *,
    files: Mapping[str, str] | None = None,
    receipts: tuple[str, ...] = (),
) -> Entry:
    entries = record(home)
    raw = {
        "number": len(entries) + 1,
        "kind": kind,
        "feed": feed,
        "at": moment(clock).isoformat(),
        "by": by.strip(),
        "why": why.strip(),
        "files": dict(files or {}),
        "receipts": list(receipts),
        "previous": entries[-1].sha256 if entries else None,
    }
    content = to_json(raw)
    folder = make_folder(home / "retention", private=True)
    write_bytes(folder / f"{raw['number']:06d}.json", content, only_new=True, private=True)
    return Entry(**{**raw, "receipts": receipts, "sha256": hashlib.sha256(content).hexdigest()})
