"""`concord figure CODE`: where a published figure came from; recomputes it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import options
from concord.cli.progress import step


@click.command("figure")
@click.argument("code")
@options.home
@options.partnership
@options.as_json
def command(code: str, home: Path, partnership_folder: Path, as_json: bool) -> int:
    """Say where figure CODE came from, and recompute it from the same data."""
    from concord.jobs import figures

    partnership = options.load_partnership(partnership_folder)
    with step("Recomputing", quiet=as_json):
        result = figures.recompute(home, code, partnership)
    click.echo(json.dumps(result.as_dict(), indent=2, default=str) if as_json else result.story())
    return 0 if result.matches else 1
