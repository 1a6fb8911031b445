"""Files as they were received, kept under the digest of their content."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from concord.evidence.extracts.arrivals import Arrival, Outer
from concord.evidence.extracts.files import explaining_disk, flush, make_folder, publish, temporary
from concord.evidence.extracts.opening import Opened
from concord.evidence.extracts.sealing import key, seal
from concord.strategy.shapes.feed import Feed


@dataclass(frozen=True, slots=True)
class Inside:
    """A file that came in an archive: how to read it again, its own digest, and how its name ends."""

    arrival: Arrival
    outer: Outer
    sha256: str
    suffix: str


@dataclass(slots=True)
class Landing:
    """The landing folder of one feed, during one run. `unsettled` are folders whose names are not yet on the disk."""

    home: Path
    feed: Feed
    work: Path
    unsettled: set[Path] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def settle(self) -> None:
        """Returns when every file kept in this run will be there after a loss of power."""
        for folder in sorted(self.unsettled):
            flush(folder)

    def keep(self, arrival: Arrival, opened: Opened, sha256: str) -> str | Inside:
        """Keeps a file as received; encrypted where it identifies anyone. What came in an archive waits until all of
        the archive has been looked at."""
        if arrival.outer is not None:
            return Inside(arrival, arrival.outer, sha256, opened.kind.suffix)
        for end, _ in arrival.beside:
            self._put(sha256, opened.path.with_name(opened.path.stem + end), end)
        return self._put(sha256, opened.path, opened.kind.suffix)

    def keep_inside(self, inside: Inside, spoiled: Collection[str]) -> str:
        """Keeps the archive a file came in as received, or the file alone where the archive is `spoiled`: it also held
        what was refused, and what was refused is not kept."""
        if inside.outer.sha256 not in spoiled:
            return self._put(inside.outer.sha256, inside.outer.path, inside.outer.suffix, linked=True)
        parts = [(inside.suffix, inside.arrival.open), *inside.arrival.beside]
        for end, opened in reversed(parts):
            copy = temporary(self.work)
            with explaining_disk(copy), opened() as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            kept = self._put(inside.sha256, copy, end)
        return kept

    def _put(self, digest: str, source: Path, suffix: str, *, linked: bool = False) -> str:
        folder = make_folder(self.home / "landing" / self.feed.key, private=True)
        secret = self.feed.holds_identifiers
        final = folder / f"{digest}{suffix}{'.sealed' if secret else ''}"
        with self.lock:
            if not final.exists():
                unfinished = temporary(self.work)
                if secret:
                    with source.open("rb") as plain, unfinished.open("wb") as sealed:
                        seal(plain, sealed, key(self.home, "landing"))
                    unfinished.chmod(0o600)
                    publish(unfinished, final, settle=False)
                elif linked:
                    os.link(source, unfinished)
                    publish(unfinished, final, settle=False)
                else:
                    publish(source, final, settle=False)
                self.unsettled.add(folder)
        return str(final.relative_to(self.home))
