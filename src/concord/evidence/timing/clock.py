"""Local clock time: London's, its hour that the spring skips and its hour that the autumn has twice.

A partner writes local times. In the skipped hour none exists: such a time was mistyped or came in another zone. In
the doubled hour one stands for two instants, an hour apart, and nobody can say which. Both are marked, never guessed.
SQL for many rows and Python for one say the same (a test holds them equal).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from concord.kernel.working_time import LONDON

FIRST_YEAR, LAST_YEAR = 1970, 2060
_HALF_HOUR = 1800


class ClockState(StrEnum):
    """What the clock did at a local time."""

    ONCE = "once"
    SKIPPED = "skipped"
    TWICE = "twice"


def clock_state(local: datetime, zone: ZoneInfo = LONDON) -> ClockState:
    """Whether a local time (without a zone) happened once, twice or never."""
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return ClockState.ONCE
    back = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return ClockState.TWICE if back == local else ClockState.SKIPPED


@cache
def changes(zone: ZoneInfo = LONDON) -> tuple[tuple[datetime, datetime, ClockState], ...]:
    """Every stretch of local time that was skipped or doubled, from `FIRST_YEAR` to `LAST_YEAR`: from, to, which."""
    found = []
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        noon, tomorrow = (datetime(d.year, d.month, d.day, 12, tzinfo=zone) for d in (day, day + timedelta(days=1)))
        before, after = noon.utcoffset(), tomorrow.utcoffset()
        if before is not None and after is not None and before != after:
            start = noon.astimezone(UTC)
            low, high = 0, 24 * 60
            while high - low > 1:  # the minute of the change, by halving
                middle = (low + high) // 2
                at = (start + timedelta(minutes=middle)).astimezone(zone).utcoffset()
                low, high = (middle, high) if at == before else (low, middle)
            moment = (start + timedelta(minutes=high)).replace(tzinfo=None)
            first, last = sorted((moment + before, moment + after))
            found.append((first, last, ClockState.SKIPPED if after > before else ClockState.TWICE))
        day += timedelta(days=1)
    return tuple(found)


def clock_state_sql(local: str, zone: ZoneInfo = LONDON) -> str:
    """SQL for `clock_state` of the timestamp `local`; null for null. Half hours are looked up in a list."""

    def listed(state: ClockState) -> str:
        return ", ".join(
            str(half)
            for first, last, which in changes(zone)
            if which is state
            for half in range(_half_hour(first), _half_hour(last))
        )

    # Clocks change in two or three hours of the day: all others are answered without looking.
    hours = sorted(
        {hour for first, last, _ in changes(zone) for hour in range(first.hour, (last - timedelta(minutes=1)).hour + 1)}
    )
    half = f"(epoch_ms({local}) // {1000 * _HALF_HOUR})"
    return (
        f"CASE WHEN {local} IS NULL THEN NULL WHEN hour({local}) NOT IN ({', '.join(map(str, hours))}) THEN 'once' "
        f"WHEN {half} IN ({listed(ClockState.SKIPPED)}) THEN 'skipped' "
        f"WHEN {half} IN ({listed(ClockState.TWICE)}) THEN 'twice' ELSE 'once' END"
    )


def _half_hour(local: datetime) -> int:
    return int(local.replace(tzinfo=UTC).timestamp()) // _HALF_HOUR


def local_sql(utc: str, zone: ZoneInfo = LONDON) -> str:
    """SQL for the local time of a timestamp in UTC."""
    return f"timezone('{zone.key}', timezone('UTC', ({utc})::TIMESTAMP))"


def local_month_sql(utc: str, zone: ZoneInfo = LONDON) -> str:
    """SQL for the local month (YYYY-MM) of a timestamp in UTC.

    In the first hour of a month in summer time the clock in London is already in that month, and UTC is not.
    """
    return f"strftime({local_sql(utc, zone)}, '%Y-%m')"


def to_local(utc: datetime, zone: ZoneInfo = LONDON) -> datetime:
    """The local time of an instant in UTC, without a zone."""
    aware = utc if utc.tzinfo else utc.replace(tzinfo=UTC)
    return aware.astimezone(zone).replace(tzinfo=None)


def local_column(utc: pa.ChunkedArray | pa.Array, zone: ZoneInfo = LONDON) -> pa.ChunkedArray | pa.Array:
    """The local times of a column of instants (UTC, with or without its zone said), without a zone.

    To the end of 2037, where the zone tables that Arrow reads end and summer time with them; SQL goes on.
    """
    kind = utc.type
    instants = pc.assume_timezone(utc, "UTC") if kind.tz is None else utc
    return pc.local_timestamp(instants.cast(pa.timestamp(kind.unit, zone.key)))
