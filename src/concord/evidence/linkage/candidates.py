"""How many pairs each rule for candidates would make, counted before any is made.

A rule such as "same family name and year of birth" is harmless for a borough and ruinous for a nation. The count
groups records by the rule's keys and multiplies, so it costs one pass and no pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from concord.evidence.linkage.model import sides
from concord.kernel.errors import Refused, Where
from concord.strategy.shapes.linkage import Linkage


@dataclass(frozen=True, slots=True)
class Block:
    """One rule: its keys, the pairs it makes, and how many records its largest group holds."""

    keys: tuple[str, ...]
    pairs: int
    largest: int


def count(connection: duckdb.DuckDBPyConnection, linkage: Linkage, name: str = "records") -> list[Block]:
    """The pairs of each rule of `linkage` over table `name`. Pairs that two rules share are counted in both."""
    return [_count(connection, rule, name) for rule in linkage.candidates]


def guard(connection: duckdb.DuckDBPyConnection, linkage: Linkage, name: str = "records") -> list[Block]:
    """`count`, refused where a rule makes more than `most_pairs_per_record` pairs for each record.

    Raises Refused naming the rule, its pairs, its largest group, and what to do. No value is shown: it may be a name.
    """
    ((records,),) = connection.sql(f"SELECT count(*) FROM {name}").fetchall()
    blocks = count(connection, linkage, name)
    most = linkage.most_pairs_per_record * max(records, 1)
    for place, block in enumerate(blocks):
        if block.pairs > most:
            raise Refused(
                f"Candidates by {' and '.join(block.keys).replace('_', ' ')} would be {block.pairs:,} pairs of "
                f"{records:,} records.",
                where=Where(file="linkage.toml", key=f"candidates[{place}]"),
                why=f"That is {block.pairs / records:,.0f} for each record, and {linkage.most_pairs_per_record} are "
                f"allowed; one group alone has {block.largest:,} records.",
                next_step="Add a key to the rule (birth_year, district or first_letter, say), or take the rule out; "
                "raise most_pairs_per_record only if the machine can hold the pairs.",
            )
    return blocks


def _count(connection: duckdb.DuckDBPyConnection, rule: tuple[str, ...], name: str) -> Block:
    pairs = [pair for key in rule for pair in sides(key)]
    one, other = ([pair[side] for pair in pairs] for side in (0, 1))
    if one == other:
        # Grouped by a digest of the keys, which is cheaper than by the keys and counts the same but for rare chance.
        sizes = f"SELECT count(*) AS n FROM {name} WHERE {_known(one)} GROUP BY hash({', '.join(one)})"
        sql = f"SELECT sum(n * (n - 1) / 2), max(n) FROM ({sizes})"
    else:
        sql = f"""SELECT sum(l.n * r.n) / 2, max(l.n + r.n) FROM ({_sizes(one, name)}) l
            JOIN ({_sizes(other, name)}) r USING ({", ".join(f"k{n}" for n in range(len(one)))})"""
    ((made, largest),) = connection.sql(sql).fetchall()
    return Block(rule, int(made or 0), int(largest or 0))


def _sizes(columns: list[str], name: str) -> str:
    keys = ", ".join(f"{column} AS k{n}" for n, column in enumerate(columns))
    return f"SELECT {keys}, count(*) AS n FROM {name} WHERE {_known(columns)} GROUP BY ALL"


def _known(columns: list[str]) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in columns)
