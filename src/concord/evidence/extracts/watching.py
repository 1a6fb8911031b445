"""A folder into which suppliers put files: each is received when it has stopped growing, and moved beside its report.

Nothing is remembered between looks but sizes, so a watch that is killed goes on where it was: a file is received
(which the same content twice does not repeat), then its report is written, and last it is moved away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from concord.evidence.extracts.arrivals import SHAPEFILE_PARTS
from concord.evidence.extracts.contracts import SharingAgreement
from concord.evidence.extracts.files import Clock, explaining_disk, make_folder, moment, one_at_a_time, write_bytes
from concord.evidence.extracts.loading import FilesRefused, load, load_any
from concord.evidence.extracts.outcomes import LoadResult
from concord.evidence.extracts.receipts import REFUSED
from concord.kernel.errors import ConcordError, Environment, Where
from concord.strategy.shapes.feed import Feed

RECEIVED, REFUSED_FOLDER = "received", "refused"
LOCK = ".concord-watch.lock"
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".swp")
"""How programs that copy files name one that is not all there yet."""


@dataclass(frozen=True, slots=True)
class Handled:
    """One file of the folder, dealt with: where it and its report lie now, and what became of what was in it."""

    file: str
    accepted: bool
    moved_to: Path
    report: Path
    results: tuple[LoadResult, ...]
    error: ConcordError | None


@dataclass(slots=True)
class Watch:
    """A watched folder. A sub-folder named after a feed holds that feed's files; in any other the headings tell."""

    folder: Path
    home: Path
    feeds: Mapping[str, Feed]
    agreements: Mapping[str, SharingAgreement]
    clock: Clock
    seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def alone(self) -> object:
        """Holds the folder for one watch. Raises Environment where another has it."""

        def busy() -> None:
            raise Environment(
                f"Another watch looks after {self.folder}.",
                where=Where(file=self.folder / LOCK),
                next_step="Leave it to that one, or stop it first.",
            )

        return one_at_a_time(self.folder / LOCK, on_wait=busy)

    def look(self) -> list[Handled]:
        """Receives every file whose size and time have not changed since the last look; remembers those of the others.

        Raises Environment for a full disk or a missing permission; the file then stays where it was.
        """
        handled: list[Handled] = []
        before, self.seen = self.seen, {}
        for main, parts in self._waiting():
            state = {part: _state(part) for part in parts}
            self.seen |= {part: now for part, now in state.items() if now is not None}
            if all(now is not None and before.get(part) == now for part, now in state.items()):
                handled.append(self._receive(main, parts))
                for part in parts:
                    self.seen.pop(part, None)
        return handled

    def _waiting(self) -> list[tuple[Path, list[Path]]]:
        """The files that wait, each with those that belong to it: a shapefile is several."""
        found = []
        for path in sorted(self.folder.rglob("*")):
            inside = path.relative_to(self.folder)
            if inside.parts[0] in (RECEIVED, REFUSED_FOLDER) or any(p.startswith((".", "~$")) for p in inside.parts):
                continue
            if path.is_file() and not path.is_symlink() and path.suffix.lower() not in _UNFINISHED:
                found.append(path)
        stems = {path.with_suffix("") for path in found if path.suffix.lower() == ".shp"}
        waiting = []
        for path in found:
            end = next((e for e in SHAPEFILE_PARTS if path.name.lower().endswith(e)), None)
            if end is not None and path.with_name(path.name[: -len(end)]) in stems:
                continue
            parts = [path]
            if path.suffix.lower() == ".shp":
                parts += [p for p in found if any(p.name.lower() == path.stem.lower() + e for e in SHAPEFILE_PARTS)]
                parts = [p for p in parts if p.parent == path.parent]
            waiting.append((path, parts))
        return waiting

    def _receive(self, main: Path, parts: Sequence[Path]) -> Handled:
        now = moment(self.clock)
        results, error = self._load(main)
        accepted = error is None
        target = self._free(RECEIVED if accepted else REFUSED_FOLDER, now, main, parts)
        report = target.with_name(f"{target.name}.report.txt")
        write_bytes(report, _report(main, now, results, error, accepted=accepted).encode())
        for part in sorted(parts, key=lambda p: p == main):
            end = part.name[len(main.stem) :] if part != main else main.suffix
            with explaining_disk(target):
                part.rename(target.with_name(target.name[: len(target.name) - len(main.suffix)] + end))
        return Handled(str(main.relative_to(self.folder)), accepted, target, report, tuple(results), error)

    def _load(self, main: Path) -> tuple[list[LoadResult], ConcordError | None]:
        feed = self.feeds.get(main.relative_to(self.folder).parts[0]) if main.parent != self.folder else None
        try:
            if feed is not None:
                return load(self.home, feed, [main], agreements=self.agreements, clock=self.clock), None
            return load_any(self.home, self.feeds, [main], agreements=self.agreements, clock=self.clock), None
        except FilesRefused as error:
            return list(error.results), error
        except Environment:
            raise
        except ConcordError as error:
            return [], error

    def _free(self, kind: str, now: datetime, main: Path, parts: Sequence[Path]) -> Path:
        """A name for the file that none of its parts would share with another."""
        folder = make_folder(self.folder / kind / f"{now:%Y-%m-%d}", private=True)
        ends = [part.name[len(main.stem) :] for part in parts]
        number = 1
        while True:
            stem = main.stem if number == 1 else f"{main.stem} ({number})"
            if not any((folder / (stem + end)).exists() for end in ends):
                return folder / (stem + main.suffix)
            number += 1


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of a file, None where it has gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _report(
    main: Path, now: datetime, results: Sequence[LoadResult], error: ConcordError | None, *, accepted: bool
) -> str:
    """What became of a file, for whoever put it there. Values that identify anyone are not in it."""
    lines = [
        f"{main.name}: {'received' if accepted else 'refused'}",
        f"Looked at on {now:%d %B %Y at %H:%M}.",
        "",
    ]
    if error is not None:
        lines += [str(error), ""]
    for result in results:
        lines.append(
            f"{result.file} [{result.status}]"
            + (f" feed {result.feed}" if result.feed else "")
            + f": {result.rows:,} rows, {result.accepted:,} accepted, {result.quarantined:,} set aside"
        )
        lines += [f"  {note}" for note in result.notes]
        if result.status == REFUSED and result.error is not None and result.error is not error:
            lines += [f"  {line}" for line in str(result.error).splitlines()]
    for result in results:
        if result.error_report is not None and result.error_report.is_file():
            lines += ["", result.error_report.read_text(encoding="utf-8").rstrip()]
    return "\n".join(lines).rstrip() + "\n"
