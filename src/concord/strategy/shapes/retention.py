"""How long the desk keeps its own records, category by category. One file, `retention.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Category:
    """One kind of record and its time. The first category that fits a record is its own.

    `of` is what is kept: a contact at the front door, a case of a forum, an assessment, an outreach session, a pair of
    records under review, a rights request, an emergency opening, an entry of a register. `pathway`, `forum` and
    `routes` (of an assessment its states, of an entry its register) narrow it. The record is kept `months` from its
    decision or end, and with `until_age` at least until the youngest child in it reaches that age.
    """

    key: Key
    name: Text
    of: Literal["contact", "case", "assessment", "session", "pair", "request", "emergency", "entry"]
    pathway: Key | None = None
    routes: tuple[Key, ...] = ()
    forum: Key | None = None
    months: int = Field(gt=0)
    until_age: int | None = Field(default=None, gt=0)
    basis: Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Retention(Common):
    """The schedule. A rights request may take `answer_months` calendar months, and `extend_months` more once somebody
    said why. `helped` are the roles in which a person is given a record that they ask for."""

    category: tuple[Category, ...]
    answer_months: int = Field(default=1, gt=0)
    extend_months: int = Field(default=2, ge=0)
    helped: tuple[Key, ...] = ("child", "victim")


SHAPE = Retention
