"""Reads about accounts, and the partnership that this installation serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import QuerySet

from concord.desk.accounts import rules
from concord.desk.accounts.guarding import digest
from concord.desk.accounts.models import Invitation, Membership, User
from concord.desk.accounts.rules import Account, DemoPerson, Member, Viewer
from concord.kernel.errors import BadInput
from concord.strategy import law

if TYPE_CHECKING:
    from concord.strategy import Partnership
    from concord.strategy.shapes.role import Role
    from concord.strategy.shapes.signin import SignIn

SERVICES = UUID("5d0d1c9e-6c3e-4f0e-9d6b-0b9a2f1f6d11")
"""The name space under which service accounts get their fixed identifiers."""


def partnership() -> Partnership:
    """The partnership folder this installation serves, read once."""
    return _load(Path(settings.CONCORD_PARTNERSHIP))


@lru_cache(maxsize=4)
def _load(folder: Path) -> Partnership:
    from concord.strategy import load

    return load(folder)


def sign_in() -> SignIn:
    """How people sign in here: limits on failures, sessions, passwords. Raises BadInput where no file says so."""
    found = partnership().sign_in
    if found is None:
        raise BadInput(
            "The partnership folder has no signin.toml.",
            why="Nobody signs in without limits on how.",
            next_step="Extend the national folder, or add the file.",
        )
    return found


def roles() -> Mapping[str, Role]:
    """Roles by key."""
    return _roles(Path(settings.CONCORD_PARTNERSHIP))


@lru_cache(maxsize=4)
def _roles(folder: Path) -> Mapping[str, Role]:
    return {role.key: role for role in _load(folder).roles.role}


def may(viewer: Viewer, verb: str, forum: str | None = None) -> bool:
    """Whether the viewer's roles list the verb, in `forum` if one is named. For menus and buttons."""
    return rules.may(viewer, verb, roles(), forum)


def acting_by(viewer: Viewer, verb: str) -> Viewer:
    """The viewer as far as a verb reaches (see `rules.acting_by`). Raises NotAllowed where no role of theirs has it."""
    require(viewer, verb)
    return rules.acting_by(viewer, verb, roles())


def require(viewer: Viewer, verb: str, forum: str | None = None) -> None:
    """Raises NotAllowed where `may` says no."""
    rules.require(viewer, verb, roles(), forum)


def verbs(viewer: Viewer) -> frozenset[str]:
    """Every verb that the viewer's roles list, apart from their parts in forums; and for each register of the folder
    that they read or keep “read/key” and “keep/key”, which the wall asks for."""
    defined = roles()
    listed = {verb for key in viewer.roles if key in defined for verb in defined[key].may}
    reads, keeps = registers(viewer), registers(viewer, keeps=True)
    return frozenset(listed | {f"read/{key}" for key in reads} | {f"keep/{key}" for key in keeps})


def registers(viewer: Viewer, *, keeps: bool = False) -> frozenset[str]:
    """The registers of the folder that one of the viewer's roles reads, or keeps: named in the register's file, with
    the verb in the role's. A public one is read by the service that shows it."""
    return _registers(Path(settings.CONCORD_PARTNERSHIP), viewer.roles, keeps)


@lru_cache(maxsize=512)
def _registers(folder: Path, held: frozenset[str], keeps: bool) -> frozenset[str]:
    verb = "register.write" if keeps else "register.read"
    able = {key for key in held if key in _roles(folder) and verb in _roles(folder)[key].may}
    found = set()
    for key, each in _load(folder).kept_registers.items():
        named = {*each.kept_by} if keeps else {*each.kept_by, *each.read_by}
        if able & named or (each.public and not keeps and "public_register" in able):
            found.add(key)
    return frozenset(found)


def viewer_for(user: User, purpose: str | None = None, *, request_id: str = "") -> Viewer:
    """The viewer that a signed-in account is, with its roles, forums and purposes. Two queries at most.

    Raises NotAllowed for an account that is switched off, or for a purpose that none of its roles has.
    """
    if not user.active:
        raise rules.NotAllowed("This account is switched off.", next_step="Ask your administrator.")
    defined, home = roles(), partnership()
    forums = frozenset(f"{forum}:{part}" for forum, part in user.memberships.values_list("forum", "part"))
    held = [defined[key] for key in user.roles if key in defined]
    purposes = {purpose for role in held for purpose in role.purposes}
    purposes |= {
        home.forums[each.partition(":")[0]].purpose for each in forums if each.partition(":")[0] in home.forums
    }
    parts = rules.roles_of_parts((each.partition(":")[2] for each in forums), defined)
    withheld = home.roles.withheld if home.roles else ()
    viewer = Viewer(
        user_id=user.id,
        username=user.username,
        display_name=user.display_name,
        agency=user.agency,
        roles=frozenset(role.key for role in held),
        forums=forums,
        partnership=user.partnership,
        purposes=frozenset(purposes),
        teams=frozenset(team for role in held for team in role.teams),
        fields=rules.fields_seen([*held, *parts], law.body_kind(home, user.agency), withheld),
        request_id=request_id,
    )
    return viewer.acts_for(purpose) if purpose else viewer


def viewer_named(username: str, purpose: str | None = None, *, request_id: str = "") -> Viewer:
    """The viewer of an account by its username. Raises NotHere where there is none."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise rules.NotHere("account")
    return viewer_for(user, purpose, request_id=request_id)


def service(key: str) -> Viewer:
    """A service's viewer, for example "desk_extract". Raises NotAllowed where the role is not a service's."""
    role = roles().get(key)
    if role is None or not role.service:
        raise rules.NotAllowed(f"“{key}” is not a service of this partnership.")
    return Viewer(
        user_id=uuid5(SERVICES, key),
        username=key,
        display_name=role.name,
        agency="concord",
        roles=frozenset({key}),
        forums=frozenset(),
        partnership=partnership().key,
        purposes=frozenset(role.purposes),
    )


def holding(verb: str) -> tuple[tuple[str, str], ...]:
    """Username and name of every active account one of whose roles lists the verb, for a command that asks who."""
    held = [key for key, role in roles().items() if verb in role.may and not role.service]
    found = User.objects.filter(partnership=partnership().key, active=True, roles__overlap=held)
    return tuple(found.order_by("created_at", "username").values_list("username", "display_name"))


def demo_people() -> tuple[DemoPerson, ...]:
    """Who a demonstration may sign in as, in the order of the partnership's file. Empty where there is none."""
    cast = getattr(partnership(), "demo_people", None)
    if cast is None:
        return ()
    return tuple(
        DemoPerson(
            username=person.username,
            display_name=person.name,
            title=person.title,
            agency=person.agency,
            does=person.does,
        )
        for person in cast.person
    )


def invited(token: str, at: datetime) -> User | None:
    """Whose one-time link this is, while it holds. None for a link that was used, has ended or never was."""
    row = Invitation.objects.filter(digest=digest(token), used_at__isnull=True, ends_at__gt=at).first()
    return row.user if row is not None and row.user.active else None


def user_named(username: str) -> User | None:
    """The active account with this username, for sign-in. None where there is none or it is switched off."""
    return User.objects.filter(username=username, active=True).first()


def members(viewer: Viewer, forum: str) -> tuple[Member, ...]:
    """Who sits on a forum. Only those who sit there may ask: others get an empty list."""
    if not viewer.parts_in(forum):
        return ()
    rows = Membership.objects.filter(forum=forum, user__partnership=viewer.partnership, user__active=True)
    rows = rows.order_by("user__display_name", "part")
    asked = ("user_id", "user__username", "user__display_name", "user__agency", "part", "seat")
    return tuple(Member(*row) for row in rows.values_list(*asked))


def colleagues(viewer: Viewer, team: str = "") -> tuple[Member, ...]:
    """Active people who work from one of the viewer's own team trays, or from that of one `team` of theirs. Nobody for
    somebody without a team."""
    mine = viewer.teams & {team} if team else viewer.teams
    shared = [key for key, role in roles().items() if set(role.teams) & mine]
    if not shared:
        return ()
    found = User.objects.filter(partnership=viewer.partnership, active=True, roles__overlap=shared)
    return _without_a_seat(found)


def with_roles(viewer: Viewer, wanted: Iterable[str], agencies: Iterable[str]) -> tuple[Member, ...]:
    """Active people of these agencies who hold one of the roles: whom a piece of work may be handed to."""
    found = User.objects.filter(
        partnership=viewer.partnership, active=True, roles__overlap=sorted(wanted), agency__in=sorted(agencies)
    )
    return _without_a_seat(found)


def _without_a_seat(found: QuerySet[User]) -> tuple[Member, ...]:
    """People as members of nothing in particular, by name."""
    asked = ("id", "username", "display_name", "agency")
    return tuple(Member(*row, part="", seat=None) for row in found.order_by("display_name").values_list(*asked))


def coordinators(viewer: Viewer, forum: str) -> tuple[str, ...]:
    """Whom to ring about a forum: the names of those who coordinate it. Their cases stay with them."""
    found = Membership.objects.filter(
        forum=forum, part="coordinator", user__partnership=viewer.partnership, user__active=True
    )
    return tuple(found.order_by("user__display_name").values_list("user__display_name", flat=True))


def keepers_of(holders: Iterable[str]) -> set[UUID]:
    """Who answers for what teams and forums hold: a forum's coordinators, and those of a team who may restrict a
    record. For the operation that restricts one; never shown."""
    every = set(holders)
    forums = {each.split(":")[1] for each in every if each.startswith("forum:")}
    teams = {each.partition(":")[2] for each in every if each.startswith("team:")}
    strict = [key for key, role in roles().items() if teams & set(role.teams) and "contact.restrict" in role.may]
    here = partnership().key
    found = Membership.objects.filter(
        forum__in=forums, part="coordinator", user__active=True, user__partnership=here
    ).values_list("user_id", flat=True)
    return {
        *found,
        *User.objects.filter(partnership=here, active=True, roles__overlap=strict).values_list("id", flat=True),
    }


def names(viewer: Viewer, user_ids: set[UUID]) -> dict[UUID, str]:
    """Display names of colleagues, for "decided by" lines."""
    found = User.objects.filter(id__in=user_ids, partnership=viewer.partnership)
    return dict(found.values_list("id", "display_name"))


def accounts(viewer: Viewer) -> tuple[Account, ...]:
    """Every account. Raises NotAllowed unless the viewer keeps accounts."""
    require(viewer, "account.read")
    found = User.objects.filter(partnership=viewer.partnership).prefetch_related("memberships").order_by("username")
    return tuple(map(_account, found))


def to_review(viewer: Viewer) -> tuple[tuple[Account, str], ...]:
    """Every active account with each role or seat that this viewer says about whether it is kept (see
    `rules.reviewed_by`). Raises NotAllowed unless they review access."""
    require(viewer, "access.review")
    mine = rules.answers_for(viewer, roles())
    return tuple((each, part) for each, part, by in _parts() if by in mine)


def every_part() -> tuple[tuple[UUID, str], ...]:
    """Every active account with each of its roles and seats: what a quarter's review is of."""
    return tuple((each.user_id, part) for each, part, _ in _parts())


def _parts() -> list[tuple[Account, str, str]]:
    found = User.objects.filter(partnership=partnership().key, active=True).prefetch_related("memberships")
    return [
        (each, part, rules.reviewed_by(part, roles()))
        for each in map(_account, found.order_by("display_name", "username"))
        for part in (*each.roles, *each.forums)
    ]


def _account(user: User) -> Account:
    return Account(
        user_id=user.id,
        username=user.username,
        display_name=user.display_name,
        agency=user.agency,
        roles=tuple(user.roles),
        forums=tuple(sorted(f"{each.forum}:{each.part}" for each in user.memberships.all())),
        active=user.active,
    )


def referrer_kind(viewer: Viewer) -> str:
    """What kind of referrer the viewer is (school, gp, housing, ...), for the desk's statistics."""
    kind = User.objects.filter(id=viewer.user_id).values_list("referrer_kind", flat=True).first()
    return kind or "other"
