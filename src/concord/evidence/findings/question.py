"""How a finding asks the datasets: SQL over named views, and everything it asked kept for its lineage."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self

import duckdb

from concord import __version__
from concord.evidence.datasets.store import Store
from concord.kernel.lineage import DatasetRef, Lineage

_engines: dict[int, duckdb.DuckDBPyConnection] = {}
"""One engine for each process, by its number: one that was forked off must not touch its parent's."""
_numbers = count(1)


def _session() -> tuple[duckdb.DuckDBPyConnection, str]:
    """A connection to this process's engine with a database of its own, in memory, and that database's name.

    An engine takes as long to start as a small question takes to answer, and keeps what it learnt of files that never
    change. Questions share nothing else: each has its own database, which goes when it is closed.
    """
    engine = _engines.get(os.getpid())
    if engine is None:
        engine = _engines.setdefault(os.getpid(), duckdb.connect())
        engine.execute("SET parquet_metadata_cache = true")
    session, name = engine.cursor(), f"question_{next(_numbers)}"
    session.execute(f"ATTACH ':memory:' AS {name}")
    session.execute(f"USE {name}")
    return session, name


class Question:
    """A DuckDB session over the latest (or pinned) version of each dataset that is used.

    `use` makes a view of the dataset's own name; `rows` runs a query and remembers it. Values are always bound.
    """

    def __init__(self, store: Store, *datasets: str) -> None:
        self._store = store
        self._refs: list[DatasetRef] = []
        self._asked: list[str] = []
        self.synthetic = False
        self._connection, self._database = _session()
        try:
            self.use(*datasets)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        try:
            self._connection.execute("USE memory")
            self._connection.execute(f"DETACH {self._database}")
        finally:
            self._connection.close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """For the rooms to the left, which look at a relation for themselves (whether points are places)."""
        return self._connection

    def use(self, *datasets: str) -> None:
        """Make a view of each dataset. Raises BadInput where one was never loaded."""
        for name in datasets:
            version = self._store.latest(name)
            self._connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {version.scan}')
            self._refs.append(version.ref)
            self.synthetic = self.synthetic or version.synthetic

    def columns(self, view: str) -> frozenset[str]:
        """Names of the columns of a view."""
        return frozenset(row[0] for row in self._connection.execute(f'DESCRIBE "{view}"').fetchall())

    def define(self, view: str, sql: str) -> None:
        """A view over views. It is part of the lineage."""
        self._connection.execute(f'CREATE VIEW "{view}" AS {sql}')
        self._asked.append(f"CREATE VIEW {view} AS {sql.strip()}")

    def keep(self, name: str, sql: str, values: Mapping[str, object] | None = None) -> None:
        """The rows of a query under a name, run once for everything that is then asked of them. Part of the lineage."""
        used = {each: value for each, value in (values or {}).items() if f"${each}" in sql}
        self._connection.execute(f'CREATE TABLE "{name}" AS {sql}', used)
        self._asked.append(f"CREATE TABLE {name} AS {sql.strip()}")

    def table(self, name: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        """A small table of texts, for categories that code lists give."""
        named = list(columns)
        self._connection.execute(f'CREATE TABLE "{name}" ({", ".join(f"{c} VARCHAR" for c in named)})')
        values = list(rows)
        if values:
            row = f"({', '.join('?' for _ in named)})"
            given = [value for each in values for value in each]
            self._connection.execute(f'INSERT INTO "{name}" VALUES {", ".join([row] * len(values))}', given)

    def rows(self, sql: str, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        self._asked.append(sql.strip())
        used = {name: value for name, value in (values or {}).items() if f"${name}" in sql}
        return self._connection.execute(sql, used).fetchall()

    def lineage(
        self, finding: str, method: str, parameters: Mapping[str, object], definition_version: str | None = None
    ) -> Lineage:
        """What was read and asked, enough to ask it again."""
        return Lineage(
            finding=finding,
            method=method,
            datasets=tuple(sorted(self._refs, key=lambda ref: ref.dataset)),
            query=";\n".join(dict.fromkeys(self._asked)),
            definition_version=definition_version,
            parameters=dict(parameters),
            code_version=__version__,
        )
