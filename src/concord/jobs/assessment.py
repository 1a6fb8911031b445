"""From what is loaded to what is published: find, release, compose, swap the site."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure.model import Release
from concord.evidence.linkage.uses import NotGoodEnough
from concord.evidence.publications import Published, render, words
from concord.evidence.publications.document import load_areas
from concord.jobs.indicators import asks, readings
from concord.jobs.releasing import Ask, Releasing, dating, not_received, people
from concord.kernel.errors import BadInput, Environment, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy import Partnership
from concord.strategy.shapes.disclosure import Audience, Rule
from concord.strategy.shapes.publication import FigureSpec, Publication

ASSESSMENT = "strategic_needs_assessment"
"""The publication that `concord assess` makes unless another is asked for."""
Clock = Callable[[], datetime]
Progress = Callable[[str], None]


def assess(
    home: Path,
    partnership: Partnership,
    *,
    clock: Clock,
    to: Path | None = None,
    progress: Progress | None = None,
    requested_by: str | None = None,
    approved_by: str | None = None,
    publication: str = ASSESSMENT,
) -> Published:
    """Publish `publication` from what is loaded in `home` into `to` (the home's site unless given).

    The new folder is made beside the old one and takes its place when it is whole: a reader sees one or the other.
    `requested_by` and `approved_by` must be different people; where they are not given, a synthetic partnership's demo
    people who hold those duties stand in. Raises BadInput for a publication, dataset, finding or boundary file that is
    not there, Refused where a release is refused, Environment where the folder cannot be written.
    """
    say = progress or (lambda _message: None)
    wanted = _publication(partnership, publication)
    rule, reader = _rules(partnership, wanted)
    asker, approver = people(partnership, requested_by, approved_by)
    now = clock()

    def made_at() -> datetime:
        return now

    releasing = Releasing(home, Store(home), partnership, rule, wanted.audience, asker, approver, made_at, say)
    store = releasing.store
    releasing.expect([*(_ask(wanted, spec, store) for spec in _figures(wanted)), *asks(partnership.indicators, store)])
    releases, withheld = _releases(wanted, releasing)
    measured = {"made_at": now.isoformat(), "readings": readings(partnership.indicators, releasing)}
    say("writing pages and PDF")
    target = to or _default_folder(home, reader, wanted)
    with _new_folder(target, keep=to is None) as folder:
        published = render(
            wanted,
            releases,
            partnership=partnership,
            out=folder,
            clock=made_at,
            areas=areas(home, partnership),
            audience=reader.label,
            withheld=withheld,
        )
        (folder / "indicators.json").write_text(json.dumps(measured, indent=2, ensure_ascii=False), "utf-8")
    return published.moved(target)


def _publication(partnership: Partnership, key: str) -> Publication:
    found = partnership.publications.get(key)
    if found is None:
        raise BadInput(
            f"{partnership.name} has no publication “{key}”",
            where=Where(partnership.folder / "publications"),
            next_step=did_you_mean(key, partnership.publications),
        )
    publication: Publication = found
    return publication


def _figures(publication: Publication) -> list[FigureSpec]:
    return [spec for section in publication.sections for spec in section.figures]


def _ask(publication: Publication, spec: FigureSpec, store: Store) -> Ask:
    dataset = dating(store, spec.finding, spec.when_loaded[:1])
    return Ask(spec.finding, spec.parameters, spec.table, dataset, spec.months or publication.months)


def _releases(publication: Publication, releasing: Releasing) -> tuple[dict[str, Release], dict[str, str]]:
    """One release for each figure, keyed as it is cited; and for each figure without one, why, in words for its reader.

    A figure that nothing safe can be said of does not keep the others from the reader. Where every figure is refused,
    it is the request that is wrong: its first refusal is raised. Data that should be there and is not stops it too.
    """
    refused: list[Refused] = []
    made: dict[str, Release] = {}
    withheld: dict[str, str] = {}
    for spec in _figures(publication):
        missing = [name for name in spec.when_loaded if not releasing.store.has(name)]
        if missing:
            withheld[spec.cited_as] = f"{words.listed(missing)} had not been loaded".replace("_", " ")
            continue
        ask = _ask(publication, spec, releasing.store)
        if not releasing.store.has(ask.dataset) and not_received(releasing.partnership, ask.dataset):
            withheld[spec.cited_as] = f"{releasing.partnership.name} receives no {ask.dataset.replace('_', ' ')}"
            continue
        try:
            made[spec.cited_as] = releasing.release(ask)
        except NotGoodEnough as error:
            refused.append(error)
            withheld[spec.cited_as] = f"{error.what[:1].lower()}{error.what[1:].rstrip('.')}"
        except Refused as error:
            refused.append(error)
            withheld[spec.cited_as] = "its counts are so small that anything shown would give them away"
        except BadInput as error:
            if not spec.when_loaded:
                raise
            withheld[spec.cited_as] = f"{error.what[:1].lower()}{error.what[1:]}"
    if refused and not made:
        raise refused[0]
    if withheld and not made:
        raise BadInput(
            f"Nothing that “{publication.key}” shows has been loaded",
            why=next(iter(withheld.values())),
            next_step="Load what its figures rest on, or ask for another publication.",
        )
    return made, withheld


def areas(home: Path, partnership: Partnership) -> dict[str, Any] | None:
    """Boundaries: the partnership's own file, else the one received with the synthetic extracts, else none."""
    for folder in (*partnership.chain, home / "synthetic" / "council"):
        path = folder / "areas.geojson"
        if path.is_file():
            return load_areas(path)
    return None


def _rules(partnership: Partnership, publication: Publication) -> tuple[Rule, Audience]:
    """The disclosure rule and the audience of a publication. Raises BadInput or Usage with the nearest name."""
    if partnership.disclosure is None:
        raise BadInput(
            f"{partnership.name} has no disclosure rules, so nothing can be published",
            where=Where(partnership.folder / "disclosure.toml"),
            next_step="Write disclosure.toml, or extend `national`, which has one.",
        )
    found = partnership.disclosure.audiences.get(publication.audience)
    if found is None:
        raise BadInput(
            f"There is no audience “{publication.audience}”",
            where=Where(partnership.folder / "publications" / f"{publication.key}.toml", key="audience"),
            next_step=did_you_mean(publication.audience, partnership.disclosure.audiences),
        )
    return partnership.disclosure.rule(publication.rule), found


def _default_folder(home: Path, reader: Audience, publication: Publication) -> Path:
    """Public documents go to the site that anyone may read; others never do."""
    public = publication.audience == "public" and not reader.restricted
    return home / "site" if public else home / "papers" / publication.audience


@contextmanager
def _new_folder(target: Path, *, keep: bool) -> Iterator[Path]:
    """A folder to fill, that takes the place of `target` when the block ends well and vanishes when it does not."""
    target = target.absolute()
    if target.is_dir() and not keep and any(target.iterdir()) and not (target / "indicators.json").exists():
        raise BadInput(
            "That folder holds something else",
            where=Where(target),
            why="Publishing replaces the whole folder.",
            next_step="Name an empty or a new folder with --to.",
        )
    mark = secrets.token_hex(4)
    fresh = target.with_name(f".{target.name}.new-{mark}")
    old = target.with_name(f".{target.name}.old-{mark}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _tidy(target)
        fresh.mkdir()
        yield fresh
        _flush(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as error:
        raise Environment(
            "The publication could not be written; what was there before is still there",
            where=Where(error.filename or target),
            why=error.strerror or str(error),
            next_step="Free some space or choose another folder with --to, then run it again.",
        ) from error
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def _tidy(target: Path) -> None:
    """What a killed run left: unfinished folders go, and a site moved aside with none in its place comes back."""
    for left in sorted(target.parent.glob(f".{target.name}.old-*")):
        if not target.exists():
            left.rename(target)
    for left in (*target.parent.glob(f".{target.name}.old-*"), *target.parent.glob(f".{target.name}.new-*")):
        shutil.rmtree(left, ignore_errors=True)


def _flush(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
