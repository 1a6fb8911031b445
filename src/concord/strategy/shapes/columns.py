"""`codelists/columns.toml`: the columns of each code list, so that a list with one too few is refused."""

from __future__ import annotations

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Columns:
    """The columns of one list, in any order. No two rows share the values of all `unique` columns.

    `names` says what a column's values must be where they are not blank: rows (by first unique column) of another
    list of the folder, or of this one. `coded` the same of a national code list. `dates` are columns of dates.
    """

    title: Text
    columns: tuple[Text, ...]
    unique: tuple[Text, ...] = ()
    names: dict[Text, Key] = Field(default_factory=dict)
    coded: dict[Text, Key] = Field(default_factory=dict)
    dates: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class ColumnsFile(Common):
    """Every list declared here; a folder's declaration of a list replaces the one it inherits."""

    lists: dict[Key, Columns]


SHAPE = ColumnsFile
