"""`concord assess`: the Strategic Needs Assessment from what is loaded."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import options
from concord.cli.progress import step


@click.command("assess")
@options.home
@options.partnership
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Where to put it. [default: HOME/site]")
@click.option("--requested-by", default=None, help="Who asks for the figures to be released.")
@click.option("--approved-by", default=None, help="Who approves it: never the same person.")
@click.option("--engine", default="duckdb", show_default=True, help="What decides each crime: duckdb or spark.")
def command(
    home: Path,
    partnership_folder: Path,
    to: Path | None,
    requested_by: str | None,
    approved_by: str | None,
    engine: str,
) -> None:
    """Write the Strategic Needs Assessment: HTML and PDF/UA, every figure with its code."""
    from concord.jobs import assessment, pipeline

    partnership = options.load_partnership(partnership_folder)
    loop = pipeline.Loop(home=home, partnership=partnership, clock=options.now)
    if loop.store.has("recorded_crime"):
        with step("Deciding what is serious violence") as say:
            loop.classify(say, engine=engine)
    people = {"requested_by": requested_by, "approved_by": approved_by}
    with step("Assessing") as say:
        published = assessment.assess(
            home,
            partnership,
            clock=options.now,
            to=to,
            progress=say,
            **{name: value for name, value in people.items() if value},
        )
    click.echo(f"Read it: {published.html}")
    click.echo(f"Print it: {published.pdf}")
