"""What the same figure said before: the difference from an earlier edition, and every earlier value of it.

Both editions' numbers are released ones, so what stands here is what any reader could work out with both in hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import tables, words
from concord.evidence.publications.sentences.common import About
from concord.kernel.errors import ConcordError
from concord.kernel.measures import Estimate
from concord.strategy.shapes.publication import FigureSpec

FILE = "editions.json"
"""Beside a publication's page: which figures this edition and those before it hold."""
KEPT = 6
"""How many editions back a figure's page tells its values."""
Fetch = Callable[[str], tuple[Release, ReleasedTable]]
"""From a figure code to its release and table, as `concord.evidence.disclosure.figure` does for a home."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An earlier edition of a publication. `releases` and `codes` are keyed as the publication cites its figures."""

    made_on: date
    releases: Mapping[str, Release]
    codes: Mapping[str, str]
    name: str = ""

    @property
    def label(self) -> str:
        return f"the edition “{self.name}”" if self.name else f"the edition of {words.day(self.made_on)}"

    def table(self, spec: FigureSpec) -> ReleasedTable | None:
        """The table that the figure showed then; None where it was not there."""
        release = self.releases.get(spec.cited_as)
        if release is None:
            return None
        return next((t for t in release.tables if t.name == spec.table), None if spec.table else release.tables[0])


@dataclass(frozen=True, slots=True)
class Past:
    """A value that a figure had: the edition it stood in, its code there, and its words."""

    label: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The one number that a table is about: a category with its count, its estimate, or both."""

    category: str
    count: int | None
    estimate: Estimate | None

    @property
    def words(self) -> str:
        if self.estimate is not None:
            return words.measured(self.estimate)
        return words.number(self.count or 0)


def headline(table: ReleasedTable, about: About) -> Headline | None:
    """The number that a figure is about: its focus or its total; None where it is about no single number."""
    drawn = tables.drawn(table, about.by, about.margin)
    held = [d for i, d in enumerate(table.dimensions) if i != drawn and d.name not in about.margin]
    if any(tables.TOTAL not in dimension.categories for dimension in held):
        return None
    points = {point.category: point.cell for point in tables.series(table, drawn, about.margin)}
    if about.focus:
        found = points.get(about.focus)
    elif len(points) == 1:
        found = next(iter(points.values()))
    else:
        found = None if about.margin else tables.total(table)
    if found is None or found.hidden or (found.count is None and found.estimate is None):
        return None
    return Headline(found.key[drawn], found.count, found.estimate)


def since(
    spec: FigureSpec, release: Release, table: ReleasedTable, about: About, editions: Sequence[Edition]
) -> tuple[str, ...]:
    """Sentences that say what became of the figure since the newest edition about other days; none without one.

    Where no edition is about other days, a revision of the same days is said.
    """
    for edition in editions:
        before = edition.releases.get(spec.cited_as)
        if before is None or before.period != release.period:
            return _compared(spec, release, table, about, edition)
    for edition in editions:
        old = edition.table(spec)
        if old is not None and old.code != table.code:
            said = _compared(spec, release, table, about, edition)
            return (f"Revised since {edition.label}, for the same days.", *said)
    return ()


def _compared(
    spec: FigureSpec, release: Release, table: ReleasedTable, about: About, edition: Edition
) -> tuple[str, ...]:
    before, old = edition.releases.get(spec.cited_as), edition.table(spec)
    if before is None or old is None:
        return (f"Not in {edition.label}.",)
    if old.code == table.code:
        return (f"The same as in {edition.label}.",)
    said = []
    now, then = headline(table, about), headline(old, about)
    if now is not None and then is not None and now.category == then.category:
        who = "" if now.category == tables.TOTAL else f"{words.category(now.category)}: "
        said.append(f"{who}{now.words}; in {edition.label}, {then.words}{_apart(now, then)}.")
    else:
        both = {cell.key: cell for cell in old.cells if not cell.hidden}
        shown = [cell for cell in table.cells if not cell.hidden and cell.key in both]
        other = sum((c.count, c.estimate) != (both[c.key].count, both[c.key].estimate) for c in shown)
        said.append(
            f"{words.number(other)} of {words.number(len(shown))} values that both show are not as in {edition.label}."
        )
    if before.lineage.definition_version != release.lineage.definition_version:
        said.append("The definition changed in between, so the two do not count the same things.")
    elif before.method != release.method:
        said.append("The method changed in between, so part of the difference may be the method's.")
    return tuple(said)


def _apart(now: Headline, then: Headline) -> str:
    """Whether the two can be told apart; for counts, by how much they differ, which may be chance."""
    a, b = now.estimate, then.estimate
    if a is not None and b is not None:
        if a.interval is None or b.interval is None:
            return ""
        if a.interval.low > b.interval.high or a.interval.high < b.interval.low:
            return ". The ranges do not overlap"
        return ". The ranges overlap, so a change is not shown"
    if now.count is None or not then.count:
        return ""
    per_cent = round(100 * (now.count - then.count) / then.count)
    if not per_cent:
        return ", nearly the same"
    return f", {abs(per_cent)}% {'more' if per_cent > 0 else 'fewer'} now"


def past(spec: FigureSpec, table: ReleasedTable, about: About, editions: Sequence[Edition]) -> tuple[Past, ...]:
    """Earlier values of the figure where they differ from the one that follows, newest first."""
    found: list[Past] = []
    code = table.code
    for edition in editions:
        old = edition.table(spec)
        if old is None or old.code == code:
            continue
        code = old.code
        one = headline(old, about)
        found.append(Past(edition.label, old.code, one.words if one else "the table differed"))
    return tuple(found)


def record(made_on: date, codes: Mapping[str, str], before: Sequence[Edition], name: str = "") -> bytes:
    """The bytes of `FILE`: this edition and those before it, newest first; of those, the figures that are here too."""
    held = [{"made_on": made_on.isoformat(), "name": name, "figures": dict(codes)}]
    for edition in before:
        still = {cited: code for cited, code in edition.codes.items() if cited in codes}
        if still and still != codes:
            held.append({"made_on": edition.made_on.isoformat(), "name": edition.name, "figures": still})
    return (json.dumps(held, indent=2, ensure_ascii=False) + "\n").encode()


def listed(folder: Path) -> list[dict[str, Any]]:
    """What `FILE` in a published folder says, newest edition first, at most `KEPT`; nothing without such a file."""
    path = folder / FILE
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))[:KEPT]
    return found


def fetched(entries: Sequence[Mapping[str, Any]], fetch: Fetch) -> tuple[Edition, ...]:
    """The editions that `listed` found, with their releases. A figure whose release is no longer kept is left out."""
    made: list[Edition] = []
    for entry in entries:
        codes: dict[str, str] = entry["figures"]
        releases = {}
        for cited, code in codes.items():
            try:
                releases[cited] = fetch(code)[0]
            except ConcordError:
                continue
        made.append(Edition(date.fromisoformat(entry["made_on"]), releases, codes, entry.get("name", "")))
    return tuple(made)


def read(folder: Path, fetch: Fetch) -> tuple[Edition, ...]:
    """The editions that a published folder holds, newest first."""
    return fetched(listed(folder), fetch)
