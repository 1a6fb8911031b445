"""A publication as data: sections, figures with their words, charts and tables, ready for any page compositor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.publications import drawing, prose, sentences, tables, words
from concord.evidence.publications.charts import draw
from concord.evidence.publications.listings import Listing, resolved
from concord.evidence.publications.sentences import Reading
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.publication import FigureSpec, Publication


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
class Grid:
    """A table as it is printed: the first column of every row is its header."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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
    grid: Grid
    notes: tuple[str, ...]
    """What is not shown and why, rounding, the notice of a restricted release."""
    cannot_say: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.reading.title

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


def compose(
    publication: Publication,
    releases: Mapping[str, Release],
    *,
    partnership: Place,
    areas: Mapping[str, Any] | None,
    clock: Callable[[], datetime],
    withheld: Mapping[str, str],
    listings: Mapping[str, Sequence[Listing]] | None = None,
) -> Document:
    """Bring `publication` and the `releases` it cites (keyed by `FigureSpec.cited_as`) together.

    Raises BadInput for a release, table or prose file that is not there, and for prose with a number typed by hand.
    """
    made: list[SectionBlock] = []
    number = 0
    codes: set[str] = set()
    for section in publication.sections:
        figures = []
        absent = [spec for spec in section.figures if spec.cited_as in withheld]
        for spec in section.figures:
            if spec in absent:
                continue
            number += 1
            figure = _figure(spec, number, releases, areas, publication.key, partnership.name)
            figures.append(replace(figure, anchor=f"{figure.code}-{number}") if figure.code in codes else figure)
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
    titles = {figure.spec.cited_as: figure for section in made for figure in section.figures}
    made = [
        replace(each, listings=tuple(resolved(one, titles, withheld) for one in (listings or {}).get(each.key, ())))
        for each in made
    ]
    throughout = _shared(made)
    used = [figure.release for section in made for figure in section.figures]
    longest = max((release.period for release in used), key=lambda period: (period.days, period.start), default=None)
    return Document(
        publication,
        partnership.name,
        partnership.synthetic or any(r.synthetic for r in used),
        clock(),
        longest.label if longest else "",
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
) -> FigureBlock:
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
    chart = "rates" if spec.chart == "map" and areas is None else spec.chart
    about = sentences.About(spec.subject, place, spec.margin, spec.focus, spec.says, spec.by)
    reading = sentences.read(release, table, chart, about)
    spec_of_chart = draw(release, table, chart, about, areas)
    svg = drawing.svg(spec_of_chart, f"c{number}") if spec_of_chart is not None else ""
    notes = tuple(note for note in (sentences.suppression(release, table), sentences.rounding(release)) if note)
    said = tuple(dict.fromkeys((*release.cannot_say, *spec.cannot_say)))
    return FigureBlock(number, table.code, table.code, spec, release, table, reading, svg, grid(table), notes, said)


def grid(table: ReleasedTable) -> Grid:
    """One row a category; two dimensions as a cross table of counts; more as a list."""
    if len(table.dimensions) == 2 and all(cell.estimate is None for cell in table.cells):
        return _cross(table)
    cells = list(tables.rows(table))
    columns = [dimension.label for dimension in table.dimensions]
    changes = any(cell.estimate is not None and words.is_change(cell.estimate) for cell in cells)
    counts: tuple[str, Callable[[ReleasedCell], str]] = (table.unit[:1].upper() + table.unit[1:], _count)
    parts = [] if table.published else [counts]
    if any(cell.base is not None for cell in cells):
        parts.append(
            (
                "A year before" if changes else "Out of",
                lambda cell: "" if cell.base is None else words.number(cell.base),
            )
        )
    if any(cell.population is not None for cell in cells):
        parts.append(("Population", lambda cell: "" if cell.population is None else words.number(cell.population)))
    units = list(dict.fromkeys(cell.estimate.unit for cell in cells if cell.estimate is not None))
    if units:
        heading = {"%": "Share", "% change": "Change"}.get(units[0]) or units[0][:1].upper() + units[0][1:]
        parts.append((heading, lambda cell: words.value(cell.estimate) if cell.estimate is not None else _blank(cell)))
        if any(cell.estimate is not None and cell.estimate.interval is not None for cell in cells):
            level = next(c.estimate.interval.level for c in cells if c.estimate is not None and c.estimate.interval)
            parts.append((f"{level:.0%} interval", _spread))
    if any(cell.label for cell in cells):
        parts.append(("Note", lambda cell: cell.label[:1].upper() + cell.label[1:]))
    body = tuple((*(words.category(part) for part in cell.key), *(write(cell) for _, write in parts)) for cell in cells)
    return Grid(table.title, (*columns, *(heading for heading, _ in parts)), body)


def _blank(cell: ReleasedCell) -> str:
    return words.mark(cell.hidden) if cell.hidden else ""


def _count(cell: ReleasedCell) -> str:
    if cell.hidden or cell.count is None:
        return _blank(cell)
    return words.number(cell.count)


def _spread(cell: ReleasedCell) -> str:
    if cell.estimate is None or cell.estimate.interval is None:
        return _blank(cell)
    return words.interval(cell.estimate).removeprefix("between ").replace(" and ", " to ")


def _cross(table: ReleasedTable) -> Grid:
    down, across = table.dimensions
    by_key = {cell.key: cell for cell in table.cells}
    body = []
    for row in down.categories:
        found = [by_key.get((row, column)) for column in across.categories]
        if any(found):
            body.append((words.category(row), *("" if cell is None else _count(cell) for cell in found)))
    return Grid(table.title, (down.label, *(words.category(c) for c in across.categories)), tuple(body))


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
