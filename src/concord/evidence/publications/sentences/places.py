"""What tables of areas say: rates, maps, classes."""

from __future__ import annotations

from collections.abc import Sequence

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications import placing, readings, tables, words
from concord.evidence.publications.readings import Position
from concord.evidence.publications.sentences import common
from concord.evidence.publications.sentences.common import About, Reading


def rates(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    drawn = common.drawn(table, placing.AREAS)
    label = table.dimensions[drawn].label.lower()
    points = tables.series(table, drawn, margin)
    ranked = tables.ranked(points)
    if not ranked:
        return common.nothing(subject, label)
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
            else f"{common.capital(words.few(len(above)))} {label}s have a higher rate of {subject} than "
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
        apart = (
            f"; the other {words.few(rest)} cannot be told apart from it, which does not mean that they are the same"
            if rest
            else ""
        )
        text.append(
            f"{common.count_of(len(above), label)} {words.plural(len(above), 'is', 'are')} above that by more than "
            f"chance explains and {common.count_of(len(below), label).lower()} below{apart}."
        )
    alt = (
        f"Rates of {subject} by {label} with their intervals, highest first: "
        + "; ".join(f"{p.category} {words.value(p.estimate)}" for p in ranked[:3])
        + f". Lowest: {bottom.category} {words.value(bottom.estimate)}."
        + (f" {about.place} as a whole: {words.value(whole)}." if whole else "")
        + common.alt_hidden(points, label)
    )
    return Reading(title, tuple(text), alt)


def map(release: Release, table: ReleasedTable, about: About) -> Reading:
    subject, margin = about.subject, about.margin
    base = rates(release, table, about)
    drawn = common.drawn(table, placing.AREAS)
    ranked = tables.ranked(tables.series(table, drawn, margin))
    if not ranked:
        return base
    names = words.listed([p.category for p in ranked[:3]])
    return Reading(
        f"The highest rates of {subject} are in {names}",
        (*base.text[1:], *_told(placing.numbered(tables.series(table, drawn, margin)))),
        "Map. " + base.alt.replace(" with their intervals, highest first", ""),
    )


def funnel(release: Release, table: ReleasedTable, about: About) -> Reading:
    """Who lies outside the limits, and that the rest do not differ by more than chance between equals."""
    drawn = tables.drawn(table, about.by, about.margin)
    points = tables.series(table, drawn, about.margin)
    label = table.dimensions[drawn].label.lower()
    ranked = [one for one in tables.ranked(points) if readings.base_of(one.cell)]
    middle = readings.centre(table, tables.total(table))
    if not ranked:
        return common.nothing(about.subject, label)
    sides = readings.positions(ranked, middle.value if middle else None)
    above = [one.category for one in ranked if sides[one.category] is Position.ABOVE]
    below = [one.category for one in ranked if sides[one.category] is Position.BELOW]
    kind = "share" if words.is_share(ranked[0].estimate) else "rate"
    whole = f"{about.place} as a whole"
    if above:
        names = words.listed(above, at_most=3)
        title = f"{names} {words.plural(len(above), 'stands', 'stand')} above the limits for {about.subject}"
    elif below:
        names = words.listed(below, at_most=3)
        title = f"{names} {words.plural(len(below), 'stands', 'stand')} below the limits for {about.subject}"
    else:
        title = f"No {label} differs in {about.subject} by more than chance between equals"
    text = []
    if middle is not None:
        cell = tables.total(table)
        if cell is not None and cell.estimate is not None:
            text.append(f"{whole} has {words.measured(cell.estimate, table.unit)}.")
    inside = len(ranked) - len(above) - len(below)
    text.append(
        f"{common.count_of(len(above), label)} {words.plural(len(above), 'lies', 'lie')} above the limits and "
        f"{common.count_of(len(below), label).lower()} below. Between them the {kind} of {words.few(inside)} differs "
        "no more than chance makes equals differ, so their order means nothing."
    )
    outside = "; ".join(
        f"{one.category} {words.value(one.estimate)}" for one in ranked if sides[one.category] is not Position.SAME
    )
    alt = (
        f"Funnel plot of {about.subject} by {label}: each {label}'s {kind} against the size of its base, between 95% "
        f"and 99.8% limits. Outside the limits: {outside or 'none'}." + common.alt_hidden(points, label)
    )
    return Reading(title, tuple(text), alt)


def classes(release: Release, table: ReleasedTable, about: About) -> Reading:
    """How many areas are in each class, the strongest class named area by area."""
    drawn = common.drawn(table, placing.AREAS)
    label = table.dimensions[drawn].label.lower()
    points = tables.series(table, drawn, about.margin)
    found = placing.classed(points)
    if not found:
        return common.nothing(about.subject, label)
    strongest, names = next(iter(found.items()))
    told = words.listed(names, at_most=3)
    title = (
        f"{told}: {strongest} for {about.subject}"
        if len(names) <= 3
        else f"{common.capital(words.few(len(names)))} {label}s are {strongest} for {about.subject}"
    )
    counted = [f"{words.number(len(some))} {name}" for name, some in found.items()]
    text = [f"Of {words.number(sum(p.shown for p in points))} {label}s that can be shown: {words.listed(counted)}."]
    if len(names) > 3:
        text.append(f"{common.capital(strongest)}: {words.listed(names, at_most=12)}.")
    text += _told(placing.numbered_classes(points))
    listing = "; ".join(f"{name}: {words.listed(some, at_most=6)}" for name, some in list(found.items())[:3])
    alt = f"Map of {about.subject} in classes. {common.capital(listing)}.{common.alt_hidden(points, label)}"
    return Reading(title, tuple(text), alt)


def concentration(release: Release, table: ReleasedTable, about: About) -> Reading:
    """How much of all events the busiest places hold, against an even spread."""
    curves = readings.curves(table, about.margin, about.focus)
    if not curves:
        return common.nothing(about.subject, "place")
    first = curves[0]
    best = first.telling or first.points[0]
    places = about.says or "places"
    title = f"{best.places:g}% of {places} hold {best.events:.0f}% of {about.subject}"
    text = []
    for curve in curves:
        held = [f"{h.places:g}% hold {h.events:.0f}%" for h in curve.points if h.places < 100]
        name = f"{curve.name}: the" if curve.name else "The"
        text.append(f"{name} busiest {words.listed(held)}. An even spread would give each share of {places} its own.")
    alt = f"Curve of the share of {about.subject} in the busiest share of {places}. " + " ".join(text)
    return Reading(title, tuple(text), alt)


def _told(numbered: Sequence[str]) -> list[str]:
    """What the numbers on a map of many areas stand for."""
    return [f"On the map: {'; '.join(f'{n} {name}' for n, name in enumerate(numbered, start=1))}."] if numbered else []
