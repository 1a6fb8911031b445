"""`codelists/columns.toml`: the columns of each code list, so that a list with one too few is refused."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Columns:
    """The columns of one list, in any order. No two rows share the values of all `unique` columns."""

    title: Text
    columns: tuple[Text, ...]
    unique: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class ColumnsFile(Common):
    """Every list declared here; a folder's declaration of a list replaces the one it inherits."""

    lists: dict[Key, Columns]


SHAPE = ColumnsFile
