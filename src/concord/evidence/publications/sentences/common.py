"""What every reading is made of: what it is about, its words, and how hidden cells are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import tables, words
from concord.evidence.publications.tables import Point


@dataclass(frozen=True, slots=True)
class About:
    """What the words are about: `subject` is a plural noun phrase, `place` the whole area; the rest is as in the
    publication's file."""

    subject: str
    place: str = "the area"
    margin: Mapping[str, str] = field(default_factory=dict)
    focus: str = ""
    says: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one figure: `title` says the finding, `text` explains it, `alt` describes the chart."""

    title: str
    text: tuple[str, ...]
    alt: str


def suppression(release: Release, table: ReleasedTable) -> str:
    """How much is not shown and under which rule, or that small numbers are; nothing where neither is so."""
    hidden = tables.hidden(table)
    if not hidden:
        return release.notice if release.notice and not release.hides_up_to else ""
    marks = words.listed(dict.fromkeys(words.mark(cell.hidden) for cell in hidden))
    told = (
        f"{words.sentence(words.few(len(hidden)))[:-1]} of {words.number(len(table.cells))} figures in this table "
        f"{words.plural(len(hidden), 'is', 'are')} not shown (marked {marks})"
    )
    if table.published:
        return f"{told} because the publisher left that out."
    if all(cell.hidden == "low_base" for cell in hidden):
        return f"{told} because the number they are a share of is too small."
    return f"{told} because a count is small or would give a small count away. {release.notice}".strip()


def rounding(release: Release) -> str:
    if not release.rounded_to:
        return ""
    return f"Counts are rounded to the nearest {release.rounded_to}, so parts may not add up to their total."


def capital(subject: str) -> str:
    return subject[:1].upper() + subject[1:]


def alt_hidden(points: Sequence[Point], things: str) -> str:
    names = [words.category(p.category) for p in points if not p.shown]
    return f" Not shown: {words.listed(names, at_most=4)}." if names else ""


def nothing(subject: str, by: str) -> Reading:
    text = f"{capital(subject)} by {by}: nothing can be shown without giving small counts away"
    return Reading(text, (), f"{text}.")


def drawn(table: ReleasedTable, names: tuple[str, ...]) -> int:
    found = tables.dimension_index(table, names)
    return 0 if found is None else found


def count_of(count: int, label: str) -> str:
    return f"{capital(words.few(count))} {words.plural(count, label, label + 's')}"


def amount(point: Point) -> str:
    if not point.shown:
        return point.mark
    if point.cell.estimate is not None:
        return words.value(point.cell.estimate)
    return words.number(point.cell.count or 0)
