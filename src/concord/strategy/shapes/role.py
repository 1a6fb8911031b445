"""Roles: what each does, sees and never sees, and the verbs it may use. One file, `roles.toml`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common
from concord.strategy.shapes.duty import Body

Part = Literal["coordinator", "chair", "member"]

FieldClass = Literal["identifier", "contact", "special_category", "precise_location", "intelligence"]
"""Kinds of field that a role sees or does not, wherever they stand: page, list, search, export.

identifier: names, dates of birth, agencies' numbers. contact: how somebody may be reached. precise_location: an
address or a place small enough to find them. intelligence: what the police hold and cannot yet prove.
"""


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Shortcut:
    """A page one click from the start of the day. `to` is the name of its address; "forum" stands for the home of each
    forum where the holder has a part, and `words` may then hold {forum}."""

    words: str
    to: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Role:
    """A role somebody holds, or the part they play in one forum (`from_part`).

    `may` lists verbs as "object.verb". A verb that is not listed is denied. `never` lists verbs, or patterns of them
    such as "person.*", that the role must never have; with `alone`, neither may anything else that its holder is
    given. `fields` are the classes of field the role sees of a person it may open. `teams` are the shared trays that
    holders of the role work from. `purposes` are the purposes the role may act for. `account` says who holds it: a
    person who signs in, a service of the installation, or nobody (the public, the person the data are about).
    """

    key: str
    name: str
    does: str
    sees: str
    never_sees: str
    may: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    alone: bool = False
    fields: tuple[FieldClass, ...] = ()
    teams: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    from_part: Part | None = None
    service: bool = False
    """True for an account no person signs in to."""
    shortcut: tuple[Shortcut, ...] = ()
    """What this role does most, the first first; three are shown."""
    work: str = ""
    """Where the work of this role is, said on a day when this system holds none of it."""
    account: bool = True
    """False for a role nobody signs in with."""

    @model_validator(mode="after")
    def _never_is_kept(self) -> Role:
        wrong = sorted(verb for verb in self.may if self.forbids(verb))
        if wrong:
            raise ValueError(f"it may {wrong[0]}, which it must never")
        return self

    def forbids(self, verb: str) -> bool:
        """Whether the role must never have this verb."""
        return any(fnmatchcase(verb, pattern) for pattern in self.never)


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Withheld:
    """Classes of field that no member of a kind of body sees, whatever their role."""

    body: Body
    fields: tuple[FieldClass, ...]
    why: str


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Roles(Common):
    role: tuple[Role, ...]
    withheld: tuple[Withheld, ...] = ()

    def by_key(self) -> dict[str, Role]:
        return {role.key: role for role in self.role}


SHAPE = Roles
