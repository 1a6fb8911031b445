"""How well each month's times are known, feed by feed: what the feeds page shows, with its trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from concord.evidence.datasets.store import Store
from concord.evidence.timing.clock import clock_state_sql
from concord.evidence.timing.precision import Precision, precision_sql
from concord.strategy.shapes.feed import Feed, Table


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
    """SQL for a row a month: month, events; of each precision a count and its share (`hour`, `hour_share`); two marks.

    `month` is SQL for the month a row counts in (YYYY-MM), by default that of `start`; rows without one come last.
    """
    shares = ", ".join(f"avg((known = '{each}')::INTEGER) AS {each.value}_share" for each in Precision)
    counts = ", ".join(f"count(*) FILTER (known = '{each}') AS {each.value}" for each in Precision)
    return f"""
    WITH timed AS (
        SELECT {month or f"strftime(({start})::TIMESTAMP, '%Y-%m')"} AS month, {precision_sql(start, end)} AS known,
            minute(({start})::TIMESTAMP) = 0 AS whole, {clock_state_sql(f"({start})::TIMESTAMP")} AS clock
        FROM {relation}
    )
    SELECT month, count(*) AS events, {counts}, {shares},
        count(*) FILTER (known = 'exact' AND whole) AS on_the_hour,
        count(*) FILTER (known = 'exact' AND clock = 'twice') AS twice
    FROM timed GROUP BY month ORDER BY month NULLS LAST
    """


def time_quality(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    start: str,
    end: str | None = None,
    *,
    month: str | None = None,
) -> Sequence[MonthQuality]:
    """How well the times of `relation` are known, month by month; rows without a month last, as month “”."""
    rows = connection.execute(quality_sql(relation, start, end, month=month)).fetchall()
    kinds = len(Precision)
    return tuple(
        MonthQuality(
            month=row[0] or "",
            events=row[1],
            by_precision=dict(zip(Precision, row[2 : 2 + kinds], strict=True)),
            on_the_hour=row[-2],
            twice=row[-1],
        )
        for row in rows
    )


def time_fields(table: Table) -> tuple[str, str | None] | None:
    """The fields of a contract's table that say when something happened: start and end, start alone, or None.

    An `order` rule over two times names both. Otherwise it is the first required time, else the first required date;
    a month alone says when something was counted, not when it happened.
    """
    kinds = {name: field.type for name, field in table.fields.items()}
    for rule in table.rules:
        if rule.kind == "order" and {kinds.get(name) for name in rule.fields} == {"timestamp"}:
            return rule.fields[0], rule.fields[1]
    for kind in ("timestamp", "date"):
        for name, field in table.fields.items():
            if field.type == kind and field.required:
                return name, None
    return None


def feed_time_quality(store: Store, feed: Feed) -> dict[str, Sequence[MonthQuality]]:
    """Months of each loaded dataset of a feed whose rows have a time, by dataset; the newest version of each."""
    found: dict[str, Sequence[MonthQuality]] = {}
    for table in feed.tables.values():
        fields = time_fields(table)
        if fields is None or not store.has(table.dataset):
            continue
        version = store.latest(table.dataset)
        start, end = fields
        if start not in version.columns:
            continue
        with duckdb.connect() as connection:
            quoted = None if end is None or end not in version.columns else f'"{end}"'
            found[table.dataset] = time_quality(connection, version.scan, f'"{start}"', quoted)
    return found
