"""What estimates beside a value say: ratios against 1, one estimate alone."""

from __future__ import annotations

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import readings, tables, words
from concord.evidence.publications.readings import Position
from concord.evidence.publications.sentences import common
from concord.evidence.publications.sentences.common import About, Reading


def ratios(release: Release, table: ReleasedTable, about: About) -> Reading:
    """The highest ratio that is clear of 1 is the title; a ratio whose interval holds 1 is said to show nothing."""
    drawn = tables.drawn(table, about.by, about.margin)
    points = tables.series(table, drawn, about.margin)
    label = table.dimensions[drawn].label.lower()
    ranked = tables.ranked(points)
    if not ranked:
        return common.nothing(about.subject, label)
    sides = {one.category: readings.position(one.estimate, 1.0) for one in ranked}
    above = [one for one in ranked if sides[one.category] is Position.ABOVE]
    below = [one for one in ranked if sides[one.category] is Position.BELOW]
    same = [one for one in ranked if sides[one.category] is Position.SAME]
    focus = next((one for one in ranked if one.category == about.focus), None)
    lead = focus or (above[0] if above else below[-1] if below else None)
    if lead is None:
        title = f"No difference in {about.subject} that chance could not explain, by {label}"
    elif sides[lead.category] is Position.SAME:
        title = f"{words.category(lead.category)}: {about.subject} cannot be told apart from the group compared with"
    elif about.says:
        title = f"{words.category(lead.category)}: {about.subject} {words.value(lead.estimate)} times {about.says}"
    else:
        title = f"{words.category(lead.category)}: {about.subject}, {_times(lead)}"
    text = [f"{words.category(one.category)}: {words.measured(one.estimate)}." for one in (*above, *below)]
    if same:
        names = words.listed((words.category(one.category) for one in same), at_most=4)
        text.append(f"For {names} the range includes 1, so a difference is not shown, nor that there is none.")
    # A mark such as “higher” says again what the sentences above say; a range of its own does not.
    reach = [(one, one.cell.label) for one in ranked if any(map(str.isdigit, one.cell.label))]
    if reach:
        text.append(f"{words.listed(f'{words.category(one.category)}: {mark}' for one, mark in reach)}.")
    listing = "; ".join(f"{words.category(p.category)} {_amount(p)}" for p in points)
    alt = f"Chart of ratios with their intervals on a log scale, against a line at 1, by {label}: {listing}."
    return Reading(title, tuple(text), alt)


def _times(one: tables.Ranked) -> str:
    unit = one.estimate.unit
    return f"{words.value(one.estimate)} {unit}" if unit.startswith("times ") else f"{words.value(one.estimate)} times"


def _amount(point: tables.Point) -> str:
    if not point.shown or point.cell.estimate is None:
        return point.mark
    return words.measured_briefly(point.cell.estimate)


def chosen(table: ReleasedTable, about: About) -> tables.Ranked | None:
    """The one estimate that the words and the drawing are about: `focus`, else the total, else the first shown."""
    points = tables.ranked(tables.series(table, tables.drawn(table, about.by, about.margin), about.margin))
    asked = next((one for one in points if one.category == about.focus), None)
    if asked is not None or about.focus:
        return asked
    whole = tables.total(table)
    if whole is not None and whole.hidden is None and whole.estimate is not None and not about.margin:
        return tables.Ranked(tables.TOTAL, whole, whole.estimate)
    order = tables.series(table, tables.drawn(table, about.by, about.margin), about.margin)
    first = {one.category: one for one in points}
    return next((first[p.category] for p in order if p.category in first), None)


def against(table: ReleasedTable, about: About) -> float | None:
    """What no difference would be, for ratios and changes."""
    one = chosen(table, about)
    if one is None:
        return None
    return 1.0 if words.is_ratio(one.estimate) else 0.0 if words.is_change(one.estimate) else None


def interval(release: Release, table: ReleasedTable, about: About) -> Reading:
    one = chosen(table, about)
    if one is None:
        return common.nothing(about.subject, table.dimensions[0].label.lower())
    estimate = one.estimate
    who = "" if one.category == tables.TOTAL else words.category(one.category)
    value = words.measured_plainly(estimate)
    if about.says:
        of = f"{value} of {about.subject}" if words.is_share(estimate) else f"{common.capital(about.subject)}: {value}"
        title = f"{of} {about.says}"
    elif words.is_share(estimate):
        title = f"{value} of {about.subject}" + (f": {who[:1].lower()}{who[1:]}" if who else "")
    else:
        title = f"{common.capital(about.subject)}: {value}" + (f" ({who})" if who else "")
    line = against(table, about)
    side = readings.position(estimate, line)
    text = [words.sentence(f"{who + ': ' if who else ''}{words.measured(estimate, table.unit)}")]
    if one.cell.count is not None and one.cell.base is not None:
        text.append(f"That rests on {words.number(one.cell.count)} of {words.number(one.cell.base)} {table.unit}.")
    if line is not None and side is Position.SAME:
        none = "1, which would mean no difference" if line else "no change"
        text.append(f"The range includes {none}: these numbers cannot tell.")
    if one.cell.label:
        text.append(words.sentence(one.cell.label))
    alt = f"One estimate with its interval: {about.subject}, {words.measured(estimate, table.unit)}."
    return Reading(title, tuple(text), alt)
