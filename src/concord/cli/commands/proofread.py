"""`concord proofread FILE`: margin notes on a draft. The draft is read here and sent nowhere."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import options


@click.command("proofread")
@click.argument("file", type=click.Path(path_type=Path))
@options.as_json
def command(file: Path, as_json: bool) -> int:
    """Check a draft strategy (.txt, .md, .docx, .pdf): what does not add up, where, and what to write instead."""
    from concord.strategy import proofread as room

    remarks = room.proofread(file)
    click.echo(room.as_json(remarks) if as_json else room.render_text(remarks, file))
    return 1 if remarks else 0
