"""`concord accounts`: the first administrator of an installation, and a new link for somebody who lost theirs."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django


@click.group("accounts")
def command() -> None:
    """Make the first account; give out a link to set a password. Everything else is done on screen."""


@command.command("first")
@click.option("--username", required=True, help="Small letters, digits, dots and hyphens.")
@click.option("--name", required=True, help="The name as colleagues know it.")
@click.option("--agency", required=True, help="Key of an agency of the partnership.")
@options.home
@options.partnership
def first(username: str, name: str, agency: str, home: Path, partnership_folder: Path) -> None:
    """Make the first administrator. They see no case, and cannot give themselves a role."""
    with django(home, partnership_folder):
        from concord.desk.accounts import operations, queries

        service, now = queries.service("installation"), options.now()
        user_id = operations.add_user(
            viewer=service,
            username=username,
            display_name=name,
            agency=agency,
            roles=["system_administrator"],
            at=now,
        )
        click.echo(_said(operations.invite(viewer=service, user_id=user_id, at=now)))


@command.command("invite")
@click.argument("username")
@options.home
@options.partnership
def invite(username: str, home: Path, partnership_folder: Path) -> None:
    """A new link for USERNAME, when no administrator can sign in to make one."""
    with django(home, partnership_folder):
        from concord.desk.accounts import operations, queries

        viewer = queries.viewer_named(username)
        service, now = queries.service("installation"), options.now()
        click.echo(_said(operations.invite(viewer=service, user_id=viewer.user_id, at=now)))


def _said(token: str) -> str:
    from concord.desk.accounts import queries

    days = queries.sign_in().password.link_days
    return f"Open this page within {days} days to set the password: /account/join/{token}/"
