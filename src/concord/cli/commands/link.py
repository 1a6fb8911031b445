"""`concord link`: one person across agencies, and how well that was done."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from concord.cli import options
from concord.cli.database import django
from concord.cli.progress import step
from concord.kernel.errors import Usage

if TYPE_CHECKING:
    from concord.evidence.linkage import Quality


@click.command("link")
@click.option(
    "--train", is_flag=True, help="Estimate weights from what is loaded, for a person to look at. Links nothing."
)
@click.option("--sample", type=click.Path(path_type=Path, dir_okay=False), help="Write pairs to label into this CSV.")
@click.option("--each", default=60, show_default=True, help="With --sample: pairs from every band of probability.")
@click.option(
    "--labels", type=click.Path(path_type=Path, dir_okay=False), help="Measure the links by this CSV of labelled pairs."
)
@click.option(
    "--review",
    is_flag=True,
    help="Take reviewers' opinions, and hand over the next pairs. Links nothing.",
)
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@options.home
@options.partnership
@options.as_json
def command(
    home: Path,
    partnership_folder: Path,
    train: bool,
    sample: Path | None,
    each: int,
    labels: Path | None,
    review: bool,
    engine: str,
    as_json: bool,
) -> None:
    """Find the same person across agencies. Ethnicity is never used; uncertain pairs wait for two people to look."""
    from concord.jobs import pipeline

    if sum((train, review, sample is not None, labels is not None)) > 1:
        raise Usage(
            "--train, --sample, --labels and --review are different things to do.", next_step="Ask for one at a time."
        )
    loop = pipeline.Loop(home=home, partnership=options.load_partnership(partnership_folder), clock=options.now)
    said: dict[str, Any]
    if train:
        with step("Estimating weights") as say:
            file = loop.train_links(say)
        said = {"weights": str(file)}
        words = f"{file}\nNothing is linked by these weights until a person puts their name to them; the file says how."
    elif review:
        from concord.jobs import reviewing

        with django(home, partnership_folder), step("Exchanging pairs with their reviewers"):
            exchanged = reviewing.exchange(home, loop.linkage(), options.now)
        said, words = asdict(exchanged), str(exchanged)
    elif sample is not None:
        with step("Drawing pairs to label") as say:
            pairs = loop.sample_links(sample, each, say)
        said = {"pairs": pairs, "file": str(sample)}
        words = f"{pairs:,} pairs in {sample}. Write y or n in its column “same”, then: concord link --labels {sample}"
    elif labels is not None:
        with step("Measuring links") as say:
            quality = loop.measure_links(labels, say)
        said, words = {"quality": measured(quality)}, str(quality)
    else:
        with step("Finding the same person across agencies") as say:
            result = loop.link(say, on_spark=engine == "spark")
        words = str(result)
        said = {"records": result.records, "people": result.people, "waiting": result.waiting}
        said["quality"] = measured(result.quality) if result.quality else None
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else words)


def measured(quality: Quality) -> list[dict[str, Any]]:
    """Each group's line, for a machine."""
    return [asdict(line) | {"f1": line.f1} for line in quality.lines]
