"""Candidate pairs and how likely each is one person: the step that costs, by splink on DuckDB or on Spark.

Leaves table `pairs` in the DuckDB connection: node_l, node_r, record_l, record_r (the pair of writings that agree
best), match_probability, and for each comparison `weight_<name>` (log2 of the odds that it adds, rarity included).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import duckdb

from concord.evidence.linkage import model
from concord.kernel.errors import Environment
from concord.strategy.shapes.linkage import Linkage

Engine = Literal["duckdb", "spark"]


@contextmanager
def quietly() -> Iterator[None]:
    """Splink reports its own progress as a library should not; what we report is the result."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def linker(connection: duckdb.DuckDBPyConnection, settings: dict[str, Any], name: str = "records") -> Any:
    """A splink linker over a table of the connection. Its own reporting is switched off after it switched it on."""
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    made = Linker(DuckDBAPI(connection).register(name, dataset_display_name="people"), settings)
    logging.getLogger("splink").setLevel(logging.ERROR)
    return made


def score(
    connection: duckdb.DuckDBPyConnection, linkage: Linkage, *, from_probability: float, engine: Engine = "duckdb"
) -> None:
    """Make table `pairs` of every candidate pair at or above `from_probability`, one for each two nodes."""
    ((records,),) = connection.sql("SELECT count(*) FROM records").fetchall()
    settings = model.settings(linkage, records, engine) | {"retain_intermediate_calculation_columns": True}
    with quietly():
        scored = (_on_duckdb if engine == "duckdb" else _on_spark)(connection, settings, from_probability)
    held = set(connection.sql(f"SELECT * FROM {scored} LIMIT 0").columns)
    weights = "".join(
        f", mw_{each.compare}{_rarity(each.compare, held)} AS weight_{each.compare}" for each in linkage.comparison
    )
    # One person may be written in several ways under one number of a supplier: they are one already.
    connection.execute(
        f"""CREATE OR REPLACE TABLE pairs AS
        SELECT l.node AS node_l, r.node AS node_r, record_l, record_r, match_probability{weights}
        FROM {scored} JOIN (SELECT record AS record_l, node FROM records) l USING (record_l)
        JOIN (SELECT record AS record_r, node FROM records) r USING (record_r)
        WHERE l.node <> r.node"""
    ).fetchall()
    repeated = connection.sql("SELECT count(*) FROM (SELECT DISTINCT node FROM records)").fetchall()[0][0]
    if repeated != records:
        connection.execute(
            """CREATE OR REPLACE TABLE pairs AS SELECT * FROM pairs QUALIFY row_number() OVER (
                PARTITION BY node_l, node_r ORDER BY match_probability DESC, record_l, record_r) = 1"""
        ).fetchall()


def _rarity(column: str, held: set[str]) -> str:
    adjustment = f"mw_tf_adj_{column}"
    return f" + coalesce({adjustment}, 0)" if adjustment in held else ""


def _on_duckdb(connection: duckdb.DuckDBPyConnection, settings: dict[str, Any], from_probability: float) -> str:
    scored = linker(connection, settings).inference.predict(
        threshold_match_probability=from_probability, warning_mode="never"
    )
    return str(scored.physical_name)


def _on_spark(connection: duckdb.DuckDBPyConnection, settings: dict[str, Any], from_probability: float) -> str:
    """The same pairs found by Spark, for records that outgrow one machine; the result comes back as Arrow."""
    try:
        from pyspark.sql import SparkSession
        from splink import Linker
        from splink.backends.spark import SparkAPI, similarity_jar_location
    except ImportError as missing:
        raise Environment(
            "Spark is not installed.", why=str(missing), next_step="Install Concord with its extra: concord[spark]"
        ) from missing
    ((records,),) = connection.sql("SELECT count(*) FROM records").fetchall()
    parts = max(2, min(200, records // 50_000))
    session = (
        SparkSession.builder.appName("concord link")
        .config("spark.jars", similarity_jar_location())
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", str(parts))
        .getOrCreate()
    )
    frame = session.createDataFrame(connection.sql("SELECT * FROM records").to_arrow_table())
    api = SparkAPI(spark_session=session, break_lineage_method="persist", num_partitions_on_repartition=parts)
    made = Linker(api.register(frame, dataset_display_name="people"), settings)
    logging.getLogger("splink").setLevel(logging.ERROR)
    scored = made.inference.predict(threshold_match_probability=from_probability, warning_mode="never")
    connection.register("given_scores", scored.as_spark_dataframe().toArrow())
    connection.execute("CREATE OR REPLACE TABLE scored_on_spark AS SELECT * FROM given_scores").fetchall()
    connection.unregister("given_scores")
    return "scored_on_spark"
