"""A figure as publications show it: the sentence that says the finding, the chart, what the interval means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications.document import compose, load_areas
from concord.kernel.errors import ConcordError
from concord.strategy import Partnership
from concord.strategy.shapes.publication import FigureSpec, Publication, Section


@dataclass(frozen=True, slots=True)
class Picture:
    """`svg` is markup of our own; blank where the table alone is meant."""

    title: str
    sentences: tuple[str, ...]
    svg: str
    alt: str


def picture(release: Release, table: ReleasedTable, partnership: Partnership, home: Path) -> Picture | None:
    """The figure of that table in the first publication that shows it; None where no publication does."""
    found = _shown_in(release, table, partnership)
    if found is None:
        return None
    publication, spec = found
    alone = Section(key="figure", heading=spec.subject, figures=(replace(spec, when_loaded=()),))
    try:
        made = compose(
            replace(publication, sections=(alone,)),
            {spec.cited_as: release},
            partnership=partnership,
            areas=_areas(partnership, home),
            clock=lambda: _at(release),
            withheld={},
        )
    except ConcordError:
        return None  # the declaration has changed since this was released: the table still stands
    figure = made.figures[0]
    # The desk's pages do not carry the documents' own typeface: without another they would fall back to serifs.
    svg = figure.svg.replace('font-family="Inter"', 'font-family="Inter, arial, sans-serif"')
    return Picture(figure.reading.title, tuple(figure.reading.text), svg, figure.reading.alt)


def _at(release: Release) -> datetime:
    return release.released_at


def _shown_in(
    release: Release, table: ReleasedTable, partnership: Partnership
) -> tuple[Publication, FigureSpec] | None:
    wanted = {key: str(value) for key, value in release.lineage.parameters.items()}
    for publication in partnership.publications.values():
        for section in publication.sections:
            for spec in section.figures:
                named = spec.table or release.tables[0].name
                given = {key: str(value) for key, value in spec.parameters.items()}
                if spec.finding == release.lineage.finding and named == table.name and given.items() <= wanted.items():
                    return publication, spec
    return None


def _areas(partnership: Partnership, home: Path) -> dict[str, object] | None:
    for folder in (*partnership.chain, home / "synthetic" / "council"):
        if (folder / "areas.geojson").is_file():
            return load_areas(folder / "areas.geojson")
    return None
