"""One person across agencies, for the evidence alone: pseudonyms in, pseudonyms out, every link with its probability.

Method: Fellegi and Sunter (1969) by splink, weights from the partnership's file. At or above `link_at` records are
linked in the evidence; from `review_from` they wait, as candidates, for two people to look; what those decide is
honoured here. Nothing here touches a case file, and a person carries no role: roles live on events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from concord.evidence.datasets.identifiers import as_sealed
from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.extracts.sealing import PURPOSE, Pads, purpose_key
from concord.evidence.linkage import candidates, decisions, model, references, scoring
from concord.evidence.linkage.joining import Link, join
from concord.evidence.linkage.quality import Quality, measure, store_quality
from concord.evidence.linkage.records import prepare
from concord.evidence.linkage.review import Pair, Review
from concord.kernel.errors import BadInput
from concord.strategy.shapes.linkage import Linkage

LINKS, CANDIDATES, REGISTER, ALIASES = "person_links", "person_link_candidates", "person_register", "person_aliases"
BETWEEN = "The evidence is neither for one person nor for two."
CUT = "The weakest link between records that must stay apart."


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What linking found. `quality` is None where no labelled pairs were given, and then nothing may rest on links."""

    links: DatasetVersion
    records: int
    people: int
    waiting: int
    quality: Quality | None

    def __str__(self) -> str:
        lines = [
            f"{self.records:,} agencies' records are taken to be about {self.people:,} people; "
            f"{self.waiting:,} pairs wait for two people to look."
        ]
        lines.append(str(self.quality) if self.quality else "How well is not known: no labelled pairs were given.")
        return "\n".join(lines)


def link(
    store: Store,
    home: Path,
    settings: Linkage,
    clock: Callable[[], datetime],
    *,
    truth: Path | None = None,
    owners: Mapping[str, str] | None = None,
    engine: scoring.Engine = "duckdb",
) -> LinkResult:
    """Link every loaded feed that holds identifiers. Writes four datasets, and says nothing about a name in any:

    `person_links`: feed, person_ref, linked_ref (one for each person found), match_probability (of the strongest link
    that holds the record to its person; 1 where it stands alone). `person_link_candidates`: pairs that wait, with why
    and each field's agreement and weight. `person_register`: each record's own reference and the run it came in, by
    which references stay. `person_aliases`: references that named a person once.

    `truth` is a CSV of feed, record_id, true_person, and `owners` each feed's supplier; with them the quality is
    measured and written to `linkage_quality`. Raises BadInput where no loaded dataset holds identifiers, Refused where
    a rule for candidates would make too many pairs.
    """
    versions = {name: store.latest(name) for name in store.datasets() if _identified(store.latest(name))}
    if not versions:
        raise BadInput(
            "Nothing is loaded that people could be linked by.",
            next_step="Load a feed that names people, for example: concord load crime_persons FILE...",
        )
    reviews = decisions.reviews(home)
    with duckdb.connect() as connection:
        _remember(connection, store)
        prepare(connection, {name: as_sealed(home, version) for name, version in versions.items()}, settings)
        find(connection, settings, Pads.of(purpose_key(home, PURPOSE)), reviews=reviews, engine=engine)
        source = "; ".join(f"{name} version {v.version} ({v.ref.sha256[:12]})" for name, v in versions.items())
        synthetic = any(version.synthetic for version in versions.values())

        def write(dataset: str, query: str) -> DatasetVersion:
            table = connection.sql(query).to_arrow_table()
            return store.write(dataset, {"all": table}, source=source, synthetic=synthetic, clock=clock)

        # `links` was sorted when it was made, for both datasets that are cut from it.
        links = write(LINKS, "SELECT feed, person_ref, linked_ref, match_probability FROM links")
        waiting = write(CANDIDATES, "SELECT * FROM waiting ORDER BY feed_l, person_ref_l, feed_r, person_ref_r")
        write(REGISTER, "SELECT feed, person_ref, own_ref, since, linked_ref FROM links")
        write(ALIASES, "SELECT * FROM aliases ORDER BY alias")
        ((people,),) = connection.sql("SELECT count(DISTINCT linked_ref) FROM links").fetchall()
        quality = None
        if truth is not None:
            quality = measure(connection, home, truth, owners or {}, settings, as_of=clock().date())
            store_quality(store, quality, links, source=source, synthetic=synthetic, clock=clock)
    return LinkResult(links, links.rows, people, waiting.rows, quality)


def _identified(version: DatasetVersion) -> bool:
    return any(part.identifiers for part in version.manifest.parts)


def _remember(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    """What the last run left: `before` and `aliases_before`, empty where there was none."""
    connection.execute(
        "CREATE TABLE before (feed VARCHAR, person_ref VARCHAR, own_ref VARCHAR, since INT, linked_ref VARCHAR)"
    )
    connection.execute("CREATE TABLE aliases_before (alias VARCHAR, linked_ref VARCHAR)")
    for table, dataset in (("before", REGISTER), ("aliases_before", ALIASES)):
        if store.has(dataset):
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {store.latest(dataset).scan}").fetchall()


def find(
    connection: duckdb.DuckDBPyConnection,
    settings: Linkage,
    pads: Pads,
    *,
    reviews: Mapping[Pair, Review] | None = None,
    engine: scoring.Engine = "duckdb",
) -> None:
    """From `records`, `before` and `aliases_before` make `links`, `waiting`, `register` and `aliases`.

    Candidates are counted first and refused where they are too many.
    """
    candidates.guard(connection, settings)
    scoring.score(connection, settings, from_probability=settings.review_from, engine=engine)
    # Everybody has a first writing, so this is each of them once, without sorting out repetitions.
    connection.execute(
        "CREATE OR REPLACE TABLE nodes AS SELECT node, feed, person_ref FROM records WHERE right(record, 2) = ':1'"
    ).fetchall()
    _decided(connection, reviews or {})
    _sure(connection, settings)
    _cluster(connection)
    _part(connection, settings)
    connection.execute(
        """CREATE OR REPLACE TABLE several AS SELECT DISTINCT cluster FROM clusters
        JOIN (SELECT node_l AS node FROM sure) USING (node)"""
    ).fetchall()
    references.refer(connection, pads)
    references.aliases(connection)
    connection.execute(
        """CREATE OR REPLACE TABLE links AS
        WITH strongest AS (
            SELECT node, max(match_probability) AS best FROM (
                SELECT node_l AS node, match_probability FROM sure UNION ALL
                SELECT node_r, match_probability FROM sure
            ) GROUP BY node
        )
        SELECT feed, person_ref, linked_ref, coalesce(best, 1.0) AS match_probability, own_ref, since
        FROM register LEFT JOIN strongest USING (node) ORDER BY feed, person_ref"""
    ).fetchall()
    _waiting(connection, settings)


def _decided(connection: duckdb.DuckDBPyConnection, reviews: Mapping[Pair, Review]) -> None:
    """`decided`: pairs of loaded records with what reviewers decided, and `reviewed`: those still being looked at."""
    columns = ("node_l", "node_r", "decision", "state")
    rows = [(f"{a[0]}:{a[1]}", f"{b[0]}:{b[1]}", r.holds, r.state) for (a, b), r in reviews.items()]
    table = pa.table(
        {name: pa.array([min(row[:2]) if n == 0 else max(row[:2]) if n == 1 else row[n] for row in rows], pa.string())
         for n, name in enumerate(columns)}
    )  # fmt: skip
    connection.register("given_reviews", table)
    connection.execute(
        """CREATE OR REPLACE TABLE decided AS SELECT g.* FROM given_reviews g
        SEMI JOIN nodes l ON l.node = g.node_l SEMI JOIN nodes r ON r.node = g.node_r"""
    ).fetchall()
    connection.unregister("given_reviews")


def _sure(connection: duckdb.DuckDBPyConnection, settings: Linkage) -> None:
    """`sure`: links of the evidence or of reviewers. `opposed`: pairs the evidence would link, that contradict it."""
    contradicting = _contradiction_sql(settings)
    connection.execute(
        f"""CREATE OR REPLACE TABLE opposed AS
        SELECT node_l, node_r, why FROM (
            SELECT node_l, node_r, {contradicting} AS why FROM ({_compared(settings, "pairs")})
            WHERE match_probability >= {settings.link_at}
        ) WHERE why IS NOT NULL"""
    ).fetchall()
    connection.execute(
        f"""CREATE OR REPLACE TABLE sure AS
        SELECT p.node_l, p.node_r, p.match_probability, false AS decided FROM pairs p
        ANTI JOIN decided d ON d.node_l = p.node_l AND d.node_r = p.node_r AND d.decision IS NOT NULL
        ANTI JOIN opposed o ON o.node_l = p.node_l AND o.node_r = p.node_r
        WHERE p.match_probability >= {settings.link_at}
        UNION ALL SELECT node_l, node_r, 1.0, true FROM decided WHERE decision = 'same'"""
    ).fetchall()


def _compared(settings: Linkage, pairs: str) -> str:
    """A query of pairs with the columns that contradictions read, from both records."""
    fields = {field for rule in settings.contradiction for field in rule.when}
    needed = sorted(set().union(*(model.columns_read(c) for c in settings.comparison if c.compare in fields)))
    columns = "".join(f", l.{c} AS {c}_l, r.{c} AS {c}_r" for c in needed)
    return (
        f"SELECT p.*{columns} FROM {pairs} p JOIN records l ON l.record = p.record_l "
        "JOIN records r ON r.record = p.record_r"
    )


def _contradiction_sql(settings: Linkage) -> str:
    """The reason of the first contradiction that a pair of `_compared` meets, or NULL."""
    compared = {each.compare: each for each in settings.comparison}
    cases = []
    for rule in settings.contradiction:
        conditions = []
        for field, agreements in rule.when.items():
            comparison = compared[field]
            last = len(comparison.level) - 1
            numbers = [str(last - n) for n, level in enumerate(comparison.level) if level.agreement in agreements]
            conditions.append(f"({model.level_sql(comparison)}) IN ({', '.join(numbers)})")
        cases.append(f"WHEN {' AND '.join(conditions)} THEN '{rule.why.replace(chr(39), chr(39) * 2)}'")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _cluster(connection: duckdb.DuckDBPyConnection) -> None:
    """`clusters`: the connected components of `sure`. Most records stand alone, and splink is spared those."""
    from splink.backends.duckdb import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    connection.execute(
        """CREATE OR REPLACE TABLE linked_nodes AS
        SELECT node_l AS node FROM sure UNION SELECT node_r FROM sure"""
    ).fetchall()
    found = "(SELECT node AS node, node AS cluster_id FROM linked_nodes)"
    if connection.sql("SELECT 1 FROM linked_nodes LIMIT 1").fetchall():
        api = DuckDBAPI(connection)
        with scoring.quietly():
            clustered = cluster_pairwise_predictions_at_threshold(
                api.register("linked_nodes", dataset_display_name="nodes"),
                api.register("sure", dataset_display_name="sure"),
                api,
                node_id_column_name="node",
                edge_id_column_name_left="node_l",
                edge_id_column_name_right="node_r",
            )
        found = clustered.physical_name
    connection.execute(
        f"""CREATE OR REPLACE TABLE clusters AS
        SELECT node, feed, person_ref, coalesce(c.cluster_id, node) AS cluster
        FROM nodes LEFT JOIN (SELECT node, cluster_id FROM {found}) c USING (node)"""
    ).fetchall()


def _part(connection: duckdb.DuckDBPyConnection, settings: Linkage) -> None:
    """Take apart the clusters that hold a pair to keep apart: decided so, or contradicting inside a larger person."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE inside AS
        WITH several AS (SELECT cluster FROM clusters GROUP BY cluster HAVING count(*) > 2),
        members AS (SELECT node, record, cluster FROM clusters SEMI JOIN several USING (cluster)
            JOIN records USING (node)),
        within_one AS (
            SELECT l.node AS node_l, r.node AS node_r, l.record AS record_l, r.record AS record_r
            FROM members l JOIN members r ON l.cluster = r.cluster AND l.node < r.node
            ANTI JOIN pairs p ON p.node_l = l.node AND p.node_r = r.node
                AND p.match_probability >= {settings.link_at}
        ),
        judged AS (SELECT node_l, node_r, {_contradiction_sql(settings)} AS why
            FROM ({_compared(settings, "within_one")}))
        SELECT node_l, node_r, any_value(why ORDER BY why) AS why FROM judged
        GROUP BY ALL HAVING count(*) = count(why)"""
    ).fetchall()
    connection.execute(
        """CREATE OR REPLACE TABLE to_part AS
        SELECT node_l, node_r, false AS hard FROM opposed UNION ALL
        SELECT node_l, node_r, false FROM inside UNION ALL
        SELECT node_l, node_r, true FROM decided WHERE decision = 'different'"""
    ).fetchall()
    connection.execute(
        """CREATE OR REPLACE TABLE affected AS SELECT DISTINCT l.cluster FROM to_part t
        JOIN clusters l ON l.node = t.node_l JOIN clusters r ON r.node = t.node_r WHERE l.cluster = r.cluster"""
    ).fetchall()
    edges = connection.sql(
        """SELECT node_l, node_r, match_probability, s.decided FROM sure s
        JOIN clusters c ON c.node = s.node_l SEMI JOIN affected USING (cluster)"""
    ).fetchall()
    pairs = connection.sql(
        """SELECT DISTINCT node_l, node_r, hard FROM to_part t
        JOIN clusters l ON l.node = t.node_l JOIN clusters r ON r.node = t.node_r AND r.cluster = l.cluster"""
    ).fetchall()
    parted = join(
        [Link(*edge) for edge in edges],
        different=[(one, other) for one, other, hard in pairs if hard],
        contradicting=[(one, other) for one, other, hard in pairs if not hard],
    )
    moved = pa.table(
        {"node": pa.array(list(parted.person), pa.string()), "person": pa.array(parted.person.values(), pa.string())}
    )
    given_up = pa.table(
        {
            "node_l": pa.array([link.one for link in parted.cut], pa.string()),
            "node_r": pa.array([link.other for link in parted.cut], pa.string()),
        }
    )
    connection.register("moved", moved)
    connection.register("given_up", given_up)
    connection.execute("CREATE OR REPLACE TABLE cut AS SELECT * FROM given_up").fetchall()
    connection.execute("UPDATE clusters SET cluster = person FROM moved WHERE moved.node = clusters.node").fetchall()
    connection.execute(
        "DELETE FROM sure USING cut WHERE cut.node_l = sure.node_l AND cut.node_r = sure.node_r"
    ).fetchall()
    connection.unregister("moved")
    connection.unregister("given_up")


def _waiting(connection: duckdb.DuckDBPyConnection, settings: Linkage) -> None:
    """`waiting`: pairs for reviewers, each with why it waits and every field's agreement and weight."""
    fields = ", ".join(f"agreement_{c.compare}, weight_{c.compare}" for c in settings.comparison)
    words = ", ".join(
        f"CASE ({model.level_sql(c)}) "
        + " ".join(f"WHEN {number} THEN '{word}'" for number, word in model.level_words(c).items())
        + f" END AS agreement_{c.compare}"
        for c in settings.comparison
    )
    needed = sorted(set().union(*(model.columns_read(c) for c in settings.comparison)))
    columns = "".join(f", l.{c} AS {c}_l, r.{c} AS {c}_r" for c in needed)
    connection.execute(
        f"""CREATE OR REPLACE TABLE waiting AS
        WITH asked AS (
            SELECT p.*, coalesce(o.why, CASE WHEN c.node_l IS NOT NULL THEN '{CUT}' ELSE '{BETWEEN}' END) AS why
            FROM pairs p LEFT JOIN opposed o USING (node_l, node_r) LEFT JOIN cut c USING (node_l, node_r)
            ANTI JOIN (SELECT * FROM decided WHERE state IN ('same', 'different', 'apart')) d USING (node_l, node_r)
            WHERE p.match_probability < {settings.link_at} OR o.node_l IS NOT NULL OR c.node_l IS NOT NULL
        ),
        seen AS (SELECT p.*{columns} FROM asked p JOIN records l ON l.record = p.record_l
            JOIN records r ON r.record = p.record_r),
        worded AS (SELECT *, {words} FROM seen)
        SELECT l.feed AS feed_l, l.person_ref AS person_ref_l, r.feed AS feed_r, r.person_ref AS person_ref_r,
            match_probability, why, {fields}
        FROM worded w JOIN nodes l ON l.node = w.node_l JOIN nodes r ON r.node = w.node_r
        JOIN clusters a ON a.node = w.node_l JOIN clusters b ON b.node = w.node_r
        WHERE a.cluster <> b.cluster"""
    ).fetchall()
