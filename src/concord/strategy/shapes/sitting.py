"""`sittings.toml`: how boards sit. A board becomes a forum that hears papers, by the pattern of its kind."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Text
from concord.strategy.shapes.forum import ItemKind, Outcome


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Sitting:
    """The pattern for boards of these kinds. A quorum is `quorum_share` of the members, the chair's among them."""

    kinds: tuple[Literal["executive", "lead", "subgroup", "linked", "community"], ...]
    purpose: Text
    cadence: Text
    public: bool = False
    quorum_share: float
    papers_days: int
    """Papers are on the agenda so many days before."""
    minutes_working_days: int
    confidentiality: Text
    item: tuple[ItemKind, ...]
    outcome: tuple[Outcome, ...]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Sittings(Common):
    sitting: tuple[Sitting, ...]


SHAPE = Sittings
