"""What a figure says, in words, from a release alone.

Every reading has a title that is the finding, sentences with their interval, and alternative text for the chart. A
hidden cell is mentioned by name at most, never by value, and never by anything that would narrow its value.
"""

from __future__ import annotations

from collections.abc import Callable

from concord.evidence.disclosure.model import Release, ReleasedTable
from concord.evidence.publications.sentences import beside, parts, places, times
from concord.evidence.publications.sentences.common import About, Reading, rounding, suppression

__all__ = ["About", "Reading", "read", "rounding", "suppression"]

_READERS: dict[str, Callable[[Release, ReleasedTable, About], Reading]] = {
    "trend": times.trend,
    "rates": places.rates,
    "map": places.map,
    "heat": times.heat,
    "bars": parts.bars,
    "change": parts.change,
    "table": parts.table,
    "ratios": beside.ratios,
    "funnel": places.funnel,
    "classes": places.classes,
    "shares": parts.shares,
    "concentration": places.concentration,
    "series": times.series,
    "interval": beside.interval,
}


def read(release: Release, table: ReleasedTable, chart: str, about: About) -> Reading:
    """The reading of `table` as `chart` (a chart kind of the publication's shape)."""
    return _READERS[chart](release, table, about)
