"""An edition's figures: made, suppressed and waiting in the release queue; how its narrative stands against them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from pydantic import TypeAdapter

from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import Cited, EditionLine, EditionPage, Passage, SectionNow, Standing
from concord.evidence.datasets.store import Store
from concord.evidence.disclosure import queue
from concord.evidence.disclosure.files import write_whole
from concord.evidence.disclosure.model import Release
from concord.evidence.findings import find
from concord.evidence.publications import headlines, narrative
from concord.evidence.publications.listings import Listing
from concord.jobs import assessment, choosing
from concord.jobs.indicators import asks, readings
from concord.jobs.listings import About
from concord.jobs.listings import make as make_listing
from concord.jobs.releasing import Ask, Releasing, confined
from concord.kernel.errors import BadInput, ConcordError, Refused, Where
from concord.strategy import Partnership
from concord.strategy.shapes.disclosure import Audience, Rule
from concord.strategy.shapes.indicator import Indicator
from concord.strategy.shapes.publication import FigureSpec, Publication

Clock = Callable[[], datetime]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one edition as they were made once.

    `requests` names, for each figure as it is cited, the request in the release queue that holds it; `withheld` says of
    the others why they are not there. `kept_back` is the ground on which a figure was asked for its restricted readers
    instead. `publication` is the declaration as it then was: a year later the file may say something else.
    """

    bundle: str
    made_at: datetime
    as_of: date
    publication: Publication
    requests: Mapping[str, str]
    withheld: Mapping[str, str]
    readings: Mapping[str, Mapping[str, str]]
    kept_back: Mapping[str, str]
    listings: Mapping[str, tuple[Listing, ...]]


@lru_cache(maxsize=1)
def _shape() -> TypeAdapter[Figures]:
    return TypeAdapter(Figures)


@dataclass
class Submitting(Releasing):
    """Asks for releases instead of making them: each waits in the queue, as suppressed as it would leave."""

    bundle: str = ""
    reason: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    """The request of each release, by the release's identifier."""

    def _release(self, ask: Ask, tables: set[str]) -> Release:
        finding = find(ask.finding, self.store, self.partnership, self.period(ask), **ask.parameters)
        request = queue.submit(
            confined(finding, tables),
            rule=self.rule,
            audience=self.audience,
            home=self.home,
            requested_by=self.requested_by,
            reason=self.reason,
            clock=self.clock,
            bundle=self.bundle,
        )
        self.asked[request.release.id] = request.id
        return request.release


def folder(home: Path, edition_id: UUID) -> Path:
    """Where an edition's files are kept. Nothing in it is served but through the screens that decide who may look."""
    return home / "editions" / str(edition_id)


def make_figures(
    home: Path, partnership: Partnership, *, viewer: Viewer, edition_id: UUID, clock: Clock, say: Say
) -> Figures:
    """Make every figure of an edition from what is loaded now, and put them into the release queue as one bundle.

    What an earlier making left waiting is withdrawn first: it would be approved with figures that nobody reads.
    Raises NotHere, NotAllowed, NotNow once the edition is settled, and as `assess` for what is not loaded.
    """
    at = clock()
    page = queries.edition(viewer, edition_id, at=at)
    chosen = _chosen(partnership, page.line, at.date())
    store = Store(home)
    wanted = assessment.for_here(chosen.publication, store)
    kept_back = {name: each.ground for name, each in page.withheld().items()}
    say("taking back what an earlier draft asked for")
    bundle = f"{edition_id}/{_withdraw_earlier(home, edition_id, viewer, at)}"
    requests: dict[str, str] = {}
    releases: dict[str, Release] = {}
    withheld: dict[str, str] = {}
    about: About | None = None
    for readers in audiences(partnership, wanted, restricted=bool(kept_back)):
        releasing = Submitting(
            home,
            store,
            partnership,
            readers.rule,
            readers.key,
            viewer.display_name,
            "",
            lambda: at,
            say,
            today=chosen.today,
            bundle=bundle,
            reason=f"{wanted.title}, edition {page.line.name}",
        )
        part = readers.of(wanted, kept_back)
        if not readers.restricted:
            open_indicators = _without_tables_of(_measured(partnership, wanted), wanted, kept_back)
            about = About(home, partnership, part, releasing, chosen.today, releases, withheld)
            releasing.expect(asks(open_indicators, store, partnership))
        releasing.expect(assessment.ask_of(part, spec, store) for spec in assessment.figures_of(part))
        made, missing = assessment.gather(part, releasing)
        if about is not None and not readers.restricted and _measured(partnership, wanted):
            # What is kept back has no reading either, and the listings that print readings say so.
            about.__dict__["readings"] = _readings(partnership, wanted, open_indicators, releasing)
        releases |= made
        withheld |= missing
        requests |= {name: releasing.asked[release.id] for name, release in made.items()}
    read = about.__dict__.get("readings", {}) if about else {}
    found = Figures(bundle, at, chosen.today, wanted, requests, withheld, read, kept_back, _listings(wanted, about))
    content = _shape().dump_json(found, indent=2)
    digest = hashlib.sha256(content).hexdigest()
    write_whole(_path(home, edition_id, digest), content)
    source = narrative.Source(wanted, texts_of(partnership, page, found), grounds_of(partnership), kept_back)
    cited = {
        section.key: _cited(narrative.state(source, section, releases, withheld=withheld))
        for section in wanted.sections
    }
    operations.figures_made(viewer=viewer, edition_id=edition_id, digest=digest, cited=cited, at=at)
    return found


def _chosen(partnership: Partnership, line: EditionLine, today: date) -> choosing.Chosen:
    """The publication of an edition, with what was chosen for it in its words."""
    declared = choosing.publication(partnership, line.publication, line.parameters)
    return choosing.choose(partnership, declared, line.parameters, today)


def check_parameters(partnership: Partnership, publication: Publication, given: Mapping[str, str], today: date) -> None:
    """Raises Usage for what a publication cannot be told, in the words of the command."""
    choosing.choose(partnership, publication, given, today)


def texts_of(partnership: Partnership, page: EditionPage, figures: Figures | None) -> dict[str, str]:
    """An edition's narrative by section, with what was chosen for it in its words."""
    written = {key: each.text for key, each in page.blocks.items()}
    if not page.line.parameters or figures is None:
        return written
    told = replace(partnership, prose=MappingProxyType(written))
    return dict(_chosen(told, page.line, figures.made_at.date()).partnership.prose)


def _measured(partnership: Partnership, wanted: Publication) -> dict[str, Indicator]:
    """The indicators that a publication says something of: all, the headline ones, or none."""
    if assessment.measures(wanted):
        return dict(partnership.indicators)
    return {key: each for key, each in partnership.indicators.items() if wanted.headlines and each.headline}


def _readings(
    partnership: Partnership, wanted: Publication, indicators: Mapping[str, Indicator], releasing: Releasing
) -> dict[str, dict[str, str]]:
    """What indicators read; for headline measures without a reading, why there is none."""
    found = readings(indicators, releasing)
    for key, each in _measured(partnership, wanted).items():
        if key not in indicators:
            found[key] = {"why_not": NOT_PUBLIC}
        elif each.headline and key not in found:
            found[key] = {"why_not": f"Nothing counts it yet: it needs {each.data[:1].lower()}{each.data[1:]}"}
    return found


def _listings(publication: Publication, about: About | None) -> dict[str, tuple[Listing, ...]]:
    if about is None:
        return {}
    return {
        section.key: tuple(make_listing(spec, about) for spec in section.listings)
        for section in publication.sections
        if section.listings
    }


NOT_PUBLIC = "It is not in the public edition"
"""Why an indicator has no reading whose figure is kept back."""


def _shown(spec: FigureSpec | Indicator) -> tuple[str, str, str]:
    """Which numbers a figure or an indicator shows."""
    return (spec.finding, spec.table, repr(sorted(spec.parameters.items())))


def _without_tables_of(
    indicators: Mapping[str, Indicator], publication: Publication, kept_back: Mapping[str, str]
) -> dict[str, Indicator]:
    """The indicators that show nothing of a figure that is kept back."""
    hidden = {_shown(spec) for spec in assessment.figures_of(publication) if spec.cited_as in kept_back}
    return {key: each for key, each in indicators.items() if _shown(each) not in hidden}


def _shown_twice(publication: Publication, kept_back: Mapping[str, str]) -> list[str]:
    """Sentences about figures that everybody reads and that show the very table of one that is kept back."""
    hidden = {_shown(spec): spec.cited_as for spec in assessment.figures_of(publication) if spec.cited_as in kept_back}
    return [
        f"The figure “{spec.cited_as}” shows the same table as “{hidden[_shown(spec)]}”, which is kept back:"
        " keep it back as well."
        for spec in assessment.figures_of(publication)
        if spec.cited_as not in kept_back and _shown(spec) in hidden
    ]


@dataclass(frozen=True, slots=True)
class Readers:
    """One audience of an edition and the rule that what they read is released under."""

    key: str
    audience: Audience
    rule: Rule
    restricted: bool

    def of(self, publication: Publication, kept_back: Mapping[str, str]) -> Publication:
        """The publication with only the figures that these readers' releases are made for."""
        return replace(
            publication,
            sections=tuple(
                replace(
                    section,
                    figures=tuple(spec for spec in section.figures if (spec.cited_as in kept_back) == self.restricted),
                )
                for section in publication.sections
            ),
        )


def audiences(partnership: Partnership, publication: Publication, *, restricted: bool) -> list[Readers]:
    """Who reads a publication; with `restricted`, also who reads what section 8(8) keeps back from them.

    Raises BadInput where disclosure.toml has no rule for one of them.
    """
    rule, audience = assessment.rules_of(partnership, publication)
    found = [Readers(publication.audience, audience, rule, False)]
    if restricted:
        key = publication.restricted_audience
        disclosure = partnership.disclosure
        rules = [] if disclosure is None else [each for each in disclosure.rules.values() if key in each.audiences]
        if disclosure is None or not rules or key not in disclosure.audiences:
            raise BadInput(
                f"Nobody may read what is kept back: there is no rule for the audience “{key}”",
                where=Where(partnership.folder / "disclosure.toml", key="rules"),
                next_step="Write a rule for it, or name another restricted_audience in the publication’s file.",
            )
        found.append(Readers(key, disclosure.audiences[key], disclosure.rule(rules[0].key), True))
    return found


def grounds_of(partnership: Partnership) -> dict[str, str]:
    """The words of each ground on which something is kept back, with the law's place, by key."""
    return {each["key"]: f"{each['name']} ({each['law']})" for each in partnership.codelists["withholding_grounds"]}


def figures_of(home: Path, edition_id: UUID, digest: str) -> Figures | None:
    """The figures of that digest; None where none were made yet.

    Raises Refused where the file is not as it was made.
    """
    if not digest:
        return None
    content = _path(home, edition_id, digest).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise Refused(
            "The edition's figures are not as they were made",
            where=Where(_path(home, edition_id, digest)),
            next_step="Make the figures again, or restore the file from a backup.",
        )
    return _parsed(content)


@lru_cache(maxsize=16)
def _parsed(content: bytes) -> Figures:
    return _shape().validate_json(content)


def _path(home: Path, edition_id: UUID, digest: str) -> Path:
    return folder(home, edition_id) / f"figures-{digest[:16]}.json"


def prepared(home: Path, figures: Figures) -> dict[str, Release]:
    """The releases as they would leave, keyed as they are cited. Approved ones name who approved them."""
    known = {each.id: each for each in queue.in_bundle(home, figures.bundle)}
    return {name: known[request].release for name, request in figures.requests.items() if request in known}


def _withdraw_earlier(home: Path, edition_id: UUID, viewer: Viewer, at: datetime) -> int:
    """Withdraws what waits from earlier makings of this edition's figures; returns the number of this one."""
    mine = queue.in_bundle(home, f"{edition_id}/")
    for each in mine:
        if each.state == "pending":
            queue.withdraw(
                home,
                each.id,
                by=each.requested_by,
                reason=f"Replaced: {viewer.display_name} made the edition's figures again.",
                clock=lambda: at,
            )
    return 1 + max((int(each.bundle.rpartition("/")[2]) for each in mine), default=0)


def standing(home: Path, partnership: Partnership, page: EditionPage) -> Standing:
    """How an edition stands against its figures this moment: what its texts cite and print, and what is wrong."""
    figures = figures_of(home, page.line.edition_id, page.line.figures)
    grounds = grounds_of(partnership)
    kept_back = {name: each.ground for name, each in page.withheld().items()}
    if figures is None:
        publication = choosing.publication(partnership, page.line.publication, page.line.parameters)
    else:
        publication = figures.publication
    releases = prepared(home, figures) if figures else {}
    source = narrative.Source(publication, texts_of(partnership, page, figures), grounds, kept_back)
    sections, faults = [], []
    if figures is None:
        faults.append("The edition has no figures yet.")
    elif dict(figures.kept_back) != kept_back:
        faults.append("What is kept back has changed since the figures were made: make them again.")
    faults += _shown_twice(publication, kept_back)
    for section in publication.sections:
        found = narrative.state(source, section, releases, withheld=figures.withheld if figures else ())
        if figures is not None:
            faults += [in_one_line(each) for each in found.faults]
        sections.append(
            SectionNow(
                section.key,
                section.heading,
                _cited(found),
                tuple(Passage(each.digest, each.ground) for each in found.passages),
                found.digest,
            )
        )
    if figures is not None:
        try:
            headlines.require_all(publication, partnership.indicators, figures.readings)
        except Refused as refusal:
            faults.append(in_one_line(refusal))
    return Standing(
        tuple(sections), tuple(faults), tuple(figures.requests if figures else ()), publication.audience == "public"
    )


def in_one_line(fault: ConcordError) -> str:
    """A refusal as one sentence after another: what, where, what instead."""
    place = f" ({fault.where})" if fault.where is not None and str(fault.where) else ""
    return " ".join(part for part in (f"{fault.what}{place}.", fault.next_step or "") if part)


def _cited(found: narrative.SectionState) -> tuple[Cited, ...]:
    return tuple(Cited(each.citation, each.code, each.text) for each in found.cited)
