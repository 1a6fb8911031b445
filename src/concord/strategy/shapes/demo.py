"""`demo_people.toml`: the people a demonstration may sign in as. An installation with real records has none."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common
from concord.strategy.shapes.role import Part


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Sits:
    """A part in a forum; `seat` is the core agency's place the person fills there."""

    forum: str
    part: Part
    seat: str | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class DemoPerson:
    """One invented person. `does` is the line the sign-in page shows."""

    username: str
    name: str
    title: str
    agency: str
    roles: tuple[str, ...]
    does: str
    sits: tuple[Sits, ...] = ()
    referrer_kind: str | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class DemoPeople(Common):
    person: tuple[DemoPerson, ...]


SHAPE = DemoPeople
