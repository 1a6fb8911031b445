"""`concord synth OUT`: Harbourside's partner extracts, in the partners' own formats, with known truth."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from concord.cli.progress import step


@click.command("synth")
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--months", default=24, show_default=True, help="How many months of events.")
@click.option("--size", default=1.0, show_default=True, help="1.0 is a borough of about 310,000 residents.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same borough, byte for byte.")
@click.option("--start", default="2024-10-01", show_default=True, type=click.DateTime(["%Y-%m-%d"]))
def command(out: Path, months: int, size: float, seed: int, start: datetime) -> None:
    """Write synthetic partner extracts to OUT."""
    from concord import synthetic

    first = date(start.year, start.month, 1)
    with step("Inventing Harbourside") as say:
        synthetic.generate(
            out, months=months, size=size, seed=seed, start=first,
            progress=lambda what, share: say(f"{what}, {share:.0%}"),
        )  # fmt: skip
    click.echo(f"Synthetic extracts are in {out}. Every person in them is invented.")
