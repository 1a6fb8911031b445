"""The record of every request, release and refusal, in order. Each line holds the digest of the line before it.

Changing, removing or reordering a line breaks the chain at that line; cutting the end off leaves release files that
no line accounts for. `verify` finds both. Lines that belong together (a bundle approved whole) count only when all of
them are there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from concord.evidence.disclosure.files import canonical, sha256
from concord.kernel.errors import Environment, Refused, Where

_FIRST = "0" * 64
Event = Literal["requested", "approved", "released", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `digest` is the SHA-256 of the release file (of the request file where it is `requested`), empty for a
    refusal or withdrawal; `universes` are what it counts; `detail` is the reason given.

    `request` and `bundle` name the request in the queue that the line is about. The line is the `part`th `of` those
    written together.
    """

    number: int
    at: str
    event: Event
    release: str
    finding: str
    audience: str
    rule: str
    requested_by: str
    approved_by: str
    digest: str
    universes: tuple[str, ...]
    detail: str
    previous: str
    hash: str
    request: str = ""
    bundle: str = ""
    part: int = 1
    of: int = 1

    @property
    def releases(self) -> bool:
        """Whether from this line on its release is out."""
        return self.event in ("released", "approved")


@dataclass(slots=True)
class _Read:
    """Lines read and checked already, so that a long ledger is not checked from the start for every line it gets."""

    digest: bytes = b""
    size: int = 0
    entries: tuple[Entry, ...] = ()


_READ: dict[Path, _Read] = {}


def _hash(fields: dict[str, object]) -> str:
    return hashlib.sha256(canonical({k: v for k, v in fields.items() if k != "hash"}).encode()).hexdigest()


class Ledger:
    """`releases/ledger.jsonl` in a home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "releases"
        self.path = self._folder / "ledger.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the ledger: two releases judged at once could each be safe and together not."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / ".lock").open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._drop_torn_line()
                yield
        except OSError as problem:
            raise Environment(
                "Could not open the release ledger",
                where=Where(file=self._folder),
                why=problem.strerror or str(problem),
                next_step="make the folder writable and try again",
            ) from problem

    def _drop_torn_line(self) -> None:
        """Lines without their end, or without the others of their batch, were being written when the machine stopped;
        they were never acknowledged."""
        if self.path.exists():
            content = self.path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            lines = whole.splitlines(keepends=True)
            kept = len(lines) - _unfinished(lines)
            size = sum(map(len, lines[:kept]))
            if size < len(content):
                with self.path.open("r+b") as handle:
                    handle.truncate(size)
                    os.fsync(handle.fileno())

    def entries(self) -> list[Entry]:
        """Every line, oldest first. Raises Refused where a line cannot be read or the chain is broken."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        content = content[: content.rfind(b"\n") + 1]
        read = _READ.get(self.path, _Read())
        if not read.size or hashlib.sha256(content[: read.size]).digest() != read.digest:
            read = _Read()
        found = list(read.entries)
        lines = content[read.size :].splitlines()
        lines = lines[: len(lines) - _unfinished(lines)]
        previous = found[-1].hash if found else _FIRST
        for number, line in enumerate(lines, start=len(found) + 1):
            try:
                fields = json.loads(line)
                entry = Entry(**{**fields, "universes": tuple(fields["universes"])})
            except (ValueError, TypeError, KeyError) as problem:
                raise self._broken(number, "the line cannot be read") from problem
            if entry.number != number or entry.previous != previous:
                raise self._broken(number, "it does not follow the line before it")
            if _hash(fields) != entry.hash:
                raise self._broken(number, "its content is not what was written")
            previous = entry.hash
            found.append(entry)
        size = read.size + sum(len(line) + 1 for line in lines)
        _READ[self.path] = _Read(hashlib.sha256(content[:size]).digest(), size, tuple(found))
        return found

    def _broken(self, line: int, why: str) -> Refused:
        return Refused(
            "The release ledger has been changed",
            where=Where(file=self.path, line=line),
            why=why,
            next_step="restore releases/ from a backup; nothing can be released until the ledger is whole",
        )

    def append(
        self,
        event: Event,
        *,
        at: datetime,
        release: str,
        finding: str,
        audience: str,
        rule: str,
        requested_by: str,
        approved_by: str,
        universes: tuple[str, ...],
        digest: str = "",
        detail: str = "",
        request: str = "",
        bundle: str = "",
    ) -> Entry:
        """Add a line, on disk before this returns. Call with the ledger `locked`."""
        line = {name: value for name, value in locals().items() if name not in ("self", "at")}
        return self.append_all([line], at=at)[0]

    def append_all(self, lines: Sequence[Mapping[str, Any]], *, at: datetime) -> list[Entry]:
        """Add lines that count together or not at all, on disk before this returns. Call with the ledger `locked`.

        Each line holds what `append` takes.
        """
        before = self.entries()
        previous = before[-1].hash if before else _FIRST
        made: list[Entry] = []
        written = []
        for part, line in enumerate(lines, start=1):
            fields: dict[str, object] = {
                "digest": "",
                "detail": "",
                "request": "",
                "bundle": "",
                **line,
                "number": len(before) + part,
                "at": at.isoformat(),
                "universes": list(line["universes"]),
                "part": part,
                "of": len(lines),
                "previous": previous,
            }
            fields["hash"] = previous = _hash(fields)
            written.append(json.dumps(fields, ensure_ascii=False) + "\n")
            made.append(Entry(**{**fields, "universes": tuple(line["universes"])}))  # type: ignore[arg-type]
        with self.path.open("a", encoding="utf-8") as handle:
            handle.write("".join(written))
            handle.flush()
            os.fsync(handle.fileno())
        return made

    def released(self, release: str) -> Entry | None:
        """The line that released `release`, or None."""
        return next((entry for entry in self.entries() if entry.release == release and entry.releases), None)

    def verify(self) -> int:
        """The number of lines, all of them whole, and every release file accounted for and unchanged.

        Raises Refused naming the first line or file that is not.
        """
        entries = self.entries()
        digests = {entry.release: entry.digest for entry in reversed(entries) if entry.releases}
        for release, digest in digests.items():
            path = self._folder / f"{release}.json"
            if not path.exists():
                raise Refused(
                    f"Release “{release}” is in the ledger but its file is gone",
                    where=Where(file=path),
                    next_step="restore releases/ from a backup",
                )
            if sha256(path.read_bytes()) != digest:
                raise Refused(
                    f"Release “{release}” has been changed since it was approved",
                    where=Where(file=path),
                    next_step="restore the file from a backup; releases are never edited",
                )
        self._verify_requests(entries)
        for path in sorted(self._folder.glob("*.json")):
            if path.stem not in digests:
                raise Refused(
                    f"Release “{path.stem}” is in no line of the ledger",
                    where=Where(file=path),
                    why="a line was cut off, or the machine stopped before the release was complete",
                    next_step="make the release again: the same finding under the same rule completes it",
                )
        return len(entries)

    def _verify_requests(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.event == "requested":
                path = self._folder / "requests" / f"{entry.request}.json"
                if not path.exists() or sha256(path.read_bytes()) != entry.digest:
                    raise Refused(
                        f"Request “{entry.request}” is not as it was made",
                        where=Where(file=path),
                        why="its file is gone or does not match the ledger",
                        next_step="restore releases/ from a backup; requests are never edited",
                    )


def _unfinished(lines: Sequence[bytes]) -> int:
    """How many lines at the end belong to a batch whose last line is not there."""
    if not lines:
        return 0
    try:
        last = json.loads(lines[-1])
        part, of = int(last.get("part", 1)), int(last.get("of", 1))
    except (ValueError, TypeError, AttributeError):
        return 0  # not torn but spoilt: reading says so
    return min(part, len(lines)) if part < of else 0
