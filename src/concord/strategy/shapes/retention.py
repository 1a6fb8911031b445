"""How long the desk keeps its own records, category by category. One file, `retention.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Category:
    """One kind of record and its time. The first category that fits a record is its own.

    `of` is a contact at the front door or a case of a forum; `pathway`, `routes` and `forum` narrow it. The record is
    kept `months` from its decision, and with `until_age` at least until the youngest child in it reaches that age.
    """

    key: Key
    name: Text
    of: Literal["contact", "case"]
    pathway: Key | None = None
    routes: tuple[Key, ...] = ()
    forum: Key | None = None
    months: int = Field(gt=0)
    until_age: int | None = Field(default=None, gt=0)
    basis: Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Retention(Common):
    """The schedule. `answer_months` is how long a rights request may take, in calendar months."""

    category: tuple[Category, ...]
    answer_months: int = Field(default=1, gt=0)


SHAPE = Retention
