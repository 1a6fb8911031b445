"""From a draft to its readers: settle an edition, approve it, give it out, and make it again to the byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import FIXED, EditionLine, EditionPage, NotReady
from concord.desk.sharing.session import as_viewer
from concord.evidence.disclosure import queue
from concord.evidence.disclosure.files import write_whole
from concord.evidence.disclosure.model import Release
from concord.jobs import figures, folders, site
from concord.jobs.drafting import (
    Clock,
    Figures,
    Say,
    figures_of,
    folder,
    prepared,
    standing,
)
from concord.jobs.layout import (
    Frozen,
    as_json,
    both_editions,
    digests,
    frozen_from,
    frozen_path,
    one_edition,
    released,
    source_of,
)
from concord.kernel.errors import Refused, Where
from concord.strategy import Partnership


def preview(home: Path, partnership: Partnership, page: EditionPage, edition: str, clock: Clock) -> Path:
    """The folder of an edition as it would be read now, made from what waits in the queue. Kept until it changes.

    `edition` is "public" or "restricted". Raises BadInput for what stops the build.
    """
    found = frozen_from(home, partnership, page, by="")
    out = folder(home, page.line.edition_id) / "preview" / f"{edition}-{found.digest[:16]}"
    if not out.is_dir():
        made = figures_of(home, page.line.edition_id, page.line.figures)
        releases = prepared(home, made) if made else {}
        for old in out.parent.glob(f"{edition}-*"):
            shutil.rmtree(old, ignore_errors=True)
        with _beside(out) as fresh:
            one_edition(home, found, made, releases, edition, fresh, lambda: page.line.asked_at or clock())
    return out


def freeze(
    home: Path, partnership: Partnership, *, viewer: Viewer, edition_id: UUID, reason: str, version: int, clock: Clock
) -> str:
    """Settle an edition and ask for its approval. Both editions are laid out once, and the public one is searched for
    what is kept back, before anybody is asked to look. Returns the digest of what was settled.

    Raises NotReady with everything that is missing, Refused where the public edition would give something away, and
    as `operations.freeze`.
    """
    at = clock()
    page = queries.edition(viewer, edition_id, at=at)
    found = frozen_from(home, partnership, page, by=viewer.display_name)
    with as_viewer(viewer, at=at):
        operations.freeze(
            viewer=viewer,
            edition_id=edition_id,
            standing=standing(home, partnership, page),
            frozen=found.digest,
            reason=reason,
            version=version,
            at=at,
        )
        made = figures_of(home, edition_id, page.line.figures)
        releases = prepared(home, made) if made else {}
        with tempfile.TemporaryDirectory(prefix="edition-", dir=_made_folder(home, edition_id)) as scratch:
            both_editions(home, found, made, releases, Path(scratch), lambda: at)
        write_whole(frozen_path(home, edition_id, found.digest), found.bytes())
    return found.digest


def approve(
    home: Path, *, viewer: Viewer, edition_id: UUID, reason: str, version: int, clock: Clock
) -> tuple[Release, ...]:
    """Approve an edition and let its figures out, all of them or none. Each is attacked again with what came out since
    it was asked for. Raises as `operations.approve` and as the release queue does; then nothing was approved."""
    at = clock()
    with as_viewer(viewer, at=at):
        operations.approve(viewer=viewer, edition_id=edition_id, reason=reason, version=version, at=at)
        found = frozen(home, queries.edition(viewer, edition_id, at=at).line)
        waiting = [
            each
            for each in queue.in_bundle(home, found.bundle)
            if each.bundle == found.bundle and each.state == "pending"
        ]
        # A machine that stopped after the figures were let out and before the edition was: they are out already.
        if not waiting:
            return ()
        return queue.approve_bundle(home, found.bundle, by=viewer.display_name, reason=reason, clock=clock)


def give_out(
    home: Path, partnership: Partnership, *, viewer: Viewer, edition_id: UUID, version: int, clock: Clock, say: Say
) -> Path:
    """Lay out an approved edition, search the public one for what is kept back, and put it where its readers find it.

    The files are kept with their digests, so that they can be made again and compared. Returns their folder.
    Raises NotHere, NotAllowed, NotNow, ChangedMeanwhile, and Refused where a search finds something.
    """
    at = clock()
    line = queries.edition(viewer, edition_id, at=at).line
    found = frozen(home, line)
    made = figures_of(home, edition_id, found.figures)
    releases = released(home, found)
    say("writing pages and documents")
    out = folder(home, edition_id) / "given-out"
    with as_viewer(viewer, at=at):
        operations.give_out(viewer=viewer, edition_id=edition_id, version=version, at=at)
        with _beside(out) as fresh:
            titles = both_editions(home, found, made, releases, fresh, lambda: at)
            (fresh / "manifest.json").write_bytes(as_json(_manifest(fresh, found, at)))
        say("putting it where its readers look")
        site.place(home, partnership, _given(line, found, made, releases, titles, at, out))
    return out


def withdraw(
    home: Path, partnership: Partnership, *, viewer: Viewer, edition_id: UUID, reason: str, version: int, clock: Clock
) -> None:
    """Take an edition back from its readers: its page says that it was withdrawn, when and why. A draft is given up,
    and what it asked for is withdrawn from the queue. Raises as `operations.withdraw`."""
    at = clock()
    line = queries.edition(viewer, edition_id, at=at).line
    with as_viewer(viewer, at=at):
        operations.withdraw(viewer=viewer, edition_id=edition_id, reason=reason, version=version, at=at)
        close_requests(home, edition_id, viewer, reason, at)
        if line.state in ("published", "superseded"):
            key = source_of(frozen(home, line), figures_of(home, edition_id, line.figures)).publication.key
            site.take_down(home, partnership, key, line.name, reason=reason, at=at)


def send_back(home: Path, *, viewer: Viewer, edition_id: UUID, reason: str, version: int, clock: Clock) -> None:
    """Back to writing. The figures stay in the queue until they are made again. Raises as `operations.send_back`."""
    operations.send_back(viewer=viewer, edition_id=edition_id, reason=reason, version=version, at=clock())


def close_requests(home: Path, edition_id: UUID, viewer: Viewer, reason: str, at: datetime) -> None:
    """What an edition that is given up asked for leaves the queue: refused by another person, withdrawn by its own."""
    for each in queue.in_bundle(home, f"{edition_id}/"):
        if each.state == "pending":
            own = each.requested_by.casefold() == viewer.display_name.casefold()
            (queue.withdraw if own else queue.refuse)(
                home, each.id, by=viewer.display_name, reason=reason, clock=lambda: at
            )


def frozen(home: Path, line: EditionLine) -> Frozen:
    """What was settled. Raises NotReady where nothing is, Refused where the file is not as it was settled."""
    if not line.frozen or line.state not in FIXED:
        raise NotReady("Nothing is settled in this edition yet.", next_step="Settle it and ask for its approval.")
    path = frozen_path(home, line.edition_id, line.frozen)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != line.frozen:
        raise Refused(
            "The edition is not as it was settled",
            where=Where(path),
            why="Its file is gone or was changed.",
            next_step="Restore it from a backup, or send the edition back and settle it again.",
        )
    return Frozen(**json.loads(content))


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """An edition made again: how many figures computed to the same values, how many files came out byte for byte the
    same, and which did not."""

    figures: int
    files: int
    other_figures: tuple[str, ...]
    other_files: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.other_figures and not self.other_files

    def as_dict(self) -> dict[str, Any]:
        return {
            "same": self.same,
            "figures": self.figures,
            "files": self.files,
            "other_figures": list(self.other_figures),
            "other_files": list(self.other_files),
        }


def make_again(home: Path, partnership: Partnership, line: EditionLine, say: Say) -> MadeAgain:
    """Compute every figure of a given-out edition again from the versions of the data it came from, lay both editions
    out again, and compare every byte. Raises NotReady for one that was not given out."""
    found = frozen(home, line)
    out = folder(home, line.edition_id) / "given-out"
    if not (out / "manifest.json").is_file():
        raise NotReady("This edition was not given out.", next_step="Publish it first.")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    at = datetime.fromisoformat(manifest["given_out_at"])
    releases = released(home, found)
    other_figures, computed = [], 0
    for name, release in {release.id: (name, release) for name, release in releases.items()}.values():
        say(f"computing {name.replace('_', ' ')} again")
        for table in release.tables:
            again = figures.recompute(home, table.code, partnership)
            computed += 1
            if not (again.matches and again.same_finding):
                other_figures.append(table.code)
    say("writing it again")
    made = figures_of(home, line.edition_id, found.figures)
    with tempfile.TemporaryDirectory(prefix="edition-", dir=_made_folder(home, line.edition_id)) as scratch:
        both_editions(home, found, made, releases, Path(scratch), lambda: at)
        again_files = digests(Path(scratch))
    names = {*again_files, *manifest["files"]}
    other = sorted(name for name in names if again_files.get(name) != manifest["files"].get(name))
    return MadeAgain(computed, len(again_files), tuple(other_figures), tuple(other))


def _given(
    line: EditionLine,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    titles: Mapping[str, str],
    at: datetime,
    out: Path,
) -> site.Given:
    publication = source_of(found, made).publication
    readings = dict(made.readings) if made else {}
    longest = max((each.period for each in releases.values()), key=lambda one: (one.days, one.start), default=None)
    return site.Given(
        key=publication.key,
        edition=line.name,
        title=publication.title,
        summary=publication.summary,
        audience=publication.audience,
        restricted_audience=publication.restricted_audience,
        at=at,
        folder=out,
        period=longest.label if longest else "",
        titles=titles,
        readings=readings if publication.headlines else {},
    )


def _manifest(out: Path, found: Frozen, at: datetime) -> dict[str, Any]:
    return {"frozen": found.digest, "given_out_at": at.isoformat(), "files": digests(out)}


def _made_folder(home: Path, edition_id: UUID) -> Path:
    found = folder(home, edition_id)
    found.mkdir(parents=True, exist_ok=True)
    return found


def _beside(out: Path) -> Any:
    return folders.new_folder(out, keep=True)
