"""From what is loaded to what is published: find, release, compose, swap the site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import figure
from concord.evidence.disclosure.model import Release
from concord.evidence.linkage.uses import NotGoodEnough
from concord.evidence.publications import Published, earlier, headlines, render, words
from concord.jobs import choosing, folders, site
from concord.jobs.indicators import asks
from concord.jobs.listings import NEEDS_READINGS, About
from concord.jobs.listings import make as listing
from concord.jobs.outlines import areas
from concord.jobs.releasing import Ask, Releasing, dating, not_received, people
from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy import Partnership
from concord.strategy.shapes.disclosure import Audience, Rule
from concord.strategy.shapes.phrases import Phrases
from concord.strategy.shapes.publication import EQUALITY, FigureSpec, Publication, Section

ASSESSMENT = "strategic_needs_assessment"
"""The publication that `concord assess` makes unless another is asked for."""
Clock = Callable[[], datetime]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What `assess` made: the publication with what was chosen in its words, and where it was written."""

    publication: Publication
    published: Published
    withheld: Mapping[str, str]
    """Figures that could not be made, as they are cited, and why."""
    hidden_cells: int
    """How many cells of the figures are not shown."""

    def as_dict(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "publication": self.publication.key,
            "title": self.publication.title,
            "audience": self.publication.audience,
            "folder": str(self.published.folder),
            "html": str(self.published.html),
            "pdf": str(self.published.pdf),
            "formats": {name: str(file) for name, file in self.published.formats.items()},
            "figures": dict(self.published.titles),
            "not_made": dict(self.withheld),
            "cells_not_shown": self.hidden_cells,
            "synthetic": self.published.synthetic,
        }


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
    parameters: Mapping[str, str] | None = None,
) -> Published:
    """What `make` writes, for those who want no more than the files."""
    return make(
        home, partnership, clock=clock, to=to, progress=progress, requested_by=requested_by, approved_by=approved_by,
        publication=publication, parameters=parameters,
    ).published  # fmt: skip


def make(
    home: Path,
    partnership: Partnership,
    *,
    clock: Clock,
    to: Path | None = None,
    progress: Progress | None = None,
    requested_by: str | None = None,
    approved_by: str | None = None,
    publication: str = ASSESSMENT,
    parameters: Mapping[str, str] | None = None,
    ahead: bool = False,
) -> Made:
    """Publish `publication` (its key, or what it is called) from what is loaded in `home` into `to`.

    Without `to`, public documents go to the home's site and others to its papers. The new folder is made beside the
    old one and takes its place when it is whole: a reader sees one or the other. Other publications there stay.
    `requested_by` and `approved_by` must be different people; where they are not given, a synthetic partnership's demo
    people who hold those duties stand in. `parameters` are as typed. With `ahead`, a second process
    works out findings while this one releases: for a command alone. Raises BadInput for a publication, dataset,
    finding or boundary file that is not there, Usage for a parameter, Refused where a release is refused, Environment
    where the folder cannot be written.
    """
    say = progress or (lambda _message: None)
    now = clock()
    given = dict(parameters or {})
    chosen = choosing.choose(partnership, choosing.publication(partnership, publication, given), given, now.date())
    store = Store(home)
    wanted = for_here(chosen.publication, store)
    rule, reader = rules_of(partnership, wanted)
    asker, approver = people(partnership, requested_by, approved_by)

    def made_at() -> datetime:
        return now

    releasing = Releasing(
        home, store, partnership, rule, wanted.audience, asker, approver, made_at, say, today=chosen.today
    )
    measured = measures(wanted)
    releasing.expect(
        [
            *(ask_of(wanted, spec, store) for spec in figures_of(wanted)),
            *(asks(partnership.indicators, store, partnership) if measured else ()),
        ]
    )
    if ahead:
        releasing.look_ahead()
    try:
        releases, withheld = gather(wanted, releasing)
        dropped = {
            section.heading: missing
            for section in chosen.publication.sections
            if (missing := wanting(section, store))
            and section.heading not in {each.heading for each in wanted.sections}
        }
        about = About(home, partnership, wanted, releasing, chosen.today, releases, withheld, dropped)
        if wanted.headlines:
            headlines.require_all(wanted, partnership.indicators, about.readings)
        lists = {
            section.key: tuple(listing(spec, about) for spec in section.listings)
            for section in wanted.sections
            if section.listings
        }
        readings = about.readings if measured else {}
    finally:
        releasing.close()
    target = (to or default_folder(home, reader, wanted)).absolute()
    say("writing pages and documents")
    with folders.new_folder(target, keep=to is None) as folder:
        published = render(
            wanted,
            releases,
            partnership=chosen.partnership,
            out=folder,
            clock=made_at,
            areas=areas(home, partnership),
            audience=reader.label,
            withheld=withheld,
            listings=lists,
            editions=earlier.read(target / wanted.key, partial(figure, home)),
            phrases=phrases_of(partnership, wanted),
        )
        if measured:
            text = json.dumps({"made_at": now.isoformat(), "readings": readings}, indent=2, ensure_ascii=False)
            (folder / wanted.key / "indicators.json").write_text(text, "utf-8")
            if wanted.key == ASSESSMENT:
                (folder / "indicators.json").write_text(text, "utf-8")
        _enter(target, folder, wanted, published, partnership, now)
    hidden = sum(
        cell.hidden is not None
        for release in {id(each): each for each in releases.values()}.values()
        for table in release.tables
        for cell in table.cells
    )
    return Made(wanted, published.moved(target), withheld, hidden)


def phrases_of(partnership: Partnership, publication: Publication) -> list[Phrases]:
    """The languages of the public summary: annual documents for everybody have one."""
    if publication.audience != "public" or publication.cadence != "annual":
        return []
    return [partnership.phrases[name] for name in ("en", *partnership.languages) if name in partnership.phrases]


def _enter(
    target: Path, folder: Path, publication: Publication, published: Published, partnership: Partnership, now: datetime
) -> None:
    """Keep what else stands in the folder, and write down what now does. Raises BadInput for another audience's."""
    before = folders.contents(target)
    for name, ours in (("audience", publication.audience), ("partnership", partnership.key)):
        if before.get(name, ours) != ours:
            raise BadInput(
                f"That folder holds publications of another {name}: “{before[name]}”",
                where=Where(target),
                next_step="Name another folder with --to.",
            )
    folders.carry(target, folder, but=publication.key)
    entry = {
        "title": publication.title,
        "summary": publication.summary,
        "period": published.period,
        "made_on": now.date().isoformat(),
        "figures": dict(published.titles),
    }
    held = {
        "partnership": partnership.key,
        "audience": publication.audience,
        "publications": {**before.get("publications", {}), publication.key: entry},
    }
    site.write(folder, partnership, held)


def for_here(publication: Publication, store: Store) -> Publication:
    """The publication as it is made here: sections and figures for data that is loaded, and its equality note."""

    def stands(each: Section | FigureSpec) -> bool:
        return not (each.unless_loaded and all(store.has(name) for name in each.unless_loaded))

    sections = [
        replace(section, figures=tuple(spec for spec in section.figures if stands(spec)))
        for section in publication.sections
        if stands(section) and not wanting(section, store)
    ]
    if publication.equality:
        sections.append(
            Section(
                key=EQUALITY,
                heading="Equality: what was considered",
                prose=publication.equality,
                answers=("Equality Act 2010 s149",),
            )
        )
    return replace(publication, sections=tuple(sections))


def wanting(section: Section, store: Store) -> tuple[str, ...]:
    """The datasets without which the section is left out whole: its own, or those of all its figures.

    One that answers a provision of law, or holds a listing, is there with or without its figures.
    """
    own = tuple(name for name in section.when_loaded if not store.has(name))
    if own or section.answers or section.listings or not section.figures:
        return own
    each = [tuple(name for name in spec.when_loaded if not store.has(name)) for spec in section.figures]
    return tuple(dict.fromkeys(name for missing in each for name in missing)) if all(each) else ()


def measures(publication: Publication) -> bool:
    """Whether the publication prints what indicators read, or the strategy page reads them from it."""
    wanted = {spec.made_of for section in publication.sections for spec in section.listings}
    return publication.key == ASSESSMENT or bool(wanted & NEEDS_READINGS)


def figures_of(publication: Publication) -> list[FigureSpec]:
    return [spec for section in publication.sections for spec in section.figures]


def ask_of(publication: Publication, spec: FigureSpec, store: Store) -> Ask:
    dataset = dating(store, spec.finding, spec.when_loaded[:1])
    return Ask(spec.finding, spec.parameters, spec.table, dataset, spec.months or publication.months)


def gather(publication: Publication, releasing: Releasing) -> tuple[dict[str, Release], dict[str, str]]:
    """One release for each figure, keyed as it is cited; and for each figure without one, why, in words for its reader.

    A figure that nothing safe can be said of does not keep the others from the reader. Where every figure is refused,
    it is the request that is wrong: its first refusal is raised. Data that should be there and is not stops it too.
    """
    refused: list[Refused] = []
    made: dict[str, Release] = {}
    withheld: dict[str, str] = {}
    for spec in figures_of(publication):
        missing = [name for name in spec.when_loaded if not releasing.store.has(name)]
        if missing:
            withheld[spec.cited_as] = f"{words.listed(missing)} had not been loaded".replace("_", " ")
            continue
        ask = ask_of(publication, spec, releasing.store)
        if not releasing.store.has(ask.dataset) and not_received(releasing.partnership, ask.dataset):
            withheld[spec.cited_as] = f"{releasing.partnership.name} receives no {ask.dataset.replace('_', ' ')}"
            continue
        try:
            release = releasing.release(ask)
            if spec.table and spec.table not in {table.name for table in release.tables}:
                withheld[spec.cited_as] = "there was nothing of the kind to compare or to count"
                continue
            made[spec.cited_as] = release
        except NotGoodEnough as error:
            refused.append(error)
            withheld[spec.cited_as] = f"{error.what[:1].lower()}{error.what[1:].rstrip('.')}"
        except Refused as error:
            refused.append(error)
            withheld[spec.cited_as] = "nothing of it could be shown without giving something away"
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


def rules_of(partnership: Partnership, publication: Publication) -> tuple[Rule, Audience]:
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


def default_folder(home: Path, reader: Audience, publication: Publication) -> Path:
    """Public documents go to the site that anyone may read; others never do."""
    public = publication.audience == "public" and not reader.restricted
    return home / "site" if public else home / "papers" / publication.audience
