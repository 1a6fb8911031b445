"""Counts carried from one vintage of areas to the next: exactly where that is possible, estimated only when asked.

Unchanged and merged areas (U, M) carry over exactly. A split area (S) would have to be shared out, and an irregular
one (X) was redrawn across its neighbours: without people to share by both are refused, with people (residents of the
new areas) they are shared out in proportion, and every number that holds such a share says how much of it is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from concord.evidence.geography.lookups import Lookup
from concord.evidence.geography.tables import counted, keys_of
from concord.kernel.errors import Refused

WORDS = {"S": "split", "X": "redrawn across their neighbours"}


@dataclass(frozen=True, eq=False, slots=True)
class Carried:
    """Counts on the new areas. `table` has the columns code, the keys, count, estimated, estimated_share.

    `estimated` is the part of `count` that was shared out by residents; `estimated_share` is it over `count`.
    """

    table: pa.Table
    total: float
    estimated: float
    note: str

    @property
    def exact(self) -> bool:
        return self.estimated == 0


def carry_forward(counts: pa.Table, lookup: Lookup, *, residents: Mapping[str, float] | None = None) -> Carried:
    """Counts by the older areas of `lookup`, on its newer ones. The total stays what it was.

    `counts` has columns code and count; other columns are kept. Rows without a code stay without one. `residents` by
    newer code allow split and irregular areas to be shared out. Raises Refused where codes of two vintages are mixed,
    where they are already the newer, or where an area would have to be shared out and there is nobody to share by.
    """
    counted(counts)
    vintage = lookup.vintage_of(counts["code"].unique().to_pylist())
    if vintage == lookup.upper_vintage:
        raise Refused(
            f"The counts are already by {lookup.upper} areas of {lookup.upper_vintage}.",
            why="Carrying them over again would share out what was never split.",
            next_step="Use them as they are.",
        )
    keys = keys_of(counts)
    also = "".join(f', "{key}"' for key in keys)
    inner = "".join(f', c."{key}"' for key in keys)
    with duckdb.connect() as connection:
        connection.register("counts", counts)
        connection.register("pairs", lookup.pairs)
        people = residents or {}
        connection.register(
            "people",
            pa.table(
                {"code": pa.array(list(people), pa.string()), "n": pa.array(map(float, people.values()), pa.float64())}
            ),
        )
        held = _to_share(connection)
        if held and residents is None:
            raise _cannot_share(held, lookup)
        missing = _without_residents(connection) if held else []
        if missing:
            raise Refused(
                f"{len(missing)} areas of {lookup.lower_vintage} have no residents to share their counts by, "
                f"the first {missing[0]}.",
                why=f"No residents are given for the areas of {lookup.upper_vintage} that they became.",
                next_step=f"Give residents of every {lookup.upper} of {lookup.upper_vintage}.",
            )
        table = connection.sql(_CARRY.format(also=also, inner=inner)).to_arrow_table()
        connection.register("carried", table)
        total, estimated = connection.execute(
            "SELECT coalesce(sum(count), 0)::DOUBLE, coalesce(sum(estimated), 0)::DOUBLE FROM carried"
        ).fetchall()[0]
    note = lookup.note
    if estimated:
        part = f"{estimated:,.0f} of {total:,.0f} ({100 * estimated / total:.1f}%)"
        note = f"{note} Shared out by residents, and so estimated: {part}."
    return Carried(table, total, estimated, note)


# A piece is one old area's part in one new area: all of it, or its share of the residents of those it became.
_CARRY = """
WITH pieces AS (
    SELECT p.lower, p.upper, p.change IN ('S', 'X') AS shared,
        CASE WHEN p.change IN ('S', 'X') THEN people.n / sum(people.n) OVER (PARTITION BY p.lower) ELSE 1.0 END AS part
    FROM pairs p LEFT JOIN people ON people.code = p.upper
), placed AS (
    SELECT pieces.upper AS code{inner}, c.count * coalesce(pieces.part, 1.0) AS count,
        CASE WHEN pieces.shared THEN c.count * pieces.part ELSE 0.0 END AS estimated
    FROM counts c LEFT JOIN pieces ON pieces.lower = c.code
)
SELECT code{also}, sum(count) AS count, sum(estimated) AS estimated,
    CASE WHEN sum(count) > 0 THEN sum(estimated) / sum(count) ELSE 0.0 END AS estimated_share
FROM placed GROUP BY ALL HAVING code IS NOT NULL OR sum(count) <> 0 ORDER BY code NULLS LAST{also}
"""


def _to_share(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, float]]:
    """Old areas with counts that have no single successor: code, mark, count."""
    return connection.execute(
        "SELECT c.code, p.change, sum(c.count)::DOUBLE FROM counts c "
        "JOIN (SELECT DISTINCT lower, change FROM pairs WHERE change IN ('S', 'X')) p ON p.lower = c.code "
        "GROUP BY ALL HAVING sum(c.count) <> 0 ORDER BY ALL"
    ).fetchall()


def _without_residents(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT p.lower FROM pairs p LEFT JOIN people ON people.code = p.upper "
        "WHERE p.change IN ('S', 'X') AND p.lower IN (SELECT code FROM counts WHERE count <> 0) "
        "GROUP BY p.lower HAVING coalesce(sum(people.n), 0) <= 0 OR count(people.n) < count(*) ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _cannot_share(held: list[tuple[str, str, float]], lookup: Lookup) -> Refused:
    total = sum(count for _, _, count in held)
    kinds = [
        f"{sum(1 for _, mark, _ in held if mark == each)} were {words} ({each})"
        for each, words in WORDS.items()
        if any(mark == each for _, mark, _ in held)
    ]
    return Refused(
        f"{total:,.0f} counts lie in {len(held)} {lookup.lower} areas of {lookup.lower_vintage} that have no single "
        f"successor in {lookup.upper_vintage}.",
        why=f"{' and '.join(kinds)}, such as {held[0][0]}: which new area an event lies in is not known from its code.",
        next_step="Place the events by their coordinates, keep to areas that did not change, or give residents of the "
        "new areas: the counts are then shared out and marked as estimates.",
    )
