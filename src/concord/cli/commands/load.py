"""`concord load FEED PATH…`: receive extracts under their contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
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

ANY = "any"
"""In the place of a feed: tell each file apart."""


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
    """Receive FEED from files, folders or archives: contract, checksum, agreement, quarantine, manifest.

    FEED may be `any`: each file is then told apart by its headings, its sheets and its name.
    """
    from concord.evidence import extracts

    partnership = options.load_partnership(partnership_folder)
    if feed != ANY and feed not in partnership.feeds:
        raise Usage(
            f"There is no feed “{feed}” in {partnership.name}.",
            why="A feed is a file in the partnership's feeds folder, or in the national one it extends.",
            next_step=did_you_mean(feed, [*partnership.feeds, ANY]),
        )
    home_folder.mark(home)
    refused: extracts.FilesRefused | None = None
    terms = {"agreements": partnership.agreements, "clock": options.now, "engine": engine}
    with step(f"Receiving {feed if feed != ANY else 'files of any feed'}", quiet=as_json) as say:
        try:
            if feed == ANY:
                results = extracts.load_any(home, partnership.feeds, list(paths), progress=say, **terms)
            else:
                results = extracts.load(home, partnership.feeds[feed], list(paths), progress=say, **terms)
        except extracts.FilesRefused as problem:
            # The good files stay; what was refused is said after them, with its exit code.
            refused, results = problem, list(problem.results)
    for result in results:
        click.echo(json.dumps(as_object(result)) if as_json else describe(result))
    if feed == ANY and not as_json:
        click.echo("\n" + by_feed(results))
    if refused is not None:
        raise refused
    return 0


def as_object(result: LoadResult) -> dict[str, object]:
    """What a machine is told of one file, or of one sheet of a workbook that holds several tables."""
    keys = ("file", "rows", "accepted", "quarantined", "seconds", "status", "dataset", "version")
    found = {"feed": result.feed or None, **{key: getattr(result, key) for key in keys}}
    return {**found, "why": result.error.what if result.error else None, "notes": list(result.notes)}


def describe(result: LoadResult) -> str:
    """One line a supplier or an analyst understands."""
    if result.status == "skipped":
        return f"{result.file}: {' '.join(result.notes)} [skipped]"
    line = f"{result.file}: {result.rows:,} rows, {result.accepted:,} accepted"
    if result.quarantined:
        line += f", {result.quarantined:,} quarantined (reasons: {result.error_report})"
    if result.error is not None:
        line += f": {result.error.what}"
    return f"{line} [{result.status}]"


def by_feed(results: Sequence[LoadResult]) -> str:
    """A table of what came: feed, files, rows, accepted, quarantined, and why files were not taken."""
    told: dict[str, list[LoadResult]] = {}
    for result in results:
        if result.status != "skipped":
            told.setdefault(result.feed or "(no feed)", []).append(result)
    lines = [("feed", "files", "rows", "accepted", "quarantined", "why")]
    for feed in sorted(told, key=lambda key: (key.startswith("("), key)):
        files = told[feed]
        counted = Counter(r.status for r in files)
        why = [f"{n} {status}" for status, n in sorted(counted.items()) if status != "loaded"]
        why += [r.error.what for r in files if r.error is not None][:1]
        rows, accepted, aside = (sum(getattr(r, k) for r in files) for k in ("rows", "accepted", "quarantined"))
        lines.append((feed, f"{len(files):,}", f"{rows:,}", f"{accepted:,}", f"{aside:,}", "; ".join(why)))
    skipped = sum(1 for r in results if r.status == "skipped")
    if skipped:
        lines.append(("(no data)", f"{skipped:,}", "0", "0", "0", "documents and the like, not read"))
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(line[i].rjust(widths[i]) for i in range(1, 5)), line[5]]).rstrip()
        for line in lines
    )
