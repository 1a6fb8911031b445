"""`concord forums`: nightly work. People leave managed lists by their rule; populations come to the desk."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django


@click.command("forums")
@click.option("--requested-by", metavar="NAME", help="Who asks for the populations to be released.")
@click.option("--approved-by", metavar="NAME", help="Who approves it: somebody else.")
@options.home
@options.partnership
@options.as_json
def command(
    requested_by: str | None, approved_by: str | None, home: Path, partnership_folder: Path, as_json: bool
) -> int:
    """Take people off managed lists when the rule says so, and bring the populations that returns are rated by."""
    from concord.jobs import forum_work

    partnership = options.load_partnership(partnership_folder)
    with django(home, partnership_folder):
        done = forum_work.nightly(home, partnership, options.now(), requested_by=requested_by, approved_by=approved_by)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return 0
    click.echo(f"{done.removed} taken off a list by its rule.")
    for key in done.brought:
        click.echo(f"Brought to the desk: {key.replace('_', ' ')}.")
    for words in done.missing:
        click.echo(f"Not brought: {words}")
    return 0
