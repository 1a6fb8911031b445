"""`concord load FEED PATH…`: receive extracts under their contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.cli.progress import step
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean

if TYPE_CHECKING:
    from concord.evidence.extracts import LoadResult


@click.command("load")
@click.argument("feed")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.home
@options.partnership
@options.engine
@options.as_json
def command(
    feed: str,
    paths: tuple[Path, ...],
    home: Path,
    partnership_folder: Path,
    engine: Literal["duckdb", "spark"],
    as_json: bool,
) -> int:
    """Receive FEED from files, folders or archives: contract, checksum, agreement, quarantine, manifest."""
    from concord.evidence import extracts

    partnership = options.load_partnership(partnership_folder)
    if feed not in partnership.feeds:
        raise Usage(
            f"There is no feed “{feed}” in {partnership.name}.",
            why="A feed is a file in the partnership's feeds folder, or in the national one it extends.",
            next_step=did_you_mean(feed, partnership.feeds),
        )
    home_folder.mark(home)
    refused: extracts.FilesRefused | None = None
    with step(f"Receiving {feed}", quiet=as_json) as say:
        try:
            results = extracts.load(
                home,
                partnership.feeds[feed],
                list(paths),
                agreements=partnership.agreements,
                clock=options.now,
                progress=say,
                engine=engine,
            )
        except extracts.FilesRefused as problem:
            # The good files stay; what was refused is said after them, with its exit code.
            refused, results = problem, list(problem.results)
    for result in results:
        if as_json:
            keys = ("feed", "file", "rows", "accepted", "quarantined", "seconds", "status")
            click.echo(json.dumps({key: getattr(result, key) for key in keys}, default=str))
        else:
            click.echo(describe(result))
    if refused is not None:
        raise refused
    return 0


def describe(result: LoadResult) -> str:
    """One line a supplier or an analyst understands."""
    line = f"{result.file}: {result.rows:,} rows, {result.accepted:,} accepted"
    if result.quarantined:
        line += f", {result.quarantined:,} quarantined (reasons: {result.error_report})"
    return f"{line} [{result.status}]"
