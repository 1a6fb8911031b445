"""How long after it happened something is recorded, and which months are still filling up.

Counting by the month in which events *happened* is honest only once most of a month's events have been reported. The
reporting triangle (month it happened by months until it was recorded) says how a month grew that is old enough to
know; the newest months are then expected to grow as they did (the chain ladder of claims reserving, Mack 1993).
Counts dated by the day of recording need none of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from concord.strategy.shapes.measurement import Arrival


@dataclass(frozen=True, slots=True)
class Lag:
    """Months between happening and recording, over `events` events; None where there are none."""

    events: int
    median: float | None
    mean: float | None
    longest: int | None
    reversed: int
    """Events recorded before they happened, left out of the rest."""
    undated: int
    """Events of which one of the two is not known, left out."""
    suspect: int
    """Events that happened in a year that a system fills in (1900 for 00, say): marked here, and kept in the rest."""


def months_sql(happened: str, recorded: str) -> str:
    """SQL for the whole months from one date's month to the other's: the same month is nought."""
    return f"((year({recorded}) - year({happened})) * 12 + month({recorded}) - month({happened}))"


def reporting_lag(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    happened: str,
    recorded: str,
    count: str = "1",
    *,
    default_years: Sequence[int] = (),
) -> Lag:
    """Median, mean and longest lag in months. `happened` and `recorded` are dates; `count` says how many a row is.

    `default_years` are years that a system fills in; a longest lag from one of them says nothing of anybody's life.
    """
    filled = f"year({happened}) IN ({', '.join(map(str, default_years))})" if default_years else "false"
    row = connection.execute(
        f"""
        WITH lags AS (
            SELECT {months_sql(happened, recorded)} AS months, ({count})::BIGINT AS n, {filled} AS filled
            FROM {relation}
        ), known AS (
            SELECT months, sum(n) AS n FROM lags WHERE months >= 0 GROUP BY 1 HAVING sum(n) > 0
        ), placed AS (
            SELECT months, n, sum(n) OVER (ORDER BY months) AS upto, sum(n) OVER () AS whole FROM known
        )
        SELECT coalesce(max(whole), 0), min(months) FILTER (2 * upto >= whole), min(months) FILTER (2 * upto > whole),
            sum(months * n) / max(whole), max(months),
            (SELECT coalesce(sum(n), 0) FROM lags WHERE months < 0),
            (SELECT coalesce(sum(n), 0) FROM lags WHERE months IS NULL),
            (SELECT coalesce(sum(n), 0) FROM lags WHERE filled)
        FROM placed
        """
    ).fetchall()[0]
    events, low, high, mean, longest, wrong, undated, suspect = row
    return Lag(
        events=int(events),
        median=None if low is None else (float(low) + float(high)) / 2,
        mean=None if mean is None else float(mean),
        longest=None if longest is None else int(longest),
        reversed=int(wrong),
        undated=int(undated),
        suspect=int(suspect),
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """One month by when events happened: how many have been recorded, and what part (0 to 1) of all that will be."""

    month: date
    events: int
    share: float
    provisional: bool

    @property
    def expected(self) -> float:
        """How many events the month will have when they have all come in, within the horizon."""
        return self.events / self.share if self.share else float(self.events)

    @property
    def words(self) -> str:
        """What must stand beside the month's figure; empty where it is complete."""
        if not self.provisional:
            return ""
        return (
            f"{self.month:%B %Y} is provisional: about {100 * self.share:.0f}% of its events are likely to have been "
            "recorded so far."
        )


def triangle_sql(relation: str, happened: str, recorded: str, count: str = "1") -> str:
    """SQL for the reporting triangle: month (its first day), lag in months, events. Reversed and undated rows out."""
    return (
        f"SELECT date_trunc('month', {happened})::DATE AS month, {months_sql(happened, recorded)} AS lag, "
        f"sum({count})::BIGINT AS events FROM {relation} "
        f"WHERE {happened} IS NOT NULL AND {recorded} IS NOT NULL AND {months_sql(happened, recorded)} >= 0 "
        "GROUP BY ALL ORDER BY ALL"
    )


def arrival(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    happened: str,
    recorded: str,
    last_recorded: date,
    rule: Arrival,
    *,
    count: str = "1",
) -> tuple[Arrived, ...]:
    """Every month from the first recorded to `last_recorded` (a day in the last month sent whole), oldest first.

    Months before the first recorded are left out: what was recorded of them earlier is not in the file. What comes in
    after `rule.within_months` is beyond the horizon and not waited for.
    """
    rows = connection.execute(triangle_sql(relation, happened, recorded, count)).fetchall()
    last = _number(last_recorded)
    whole = [(_number(month), lag, events) for month, lag, events in rows]
    seen = [(born, lag, events) for born, lag, events in whole if born + lag <= last]
    if not seen:
        return ()
    first = min(born + lag for born, lag, _ in seen)
    grid: dict[int, dict[int, int]] = {born: {} for born in range(first, last + 1)}
    for born, lag, events in seen:
        if born >= first:
            grid[born][lag] = events
    shares = _shares(grid, last, rule.within_months)
    return tuple(
        _arrived(born, lags, shares[min(last - born, rule.within_months)], rule) for born, lags in grid.items()
    )


def _shares(grid: dict[int, dict[int, int]], last: int, horizon: int) -> Sequence[float]:
    """Part of the horizon's events in by age: entry a is of a month whose recording has run a months past its own.

    Each step of growth is measured on the months that are old enough to have taken it (chain ladder).
    """
    upto = {
        born: [sum(n for lag, n in lags.items() if lag <= age) for age in range(horizon + 1)]
        for born, lags in grid.items()
    }
    shares = [1.0] * (horizon + 1)
    for age in range(horizon - 1, -1, -1):
        old_enough = [grown for born, grown in upto.items() if last - born > age]
        before, after = sum(grown[age] for grown in old_enough), sum(grown[age + 1] for grown in old_enough)
        shares[age] = shares[age + 1] * (before / after if after else 1.0)
    return shares


def _arrived(born: int, lags: dict[int, int], share: float, rule: Arrival) -> Arrived:
    month = date(born // 12, born % 12 + 1, 1)
    return Arrived(month, sum(lags.values()), share, share < rule.share)


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
