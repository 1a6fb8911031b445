"""How exactly it is known when something happened: to the minute, the hour, the day, somewhere in a range, or not.

SQL for many rows and Python for one say the same (a test holds them equal).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

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
