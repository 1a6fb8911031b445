"""Changes to accounts. The audit room's database trigger records each of them, in the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from concord.desk.accounts import queries, rules
from concord.desk.accounts.guarding import digest
from concord.desk.accounts.models import Invitation, Membership, User
from concord.desk.accounts.rules import NotAllowed, NotHere, Viewer
from concord.desk.accounts.session import tell_database
from concord.kernel.errors import Refused
from concord.kernel.names import did_you_mean


class OwnAccount(Refused):
    """Nobody changes what they themselves may do."""

    def __init__(self) -> None:
        super().__init__(
            "You cannot change your own roles or forums.",
            why="A second person must decide what you may see.",
            next_step="Ask another administrator.",
        )


@transaction.atomic
def add_user(
    *,
    viewer: Viewer,
    username: str,
    display_name: str,
    agency: str,
    roles: Iterable[str] = (),
    referrer_kind: str = "",
    at: datetime,
) -> UUID:
    """A new account, with no password: it signs in by the means the installation offers. Returns its identifier.

    Raises NotAllowed for a viewer who does not keep accounts, an unknown role or agency, or a name in use;
    NotTogether for roles that one person must not hold at once.
    """
    wanted = _permitted(viewer, roles, at)
    _together(wanted, ())
    home = queries.partnership()
    if agency not in home.agencies:
        raise NotAllowed(f"There is no agency “{agency}”.", next_step=did_you_mean(agency, home.agencies))
    if not rules.USERNAME.fullmatch(username):
        raise NotAllowed(
            f"“{username}” is no username.",
            why="It has small letters, digits, dots, hyphens and underscores only.",
            next_step="Write it so, or choose another.",
        )
    if User.objects.filter(username=username).exists():
        raise NotAllowed(f"The username “{username}” is in use.", next_step="Choose another.")
    user = User(
        partnership=viewer.partnership,
        username=username,
        display_name=display_name,
        agency=agency,
        roles=wanted,
        referrer_kind=referrer_kind,
        created_at=at,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    return user.id


@transaction.atomic
def set_roles(*, viewer: Viewer, user_id: UUID, roles: Iterable[str], at: datetime) -> None:
    """Replace somebody's roles. Raises OwnAccount for the viewer's own, NotHere, NotAllowed, NotTogether."""
    wanted = _permitted(viewer, roles, at)
    user = _other(viewer, user_id)
    _together(wanted, user.memberships.values_list("part", flat=True))
    user.roles = wanted
    user.save(update_fields=["roles"])


@transaction.atomic
def join_forum(*, viewer: Viewer, user_id: UUID, forum: str, part: str, seat: str | None = None, at: datetime) -> None:
    """Seat somebody on a forum. Raises NotAllowed for an unknown forum, part or seat; OwnAccount; NotHere;
    NotTogether for somebody whose role must see no case."""
    _permitted(viewer, (), at)
    user = _other(viewer, user_id)
    home = queries.partnership()
    if forum not in home.forums:
        raise NotAllowed(f"There is no forum “{forum}”.", next_step=did_you_mean(forum, home.forums))
    if part not in rules.PARTS:
        raise NotAllowed(f"There is no part “{part}” in a forum.", next_step=did_you_mean(part, rules.PARTS))
    seats = [each.key for each in home.forums[forum].seat]
    if seat is not None and seat not in seats:
        raise NotAllowed(f"{forum.upper()} has no seat “{seat}”.", next_step=did_you_mean(seat, seats))
    _together(user.roles, (*user.memberships.values_list("part", flat=True), part))
    if user.memberships.filter(forum=forum, part=part).exists():
        raise NotAllowed(
            f"They are {part} of {forum.upper()} already.", next_step="Take them off first, to give them another seat."
        )
    Membership.objects.create(user=user, forum=forum, part=part, seat=seat)


@transaction.atomic
def leave_forum(*, viewer: Viewer, user_id: UUID, forum: str, at: datetime) -> None:
    """End somebody's parts in a forum. What was shared with the forum stops reaching them at once."""
    _permitted(viewer, (), at)
    _other(viewer, user_id).memberships.filter(forum=forum).delete()


@transaction.atomic
def switch_off(*, viewer: Viewer, user_id: UUID, at: datetime) -> None:
    """End an account's access. The account stays, because the audit trail names it."""
    _permitted(viewer, (), at)
    user = _other(viewer, user_id)
    user.active = False
    user.save(update_fields=["active"])
    _end_sessions(user)


@transaction.atomic
def invite(*, viewer: Viewer, user_id: UUID, at: datetime) -> str:
    """A one-time link's secret by which somebody sets their password, valid as long as `signin.toml` says. Shown once,
    never kept.

    Earlier links of theirs end. Raises NotAllowed, OwnAccount, NotHere, NotAllowed for an account switched off.
    """
    _permitted(viewer, (), at)
    user = _other(viewer, user_id)
    if not user.active:
        raise NotAllowed("This account is switched off.", next_step="Switch it on first.")
    token, days = secrets.token_urlsafe(32), queries.sign_in().password.link_days
    Invitation.objects.filter(user=user, used_at__isnull=True).delete()
    Invitation.objects.create(
        digest=digest(token), user=user, made_by=viewer.user_id, ends_at=at + timedelta(days=days)
    )
    return token


@transaction.atomic
def forget_second_factor(*, viewer: Viewer, user_id: UUID, at: datetime) -> None:
    """Somebody lost their telephone or key: they set up a new one when they next sign in. Whoever has it now is signed
    out. What tied the account to somebody of a single sign-on goes too: the next to come under its name ties it anew.
    Raises as `invite` does."""
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    _permitted(viewer, (), at)
    user = _other(viewer, user_id)
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    _end_sessions(user)


@transaction.atomic
def switch_on(*, viewer: Viewer, user_id: UUID, at: datetime) -> None:
    """Let an account that was switched off sign in again, with the roles it has."""
    _permitted(viewer, (), at)
    user = _other(viewer, user_id)
    user.active = True
    user.save(update_fields=["active"])


@transaction.atomic
def leave(*, viewer: Viewer, user_id: UUID, at: datetime) -> None:
    """Somebody left: no roles, no seats, no second factor, no password, switched off, every session ended. The account
    stays, because the audit trail names it. Raises OwnAccount, NotHere, NotAllowed."""
    forget_second_factor(viewer=viewer, user_id=user_id, at=at)
    user = _other(viewer, user_id)
    user.memberships.all().delete()
    Invitation.objects.filter(user=user).delete()
    user.roles, user.active = [], False
    user.set_unusable_password()
    user.save(update_fields=["roles", "active", "password"])
    _end_sessions(user)


@transaction.atomic
def move(*, viewer: Viewer, user_id: UUID, agency: str, roles: Iterable[str], at: datetime) -> None:
    """Somebody moved to other work: these roles and this agency instead of all they had, no seat in any forum, no link
    that waits, every session ended. What was shared with the old team and forums stops reaching them at once.

    Raises OwnAccount, NotHere, NotAllowed for an unknown agency or role, NotTogether.
    """
    wanted = _permitted(viewer, roles, at)
    home = queries.partnership()
    if agency not in home.agencies:
        raise NotAllowed(f"There is no agency “{agency}”.", next_step=did_you_mean(agency, home.agencies))
    user = _other(viewer, user_id)
    _together(wanted, ())
    user.memberships.all().delete()
    Invitation.objects.filter(user=user, used_at__isnull=True).delete()
    user.agency, user.roles = agency, wanted
    user.save(update_fields=["agency", "roles"])
    _end_sessions(user)


def _end_sessions(user: User) -> None:
    """Nothing of an open session outlives a change of who somebody is."""
    from django.contrib.sessions.models import Session

    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get("_auth_user_id") == str(user.id):
            session.delete()


def _permitted(viewer: Viewer, roles: Iterable[str], at: datetime) -> list[str]:
    queries.require(viewer, "account.manage")
    wanted = sorted(set(roles))
    rules.check_roles_known(wanted, queries.roles())
    # The audit trigger on these tables reads who is acting, and when, from the transaction.
    tell_database(viewer, at=at)
    return wanted


def _together(roles: Iterable[str], parts: Iterable[str]) -> None:
    defined = queries.roles()
    held = [defined[key] for key in roles if key in defined]
    rules.check_together([*held, *rules.roles_of_parts(parts, defined)])


def _other(viewer: Viewer, user_id: UUID) -> User:
    if user_id == viewer.user_id:
        raise OwnAccount
    user = User.objects.select_for_update().filter(id=user_id, partnership=viewer.partnership).first()
    if user is None:
        raise NotHere("account")
    return user
