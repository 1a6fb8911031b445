"""`concord watch FOLDER`: receive what is put into a folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.cli.commands.load import as_object, describe
from concord.kernel.errors import Environment, Usage, Where


@click.command("watch")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--once", is_flag=True, help="Receive what is there and stop: for a timer.")
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(min=0.1), help="Seconds between looks.")
@options.home
@options.partnership
@options.as_json
def command(folder: Path, once: bool, every: float, home: Path, partnership_folder: Path, as_json: bool) -> int:
    """Receive what is put into FOLDER, each file when it has stopped growing, and move it beside a report."""
    from concord.evidence.extracts.watching import Watch

    if not folder.is_dir():
        raise Usage(f"There is no folder {folder}.", where=Where(file=folder), next_step="Make it, or name another.")
    if home.is_relative_to(folder.resolve()):
        raise Usage(
            f"The home folder lies inside {folder}: everything kept there would be received again.",
            next_step="Watch another folder, or name another home with --home.",
        )
    partnership = options.load_partnership(partnership_folder)
    home_folder.mark(home)
    watch = Watch(folder.resolve(), home, partnership.feeds, partnership.agreements, options.now)
    refused = 0
    with watch.alone():
        if not as_json:
            click.echo(f"Watching {folder} for {partnership.name}." + ("" if once else " Ctrl-C stops it."), err=True)
        looks = 0
        while True:
            try:
                handled = watch.look()
            except Environment as trouble:
                # The file stays where it is; whoever looks after the machine may free the disk meanwhile.
                if once:
                    raise
                click.echo(f"concord: {trouble}", err=True)
                handled = []
            looks += 1
            for file in handled:
                refused += not file.accepted
                if as_json:
                    for result in file.results:
                        click.echo(json.dumps(as_object(result)))
                    if not file.results and file.error is not None:
                        click.echo(json.dumps({"feed": None, "file": file.file, "status": "refused", "rows": 0,
                                               "accepted": 0, "quarantined": 0, "seconds": 0.0,
                                               "why": file.error.what}))  # fmt: skip
                else:
                    for result in file.results:
                        click.echo(describe(result))
                    click.echo(f"{file.file}: {'received' if file.accepted else 'REFUSED'}, see {file.report}")
            if once and looks >= 2:
                return 3 if refused else 0
            time.sleep(every)
