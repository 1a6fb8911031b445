"""What tables of groups say: bars, verdicts, changes."""

from __future__ import annotations

from collections.abc import Sequence

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.sentences import common
from concord.evidence.publications.sentences.common import About, Reading
from concord.evidence.publications.tables import Point


def bars(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    drawn = tables.drawn(table, about.by, margin)
    points = tables.series(table, drawn, margin)
    shown = [p for p in points if p.shown]
    label = table.dimensions[drawn].label.lower()
    if not shown:
        return common.nothing(subject, label)
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
            title = _highest(focus, subject, label)
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
    listing = "; ".join(f"{words.category(p.category)} {common.amount(p)}" for p in points)
    return Reading(title, tuple(text), f"Bar chart of {subject} by {label}: {listing}.")


def _highest(one: tables.Ranked, subject: str, label: str) -> str:
    """A rate is not a size: the group with the highest rate need not be the largest."""
    highest = f"{words.category(one.category)} is highest, with {words.measured_plainly(one.estimate)}"
    return f"{common.capital(subject)}, by {label}: {highest}"


def _verdicts(table: ReleasedTable, points: Sequence[Point], undetermined: Point, subject: str, label: str) -> Reading:
    """In, out and undetermined: the number lies between what is known to be in and that plus the undetermined."""
    inside = next(
        (p for p in points if p.category.lower() in {"in", "in the definition", "meets the definition"}), None
    )
    unknown = undetermined.cell.count or 0
    listing = "; ".join(f"{words.category(p.category)} {common.amount(p)}" for p in points)
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


def change(release: Release, table: ReleasedTable, about: About) -> Reading:
    points = tables.series(table, 0, about.margin)
    label = table.dimensions[0].label.lower()
    whole_cell = tables.total(table)
    whole = whole_cell.estimate if whole_cell is not None and whole_cell.hidden is None else None
    found = [(p.category, p.cell.estimate) for p in points if p.shown and p.cell.estimate is not None]
    clear = [(name, e) for name, e in found if e.interval and (e.interval.low > 0 or e.interval.high < 0)]
    if not found and whole is None:
        return common.nothing(f"change in {about.subject}", label)
    text = []
    if whole is not None and whole_cell is not None:
        spread = whole.interval
        sure = spread is not None and (spread.low > 0 or spread.high < 0)
        direction = "rose" if whole.value > 0 else "fell"
        title = (
            f"{common.capital(about.subject)} {direction} by {words.value(whole).lstrip('+−')} in a year"
            if sure
            else f"{common.capital(about.subject)} did not clearly rise or fall in a year"
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
    listing = "; ".join(f"{p.category} {common.amount(p)}" for p in points)
    return Reading(title, tuple(text), f"Chart of change in {about.subject} by {label}, with intervals: {listing}.")


def shares(release: Release, table: ReleasedTable, about: About) -> Reading:
    """The largest part of the whole, or where `focus` is largest and smallest among the rows."""
    drawn = tables.drawn(table, about.by, about.margin)
    label = table.dimensions[drawn].label.lower()
    rows = readings.divided(table, drawn, about.margin)
    shown = [row for row in rows if row.parts]
    if not shown:
        return common.nothing(about.subject, label)
    total = next((row for row in shown if row.name == tables.TOTAL), None)
    others = [row for row in shown if row is not total] or shown
    wanted = about.focus or max((total or others[0]).parts, key=lambda part: part.share).name
    found = [
        (row, part) for row in others for part in row.parts if part.name.casefold() == words.category(wanted).casefold()
    ]
    says = about.says or f"are “{words.category(wanted)}”"
    text = []
    whole = next((p for p in (total.parts if total else ()) if p.name == words.category(wanted)), None)
    if whole is not None:
        title = f"{whole.share:.0f}% of {about.subject} {says}"
        text.append(
            f"That is {words.number(whole.count or 0)} of {words.number((total and total.of) or 0)} {table.unit}."
        )
    elif len(found) == 1:
        title = f"{found[0][1].share:.0f}% of {about.subject} {says}"
    else:
        title = f"{common.capital(about.subject)}: how they divide, by {label}"
    if len(found) > 1:
        ordered = sorted(found, key=lambda pair: (-pair[1].share, pair[0].name))
        (top, high), (bottom, low) = ordered[0], ordered[-1]
        if round(high.share) > round(low.share):
            text.append(
                f"The share is largest for {top.name} ({high.share:.0f}% of {words.number(top.of or 0)}) and smallest "
                f"for {bottom.name} ({low.share:.0f}% of {words.number(bottom.of or 0)})."
            )
    listing = "; ".join(
        f"{row.name}: " + ", ".join(f"{part.name} {part.share:.0f}%" for part in row.parts) for row in shown
    )
    hidden = sum(row.hidden or not row.parts for row in rows)
    gone = f" Part of {words.few(hidden)} {words.plural(hidden, 'bar', 'bars')} is not shown." if hidden else ""
    return Reading(title, tuple(text), f"Bars of 100% of {about.subject} by {label}. {listing}.{gone}")


def table(release: Release, table: ReleasedTable, about: About) -> Reading:
    return Reading(table.title, (), f"Table of {about.subject}.")
