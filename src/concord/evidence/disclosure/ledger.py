"""The record of every release and refusal, in order. Each line holds the digest of the line before it.

Changing, removing or reordering a line breaks the chain at that line; cutting the end off leaves release files that
no line accounts for. `verify` finds both.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from concord.evidence.disclosure.files import canonical, sha256
from concord.kernel.errors import Environment, Refused, Where

_FIRST = "0" * 64
Event = Literal["released", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `digest` is the SHA-256 of the release file; empty for a refusal. `universes` are what it counts."""

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
        """A last line without its end was being written when the machine stopped; it was never acknowledged."""
        if self.path.exists():
            content = self.path.read_bytes()
            if content and not content.endswith(b"\n"):
                with self.path.open("r+b") as handle:
                    handle.truncate(content.rfind(b"\n") + 1)
                    os.fsync(handle.fileno())

    def entries(self) -> list[Entry]:
        """Every line, oldest first. Raises Refused where a line cannot be read or the chain is broken."""
        if not self.path.exists():
            return []
        found: list[Entry] = []
        previous = _FIRST
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        for number, line in enumerate(lines, start=1):
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
    ) -> Entry:
        """Add a line, on disk before this returns. Call with the ledger `locked`."""
        before = self.entries()
        fields: dict[str, object] = {
            "number": len(before) + 1,
            "at": at.isoformat(),
            "event": event,
            "release": release,
            "finding": finding,
            "audience": audience,
            "rule": rule,
            "requested_by": requested_by,
            "approved_by": approved_by,
            "digest": digest,
            "universes": list(universes),
            "detail": detail,
            "previous": before[-1].hash if before else _FIRST,
        }
        fields["hash"] = _hash(fields)
        with self.path.open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(fields, ensure_ascii=False) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        return Entry(**{**fields, "universes": universes})  # type: ignore[arg-type]

    def released(self, release: str) -> Entry | None:
        """The line that released `release`, or None."""
        return next((e for e in self.entries() if e.release == release and e.event == "released"), None)

    def verify(self) -> int:
        """The number of lines, all of them whole, and every release file accounted for and unchanged.

        Raises Refused naming the first line or file that is not.
        """
        entries = self.entries()
        digests = {entry.release: entry.digest for entry in entries if entry.event == "released"}
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
        for path in sorted(self._folder.glob("*.json")):
            if path.stem not in digests:
                raise Refused(
                    f"Release “{path.stem}” is in no line of the ledger",
                    where=Where(file=path),
                    why="a line was cut off, or the machine stopped before the release was complete",
                    next_step="make the release again: the same finding under the same rule completes it",
                )
        return len(entries)
