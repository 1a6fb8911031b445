"""Progress of long work on a terminal; quiet lines where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[str], None]
"""Called with a short sentence whenever there is something new to say."""


@contextmanager
def step(title: str, *, quiet: bool = False) -> Iterator[Progress]:
    """Show one step: what is being done now, then how long it took. Nothing where `quiet`."""
    started = time.monotonic()
    if quiet:
        yield lambda _message: None
        return
    if not sys.stderr.isatty():
        click.echo(f"  {title} …", err=True)
        yield lambda _message: None
        click.echo(f"  {title}: done in {time.monotonic() - started:.1f} s", err=True)
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with console.status(f"{title} …") as status:
        yield lambda message: status.update(f"{title} … {message}")
    console.print(f"  [green]✓[/] {title} [dim]{time.monotonic() - started:.1f} s[/]")
