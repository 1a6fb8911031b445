"""Files as they were received, kept under the digest of their content."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from concord.evidence.extracts.arrivals import Arrival, Outer
from concord.evidence.extracts.files import flush, make_folder, publish, temporary
from concord.evidence.extracts.opening import Opened
from concord.evidence.extracts.sealing import key, seal
from concord.strategy.shapes.feed import Feed


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

    def keep(self, arrival: Arrival, opened: Opened, sha256: str) -> str:
        """Keeps the file, or the archive it came in, as received; encrypted where it identifies anyone."""
        outer: Outer | None = arrival.outer
        if outer is not None:
            return self._put(outer.sha256, outer.path, outer.suffix, linked=True)
        for end, _ in arrival.beside:
            self._put(sha256, opened.path.with_name(opened.path.stem + end), end)
        return self._put(sha256, opened.path, opened.kind.suffix)

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
