"""`concord migrate`: bring the tables up to date, as their owner."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.cli.database import database
from concord.cli.progress import step


@click.command("migrate")
@options.home
@options.partnership
def command(home: Path, partnership_folder: Path) -> None:
    """Bring the database's tables up to date."""
    from concord.config import server

    home_folder.claim(home)
    with database(home) as urls, step("Bringing the tables up to date"):
        server.migrate(server.django_environment(home, partnership_folder, urls, demo=False))
