"""`concord audit verify`: whether the audit trail is whole."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django


@click.group("audit")
def command() -> None:
    """Check the audit trail's chain."""


@command.command("verify")
@options.home
@options.partnership
def verify(home: Path, partnership_folder: Path) -> int:
    """Recompute every link; name the first that is broken."""
    with django(home, partnership_folder):
        from concord.desk.audit import queries

        broken = queries.verify()
    if broken is None:
        click.echo("The audit trail is whole: every link recomputes.")
        return 0
    click.echo(f"The audit trail is broken: {broken}", err=True)
    return 1
