"""A reference for each person that stays the same from run to run. The same rule as `persons.py`, for all at once.

Every record has a reference of its own (a keyed digest of its pseudonym, so that it says nothing and cannot be made
without the key) and a number: the run in which it first came. A person is called by the reference of its oldest record.
So an unrelated record changes nothing, of two persons found to be one the older reference survives, and both return
if they are parted. Where a record is no longer held, the oldest one left of its person inherits its place.
"""

from __future__ import annotations

import duckdb

from concord.evidence.extracts.sealing import Pads, pseudonym_sql

_RANK = "printf('%09d', since) || own_ref"
"""Orders records by their arrival; the reference itself decides between records of one run."""


def refer(connection: duckdb.DuckDBPyConnection, pads: Pads) -> None:
    """From `clusters` (node, feed, person_ref, cluster), `several` (the clusters of more than one node) and `before`
    (the last register; may be empty) make `register`: node, feed, person_ref, own_ref, since, linked_ref.
    """
    pads.tell(connection)
    connection.execute(
        f"""CREATE OR REPLACE TABLE register AS
        WITH run AS (SELECT coalesce(max(since), 0) + 1 AS number FROM before),
        ours AS (
            SELECT c.*, coalesce(b.own_ref, {pseudonym_sql("c.node", "person")}) AS own_ref,
                coalesce(b.since, (SELECT number FROM run)) AS since, b.linked_ref AS was
            FROM clusters c LEFT JOIN before b USING (feed, person_ref)
        ),
        gone AS (
            SELECT linked_ref AS was, min({_RANK}) AS rank
            FROM before ANTI JOIN clusters USING (feed, person_ref) GROUP BY 1
        ),
        heirs AS (
            SELECT gone.rank, min({_RANK}) AS heir FROM ours JOIN gone USING (was)
            GROUP BY was, gone.rank HAVING gone.rank < min({_RANK})
        ),
        seated AS (
            SELECT node, feed, person_ref, cluster,
                coalesce(right(h.rank, 32), own_ref) AS own_ref, coalesce(left(h.rank, 9)::INT, since) AS since
            FROM ours LEFT JOIN heirs h ON h.heir = {_RANK}
        ),
        called AS (
            SELECT cluster, right(min({_RANK}), 32) AS linked_ref FROM seated SEMI JOIN several USING (cluster)
            GROUP BY cluster
        )
        SELECT node, feed, person_ref, own_ref, since, coalesce(c.linked_ref, own_ref) AS linked_ref
        FROM seated LEFT JOIN called c USING (cluster)"""
    ).fetchall()


def aliases(connection: duckdb.DuckDBPyConnection) -> None:
    """From `register`, `before` and `aliases_before` (alias, linked_ref) make `aliases`: every reference that ever
    named a person and does not now, with the one that names the person now; NULL where no record of it is held.
    """
    connection.execute(
        """CREATE OR REPLACE TABLE aliases AS
        WITH ever AS (SELECT linked_ref AS ref FROM before UNION SELECT alias FROM aliases_before),
        old AS (SELECT ref FROM ever ANTI JOIN (SELECT linked_ref AS ref FROM register) USING (ref)),
        seat AS (SELECT own_ref AS ref, linked_ref FROM register),
        through AS (
            SELECT b.linked_ref AS ref, arg_min(r.linked_ref, printf('%09d', r.since) || r.own_ref) AS linked_ref
            FROM before b JOIN register r USING (feed, person_ref) GROUP BY 1
        ),
        step AS (SELECT ref, coalesce(s.linked_ref, t.linked_ref) AS linked_ref
            FROM (SELECT ref FROM ever UNION SELECT linked_ref FROM aliases_before WHERE linked_ref IS NOT NULL)
            LEFT JOIN seat s USING (ref) LEFT JOIN through t USING (ref))
        SELECT o.ref AS alias, coalesce(n.linked_ref, further.linked_ref) AS linked_ref
        FROM old o LEFT JOIN step n ON n.ref = o.ref LEFT JOIN aliases_before a ON a.alias = o.ref
        LEFT JOIN step further ON further.ref = a.linked_ref
        ORDER BY 1"""
    ).fetchall()
