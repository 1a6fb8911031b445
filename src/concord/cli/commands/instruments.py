"""`concord instruments`: which there are, and the borough's licensed wording for those that take it."""

from __future__ import annotations

from pathlib import Path

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean


@click.group("instruments")
def command() -> None:
    """Which instruments there are; load the borough's licensed wording."""


@command.command("list")
@options.home
@options.partnership
def listed(home: Path, partnership_folder: Path) -> int:
    """Every instrument with its version, and whose wording it has."""
    from concord.strategy import wording

    for key, each in sorted(options.load_partnership(partnership_folder).instruments.items()):
        loaded = wording.held(home, key)
        whose = "its own wording" if not each.takes_wording else "example wording: not for use about anybody"
        if loaded is not None:
            whose = f"wording of {loaded.source}, {loaded.licence}, loaded {loaded.loaded_at[:10]}"
        click.echo(f"{key}  {each.name}, version {each.version}, {each.status}; {whose}")
    return 0


@command.command("load")
@click.argument("key")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", default="", help="Who published the wording, and which edition.")
@click.option("--licence", default="", help="What licence the borough holds, and from when.")
@options.home
@options.partnership
def load(key: str, file: Path, source: str, licence: str, home: Path, partnership_folder: Path) -> int:
    """Put the licensed wording in FILE (question, option, text, points) in place of the examples of KEY."""
    from concord.strategy import wording

    known = options.load_partnership(partnership_folder).instruments
    if key not in known:
        raise Usage(f"There is no instrument “{key}”.", next_step=did_you_mean(key, known))
    home_folder.mark(home)
    made = wording.load(home, known[key], file, source=source, licence=licence, at=options.now())
    count = len(made.texts) + sum(len(rows) for rows in made.options.values())
    click.echo(f"Loaded {count} texts for “{known[key].name}” from {made.source}. New assessments use them.")
    return 0
