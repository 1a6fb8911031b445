"""`concord serve`: the site, until stopped."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.cli.database import database


@click.command("serve")
@options.home
@options.partnership
@click.option("--port", default=8000, show_default=True, help="0 for any free port.")
@click.option("--worker/--no-worker", default=True, help="Do scheduled work too, in a process beside the site.")
def command(home: Path, partnership_folder: Path, port: int, worker: bool) -> None:
    """Serve the site on loopback; put a web server that speaks TLS in front of it."""
    from concord.config import server

    home_folder.claim(home)
    server.stop_politely()
    chosen = server.choose_port(port)
    with home_folder.alone(home), database(home, ours=True) as urls:
        environment = server.django_environment(home, partnership_folder, urls, demo=False)
        with server.serving(environment, chosen) as address, server.working(environment) if worker else nullcontext():
            click.echo(f"Concord is ready: {address}")
            server.wait_for_the_end()
