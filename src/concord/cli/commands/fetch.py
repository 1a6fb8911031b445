"""`concord fetch police_uk`: an area's months from data.police.uk, as files that `concord load` takes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import options
from concord.cli.progress import step
from concord.kernel.errors import Usage

FEED = "police_uk_api"
"""The feed whose contract says where the service is, and what its rows are."""


@click.command("fetch")
@click.argument("source", type=click.Choice(["police_uk"]))
@click.option("--months", required=True, help="A month or a range: 2023-01, or 2023-01..2023-03.")
@click.option(
    "--poly",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="GeoJSON (WGS84) with the area's outline.",
)
@click.option("--area", help="The area's name: which feature of --poly, and what its files are called.")
@click.option("--force", help="A force's short name: the ground it polices, and its rows without a place.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option(
    "--only", multiple=True, type=click.Choice(["crimes", "outcomes", "stops"]), help="Only this; repeatable."
)
@click.option("--address", help="Another address of the service: a mirror, a test.")
@options.partnership
@options.as_json
def command(
    source: str,
    months: str,
    poly: Path | None,
    area: str | None,
    force: str | None,
    to: Path,
    only: tuple[str, ...],
    address: str | None,
    partnership_folder: Path,
    as_json: bool,
) -> int:
    """Fetch crimes, outcomes and stops of an area from data.police.uk, within its limits. Run it again to go on."""
    from concord.evidence.extracts.police_fetch import Wanted, fetch, months_between, outline, slug

    if poly is None and force is None:
        raise Usage(
            "Which area?",
            why="data.police.uk is asked for the ground inside an outline, or for what a force polices.",
            next_step="Give --poly FILE.geojson (with --area NAME where it holds several areas), or --force NAME.",
        )
    asked = months_between(months)
    partnership = options.load_partnership(partnership_folder)
    contract = partnership.feeds[FEED]
    base = address or (contract.source.url if contract.source and contract.source.url else "")
    shape = outline(poly, area) if poly else None
    name = slug(area or force or (poly.stem if poly else ""))
    with step(f"Fetching {source} for {name}", quiet=as_json) as say:
        done = fetch(
            base.rstrip("/"),
            Wanted(name, shape, force),
            asked,
            to,
            clock=options.now,
            kinds=only or ("crimes", "outcomes", "stops"),
            say=say,
        )
    for one in done:
        if as_json:
            click.echo(json.dumps({"file": str(one.file), "rows": one.rows, "calls": one.calls}))
        else:
            click.echo(f"{one.file.name}: {one.rows:,} rows, {one.calls} calls")
    if not as_json:
        click.echo(f"Next: concord load {FEED} {' '.join(sorted({str(one.file.parent) + '/*.csv' for one in done}))}")
    return 0
