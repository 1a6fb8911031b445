"""The two engines that the definition's SQL runs on: DuckDB on one machine, and Spark."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb
import pyarrow as pa

from concord.evidence.extracts.files import make_folder, scanned
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from concord.evidence.datasets.store import DatasetVersion

EngineName = Literal["duckdb", "spark"]
ENGINES: tuple[EngineName, ...] = ("duckdb", "spark")
_ARROW = {"BIGINT": pa.int64(), "VARCHAR": pa.string(), "BOOLEAN": pa.bool_(), "VARCHAR[]": pa.list_(pa.string())}


def _arrow(columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> pa.Table:
    held = list(rows)
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])
    return pa.table([pa.array([row[k] for row in held], field.type) for k, field in enumerate(schema)], schema=schema)


class DuckDB:
    """DuckDB in this process. `memory` bounds what it holds; beyond that it spills under `work`."""

    def __init__(self, work: Path, *, memory: str | None = None) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {max(1, os.cpu_count() or 1)}")
        self.connection.execute("SET temp_directory = $1", [str(work / "duckdb")])
        self.connection.execute("SET preserve_insertion_order = false")
        if memory:
            self.connection.execute("SET memory_limit = $1", [memory])

    def read(self, name: str, version: DatasetVersion) -> str:
        """What to write after FROM to read a dataset."""
        return version.scan

    def read_files(self, name: str, files: Sequence[Path]) -> str:
        listed = ", ".join(scanned(file) for file in files)
        return f"read_parquet([{listed}], union_by_name=true)"

    def table(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> None:
        self.connection.register(f"{name}_sent", _arrow(columns, rows))
        self.keep(name, f"SELECT * FROM {name}_sent")
        self.connection.unregister(f"{name}_sent")

    def arrow(self, name: str, table: pa.Table) -> str:
        """Hands over a table; returns what to write after FROM."""
        self.connection.register(name, table)
        return name

    def view(self, name: str, sql: str) -> None:
        self.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {sql}')

    def keep(self, name: str, sql: str) -> None:
        self.connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql}')

    def drop(self, name: str) -> None:
        self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')

    def rows(self, sql: str) -> Sequence[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def fetch(self, sql: str) -> pa.Table:
        return self.connection.sql(sql).to_arrow_table()

    def by_month(
        self, relation: str, columns: str, months: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, pa.Table]]:
        """The rows of a relation month by month, in order of their references. A month comes with the bounds of w."""
        for month, first, beyond in months:
            yield (
                month,
                self.fetch(f"SELECT {columns} FROM {relation} WHERE w >= {first} AND w < {beyond} ORDER BY crime_ref"),
            )

    def close(self) -> None:
        self.connection.close()


class Spark:
    """The same SQL on Spark, translated by sqlglot. What is kept is written to Parquet under `work` and read from
    there, so that no later query plans or computes it again."""

    def __init__(self, session: SparkSession, work: Path) -> None:
        self.session, self._work = session, work
        self._kept = 0

    def read(self, name: str, version: DatasetVersion) -> str:
        return self.read_files(name, version.files)

    def read_files(self, name: str, files: Sequence[Path]) -> str:
        paths = [file.resolve().as_uri() for file in files]
        self.session.read.option("mergeSchema", "true").parquet(*paths).createOrReplaceTempView(name)
        return name

    def table(self, name: str, columns: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> None:
        self.arrow(name, _arrow(columns, rows))

    def arrow(self, name: str, table: pa.Table) -> str:
        self.session.createDataFrame(table).createOrReplaceTempView(name)
        return name

    def _run(self, sql: str) -> DataFrame:
        return self.session.sql(translated(sql))

    def view(self, name: str, sql: str) -> None:
        self._run(sql).createOrReplaceTempView(name)

    def keep(self, name: str, sql: str) -> None:
        self._kept += 1
        uri = (self._work / f"kept-{self._kept}").resolve().as_uri()
        frame = self._run(sql)
        frame.write.parquet(uri)
        self.session.read.schema(frame.schema).parquet(uri).createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        """What was kept goes with the folder."""

    def rows(self, sql: str) -> Sequence[tuple[object, ...]]:
        return [tuple(row) for row in self._run(sql).collect()]

    def fetch(self, sql: str) -> pa.Table:
        return self._run(sql).toArrow()

    def by_month(
        self, relation: str, columns: str, months: Sequence[tuple[int, int, int]]
    ) -> Iterator[tuple[int, pa.Table]]:
        """As DuckDB gives them. Spark writes all months in one pass, so that no month is computed twice."""
        import pyarrow.parquet as pq

        out = self._work / "decided"
        cases = " ".join(f"WHEN w >= {first} AND w < {beyond} THEN {month}" for month, first, beyond in months)
        found = self._run(f"SELECT {columns}, CASE {cases} END AS month FROM {relation}")
        found.repartition("month").write.mode("overwrite").partitionBy("month").parquet(out.resolve().as_uri())
        for month, _, _ in months:
            table = pq.ParquetDataset(out / f"month={month}", partitioning=None).read()
            yield month, table.sort_by("crime_ref")

    def close(self) -> None:
        """The session is its owner's to stop."""


Running = DuckDB | Spark


def translated(sql: str) -> str:
    """DuckDB's SQL in Spark's dialect."""
    import sqlglot

    (said,) = sqlglot.transpile(sql, read="duckdb", write="spark")
    return str(said)


@contextmanager
def engine(name: str, work: Path, *, memory: str | None = None) -> Iterator[Running]:
    """One of `ENGINES`, ready to be asked, with `work` for what it spills. Raises Usage for another name, Environment
    where Spark or Java is missing."""
    if name not in ENGINES:
        raise Usage(f"There is no engine “{name}”.", next_step=did_you_mean(name, ENGINES))
    folder = make_folder(work)
    if name == "duckdb":
        held = DuckDB(folder, memory=memory)
        try:
            yield held
        finally:
            held.close()
        return
    from concord.evidence.extracts.sparks import spark_session

    with spark_session(folder) as session:
        running = Spark(session, folder)
        try:
            yield running
        finally:
            running.close()
