"""`services/<group>.toml`: what people can be offered or referred to, and the teams that offer it."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Service:
    """A service, programme, team, course or campaign. Ages are whole years, both ends included.

    `higher_age` is the upper age for `higher_age_for`, where a service keeps some people longer.
    """

    name: Text
    kind: Literal["service", "programme", "team", "course", "campaign", "intervention", "reporting_route"]
    provider: Key
    purpose: Text
    status: Literal["in_place", "planned", "bid", "draft"] = "in_place"
    aliases: tuple[Text, ...] = ()
    partners: tuple[Key, ...] = ()
    for_whom: Text | None = None
    from_age: int | None = None
    to_age: int | None = None
    higher_age: int | None = None
    higher_age_for: Text | None = None
    takes_referrals: bool = False
    counts: Text | None = None
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Services(Common):
    """Services that belong together."""

    services: dict[Key, Service]


SHAPE = Services
