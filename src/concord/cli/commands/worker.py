"""`concord worker`: what the calendar asks for, done when it is due, until stopped."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from concord.cli import options
from concord.cli.database import django
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean

LOOKS_EVERY = 60
"""Seconds. What is due to the minute is done within one."""


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--job", "jobs", multiple=True, help="Do this piece of work now, due or not, and end. May be repeated.")
@click.option(
    "--witness",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that keeps the newest hashes of the audit trail; best on another machine.",
)
@options.home
@options.partnership
@options.as_json
def command(
    once: bool, jobs: tuple[str, ...], witness: Path | None, home: Path, partnership_folder: Path, as_json: bool
) -> int:
    """Do scheduled work: retention, agreements that end, clean-up, reviews that are due, the audit trail's check."""
    from concord.config import server

    known = {job.key for job in _calendar(partnership_folder)}
    for job in jobs:
        if job not in known:
            raise Usage(f"There is no piece of work “{job}”.", next_step=did_you_mean(job, known))
    server.stop_politely()
    parent = os.getppid()
    with django(home, partnership_folder):
        from concord.jobs import calendar

        while True:
            ran = calendar.run_due(home, options.now, witness_file=witness, only=jobs)
            for each in ran:
                click.echo(json.dumps(asdict(each), default=str) if as_json else _said(each))
            if once or jobs:
                if not ran and not as_json:
                    click.echo("Nothing is due.")
                return 1 if any(each.failed for each in ran) else 0
            now = options.now()
            time.sleep(min(LOOKS_EVERY, max(1.0, (calendar.next_due(now) - now).total_seconds())))
            if os.getppid() != parent:
                return 0  # whoever started us is gone, and would have stopped us


def _calendar(folder: Path) -> Any:
    found = options.load_partnership(folder).calendar
    if found is None:
        raise Usage("The partnership folder has no calendar.toml.", next_step="Extend the national folder, or add it.")
    return found.job


def _said(ran: Any) -> str:
    if ran.failed:
        return f"{ran.name}: FAILED. {ran.failed}"
    did = "; ".join(f"{what}: {_plain(count)}" for what, count in ran.did.items() if count not in (0, []))
    return f"{ran.name}: {did or 'nothing to do'}."


def _plain(value: Any) -> str:
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
