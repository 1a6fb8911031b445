"""From a draft to its readers: settle an edition, approve it, give it out, and make it again to the byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from concord import __version__
from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import FIXED, EditionLine, EditionPage, NotReady
from concord.desk.sharing.session import as_viewer
from concord.evidence.disclosure import load_release, queue
from concord.evidence.disclosure.files import write_whole
from concord.evidence.disclosure.model import Release
from concord.evidence.publications import Published, leaks, narrative, render
from concord.evidence.publications.document import load_areas
from concord.jobs import assessment, figures, site
from concord.jobs.drafting import (
    Clock,
    Figures,
    Say,
    audiences,
    figures_of,
    folder,
    grounds_of,
    prepared,
    standing,
)
from concord.kernel.errors import Refused, Where
from concord.strategy import Partnership, passages


@dataclass(frozen=True, slots=True)
class Frozen:
    """Everything an edition is made from, settled: nothing in it is looked up again in the partnership's folder.

    `texts` is each section's narrative by key, `releases` the release of each figure as it is cited. `areas` is the
    SHA-256 of the boundaries that maps are drawn with, kept in a file of that name; blank where there are none.
    """

    edition: str
    partnership: str
    partnership_name: str
    synthetic: bool
    figures: str
    bundle: str
    texts: Mapping[str, str]
    grounds: Mapping[str, str]
    kept_back: Mapping[str, str]
    releases: Mapping[str, str]
    audience: str
    restricted_audience: str
    areas: str
    asked_by: str
    made_by: str

    def bytes(self) -> bytes:
        return as_json({**asdict(self), "texts": dict(self.texts)})

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.bytes()).hexdigest()


def preview(home: Path, partnership: Partnership, page: EditionPage, edition: str, clock: Clock) -> Path:
    """The folder of an edition as it would be read now, made from what waits in the queue. Kept until it changes.

    `edition` is "public" or "restricted". Raises BadInput for what stops the build.
    """
    found = _frozen(home, partnership, page, by="")
    out = folder(home, page.line.edition_id) / "preview" / f"{edition}-{found.digest[:16]}"
    if not out.is_dir():
        made = figures_of(home, page.line.edition_id, page.line.figures)
        releases = prepared(home, made) if made else {}
        for old in out.parent.glob(f"{edition}-*"):
            shutil.rmtree(old, ignore_errors=True)
        with _beside(out) as fresh:
            _render(home, found, made, releases, edition, fresh, lambda: page.line.asked_at or clock())
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
    found = _frozen(home, partnership, page, by=viewer.display_name)
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
            _both(home, found, made, releases, Path(scratch), lambda: at)
        write_whole(_frozen_path(home, edition_id, found.digest), found.bytes())
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
        waiting = [each for each in queue.pending(home) if each.bundle == found.bundle]
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
    releases = _released(home, found)
    say("writing pages and documents")
    out = folder(home, edition_id) / "given-out"
    with as_viewer(viewer, at=at):
        operations.give_out(viewer=viewer, edition_id=edition_id, version=version, at=at)
        with _beside(out) as fresh:
            titles = _both(home, found, made, releases, fresh, lambda: at)
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
            site.take_down(home, partnership, line, reason=reason, at=at)


def send_back(home: Path, *, viewer: Viewer, edition_id: UUID, reason: str, version: int, clock: Clock) -> None:
    """Back to writing. The figures stay in the queue until they are made again. Raises as `operations.send_back`."""
    operations.send_back(viewer=viewer, edition_id=edition_id, reason=reason, version=version, at=clock())


def close_requests(home: Path, edition_id: UUID, viewer: Viewer, reason: str, at: datetime) -> None:
    """What an edition that is given up asked for leaves the queue: refused by another person, withdrawn by its own."""
    for each in queue.pending(home):
        if each.bundle.startswith(f"{edition_id}/"):
            own = each.requested_by.casefold() == viewer.display_name.casefold()
            (queue.withdraw if own else queue.refuse)(
                home, each.id, by=viewer.display_name, reason=reason, clock=lambda: at
            )


def frozen(home: Path, line: EditionLine) -> Frozen:
    """What was settled. Raises NotReady where nothing is, Refused where the file is not as it was settled."""
    if not line.frozen or line.state not in FIXED:
        raise NotReady("Nothing is settled in this edition yet.", next_step="Settle it and ask for its approval.")
    path = _frozen_path(home, line.edition_id, line.frozen)
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
    releases = _released(home, found)
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
        _both(home, found, made, releases, Path(scratch), lambda: at)
        again_files = _digests(Path(scratch))
    names = {*again_files, *manifest["files"]}
    other = sorted(name for name in names if again_files.get(name) != manifest["files"].get(name))
    return MadeAgain(computed, len(again_files), tuple(other_figures), tuple(other))


def as_json(value: Any) -> bytes:
    """The bytes of a record: the same for the same content, readable by a person."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


# --- laying out ------------------------------------------------------------------------------------------------------


def _frozen(home: Path, partnership: Partnership, page: EditionPage, *, by: str) -> Frozen:
    made = figures_of(home, page.line.edition_id, page.line.figures)
    if made is None:
        raise NotReady("The edition has no figures yet.", next_step="Make its figures first.")
    releases = {name: release.id for name, release in prepared(home, made).items()}
    readers = audiences(partnership, made.publication, restricted=True)
    return Frozen(
        edition=page.line.name,
        partnership=partnership.key,
        partnership_name=partnership.name,
        synthetic=partnership.synthetic,
        figures=page.line.figures,
        bundle=made.bundle,
        texts={key: each.text for key, each in sorted(page.blocks.items())},
        grounds=grounds_of(partnership),
        kept_back=dict(made.kept_back),
        releases=releases,
        audience=readers[0].audience.label,
        restricted_audience=readers[1].audience.label,
        areas=_keep_areas(home, partnership),
        asked_by=by,
        made_by=__version__,
    )


def _keep_areas(home: Path, partnership: Partnership) -> str:
    shapes = assessment.areas(home, partnership)
    if shapes is None:
        return ""
    content = json.dumps(shapes, sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    path = _areas_path(home, digest)
    if not path.is_file():
        write_whole(path, content)
    return digest


def _areas_path(home: Path, digest: str) -> Path:
    return home / "editions" / f"areas-{digest[:16]}.geojson"


def _frozen_path(home: Path, edition_id: UUID, digest: str) -> Path:
    return folder(home, edition_id) / f"frozen-{digest[:16]}.json"


def _released(home: Path, found: Frozen) -> dict[str, Release]:
    return {name: load_release(home, identifier) for name, identifier in found.releases.items()}


def _both(
    home: Path,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    out: Path,
    clock: Callable[[], datetime],
) -> dict[str, str]:
    """The public edition, searched; beside it the restricted one, where the two differ. Returns the
    titles of the public edition's figures by code."""
    source = _source(found, made)
    published = _render(home, found, made, releases, "public", out / "public", clock)
    codes = {
        table.code
        for name in found.kept_back
        if name in releases
        for table in releases[name].tables
        if not any(table.code == each.code for other, one in releases.items() if other not in found.kept_back
                   for each in one.tables)
    }  # fmt: skip
    grounds = set(found.grounds)
    written = [(key, text) for key, text in found.texts.items()]
    every = [each for key, text in written for each in passages.passages(text, grounds, file=key)]
    public = [passages.for_public(text, grounds, file=key) for key, text in written]
    leaks.require_none(out / "public", leaks.signs(every, public), codes)
    if source.keeps_anything_back:
        _render(home, found, made, releases, "restricted", out / "restricted", clock)
    return dict(published.titles)


def _source(found: Frozen, made: Figures | None) -> narrative.Source:
    if made is None:
        raise NotReady("The edition has no figures yet.", next_step="Make its figures first.")
    return narrative.Source(made.publication, found.texts, found.grounds, found.kept_back)


@dataclass(frozen=True, slots=True)
class _Place:
    key: str
    name: str
    synthetic: bool
    prose: Mapping[str, str]


def _render(
    home: Path,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    edition: str,
    out: Path,
    clock: Callable[[], datetime],
) -> Published:
    source = _source(found, made)
    place = _Place(found.partnership, found.partnership_name, found.synthetic, {})
    publication, told = source.restricted(place) if edition == "restricted" else source.public(place)
    shown = releases if edition == "restricted" else {k: v for k, v in releases.items() if k not in found.kept_back}
    withheld = made.withheld if made else {}
    out.mkdir(parents=True, exist_ok=True)
    return render(
        publication,
        shown,
        partnership=told,
        out=out,
        clock=clock,
        areas=load_areas(_areas_path(home, found.areas)) if found.areas else None,
        audience=found.restricted_audience if edition == "restricted" else found.audience,
        withheld={k: v for k, v in withheld.items() if edition == "restricted" or k not in found.kept_back},
    )


def _given(
    line: EditionLine,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    titles: Mapping[str, str],
    at: datetime,
    out: Path,
) -> site.Given:
    publication = _source(found, made).publication
    readings = dict(made.readings) if made else {}
    longest = max((each.period for each in releases.values()), key=lambda one: (one.days, one.start), default=None)
    return site.Given(
        edition_id=line.edition_id,
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
    return {"frozen": found.digest, "given_out_at": at.isoformat(), "files": _digests(out)}


def _digests(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def _made_folder(home: Path, edition_id: UUID) -> Path:
    found = folder(home, edition_id)
    found.mkdir(parents=True, exist_ok=True)
    return found


def _beside(out: Path) -> Any:
    return assessment._new_folder(out, keep=True)
