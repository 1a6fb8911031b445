"""An edition laid out: everything it is made from, settled in one file, and its two editions written from that file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from concord import __version__
from concord.desk.editions.rules import EditionPage, NotReady
from concord.evidence.disclosure import figure, load_release
from concord.evidence.disclosure.files import write_whole
from concord.evidence.disclosure.model import Release
from concord.evidence.publications import Published, earlier, leaks, narrative, render
from concord.evidence.publications.document import load_areas
from concord.jobs import assessment
from concord.jobs.drafting import Figures, audiences, figures_of, folder, grounds_of, prepared, texts_of
from concord.strategy import Partnership, passages
from concord.strategy.shapes.phrases import Phrases


def as_json(value: Any) -> bytes:
    """The bytes of a record: the same for the same content, readable by a person."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


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
    before: Sequence[Mapping[str, Any]] = ()
    """Editions that figures are compared with, as the site listed them then."""
    phrases: Sequence[Mapping[str, Any]] = ()
    """The languages of the public summary, as their files were."""

    def bytes(self) -> bytes:
        return as_json({**asdict(self), "texts": dict(self.texts)})

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.bytes()).hexdigest()


def frozen_from(home: Path, partnership: Partnership, page: EditionPage, *, by: str) -> Frozen:
    """An edition as it would be settled now. Raises NotReady where it has no figures yet."""
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
        texts=dict(sorted(texts_of(partnership, page, made).items())),
        grounds=grounds_of(partnership),
        kept_back=dict(made.kept_back),
        releases=releases,
        audience=readers[0].audience.label,
        restricted_audience=readers[1].audience.label,
        areas=_keep_areas(home, partnership),
        asked_by=by,
        made_by=__version__,
        before=earlier.listed(home / "site" / made.publication.key),
        phrases=[_plain(each) for each in assessment.phrases_of(partnership, made.publication)],
    )


def _plain(phrases: Phrases) -> dict[str, Any]:
    """What a summary is put together from, as data; where it came from stays in the folder."""
    kept = ("language", "name", "direction", "digits", "grouping", "checked_by", "months", "phrases", "words")
    return {name: getattr(phrases, name) for name in kept}


def _keep_areas(home: Path, partnership: Partnership) -> str:
    shapes = assessment.areas(home, partnership)
    if shapes is None:
        return ""
    content = json.dumps(shapes, sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    path = areas_path(home, digest)
    if not path.is_file():
        write_whole(path, content)
    return digest


def areas_path(home: Path, digest: str) -> Path:
    """Where the boundaries of that digest are kept."""
    return home / "editions" / f"areas-{digest[:16]}.geojson"


def frozen_path(home: Path, edition_id: UUID, digest: str) -> Path:
    """Where what was settled is kept."""
    return folder(home, edition_id) / f"frozen-{digest[:16]}.json"


def released(home: Path, found: Frozen) -> dict[str, Release]:
    """The releases of a settled edition as they were approved, keyed as they are cited."""
    return {name: load_release(home, identifier) for name, identifier in found.releases.items()}


def both_editions(
    home: Path,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    out: Path,
    clock: Callable[[], datetime],
) -> dict[str, str]:
    """The public edition, searched; beside it the restricted one, where the two differ. Returns the
    titles of the public edition's figures by code."""
    source = source_of(found, made)
    published = one_edition(home, found, made, releases, "public", out / "public", clock)
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
        one_edition(home, found, made, releases, "restricted", out / "restricted", clock)
    return dict(published.titles)


def source_of(found: Frozen, made: Figures | None) -> narrative.Source:
    """The one source of both editions. Raises NotReady where there are no figures."""
    if made is None:
        raise NotReady("The edition has no figures yet.", next_step="Make its figures first.")
    return narrative.Source(made.publication, found.texts, found.grounds, found.kept_back)


@dataclass(frozen=True, slots=True)
class _Place:
    key: str
    name: str
    synthetic: bool
    prose: Mapping[str, str]


def one_edition(
    home: Path,
    found: Frozen,
    made: Figures | None,
    releases: Mapping[str, Release],
    edition: str,
    out: Path,
    clock: Callable[[], datetime],
) -> Published:
    """Write the public or the restricted edition into `out`. Raises BadInput for what stops the build."""
    source = source_of(found, made)
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
        areas=load_areas(areas_path(home, found.areas)) if found.areas else None,
        audience=found.restricted_audience if edition == "restricted" else found.audience,
        withheld={k: v for k, v in withheld.items() if edition == "restricted" or k not in found.kept_back},
        listings=made.listings if made else {},
        editions=earlier.fetched(found.before, partial(figure, home)),
        phrases=[] if edition == "restricted" else [Phrases(**each) for each in found.phrases],
    )


def digests(out: Path) -> dict[str, str]:
    """The SHA-256 of every file under `out`, by its path."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
