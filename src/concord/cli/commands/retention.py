"""`concord retention`: what is past its time, raw files and the desk's own records; hold it, or erase it with a
certificate. Of the desk's records only what the data protection officer approved on screen is erased."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean


@click.command("retention")
@click.option("--erase", "erasing", is_flag=True, help="Erase what is listed. Without it nothing changes.")
@click.option("--dry-run", "dry", is_flag=True, help="Only list, as without --erase: said aloud for a script.")
@click.option("--hold", metavar="FEED", help="Keep a feed's raw files past their time.")
@click.option("--lift", metavar="FEED", help="End a hold.")
@click.option("--by", default="", help="Who decides it.")
@click.option("--why", default="", help="The reason for a hold, or for its end.")
@click.option("--desk", is_flag=True, help="The desk's own records instead of raw files.")
@options.home
@options.partnership
@options.as_json
def command(
    erasing: bool, dry: bool, hold: str | None, lift: str | None, by: str, why: str, desk: bool, home: Path,
    partnership_folder: Path, as_json: bool,
) -> int:  # fmt: skip
    """List raw files that are past the time their contract allows; with --erase, erase them and certify it."""
    from concord.evidence.extracts import retention

    if dry and erasing:
        raise Usage("One run either looks or erases.", next_step="Leave out --dry-run to erase what was decided.")
    if sum(map(bool, (erasing, hold, lift))) > 1:
        raise Usage("Only one of --erase, --hold and --lift can be meant at a time.")
    if desk:
        if hold or lift:
            raise Usage(
                "The desk's records are held and released on screen.", next_step="Open Retention as the officer."
            )
        return _desk(home, partnership_folder, erasing=erasing, as_json=as_json)
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


def _desk(home: Path, partnership_folder: Path, *, erasing: bool, as_json: bool) -> int:
    """What of the desk's records is past its time; with `erasing`, erase what was approved."""
    with django(home, partnership_folder):
        from concord.desk.accounts import queries as accounts
        from concord.desk.records import operations, queries

        keeper, now = accounts.service("records_keeper"), options.now()
        if erasing:
            for made in operations.erase_approved(viewer=keeper, at=now):
                rows = sum(made.rows.values())
                says = f"{made.category}: {len(made.digests)} records, {rows} rows erased; certificate {made.number}, "
                says += f"{made.sha256[:12]}, decided by {made.decided_by}."
                click.echo(json.dumps(asdict(made), default=str) if as_json else says)
        lines = queries.summary(keeper, at=now)
    for line in lines:
        if as_json:
            click.echo(json.dumps(asdict(line), default=str))
        elif line.due or line.held:
            click.echo(f"{line.name}: {line.due} past their time ({line.approved} approved), {line.held} held.")
    if not as_json and not any(line.due or line.held for line in lines):
        click.echo("No record of the desk is past its time.")
    elif not erasing and not as_json and any(line.approved for line in lines):
        click.echo("Nothing was changed. To erase what was approved: concord retention --desk --erase")
    return 0
