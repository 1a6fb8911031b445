"""Aoristic weights: an event that may have happened at any minute of a range counts in part in every hour of it.

After Ratcliffe (2000, 2002), by the minute: an hour's weight is the part of the event's minutes that lie in it. A
range of a week or more says nothing of the hour: 1/168 everywhere. Without an end, or with one before the start, an
event counts in the hour of its start. Hours are of the local clock, Monday first: 0 is Monday 00:00, 167 Sunday 23:00.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

HOURS = 168
WEEK = timedelta(days=7)


def hour_of_week(moment: datetime) -> int:
    """0 (Monday, midnight to one) to 167."""
    return moment.weekday() * 24 + moment.hour


def weights(start: datetime, end: datetime | None = None) -> dict[int, float]:
    """Hour of the week to weight for one event; the weights add up to one."""
    if end is None or end <= start:
        return {hour_of_week(start): 1.0}
    if end - start >= WEEK:
        return dict.fromkeys(range(HOURS), 1 / HOURS)
    found: dict[int, float] = {}
    here = start
    while here < end:
        following = min(here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), end)
        hour = hour_of_week(here)
        found[hour] = found.get(hour, 0.0) + (following - here) / (end - start)
        here = following
    return found


def weights_sql(relation: str, key: str, start: str, end: str) -> str:
    """SQL for `weights` of every row of `relation` with a start: key, hour_of_week, weight."""
    week = HOURS * 3600
    return f"""
    WITH timed AS (
        SELECT {key} AS key, ({start})::TIMESTAMP AS start, ({end})::TIMESTAMP AS finish,
            coalesce(epoch(({end})::TIMESTAMP) - epoch(({start})::TIMESTAMP), 0) AS seconds
        FROM {relation} WHERE ({start}) IS NOT NULL
    ), pieces AS (
        SELECT key, start, finish, seconds, unnest(range(date_trunc('hour', start), finish, INTERVAL 1 HOUR)) AS hour
        FROM timed WHERE seconds > 0 AND seconds < {week}
    ), weighted AS (
        SELECT key, (isodow(hour) - 1) * 24 + hour(hour) AS hour_of_week,
            (epoch(least(hour + INTERVAL 1 HOUR, finish)) - epoch(greatest(hour, start))) / seconds AS weight
        FROM pieces
        UNION ALL
        SELECT key, (isodow(start) - 1) * 24 + hour(start), 1.0 FROM timed WHERE seconds <= 0
        UNION ALL
        SELECT key, unnest(range({HOURS})), 1.0 / {HOURS} FROM timed WHERE seconds >= {week}
    )
    SELECT key, hour_of_week::INTEGER AS hour_of_week, sum(weight) AS weight FROM weighted GROUP BY ALL
    """


def profile(connection: duckdb.DuckDBPyConnection, relation: str, start: str, end: str) -> list[float]:
    """Weight of every hour of the week over all events of `relation`: 168 numbers that add up to the events timed."""
    rows = connection.execute(
        f"SELECT hour_of_week, sum(weight) FROM ({weights_sql(relation, '1', start, end)}) GROUP BY 1"
    ).fetchall()
    found = [0.0] * HOURS
    for hour, weight in rows:
        found[hour] = weight
    return found
