"""One person across agencies, for the evidence alone: pseudonyms in, pseudonyms out, every link with its probability.

Method: Fellegi and Sunter (1969) by splink, weights from the partnership's file. Nothing here touches a case file;
pairs that are neither sure nor unlikely wait, as candidates, for a person to look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from concord.evidence.datasets.identifiers import identifiers
from concord.evidence.datasets.store import DatasetVersion, Store
from concord.evidence.linkage import model
from concord.evidence.linkage.quality import Quality, measure, store_quality
from concord.evidence.linkage.records import prepare
from concord.kernel.errors import BadInput
from concord.strategy.shapes.linkage import Linkage

LINKS, CANDIDATES = "person_links", "person_link_candidates"


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
            f"{self.waiting:,} pairs wait for a person to look."
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
) -> LinkResult:
    """Link every loaded feed that holds identifiers; writes `person_links` and `person_link_candidates`.

    `person_links`: feed, person_ref, linked_ref (one for each person found), match_probability (of the strongest
    link that holds the record to its person; 1 where it stands alone). Nothing about a name is written. `truth` is a
    CSV of feed, record_id, true_person, and `owners` each feed's supplier; with them the quality is measured and
    written to `linkage_quality`.

    Raises BadInput where no loaded dataset holds identifiers.
    """
    versions = {name: store.latest(name) for name in store.datasets() if _identified(store.latest(name))}
    if not versions:
        raise BadInput(
            "Nothing is loaded that people could be linked by.",
            next_step="Load a feed that names people, for example: concord load crime_persons FILE...",
        )
    with duckdb.connect() as connection:
        found, waiting = _find(connection, {n: identifiers(home, v) for n, v in versions.items()}, settings)
        quality = measure(connection, home, truth, owners or {}, settings) if truth is not None else None
    source = "; ".join(f"{name} version {v.version} ({v.ref.sha256[:12]})" for name, v in versions.items())
    synthetic = any(version.synthetic for version in versions.values())
    links = store.write(LINKS, {"all": found}, source=source, synthetic=synthetic, clock=clock)
    store.write(CANDIDATES, {"all": waiting}, source=source, synthetic=synthetic, clock=clock)
    if quality is not None:
        store_quality(store, quality, source=source, synthetic=synthetic, clock=clock)
    people = len(set(found.column("linked_ref").to_pylist()))
    return LinkResult(links, found.num_rows, people, waiting.num_rows, quality)


def _identified(version: DatasetVersion) -> bool:
    return any(part.identifiers for part in version.manifest.parts)


def _find(
    connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, pa.Table], settings: Linkage
) -> tuple[pa.Table, pa.Table]:
    """Links and waiting pairs; leaves table `links` in the connection for the measuring of quality."""
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    prepare(connection, feeds)
    api = DuckDBAPI(connection)
    linker = Linker(api.register("records", dataset_display_name="people"), model.settings(settings))
    # A linker turns its own reporting on; what we report is the result.
    logging.getLogger("splink").setLevel(logging.ERROR)
    scored = linker.inference.predict(threshold_match_probability=settings.review_from, warning_mode="never")
    # One person may be written in several ways under one number of a supplier: they are one already.
    connection.execute(
        f"""CREATE TABLE pairs AS
        SELECT l.feed || ':' || l.person_ref AS node_l, r.feed || ':' || r.person_ref AS node_r,
            max(s.match_probability) AS match_probability
        FROM {scored.physical_name} s
        JOIN records l ON l.record = s.record_l JOIN records r ON r.record = s.record_r
        WHERE (l.feed, l.person_ref) <> (r.feed, r.person_ref) GROUP BY 1, 2"""
    )
    connection.execute(
        "CREATE TABLE nodes AS SELECT DISTINCT feed || ':' || person_ref AS node, feed, person_ref FROM records"
    )
    clustered = cluster_pairwise_predictions_at_threshold(
        api.register("nodes", dataset_display_name="nodes"),
        api.register("pairs", dataset_display_name="pairs"),
        api,
        node_id_column_name="node",
        edge_id_column_name_left="node_l",
        edge_id_column_name_right="node_r",
        threshold_match_probability=settings.link_at,
    )
    # A person's reference is made from the references it joins, so that it says nothing new and is the same again.
    connection.execute(
        f"""CREATE TABLE links AS
        WITH sure AS (SELECT * FROM pairs WHERE match_probability >= {settings.link_at}),
        strongest AS (
            SELECT node, max(match_probability) AS best FROM (
                SELECT node_l AS node, match_probability FROM sure UNION ALL
                SELECT node_r, match_probability FROM sure
            ) GROUP BY node
        )
        SELECT n.feed, n.person_ref, left(sha256('person:' || c.cluster_id), 32) AS linked_ref,
            coalesce(s.best, 1.0) AS match_probability
        FROM nodes n JOIN {clustered.physical_name} c USING (node) LEFT JOIN strongest s USING (node)
        ORDER BY n.feed, n.person_ref"""
    )
    found = connection.sql("SELECT * FROM links").to_arrow_table()
    waiting = connection.sql(
        f"""SELECT l.feed AS feed_l, l.person_ref AS person_ref_l, r.feed AS feed_r, r.person_ref AS person_ref_r,
            p.match_probability
        FROM pairs p JOIN nodes l ON l.node = p.node_l JOIN nodes r ON r.node = p.node_r
        WHERE p.match_probability < {settings.link_at} ORDER BY ALL"""
    ).to_arrow_table()
    return found, waiting
