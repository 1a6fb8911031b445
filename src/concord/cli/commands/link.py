"""`concord link`: one person across agencies, and how well that was done."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import options
from concord.cli.progress import step


@click.command("link")
@options.home
@options.partnership
def command(home: Path, partnership_folder: Path) -> None:
    """Find the same person across agencies. Ethnicity is never used; uncertain pairs wait for a person."""
    from concord.jobs import pipeline

    loop = pipeline.Loop(home=home, partnership=options.load_partnership(partnership_folder), clock=options.now)
    with step("Finding the same person across agencies") as say:
        result = loop.link(say)
    click.echo(str(result))
