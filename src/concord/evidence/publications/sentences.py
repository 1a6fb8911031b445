"""What a figure says, in words, from a release alone.

Every reading has a title that is the finding, sentences with their interval, and alternative text for the chart. A
hidden cell is mentioned by name at most, never by value, and never by anything that would narrow its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.readings import Position
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
    if all(cell.hidden == "low_base" for cell in hidden):
        return f"{told} because the number they are a share of is too small."
    return f"{told} because a count is small or would give a small count away. {release.notice}".strip()


def rounding(release: Release) -> str:
    if not release.rounded_to:
        return ""
    return f"Counts are rounded to the nearest {release.rounded_to}, so parts may not add up to their total."


def read(release: Release, table: ReleasedTable, chart: str, about: About) -> Reading:
    """The reading of `table` as `chart` (a chart kind of the publication's shape)."""
    return _READERS[chart](release, table, about)


def _subject(subject: str) -> str:
    return subject[:1].upper() + subject[1:]


def _trend(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    points = tables.series(table, _drawn(table, ("month",)), margin)
    shown = [p for p in points if p.shown and p.cell.count is not None]
    limits = readings.limits(points, release.facts)
    if not shown:
        return _nothing(subject, "month")
    first, last = points[0].category, points[-1].category
    span = f"from {words.category(first)} to {words.category(last)}"
    text = []
    if limits is None:
        title = f"{_subject(subject)} by month, {span}"
        total = tables.total(table) if not margin else None
        if total is not None and total.count is not None and total.hidden is None:
            title = f"{_subject(subject)}: about {words.number(round(total.count / max(1, len(points))))} a month"
    elif limits.outside:
        named = words.listed([words.category(m) for m in limits.outside], at_most=3)
        count = len(limits.outside)
        title = (
            f"{_subject(subject)} went outside their usual range in {named}"
            if count <= 3
            else f"{_subject(subject)} went outside their usual range in {words.few(count)} of {len(shown)} months"
        )
    elif limits.runs:
        month, mark = limits.runs[-1]
        title = f"{_subject(subject)} shifted: {mark}, up to {words.category(month)}"
    else:
        title = f"{_subject(subject)} stayed within their usual range in every month"
    whole = tables.total(table) if not margin else None
    if whole is not None and whole.count is not None and whole.hidden is None:
        text.append(
            f"There were {words.number(whole.count)} {subject} {span}, an average of "
            f"{words.number(round(whole.count / max(1, len(points))))} a month."
        )
    if limits is not None:
        text.append(
            f"Month to month, anything between {words.number(round(limits.low))} and "
            f"{words.number(round(limits.high))} is ordinary variation"
            + (f" ({len(shown)} months so far, so these limits may still move)." if limits.trial else ".")
        )
        for point in points:
            if point.category in limits.outside and point.cell.count is not None:
                side = "above" if point.cell.count > limits.high else "below"
                text.append(
                    f"{words.category(point.category)}, with {words.number(point.cell.count)}, was {side} it: "
                    "ask what was different then."
                )
        for month, mark in limits.runs:
            text.append(f"{words.sentence(mark)[:-1]}, up to {words.category(month)}: unlikely to be chance alone.")
        if not limits.outside and not limits.runs:
            text.append("A rise or fall inside that range is not evidence of change.")
    alt = (
        f"Line chart of {subject} by month, {span}. Highest {_extreme(shown, max)}; lowest {_extreme(shown, min)}."
        + (f" Usual range {words.number(round(limits.low))} to {words.number(round(limits.high))}." if limits else "")
        + _alt_hidden(points, "months")
    )
    return Reading(title, tuple(text), alt)


def _extreme(points: Sequence[Point], pick: Callable[..., Point]) -> str:
    point = pick(points, key=lambda p: p.cell.count or 0)
    return f"{words.number(point.cell.count or 0)} in {words.category(point.category)}"


def _alt_hidden(points: Sequence[Point], things: str) -> str:
    names = [words.category(p.category) for p in points if not p.shown]
    return f" Not shown: {words.listed(names, at_most=4)}." if names else ""


def _nothing(subject: str, by: str) -> Reading:
    text = f"{_subject(subject)} by {by}: nothing can be shown without giving small counts away"
    return Reading(text, (), f"{text}.")


def _drawn(table: ReleasedTable, names: tuple[str, ...]) -> int:
    found = tables.dimension_index(table, names)
    return 0 if found is None else found


def _rates(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    drawn = _drawn(table, ("ward", "area", "neighbourhood", "lsoa"))
    label = table.dimensions[drawn].label.lower()
    points = tables.series(table, drawn, margin)
    ranked = tables.ranked(points)
    if not ranked:
        return _nothing(subject, label)
    whole_cell = tables.total(table)
    whole = whole_cell.estimate if whole_cell is not None and whole_cell.hidden is None else None
    value = whole.value if whole is not None else None
    placed = readings.positions(ranked, value)
    sides = {side: [name for name, where in placed.items() if where is side] for side in Position}
    top, bottom = ranked[0], ranked[-1]
    above, below = sides[Position.ABOVE], sides[Position.BELOW]
    if above:
        verb = words.plural(len(above), "has", "have")
        title = (
            f"{words.listed(above)} {verb} a higher rate of {subject} than {about.place} as a whole"
            if len(above) <= 3
            else f"{_subject(words.few(len(above)))} {label}s have a higher rate of {subject} than "
            f"{about.place} as a whole, {top.category} the highest"
        )
    elif value is not None:
        title = f"No {label} has a rate of {subject} clearly above that of {about.place} as a whole"
    else:
        title = f"{top.category} has the highest rate of {subject}"
    text = [f"{top.category} had {words.measured(top.estimate, table.unit)}."]
    if whole is not None:
        text.append(f"{about.place} as a whole had {words.measured(whole)}.")
        rest = len(sides[Position.SAME])
        text.append(
            f"{_count_of(len(above), label)} {words.plural(len(above), 'is', 'are')} above that by more than chance "
            f"explains and {_count_of(len(below), label).lower()} below; the other {words.few(rest)} cannot be told "
            "apart from it, which does not mean that they are the same."
        )
    alt = (
        f"Rates of {subject} by {label} with their intervals, highest first: "
        + "; ".join(f"{p.category} {words.value(p.estimate)}" for p in ranked[:3])
        + f". Lowest: {bottom.category} {words.value(bottom.estimate)}."
        + (f" {about.place} as a whole: {words.value(whole)}." if whole else "")
        + _alt_hidden(points, label)
    )
    return Reading(title, tuple(text), alt)


def _count_of(count: int, label: str) -> str:
    return f"{_subject(words.few(count))} {words.plural(count, label, label + 's')}"


def _map(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    base = _rates(release, table, about)
    drawn = _drawn(table, ("ward", "area", "neighbourhood"))
    ranked = tables.ranked(tables.series(table, drawn, margin))
    if not ranked:
        return base
    names = words.listed([p.category for p in ranked[:3]])
    return Reading(
        f"The highest rates of {subject} are in {names}",
        base.text[1:],
        "Map. " + base.alt.replace(" with their intervals, highest first", ""),
    )


def _heat(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    hour_at, day_at = _drawn(table, ("hour",)), _drawn(table, ("weekday", "day"))
    hours = {readings.hour_of(p.category): p.cell for p in tables.series(table, hour_at, margin) if p.shown}
    days = [p for p in tables.series(table, day_at, margin) if p.shown and p.cell.count is not None]
    whole = tables.total(table)
    grid = [
        c
        for c in table.cells
        if c.hidden is None and c.count is not None and c.key[hour_at] != tables.TOTAL and c.key[day_at] != tables.TOTAL
    ]
    hidden = [c for c in table.cells if c.hidden]
    if not grid:
        return _nothing(subject, "hour and weekday")
    counts = {
        (hour, c.key[day_at]): c.count or 0 for c in grid if (hour := readings.hour_of(c.key[hour_at])) is not None
    }
    place = readings.busiest(counts)
    if place is None:
        return _nothing(subject, "hour and weekday")
    peak_words = f"{place[1]}s from {words.hour_span(place[0], place[0])}"
    title, text = f"The busiest hour for {subject} is {peak_words}", []
    total = whole.count if whole is not None and whole.hidden is None else None
    if total and len(hours) == 24:
        first, share = _busiest_block(
            {hour: cell.count or 0 for hour, cell in hours.items() if hour is not None}, total
        )
        span = words.hour_span(first, (first + 5) % 24)
        title = f"{share:.0f}% of {subject} happen between {span.replace(' to ', ' and ')}"
        text.append(
            f"Those six hours hold {share:.0f}% of the {words.number(total)} {subject} with a known time; an even "
            f"spread would put 25% there."
        )
    text.append(f"The busiest single hour of the week is {peak_words}, with {words.number(counts[place])}.")
    if days and total:
        top = max(days, key=lambda p: p.cell.count or 0)
        text.append(
            f"{top.category} is the busiest day, with {words.number(top.cell.count or 0)} "
            f"({100 * (top.cell.count or 0) / total:.0f}%; an even spread would give each day 14%)."
        )
    alt = f"Grid of {subject} by hour and weekday. {' '.join(text)}" + (
        f" {words.sentence(words.few(len(hidden)))[:-1]} cells are not shown." if hidden else ""
    )
    return Reading(title, tuple(text), alt)


def _busiest_block(counts: Mapping[int, int], total: int, width: int = 6) -> tuple[int, float]:
    """First hour and share (%) of the busiest run of `width` hours, which may cross midnight."""
    sums = {first: sum(counts[(first + i) % 24] for i in range(width)) for first in range(24)}
    first = max(sums, key=lambda h: (sums[h], -h))
    return first, 100 * sums[first] / total


def _bars(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    drawn = tables.drawn(table, about.by, margin)
    points = tables.series(table, drawn, margin)
    shown = [p for p in points if p.shown]
    label = table.dimensions[drawn].label.lower()
    if not shown:
        return _nothing(subject, label)
    whole = tables.total(table)
    undetermined = next((p for p in shown if p.category.lower() == "undetermined"), None)
    if undetermined is not None:
        return _verdicts(table, points, undetermined, subject, label)
    estimated = tables.ranked(shown)
    if estimated:
        focus = next((p for p in estimated if p.category == about.focus), estimated[0])
        estimate = focus.estimate
        told = f"{subject} {about.says}" if focus.category == about.focus and about.says else None
        if not words.is_share(estimate):
            title = f"{words.category(focus.category)} is the largest group of {subject}"
        elif told:
            title = f"{words.value(estimate)} of {told}"
        else:
            title = f"{words.category(focus.category)}: {words.value(estimate)} of {subject}"
        amount = (
            ""
            if focus.cell.count is None or focus.cell.base is None
            else f"{words.number(focus.cell.count)} of {words.number(focus.cell.base)} {table.unit}, or "
        )
        text = [words.sentence(f"{words.category(focus.category)}: {amount}{words.measured(estimate, table.unit)}")]
    else:
        top = max(shown, key=lambda p: p.cell.count or 0)
        most = words.number(top.cell.count or 0)
        title = f"{words.category(top.category)} is the largest group of {subject}, with {most}"
        text = []
        if whole is not None and whole.count and whole.hidden is None:
            text.append(f"That is {100 * (top.cell.count or 0) / whole.count:.0f}% of {words.number(whole.count)}.")
    listing = "; ".join(f"{words.category(p.category)} {_amount(p)}" for p in points)
    return Reading(title, tuple(text), f"Bar chart of {subject} by {label}: {listing}.")


def _amount(point: Point) -> str:
    if not point.shown:
        return point.mark
    if point.cell.estimate is not None:
        return words.value(point.cell.estimate)
    return words.number(point.cell.count or 0)


def _verdicts(table: ReleasedTable, points: Sequence[Point], undetermined: Point, subject: str, label: str) -> Reading:
    """In, out and undetermined: the number lies between what is known to be in and that plus the undetermined."""
    inside = next(
        (p for p in points if p.category.lower() in {"in", "in the definition", "meets the definition"}), None
    )
    unknown = undetermined.cell.count or 0
    listing = "; ".join(f"{words.category(p.category)} {_amount(p)}" for p in points)
    alt = f"Bar chart of {subject} by {label}: {listing}."
    if inside is None or not inside.shown or inside.cell.count is None:
        return Reading(f"{words.number(unknown)} {subject} cannot be placed", (), alt)
    low, high = inside.cell.count, inside.cell.count + unknown
    title = f"Between {words.number(low)} and {words.number(high)} {subject} meet the definition"
    text = (
        f"{words.number(low)} certainly do. {words.number(unknown)} more are undetermined: the records lack something "
        f"the definition needs, such as an age or a flag, so the true number lies between {words.number(low)} and "
        f"{words.number(high)}.",
    )
    return Reading(title, text, alt)


def _change(release: Release, table: ReleasedTable, about: About) -> Reading:
    points = tables.series(table, 0, about.margin)
    label = table.dimensions[0].label.lower()
    whole_cell = tables.total(table)
    whole = whole_cell.estimate if whole_cell is not None and whole_cell.hidden is None else None
    found = [(p.category, p.cell.estimate) for p in points if p.shown and p.cell.estimate is not None]
    clear = [(name, e) for name, e in found if e.interval and (e.interval.low > 0 or e.interval.high < 0)]
    if not found and whole is None:
        return _nothing(f"change in {about.subject}", label)
    text = []
    if whole is not None and whole_cell is not None:
        spread = whole.interval
        sure = spread is not None and (spread.low > 0 or spread.high < 0)
        direction = "rose" if whole.value > 0 else "fell"
        title = (
            f"{_subject(about.subject)} {direction} by {words.value(whole).lstrip('+−')} in a year"
            if sure
            else f"{_subject(about.subject)} did not clearly rise or fall in a year"
        )
        counts = (
            f"{words.number(whole_cell.count)} against {words.number(whole_cell.base)} a year before: "
            if whole_cell.count is not None and whole_cell.base is not None
            else ""
        )
        text.append(words.sentence(f"{counts}{words.measured(whole)}"))
    else:
        title = f"Change in {about.subject} by {label}"
    if clear:
        told = words.listed(f"{name} ({words.measured(e).replace(' (', ', ').removesuffix(')')})" for name, e in clear)
        text.append(f"Clear of no change: {told}.")
    elif found:
        text.append(f"No {label} changed by more than could be chance.")
    listing = "; ".join(f"{p.category} {_amount(p)}" for p in points)
    return Reading(title, tuple(text), f"Chart of change in {about.subject} by {label}, with intervals: {listing}.")


def _table(release: Release, table: ReleasedTable, about: About) -> Reading:
    return Reading(table.title, (), f"Table of {about.subject}.")


_READERS: dict[str, Callable[[Release, ReleasedTable, About], Reading]] = {
    "trend": _trend,
    "rates": _rates,
    "map": _map,
    "heat": _heat,
    "bars": _bars,
    "change": _change,
    "table": _table,
}
