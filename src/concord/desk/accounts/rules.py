"""Who is looking, and what their roles let them do. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.role import Role, Withheld

PARTS = ("coordinator", "chair", "member")
USERNAME = re.compile(r"[a-z0-9._-]+")

Known = TypeVar("Known")


class NotAllowed(Refused):
    """The viewer's roles do not include this verb, here."""


class NotTogether(Refused):
    """Two roles that one person must not hold at once."""


class NotHere(Refused):
    """No such record for this viewer. The same words whether it is missing or hidden."""

    def __init__(self, what: str = "record") -> None:
        super().__init__(
            f"There is no {what} here under that reference.",
            why="It does not exist, or it is not one you work with.",
            next_step="Check the reference, or go back to your own list.",
        )


class ChangedMeanwhile(Refused):
    """Somebody else changed it after this page was opened. Nothing of theirs was overwritten."""

    def __init__(self, what: str, by: str = "", *, at: datetime | None = None, version: int | None = None) -> None:
        local = at.astimezone(LONDON) if at is not None else None
        when = f" at {local:%H:%M} on {local.day} {local:%B}" if local is not None else ""
        super().__init__(
            f"This {what} changed while you had it open.",
            why=f"{by or 'A colleague'} saved something first{when}. Yours was not saved, theirs was not overwritten.",
            next_step="What you wrote is still here. Read what changed, then send yours again if it still holds.",
        )
        self.version = version
        """The record's version now, for a second try by somebody who has read what changed."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, or some service, that asks. Every read and write starts from one.

    `forums` holds "forum:part", for example "mace:chair". `purposes` are all that the roles and forums allow;
    `purpose` is the one stated for this request, or empty when the viewer acts on all of them.
    """

    user_id: UUID
    username: str
    display_name: str
    agency: str
    roles: frozenset[str]
    forums: frozenset[str]
    partnership: str
    purpose: str = ""
    purposes: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    """The classes of field they see of a person they may open (see `concord.strategy.shapes.role`)."""
    request_id: str = ""

    @property
    def holders(self) -> frozenset[str]:
        """Every name under which something may have been shared with this viewer."""
        sits_on = {forum.partition(":")[0] for forum in self.forums}
        return frozenset(
            {f"user:{self.user_id}"}
            | {f"team:{team}" for team in self.teams}
            | {f"forum:{forum}" for forum in self.forums}
            | {f"forum:{forum}" for forum in sits_on}
        )

    @property
    def acting_for(self) -> frozenset[str]:
        """The purposes this request acts for."""
        return frozenset({self.purpose}) if self.purpose else self.purposes

    def parts_in(self, forum: str) -> frozenset[str]:
        return frozenset(part for name, _, part in (each.partition(":") for each in self.forums) if name == forum)

    def acts_for(self, purpose: str) -> Viewer:
        """The same viewer with one purpose stated. Raises NotAllowed where no role of theirs has it."""
        if purpose not in self.purposes:
            raise NotAllowed(
                f"You cannot act for the purpose “{purpose}”.",
                why="None of your roles or forums has it.",
                next_step=did_you_mean(purpose, self.purposes),
            )
        return replace(self, purpose=purpose)


@dataclass(frozen=True, slots=True)
class News:
    """Something that changed, as far as the viewer may know it. `kind` is its room's word; `by` an agency, a forum or
    what was said, as the kind has it."""

    kind: str
    about: str
    at: datetime
    object_id: UUID
    by: str = ""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person the sign-in page of a demonstration offers."""

    username: str
    display_name: str
    title: str
    agency: str
    does: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's part in a forum."""

    user_id: UUID
    username: str
    display_name: str
    agency: str
    part: str
    seat: str | None


@dataclass(frozen=True, slots=True)
class Account:
    user_id: UUID
    username: str
    display_name: str
    agency: str
    roles: tuple[str, ...]
    forums: tuple[str, ...]
    active: bool


def roles_of_parts(parts: Iterable[str], roles: Mapping[str, Role]) -> list[Role]:
    """The roles that come with these parts ("coordinator", "chair", "member")."""
    wanted = set(parts)
    return [role for role in roles.values() if role.from_part in wanted]


def fields_seen(held: Iterable[Role], body: str, withheld: Iterable[Withheld]) -> frozenset[str]:
    """The classes of field that these roles see, less what nobody of this kind of body does."""
    seen = {each for role in held for each in role.fields}
    return frozenset(seen - {each for rule in withheld if rule.body == body for each in rule.fields})


def check_together(held: Iterable[Role]) -> None:
    """Duties that must stay apart. Raises NotTogether where one role of an account gives what another, held alone,
    must never have."""
    every = list(held)
    for strict in (role for role in every if role.alone):
        for other in every:
            given = sorted(verb for verb in other.may if strict.forbids(verb))
            if given and other is not strict:
                raise NotTogether(
                    f"“{strict.name}” and “{other.name}” cannot be held by one account.",
                    why=f"A {strict.name.lower()} must never have “{given[0]}”. {strict.never_sees}",
                    next_step="Give one of the two to somebody else.",
                )


def may(viewer: Viewer, verb: str, roles: Mapping[str, Role], forum: str | None = None) -> bool:
    """Whether one of the viewer's roles lists `verb`.

    A role that comes from a part in a forum counts only for that forum: with no `forum` given, a part in any
    forum is enough (for a menu), with one given it must be a part there.
    """
    if any(verb in roles[key].may for key in viewer.roles if key in roles):
        return True
    parts = viewer.parts_in(forum) if forum is not None else {each.partition(":")[2] for each in viewer.forums}
    return any(role.from_part in parts and verb in role.may for role in roles.values() if role.from_part is not None)


def acting_by(viewer: Viewer, verb: str, roles: Mapping[str, Role]) -> Viewer:
    """The viewer as far as `verb` reaches: the teams of their roles that list it, the forums where their part does.
    What reaches them by another part they read, and do no more with it."""
    held = [roles[key] for key in viewer.roles if key in roles and verb in roles[key].may]
    parts = {role.from_part for role in roles.values() if role.from_part is not None and verb in role.may}
    return replace(
        viewer,
        teams=frozenset(team for role in held for team in role.teams),
        forums=frozenset(each for each in viewer.forums if each.partition(":")[2] in parts),
    )


def require(viewer: Viewer, verb: str, roles: Mapping[str, Role], forum: str | None = None) -> None:
    """Raises NotAllowed, in words, where `may` says no."""
    if not may(viewer, verb, roles, forum):
        where = f" in {forum.upper()}" if forum else ""
        raise NotAllowed(
            f"Your role does not allow “{verb}”{where}.",
            why=f"You are signed in as {viewer.display_name} ({', '.join(sorted(viewer.roles | viewer.forums))}).",
            next_step="Ask the person who holds the role, or your administrator if you should hold it.",
        )


def known_as(key: str, kind: str, known: Mapping[str, Known], refusal: type[Refused]) -> Known:
    """What the partnership calls `key`. Raises `refusal`, naming the nearest, where there is none."""
    if key not in known:
        raise refusal(f"There is no {kind} “{key}”.", next_step=did_you_mean(key, known))
    return known[key]


def givable(role: Role) -> bool:
    """Whether an administrator can give the role to somebody."""
    return role.account and not role.service and role.from_part is None


def check_roles_known(wanted: Iterable[str], roles: Mapping[str, Role]) -> None:
    """Raises NotAllowed for a role that the partnership does not define, or that only a service or a part may hold."""
    for key in wanted:
        role = roles.get(key)
        if role is None:
            raise NotAllowed(f"There is no role “{key}”.", next_step=did_you_mean(key, roles))
        if role.service or not role.account:
            raise NotAllowed(
                f"“{role.name}” is not given to a person.",
                why="It belongs to a service of the installation." if role.service else "Nobody signs in with it.",
                next_step=f"Choose one of: {', '.join(sorted(k for k, r in roles.items() if givable(r)))}.",
            )
        if role.from_part is not None:
            raise NotAllowed(
                f"“{role.name}” is not given as a role.",
                why=f"It comes with sitting as {role.from_part} of a forum.",
                next_step="Add the person to the forum instead.",
            )


def reviewed_by(part: str, roles: Mapping[str, Role]) -> str:
    """Who says each quarter whether a role, or a seat as "forum:part", is kept: "forum:mace" for its coordinator,
    "team:mash" for a manager of the team, "" for the data protection officer."""
    forum, _, seat = part.partition(":")
    if seat:
        return f"forum:{forum}" if seat == "member" else ""
    role = roles.get(part)
    if role is None or "access.review" in role.may:
        return ""
    managed = {team for each in roles.values() if "access.review" in each.may for team in each.teams}
    return next((f"team:{team}" for team in role.teams if team in managed), "")


def answers_for(viewer: Viewer, roles: Mapping[str, Role]) -> frozenset[str]:
    """Whose access this viewer answers for, in the words of `reviewed_by`."""
    held = [roles[key] for key in viewer.roles if key in roles and "access.review" in roles[key].may]
    mine = {f"team:{team}" for role in held for team in role.teams}
    mine |= {"" for role in held if not role.teams}
    seats = {each.partition(":")[0] for each in viewer.forums if each.endswith(":coordinator")}
    return frozenset(mine | {f"forum:{forum}" for forum in seats})
