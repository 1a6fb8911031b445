"""What tests share about links: a measured quality for tests whose subject is something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts.sealing import Pads
from concord.evidence.linkage.linking import find
from concord.evidence.linkage.quality import OVERALL, Quality, pair_line, store_quality
from concord.evidence.linkage.records import prepare
from concord.evidence.linkage.review import Pair, Review
from concord.strategy.shapes.linkage import Linkage

PADS = Pads.of(bytes(range(32)))
FIELDS = ("person_ref", "given_name", "family_name", "born_on", "sex", "postcode")
Person = tuple[str, str | None, str | None, date | None, str | None, str | None]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def good_links(
    store: Store, *, right: float = 10_000, wrong: float = 10, missed: float = 500, links: str = "person_links"
) -> DatasetVersion:
    """Say of the links in `store` that they were measured, and what was found."""
    quality = Quality((pair_line(OVERALL, OVERALL, right, wrong, missed),))
    return store_quality(store, quality, store.latest(links), source="test", synthetic=True, clock=lambda: NOON)


def people(*rows: Person) -> pa.Table:
    """Identifiers of a feed: pseudonym, given name, family name, date of birth, sex, postcode."""
    return pa.Table.from_pylist([dict(zip(FIELDS, row, strict=True)) for row in rows], schema=_SCHEMA)


_SCHEMA = pa.schema([(name, pa.date32() if name == "born_on" else pa.string()) for name in FIELDS])


@contextmanager
def found(
    feeds: Mapping[str, pa.Table],
    linkage: Linkage,
    *,
    reviews: Mapping[Pair, Review] | None = None,
    before: pa.Table | None = None,
    aliases: pa.Table | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that holds what linking these identifiers found: `links`, `waiting`, `register`, `aliases`."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE before (feed VARCHAR, person_ref VARCHAR, own_ref VARCHAR, since INT, linked_ref VARCHAR)"
        )
        connection.execute("CREATE TABLE aliases_before (alias VARCHAR, linked_ref VARCHAR)")
        for table, rows in (("before", before), ("aliases_before", aliases)):
            if rows is not None:
                connection.register("given_rows", rows)
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given_rows")
        prepare(connection, feeds, linkage)
        find(connection, linkage, PADS, reviews=reviews)
        yield connection


def persons(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The reference of the person of each pseudonym."""
    return dict(connection.sql("SELECT person_ref, linked_ref FROM links").fetchall())
