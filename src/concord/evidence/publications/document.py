"""A publication as data: sections, figures with their words, charts and tables, ready for any page compositor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import charts, compiling, earlier, prose, sentences, words
from concord.evidence.publications.charts import draw
from concord.evidence.publications.drawing import Spec
from concord.evidence.publications.listings import Listing, resolved
from concord.evidence.publications.sentences import Reading
from concord.evidence.publications.sheets import Grid, grid
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.publication import FigureSpec, Publication

__all__ = [
    "Document",
    "FigureBlock",
    "Grid",
    "SectionBlock",
    "about",
    "compose",
    "draw",
    "grid",
    "load_areas",
    "methods",
]


class Place(Protocol):
    """What this room needs of a partnership."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def synthetic(self) -> bool: ...
    @property
    def prose(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """One figure with everything that a page shows of it."""

    number: int
    code: str
    anchor: str
    """Unique on the page: one table may be drawn twice, as a map and with intervals."""
    spec: FigureSpec
    release: Release
    table: ReleasedTable
    reading: Reading
    svg: str
    narrow: str
    """The same chart for a phone."""
    png: bytes
    """The same chart for a format that takes no SVG; empty where none was asked for."""
    grid: Grid
    notes: tuple[str, ...]
    """What is not shown and why, rounding, the notice of a restricted release."""
    cannot_say: tuple[str, ...]
    since: tuple[str, ...] = ()
    """What became of it since an earlier edition."""
    past: tuple[earlier.Past, ...] = ()
    """Its earlier values, newest first."""

    @property
    def title(self) -> str:
        return self.reading.title

    @property
    def period(self) -> str:
        """The days that the table is about: its own, where it is about others than its finding."""
        return (self.table.period or self.release.period).label

    @property
    def again(self) -> bool:
        """Whether the same table stands with an earlier figure of the document."""
        return self.anchor != self.code


@dataclass(frozen=True, slots=True)
class SectionBlock:
    key: str
    heading: str
    prose: prose.Block | None
    figures: tuple[FigureBlock, ...]
    cannot_say: tuple[str, ...]
    """What this section's figures cannot say, apart from what holds throughout the document."""
    left_out: tuple[str, ...] = ()
    """What should stand here and does not, and why."""
    listings: tuple[Listing, ...] = ()
    """Tables of words, after the figures."""


@dataclass(frozen=True, slots=True)
class Document:
    """`made_at` is the clock's, so the same inputs give the same bytes."""

    publication: Publication
    partnership: str
    synthetic: bool
    made_at: datetime
    period: str
    sections: tuple[SectionBlock, ...]
    throughout: tuple[str, ...]
    """What figures of several sections cannot say: said once, before them."""

    @property
    def figures(self) -> tuple[FigureBlock, ...]:
        return tuple(figure for section in self.sections for figure in section.figures)

    @property
    def notices(self) -> tuple[str, ...]:
        """What every copy must say because small numbers are inside: for whom, under what."""
        told = (figure.release for figure in self.figures)
        return tuple(dict.fromkeys(release.notice for release in told if release.notice and not release.hides_up_to))


def compose(
    publication: Publication,
    releases: Mapping[str, Release],
    *,
    partnership: Place,
    areas: Mapping[str, Any] | None,
    clock: Callable[[], datetime],
    withheld: Mapping[str, str],
    listings: Mapping[str, Sequence[Listing]] | None = None,
    pictures: bool = False,
    editions: Sequence[earlier.Edition] = (),
) -> Document:
    """Bring `publication` and the `releases` it cites (keyed by `FigureSpec.cited_as`) together.

    `pictures` asks for the charts as PNG too; `editions` are earlier ones, newest first. Raises BadInput for a release,
    table or prose file that is not there, and for prose with a number typed by hand.
    """
    made: list[SectionBlock] = []
    drafts: list[Draft] = []
    number = 0
    codes: set[str] = set()
    for section in publication.sections:
        figures = []
        absent = [spec for spec in section.figures if spec.cited_as in withheld]
        for spec in section.figures:
            if spec in absent:
                continue
            number += 1
            figure, draft = _figure(spec, number, releases, areas, publication.key, partnership.name, editions)
            figures.append(replace(figure, anchor=f"{figure.code}-{number}") if figure.code in codes else figure)
            drafts.append(draft)
            codes.add(figure.code)
        block = None
        if section.prose:
            if section.prose not in partnership.prose:
                raise BadInput(
                    f"Section “{section.key}” wants prose “{section.prose}”, which is not in the folder",
                    where=Where(f"publications/{publication.key}.toml", key=f"sections.{section.key}.prose"),
                    next_step=f"Write prose/{section.prose}.md. {did_you_mean(section.prose, partnership.prose)}",
                )
            file = prose_file(partnership, section.prose)
            block = prose.parse(partnership.prose[section.prose], releases, file=file, withheld=withheld)
        made.append(
            SectionBlock(
                section.key, section.heading, block, tuple(figures), section.cannot_say, _left_out(absent, withheld)
            )
        )
    drawn = _drawn(drafts, pictures)
    made = [replace(each, figures=tuple(replace(f, **drawn.get(f.number, {})) for f in each.figures)) for each in made]
    titles = {figure.spec.cited_as: figure for section in made for figure in section.figures}
    made = [
        replace(each, listings=tuple(resolved(one, titles, withheld) for one in (listings or {}).get(each.key, ())))
        for each in made
    ]
    throughout = _shared(made)
    used = [figure.release for section in made for figure in section.figures]
    periods = Counter(release.period for release in used)
    usual = max(periods, key=lambda period: (periods[period], period.days, period.start), default=None)
    return Document(
        publication,
        partnership.name,
        partnership.synthetic or any(r.synthetic for r in used),
        clock(),
        usual.label if usual else "",
        tuple(replace(section, cannot_say=_cautions(section, throughout)) for section in made),
        throughout,
    )


def _left_out(absent: Sequence[FigureSpec], withheld: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each reason, naming every figure that is missing for it."""
    by_reason: dict[str, list[str]] = {}
    for spec in absent:
        named = by_reason.setdefault(withheld[spec.cited_as], [])
        if spec.subject not in named:
            named.append(spec.subject)
    return tuple(
        f"There is no figure on {words.listed(subjects)}: {reason} when this was published."
        for reason, subjects in by_reason.items()
    )


def _cautions(section: SectionBlock, throughout: tuple[str, ...]) -> tuple[str, ...]:
    """What the section and its figures cannot say, each once, without what is said `throughout`."""
    every = (*(caution for figure in section.figures for caution in figure.cannot_say), *section.cannot_say)
    return tuple(caution for caution in dict.fromkeys(every) if caution not in throughout)


def _shared(sections: Sequence[SectionBlock]) -> tuple[str, ...]:
    """Cautions that stand in more than one section, in order of first appearance."""
    counted = Counter(caution for section in sections for caution in _cautions(section, ()))
    return tuple(caution for caution, times in counted.items() if times > 1)


def prose_file(partnership: Place, name: str) -> str:
    """Where a block of prose stands, for messages: the file of the first folder of the chain that has it."""
    relative = f"prose/{name}.md"
    folders: tuple[Path, ...] = getattr(partnership, "chain", ())
    return next((str(folder / relative) for folder in folders if (folder / relative).is_file()), relative)


def _figure(
    spec: FigureSpec,
    number: int,
    releases: Mapping[str, Release],
    areas: Mapping[str, Any] | None,
    publication: str,
    place: str,
    editions: Sequence[earlier.Edition],
) -> tuple[FigureBlock, Draft]:
    where = Where(f"publications/{publication}.toml", key=spec.cited_as)
    release = releases.get(spec.cited_as)
    if release is None:
        raise BadInput(
            f"No release for figure “{spec.cited_as}”", where=where, next_step=did_you_mean(spec.cited_as, releases)
        )
    named = {table.name: table for table in release.tables}
    if spec.table and spec.table not in named:
        raise BadInput(
            f"Finding “{spec.finding}” has no table “{spec.table}”",
            where=where,
            next_step=did_you_mean(spec.table, named),
        )
    table = named[spec.table] if spec.table else release.tables[0]
    about = sentences.About(spec.subject, place, spec.margin, spec.focus, spec.says, spec.by)
    chart = charts.possible(table, spec.chart, about, areas)
    reading = sentences.read(release, table, chart, about)
    wide, narrow = (charts.draw(release, table, chart, about, areas, width) for width in (charts.WIDTH, charts.NARROW))
    notes = tuple(note for note in (sentences.suppression(release, table), sentences.rounding(release)) if note)
    said = tuple(dict.fromkeys((*release.cannot_say, *spec.cannot_say)))
    code = table.code
    block = FigureBlock(
        number, code, code, spec, release, table, reading, "", "", b"", grid(table), notes, said,
        earlier.since(spec, release, table, about, editions), earlier.past(spec, table, about, editions),
    )  # fmt: skip
    return block, Draft(number, wide, narrow)


@dataclass(frozen=True, slots=True)
class Draft:
    """A figure's chart before it is drawn, for a desk and for a phone; None where the table alone is meant."""

    number: int
    wide: Spec | None
    narrow: Spec | None


def _drawn(drafts: Sequence[Draft], pictures: bool) -> dict[int, dict[str, Any]]:
    """What each figure's number is drawn as. All charts of a document are drawn together, on every core."""
    jobs: list[compiling.Job] = []
    places: list[tuple[int, str]] = []
    for draft in drafts:
        for name, spec, picture in (("svg", draft.wide, pictures), ("narrow", draft.narrow, False)):
            if spec is not None:
                jobs.append((spec, f"{name[0]}{draft.number}", picture))
                places.append((draft.number, name))
    found: dict[int, dict[str, Any]] = {}
    for (number, name), (drawn, dots) in zip(places, compiling.compiled(jobs), strict=True):
        found.setdefault(number, {})[name] = drawn
        if dots:
            found[number]["png"] = dots
    return found


def methods(document: Document) -> tuple[tuple[str, str, str], ...]:
    """(codes, question, method) of each release behind the document, in order of first appearance."""
    codes: dict[str, list[str]] = {}
    releases = {figure.release.id: figure.release for figure in document.figures}
    for figure in document.figures:
        if figure.code not in codes.setdefault(figure.release.id, []):
            codes[figure.release.id].append(figure.code)
    return tuple((", ".join(codes[key]), release.question, release.method) for key, release in releases.items())


def about(publication: Publication) -> tuple[str, ...]:
    """What a reader needs to know to trust and to read the figures, one paragraph each."""
    return (
        "Every figure has a code. The web edition has a page for each code: which data, method, definition and rule "
        "the figure rests on, who asked for it and who approved it, and how to compute it again.",
        "“Between … and …” is the range that the true value plausibly lies in, given how much numbers of this size "
        "vary by chance: a 95% interval unless a table says otherwise. Two overlapping ranges do not show that two "
        "places are the same.",
        f"Figures were released under the rule “{publication.rule}”, which hides small counts and whatever would "
        "give them away, and were then checked by computing what a reader could work out.",
    )


def load_areas(path: Path) -> dict[str, Any]:
    """Boundaries from a GeoJSON file. Raises BadInput where it is not one."""
    try:
        shapes: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if shapes["type"] != "FeatureCollection" or not shapes["features"]:
            raise KeyError("features")
    except OSError as error:
        raise BadInput("The boundaries cannot be read", where=Where(path), why=str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            "This is not a GeoJSON FeatureCollection with areas in it",
            where=Where(path),
            next_step="Check the `areas` key of partnership.toml.",
        ) from error
    return shapes
