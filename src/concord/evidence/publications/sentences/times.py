"""What tables over time say: months, hours of the week, several lines at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.sentences import common
from concord.evidence.publications.sentences.common import About, Reading
from concord.evidence.publications.tables import Point


def trend(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    points = tables.series(table, common.drawn(table, ("month",)), margin)
    shown = [p for p in points if p.shown and p.cell.count is not None]
    limits = readings.limits(points, release.facts)
    if not shown:
        return common.nothing(subject, "month")
    first, last = points[0].category, points[-1].category
    span = f"from {words.category(first)} to {words.category(last)}"
    text = []
    if limits is None:
        title = f"{common.capital(subject)} by month, {span}"
        total = tables.total(table) if not margin else None
        if total is not None and total.count is not None and total.hidden is None:
            title = f"{common.capital(subject)}: about {words.number(round(total.count / max(1, len(points))))} a month"
    elif limits.outside:
        named = words.listed([words.category(m) for m in limits.outside], at_most=3)
        count = len(limits.outside)
        title = (
            f"{common.capital(subject)} went outside their usual range in {named}"
            if count <= 3
            else f"{common.capital(subject)} went outside their usual range in {words.few(count)} of "
            f"{len(shown)} months"
        )
    elif limits.runs:
        month, mark = limits.runs[-1]
        title = f"{common.capital(subject)} shifted: {mark}, up to {words.category(month)}"
    else:
        title = f"{common.capital(subject)} stayed within their usual range in every month"
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
        + common.alt_hidden(points, "months")
    )
    return Reading(title, tuple(text), alt)


def _extreme(points: Sequence[Point], pick: Callable[..., Point]) -> str:
    point = pick(points, key=lambda p: p.cell.count or 0)
    return f"{words.number(point.cell.count or 0)} in {words.category(point.category)}"


def heat(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    hour_at, day_at = common.drawn(table, ("hour",)), common.drawn(table, ("weekday", "day"))
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
        return common.nothing(subject, "hour and weekday")
    counts = {
        (hour, c.key[day_at]): c.count or 0 for c in grid if (hour := readings.hour_of(c.key[hour_at])) is not None
    }
    place = readings.busiest(counts)
    if place is None:
        return common.nothing(subject, "hour and weekday")
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


def series(release: Release, table: ReleasedTable, about: About) -> Reading:
    """From the first to the last point of each line; a change over few points is not called a trend."""
    lines = readings.lines(table, about.by, about.margin)
    shown = [(line, [s for s in line.steps if s.value is not None]) for line in lines]
    shown = [(line, steps) for line, steps in shown if steps]
    if not shown:
        return common.nothing(about.subject, "period")
    share = any(c.estimate is not None and words.is_share(c.estimate) for c in table.cells)
    unit = next((c.estimate.unit for c in table.cells if c.estimate is not None and not words.is_share(c.estimate)), "")
    every = [step.period for line, steps in shown for step in steps]
    order = list(dict.fromkeys(step.period for line in lines for step in line.steps))
    first, last = min(every, key=order.index), max(every, key=order.index)
    breaks = readings.breaks(lines)
    text = []
    for line, steps in shown:
        start, end = steps[0], steps[-1]
        name = f"{line.name}: " if line.name else ""
        amounts = [_level(step, share, unit) for step in (start, end)]
        if start is end:
            text.append(f"{name}{amounts[0]} in {words.category(start.period)}.")
            continue
        text.append(
            f"{name}{amounts[0]} in {words.category(start.period)}, {amounts[1]} in {words.category(end.period)}"
            f"{_apart(start, end)}."
        )
    for period, what in breaks:
        text.append(f"From {words.category(period)}: {what}. Values on two sides of that are not comparable.")
    if len(order) < 3:
        text.append("Two points show no trend.")
    if len(shown) == 1:
        steps = shown[0][1]
        span = f"from {words.category(first)} to {words.category(last)}"
        amounts = [_level(step, share, unit) for step in (steps[0], steps[-1])]
        title = (
            f"{common.capital(about.subject)}: {amounts[0]} to {amounts[1]}, {span}"
            if len(steps) > 1
            else (f"{common.capital(about.subject)}: {amounts[0]} in {words.category(first)}")
        )
    else:
        top, steps = max(shown, key=lambda pair: pair[1][-1].value or 0)
        title = f"{common.capital(about.subject)}: {top.name} is highest in {words.category(steps[-1].period)}"
    alt = f"Line chart of {about.subject} from {words.category(first)} to {words.category(last)}. {' '.join(text)}"
    return Reading(title, tuple(text), alt)


def _level(step: readings.Step, share: bool, unit: str) -> str:
    value = step.value or 0.0
    return f"{value:,.0f}%" if share else f"{words.number(round(value, 1))}{f' {unit}' if unit else ''}"


def _apart(start: readings.Step, end: readings.Step) -> str:
    """Whether two points' intervals leave each other out, where they have intervals."""
    if None in (start.low, start.high, end.low, end.high):
        return ""
    if (end.low or 0) > (start.high or 0) or (end.high or 0) < (start.low or 0):
        return ", and their ranges do not overlap"
    return ", and their ranges overlap, so a change is not shown"
