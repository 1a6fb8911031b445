"""`boards/<key>.toml`: a body that decides or is answered to. Bodies that sit over cases are forums."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text
from concord.strategy.shapes.forum import PackRule


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Board(Common):
    """A board, its place in the governance chart, and who sits on it.

    `subgroups` are boards that deliver for this one; `linked` are boards that meet it through their chairs.
    `members` are agencies of `partnership.toml`.
    """

    name: Text
    kind: Literal["executive", "lead", "subgroup", "linked", "community"]
    purpose: Text
    aliases: tuple[Text, ...] = ()
    reports_to: Key | None = None
    cadence: Text | None = None
    chair: Key | None = None
    members: tuple[Key, ...] = ()
    subgroups: tuple[Key, ...] = ()
    linked: tuple[Key, ...] = ()
    papers: Literal["partners", "public"] = "partners"
    pack: PackRule | None = None
    """Figures made for its meetings at one click, for those who sit on it."""
    lines: Lines | None = None


SHAPE = Board
