"""Roles: what each does, sees and never sees, and the verbs it may use. One file, `roles.toml`."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common

Part = Literal["coordinator", "chair", "member"]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Role:
    """A role somebody holds, or the part they play in one forum (`from_part`).

    `may` lists verbs as "object.verb". A verb that is not listed is denied. `teams` are the shared trays that
    holders of the role work from. `purposes` are the purposes the role may act for.
    """

    key: str
    name: str
    does: str
    sees: str
    never_sees: str
    may: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    from_part: Part | None = None
    service: bool = False
    """True for an account no person signs in to."""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Roles(Common):
    role: tuple[Role, ...]

    def by_key(self) -> dict[str, Role]:
        return {role.key: role for role in self.role}


SHAPE = Roles
