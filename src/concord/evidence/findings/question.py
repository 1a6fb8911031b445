"""How a finding asks the datasets: SQL over named views, and everything it asked kept for its lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import duckdb

from concord import __version__
from concord.evidence.datasets.store import Store
from concord.kernel.lineage import DatasetRef, Lineage


class Question:
    """A DuckDB session over the latest (or pinned) version of each dataset that is used.

    `use` makes a view of the dataset's own name; `rows` runs a query and remembers it. Values are always bound.
    """

    def __init__(self, store: Store, *datasets: str) -> None:
        self._store = store
        self._refs: list[DatasetRef] = []
        self._asked: list[str] = []
        self.synthetic = False
        self._connection = duckdb.connect()
        try:
            self.use(*datasets)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
            self._connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in named)})', values)

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
