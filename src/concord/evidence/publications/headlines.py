"""The headline measures of a publication: all of them, whichever way they went."""

from __future__ import annotations

from collections.abc import Mapping

from concord.kernel.errors import Refused
from concord.strategy.shapes.indicator import Indicator
from concord.strategy.shapes.publication import Publication


def left_out(
    publication: Publication, indicators: Mapping[str, Indicator], readings: Mapping[str, Mapping[str, str]]
) -> tuple[Indicator, ...]:
    """Headline measures that a publication owes and says nothing of, in the order of their codes.

    A measure is there where a figure shows the table it is read from, or where `readings` has it: its value, or in
    words why there is none.
    """
    if not publication.headlines:
        return ()
    shown = {
        (spec.finding, spec.table, repr(sorted(spec.parameters.items())))
        for section in publication.sections
        for spec in section.figures
    }
    owed = [(key, each) for key, each in indicators.items() if each.headline]
    missing = [
        each
        for key, each in owed
        if key not in readings
        and (not each.finding or (each.finding, each.table, repr(sorted(each.parameters.items()))) not in shown)
    ]
    return tuple(sorted(missing, key=lambda each: each.code))


def require_all(
    publication: Publication, indicators: Mapping[str, Indicator], readings: Mapping[str, Mapping[str, str]]
) -> None:
    """Raises Refused, naming them, where a publication leaves headline measures out."""
    missing = left_out(publication, indicators, readings)
    if missing:
        raise Refused(
            f"“{publication.title}” leaves out " + "; ".join(f"{each.code} {each.title}" for each in missing),
            why="Every headline measure is published, whichever way it went.",
            next_step="Give it a figure, or let its reading say why there is none.",
        )
