"""`concord retention`: what raw files are past their time; hold them, or erase them with a certificate."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from concord.cli import options
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean


@click.command("retention")
@click.option("--erase", "erasing", is_flag=True, help="Erase what is listed. Without it nothing changes.")
@click.option("--hold", metavar="FEED", help="Keep a feed's raw files past their time.")
@click.option("--lift", metavar="FEED", help="End a hold.")
@click.option("--by", default="", help="Who decides it.")
@click.option("--why", default="", help="The reason for a hold, or for its end.")
@options.home
@options.partnership
@options.as_json
def command(
    erasing: bool, hold: str | None, lift: str | None, by: str, why: str, home: Path, partnership_folder: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """List raw files that are past the time their contract allows; with --erase, erase them and certify it."""
    from concord.evidence.extracts import retention

    if sum(map(bool, (erasing, hold, lift))) > 1:
        raise Usage("Only one of --erase, --hold and --lift can be meant at a time.")
    partnership = options.load_partnership(partnership_folder)
    for feed in filter(None, (hold, lift)):
        if feed not in partnership.feeds:
            raise Usage(f"There is no feed “{feed}”.", next_step=did_you_mean(feed, partnership.feeds))
    if hold or lift:
        act = retention.hold if hold else retention.lift
        entry = act(home, hold or lift or "", by=by, why=why, clock=options.now)
        click.echo(json.dumps(asdict(entry), default=str) if as_json else f"Entered: {entry.feed} {entry.kind}.")
        return 0
    if erasing:
        for entry in retention.erase(home, partnership.feeds, by=by, clock=options.now):
            says = f"{entry.feed}: {len(entry.files)} files erased; certificate {entry.number}, {entry.sha256[:12]}."
            click.echo(json.dumps(asdict(entry), default=str) if as_json else says)
    listed = retention.expired(home, partnership.feeds, options.now().date())
    for each in listed:
        if as_json:
            click.echo(json.dumps(asdict(each), default=str))
        else:
            stays = f", held: {each.held}" if each.held else ""
            named = ", ".join(each.names[:3]) + (f" and {len(each.names) - 3} more" if len(each.names) > 3 else "")
            click.echo(f"{each.feed}: {named}, kept until {each.ends_on}: {len(each.files)} raw files{stays}")
    if not listed and not as_json:
        click.echo("No raw file is past its time.")
    elif not erasing and not as_json and any(each.held is None for each in listed):
        click.echo("Nothing was changed. To erase them and certify it: concord retention --erase --by NAME")
    return 0
