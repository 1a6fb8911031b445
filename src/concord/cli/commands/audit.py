"""`concord audit verify`: whether the audit trail is whole."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django


@click.group("audit")
def command() -> None:
    """Check the audit trail's chain."""


@command.command("verify")
@click.option(
    "--witness",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file kept elsewhere: checked against the trail, then given its newest hash.",
)
@options.home
@options.partnership
@options.as_json
def verify(witness: Path | None, home: Path, partnership_folder: Path, as_json: bool) -> int:
    """Recompute every link; name the first that is broken. With --witness, see also whether the end was cut off."""
    with django(home, partnership_folder):
        from concord.jobs import witness as witnesses

        kept = witnesses.read(witness) if witness is not None else []
        found = witnesses.check(kept)
        if witness is not None:
            witnesses.add(witness, found, kept, options.now())
    if as_json:
        whole = {"whole": not found.broken, "links": found.links, "newest": found.newest}
        click.echo(json.dumps({**whole, "broken": found.broken or None}))
    elif found.broken:
        click.echo(f"The audit trail is broken: {found.broken}", err=True)
    else:
        click.echo(f"The audit trail is whole: all {found.links:,} links recompute.")
    return 1 if found.broken else 0
