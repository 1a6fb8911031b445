"""`concord feeds [FEED]`: what partners send, on what terms; a supplier's empty template; the reference page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import options
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean


@click.command("feeds")
@click.argument("feed", required=False)
@click.option(
    "--template", type=click.Path(path_type=Path, dir_okay=False), help="Write the empty file (.xlsx or .csv)."
)
@click.option("--table", help="Which table of the feed, for a template of one.")
@click.option("--page", is_flag=True, help="Print the reference page of every feed, as Markdown.")
@options.partnership
@options.as_json
def command(
    feed: str | None, template: Path | None, table: str | None, page: bool, partnership_folder: Path, as_json: bool
) -> int:
    """List what partners send, say what FEED must look like, or write its empty template for the supplier."""
    from concord.web.feeds import contract, reference
    from concord.web.feeds import template as templates

    partnership = options.load_partnership(partnership_folder)
    if page:
        click.echo(reference.page([partnership]), nl=False)
        return 0
    if feed is None:
        if template is not None:
            raise Usage("A template is of one feed.", next_step="Name the feed: concord feeds FEED --template OUT.xlsx")
        for key, one in sorted(partnership.feeds.items()):
            row = {
                "feed": key,
                "title": one.title,
                "from": contract.owner(one, partnership),
                "due": contract.cadence(one.due),
            }
            click.echo(
                json.dumps(row, ensure_ascii=False) if as_json else f"{key}: {one.title}. {row['from']}. {row['due']}."
            )
        return 0
    if feed not in partnership.feeds:
        raise Usage(
            f"There is no feed “{feed}” in {partnership.name}.",
            why="A feed is a file in the partnership's feeds folder, or in the national one it extends.",
            next_step=did_you_mean(feed, partnership.feeds),
        )
    found = partnership.feeds[feed]
    if template is not None:
        written = templates.write(found, template, table)
        click.echo(json.dumps([str(f) for f in written]) if as_json else "\n".join(f"Wrote {f}." for f in written))
        return 0
    click.echo("\n".join(reference.feed_lines(found, partnership)))
    return 0
