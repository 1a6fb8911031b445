"""What the strategy page shows beside its indicators: a value with its interval, and the figure it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.findings import MAIN_DATASET
from concord.evidence.publications import words
from concord.jobs.releasing import Ask, Releasing, dating
from concord.kernel.errors import BadInput, ConcordError
from concord.kernel.names import did_you_mean
from concord.strategy import Partnership
from concord.strategy.shapes.indicator import Indicator


def asks(indicators: Mapping[str, Indicator], store: Store, partnership: Partnership) -> list[Ask]:
    """What the indicators that name a finding will ask for."""
    return [_ask(indicator, store, partnership) for _, indicator in sorted(indicators.items()) if indicator.finding]


def _ask(indicator: Indicator, store: Store, partnership: Partnership) -> Ask:
    first = (MAIN_DATASET,) if MAIN_DATASET in indicator.feeds else indicator.feeds[:1]
    dataset = dating(store, indicator.finding, [_dataset(feed, partnership) for feed in first])
    return Ask(indicator.finding, indicator.parameters, indicator.table, dataset, indicator.months)


def readings(indicators: Mapping[str, Indicator], releasing: Releasing) -> dict[str, dict[str, str]]:
    """For each indicator that names a finding, its reading, or `why_not` in words where there is none.

    A reading has value, interval, sentence, period, code and release, all as text from a release.
    """
    made: dict[str, dict[str, str]] = {}
    for key, indicator in sorted(indicators.items()):
        if indicator.finding:
            try:
                made[key] = _reading(indicator, releasing)
            except ConcordError as error:
                made[key] = {"why_not": error.what}
    return made


@dataclass(frozen=True, slots=True)
class Point:
    """What an indicator read for twelve months: its value, its 95% limits where it has them, and the words for it."""

    period: str
    value: float
    low: float | None
    high: float | None
    words: str


def reach(indicator: Indicator, releasing: Releasing, years: int) -> int:
    """Over how many successive twelve-month periods, of at most `years`, the data reach. Nothing is released for it."""
    if not indicator.finding or not all(
        releasing.store.has(_dataset(feed, releasing.partnership)) for feed in indicator.feeds
    ):
        return 0
    ask = _ask(indicator, releasing.store, releasing.partnership)
    for back in range(years):
        try:
            if not releasing.reaches(replace(ask, back=12 * back)):
                return back
        except ConcordError:
            return back
    return years


def points(indicator: Indicator, releasing: Releasing, years: int) -> list[Point]:
    """The released readings of up to `years` successive twelve-month periods, oldest first, none where it is hidden.

    Years that the data do not reach back to are left out; a hidden cell ends the series, since a gap is not a point.
    """
    found: list[Point] = []
    for back in range(reach(indicator, releasing, years)):
        ask = replace(_ask(indicator, releasing.store, releasing.partnership), back=12 * back)
        try:
            cell = _cell(indicator, _table(indicator, releasing.release(ask)))
        except ConcordError:
            break
        point = _point(indicator, releasing.period(ask).label, cell)
        if point is None:
            break
        found.append(point)
    return found[::-1]


def _point(indicator: Indicator, period: str, cell: ReleasedCell) -> Point | None:
    if cell.hidden is not None:
        return None
    if indicator.measure == "estimate":
        if cell.estimate is None:
            return None
        limits = cell.estimate.interval
        low, high = (limits.low, limits.high) if limits else (None, None)
        return Point(period, cell.estimate.value, low, high, words.measured_plainly(cell.estimate))
    if cell.count is None:
        return None
    return Point(period, float(cell.count), None, None, words.number(cell.count))


def _reading(indicator: Indicator, releasing: Releasing) -> dict[str, str]:
    for feed in indicator.feeds:
        releasing.store.latest(_dataset(feed, releasing.partnership))
    release = releasing.release(_ask(indicator, releasing.store, releasing.partnership))
    table = _table(indicator, release)
    cell = _cell(indicator, table)
    return {
        **_words(indicator, table, cell),
        "period": (table.period or release.period).label,
        "code": table.code,
        "release": release.id,
    }


def _dataset(feed: str, partnership: Partnership) -> str:
    """The dataset that a feed becomes: its first, where it becomes several and none is called as it is."""
    held = partnership.feeds[feed].datasets if feed in partnership.feeds else {}
    return feed if feed in held or not held else next(iter(held))


def _table(indicator: Indicator, release: Release) -> ReleasedTable:
    named = {table.name: table for table in release.tables}
    if indicator.table not in named:
        raise BadInput(f"Finding “{release.finding}” has no table “{indicator.table}”",
                       next_step=did_you_mean(indicator.table, named))  # fmt: skip
    return named[indicator.table]


def _cell(indicator: Indicator, table: ReleasedTable) -> ReleasedCell:
    found = next((cell for cell in table.cells if cell.key == indicator.cell), None)
    if found is None:
        raise BadInput(f"Nothing was counted under “{', '.join(indicator.cell)}”")
    return found


def _words(indicator: Indicator, table: ReleasedTable, cell: ReleasedCell) -> dict[str, str]:
    """Value, interval and sentence; a hidden cell is a mark and the reason, never a hint."""
    name = indicator.title
    estimate = cell.estimate if indicator.measure == "estimate" else None
    if cell.hidden is not None or (indicator.measure == "estimate" and estimate is None):
        mark = words.mark(cell.hidden)
        return {"value": mark, "interval": "", "sentence": f"{name}: not shown, {words.MARKS[mark]}."}
    if estimate is None:
        value = words.number(cell.count or 0)
        return {"value": value, "interval": "", "sentence": f"{name}: {value} {table.unit}."}
    parts = (
        f"{words.number(cell.count)} of {words.number(cell.base)} {table.unit}, or "
        if cell.count is not None and cell.base is not None and words.is_share(estimate)
        else ""
    )
    return {
        "value": words.measured_plainly(estimate),
        "interval": words.interval(estimate),
        "sentence": f"{name}: {parts}{words.measured(estimate, table.unit)}.",
    }
