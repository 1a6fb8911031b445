"""How exactly it is known when something happened: to the minute, the hour, the day, somewhere in a range, or not.

SQL for many rows and Python for one say the same (a test holds them equal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import duckdb

from concord.evidence.timing.clock import clock_state_sql

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Precision(StrEnum):
    """Exactly: one minute. Hour: within 60 minutes. Day: within 24 hours, or a date alone. Range: longer."""

    EXACT = "exact"
    HOUR = "hour"
    DAY = "day"
    RANGE = "range"
    UNKNOWN = "unknown"


WITHIN_A_DAY = (Precision.EXACT, Precision.HOUR, Precision.DAY)


def precision_of(start: datetime | date | None, end: datetime | date | None = None) -> Precision:
    """How exactly an event from `start` to `end` (local; end None where it happened at one time) is placed in time.

    A date without a time is a day; two dates span both days. An end before its start places it nowhere.
    """
    if start is None:
        return Precision.UNKNOWN
    if not isinstance(start, datetime):
        first, last = start, end if end is not None else start
        if isinstance(last, datetime):
            last = last.date()
        if last < first:
            return Precision.UNKNOWN
        return Precision.DAY if last == first else Precision.RANGE
    if end is None:
        return Precision.EXACT
    finish = end if isinstance(end, datetime) else datetime.combine(end, time())
    span = finish.replace(second=0, microsecond=0) - start.replace(second=0, microsecond=0)
    if span < timedelta():
        return Precision.UNKNOWN
    if not span:
        return Precision.EXACT
    if span <= HOUR:
        return Precision.HOUR
    return Precision.DAY if span < DAY else Precision.RANGE


def precision_sql(start: str, end: str | None = None) -> str:
    """SQL for `precision_of` two columns (dates or timestamps; no end: it happened at one time)."""
    day_only = f"typeof({start}) = 'DATE'"
    last = f"coalesce(({end})::TIMESTAMP, ({start})::TIMESTAMP)" if end else f"({start})::TIMESTAMP"
    first = f"date_trunc('minute', ({start})::TIMESTAMP)"
    days = f"date_diff('day', ({start})::TIMESTAMP, {last})"
    span = f"(date_trunc('minute', {last}) - {first})"
    return (
        f"CASE WHEN {start} IS NULL THEN 'unknown' "
        f"WHEN {day_only} THEN CASE WHEN {days} < 0 THEN 'unknown' WHEN {days} = 0 THEN 'day' ELSE 'range' END "
        f"WHEN {span} < INTERVAL 0 MINUTES THEN 'unknown' WHEN {span} = INTERVAL 0 MINUTES THEN 'exact' "
        f"WHEN {span} <= INTERVAL 60 MINUTES THEN 'hour' WHEN {span} < INTERVAL 24 HOURS THEN 'day' ELSE 'range' END"
    )


@dataclass(frozen=True, slots=True)
class MonthQuality:
    """How well one month's times are known: number of events, how many are of each precision, and two marks.

    `on_the_hour` counts times whose minute is nought among those exact to the minute, of which chance alone would
    make one in sixty. `twice` counts those in the hour that the clock has twice.
    """

    month: str
    events: int
    by_precision: dict[Precision, int]
    on_the_hour: int
    twice: int

    def share(self, precision: Precision) -> float:
        """Part of the events, from 0 to 1; 0 where there are none."""
        return self.by_precision[precision] / self.events if self.events else 0.0


def quality_sql(relation: str, start: str, end: str | None = None, *, month: str | None = None) -> str:
    """SQL for a row a month: month, events, one column a precision, on_the_hour, twice.

    `month` is SQL for the month a row counts in (YYYY-MM), by default that of `start`; rows without one come last.
    """
    counts = ", ".join(f"count(*) FILTER (known = '{each}') AS {each.value}" for each in Precision)
    return f"""
    WITH timed AS (
        SELECT {month or f"strftime(({start})::TIMESTAMP, '%Y-%m')"} AS month, {precision_sql(start, end)} AS known,
            minute(({start})::TIMESTAMP) = 0 AS whole, {clock_state_sql(f"({start})::TIMESTAMP")} AS clock
        FROM {relation}
    )
    SELECT month, count(*) AS events, {counts},
        count(*) FILTER (known = 'exact' AND whole) AS on_the_hour,
        count(*) FILTER (known = 'exact' AND clock = 'twice') AS twice
    FROM timed GROUP BY month ORDER BY month NULLS LAST
    """


def quality(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    start: str,
    end: str | None = None,
    *,
    month: str | None = None,
) -> Sequence[MonthQuality]:
    """How well the times of `relation` are known, month by month; rows without a month last, as month “”."""
    rows = connection.execute(quality_sql(relation, start, end, month=month)).fetchall()
    return tuple(
        MonthQuality(
            month=row[0] or "",
            events=row[1],
            by_precision=dict(zip(Precision, row[2 : 2 + len(Precision)], strict=True)),
            on_the_hour=row[-2],
            twice=row[-1],
        )
        for row in rows
    )
