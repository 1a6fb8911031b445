"""From what is loaded to what is published: find, release, compose, swap the site."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure.model import Release
from concord.evidence.publications import Published, render
from concord.evidence.publications.document import load_areas
from concord.kernel.errors import BadInput, ConcordError, Environment, Refused, Where
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period
from concord.strategy import Partnership
from concord.strategy.shapes.publication import Publication

ASSESSMENT = "strategic_needs_assessment"
"""The publication that `concord assess` makes unless another is asked for."""
MAIN_DATASET = "recorded_crime"
"""What decides which months an assessment is about."""

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
    asker, approver = people(partnership, requested_by, approved_by)
    now = clock()
    store = Store(home)

    def made_at() -> datetime:
        return now

    releases = _releases(home, store, partnership, wanted, made_at, asker, approver, say)
    say("writing pages and PDF")
    target = to or _default_folder(home, partnership, wanted)
    with _new_folder(target, keep=to is None) as folder:
        published = render(
            wanted,
            releases,
            partnership=partnership,
            out=folder,
            clock=made_at,
            areas=areas(home, partnership),
            audience=partnership.disclosure.audiences[wanted.audience].label,
        )
        readings = _readings(home, store, partnership, wanted, made_at, asker, approver, say)
        (folder / "indicators.json").write_text(readings, "utf-8")
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


def people(partnership: Partnership, requested_by: str | None, approved_by: str | None) -> tuple[str, str]:
    """Who asks and who approves. Raises Refused where either is missing and nobody may stand in."""
    named = (
        requested_by or _stand_in(partnership, "release.request"),
        approved_by or _stand_in(partnership, "release.approve"),
    )
    if not named[0] or not named[1]:
        raise Refused(
            "Nothing is published without a named requester and a named approver",
            why="Only a synthetic partnership's demo people may stand in for them.",
            next_step="Say who: --requested-by NAME --approved-by NAME, two different people.",
        )
    return named[0], named[1]


def _stand_in(partnership: Partnership, verb: str) -> str | None:
    if not partnership.synthetic or partnership.demo_people is None or partnership.roles is None:
        return None
    may = {role.key for role in partnership.roles.role if verb in role.may}
    return next((p.name for p in partnership.demo_people.person if may.intersection(p.roles)), None)


def months(store: Store, dataset: str, count: int, today: date) -> Period:
    """The last `count` whole months that `dataset` has, none of them still running on `today`."""
    named = (re.search(r"\b(\d{4}-\d{2})\b", part.partition) for part in store.latest(dataset).manifest.parts)
    found = sorted({match[1] for match in named if match})
    whole = [month for month in found if date.fromisoformat(f"{month}-01") < today.replace(day=1)]
    if not whole:
        raise BadInput(
            f"Dataset “{dataset}” holds no whole month yet",
            next_step=f"Load more: concord load {dataset} FILE...",
        )
    year, month = (int(step) for step in whole[-1].split("-"))
    last = Period.month(year, month)
    start = year * 12 + month - count
    return Period(date(start // 12, start % 12 + 1, 1), last.end)


def period_of(store: Store, count: int, until: str, today: date) -> Period:
    """The last `count` months: whole ones of recorded crime, or ending `today` for what the desk itself knows."""
    if until == "today":
        back = today.year * 12 + today.month - 1 - count
        start = date(back // 12, back % 12 + 1, min(today.day, 28)) + timedelta(days=1)
        return Period(start, today)
    return months(store, MAIN_DATASET, count, today)


def _releases(
    home: Path,
    store: Store,
    partnership: Partnership,
    publication: Publication,
    clock: Clock,
    asker: str,
    approver: str,
    say: Progress,
) -> dict[str, Release]:
    """One release for each figure, keyed as it is cited; figures of one finding and parameters share theirs."""
    from concord.evidence.disclosure import release
    from concord.evidence.findings import find

    made: dict[str, Release] = {}
    shared: dict[str, Release] = {}
    rule = partnership.disclosure.rule(publication.rule)
    for section in publication.sections:
        for spec in section.figures:
            if not all(store.has(dataset) for dataset in spec.when_loaded):
                continue
            period = period_of(store, spec.months or publication.months, spec.until, clock().date())
            identity = json.dumps([spec.finding, spec.parameters, period.label], sort_keys=True, default=str)
            if identity not in shared:
                say(spec.finding.replace("_", " "))
                finding = find(spec.finding, store, partnership, period, **spec.parameters)
                shared[identity] = release(
                    finding,
                    rule=rule,
                    audience=publication.audience,
                    home=home,
                    requested_by=asker,
                    approved_by=approver,
                    clock=clock,
                )
            made[spec.cited_as] = shared[identity]
    return made


def areas(home: Path, partnership: Partnership) -> dict[str, Any] | None:
    """Boundaries: the partnership's own file, else the one received with the synthetic extracts, else none."""
    for folder in (*partnership.chain, home / "synthetic" / "council"):
        path = folder / "areas.geojson"
        if path.is_file():
            return load_areas(path)
    return None


def _default_folder(home: Path, partnership: Partnership, publication: Publication) -> Path:
    """Public documents go to the site that anyone may read; others never do."""
    audience = partnership.disclosure.audiences[publication.audience]
    public = publication.audience == "public" and not audience.restricted
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


def _readings(
    home: Path,
    store: Store,
    partnership: Partnership,
    publication: Publication,
    clock: Clock,
    asker: str,
    approver: str,
    say: Progress,
) -> str:
    from concord.jobs.indicators import readings

    made = readings(
        home, store, partnership, publication, clock=clock, requested_by=asker, approved_by=approver, say=say
    )
    return json.dumps({"made_at": clock().isoformat(), "readings": made}, indent=2, ensure_ascii=False, sort_keys=True)


__all__ = ["ASSESSMENT", "ConcordError", "Published", "areas", "assess", "months", "people"]
