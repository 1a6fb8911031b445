"""`plan/<key>.toml`: a theme of the strategy, or a plan that stands beside it, down to its actions."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*[0-9](\.[0-9]+)?$")]
"""The number of an intention, outcome or action, such as `T1.7`; unique in the partnership."""

Status = Literal["in_place", "continuing", "planned", "bid", "draft"]
"""How far the source says an action has come; `draft` where its sentence breaks off."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Intention:
    """What the theme sets out to do."""

    code: Code
    name: Text
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Outcome:
    """What would be different if the theme worked. `owner` is the board that answers for it."""

    code: Code
    name: Text
    owner: Key | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Action:
    """Something an agency does. `owner` is an agency; everything else it names lives in its own file."""

    code: Code
    name: Text
    owner: Key
    status: Status
    heading: Text | None = None
    partners: tuple[Key, ...] = ()
    outcomes: tuple[Code, ...] = ()
    forums: tuple[Key, ...] = ()
    pathways: tuple[Key, ...] = ()
    services: tuple[Key, ...] = ()
    registers: tuple[Key, ...] = ()
    plans: tuple[Key, ...] = ()
    funding: tuple[Key, ...] = ()
    due: dt.date | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Part:
    """A recommendation or an area of an action plan. `awaited` where the source counts it without naming it."""

    code: Code
    name: Text
    awaited: bool = False
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Plan(Common):
    """A theme (`kind = "theme"`), or an action plan or an outcome tree the strategy refers to.

    `board` answers for the whole; `reasons` are statements of `statements/` that the theme gives for itself.
    """

    name: Text
    kind: Literal["theme", "action_plan", "outcome_tree"]
    number: int | None = None
    board: Key | None = None
    aliases: tuple[Text, ...] = ()
    summary: Text | None = None
    reasons: tuple[Key, ...] = ()
    intentions: tuple[Intention, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    parts: tuple[Part, ...] = ()
    actions: tuple[Action, ...] = ()
    lines: Lines | None = None


SHAPE = Plan
