"""`concord audit verify`: whether the audit trail is whole."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import options
from concord.cli.database import django
from concord.kernel.errors import BadInput, Where


@click.group("audit")
def command() -> None:
    """Check the audit trail's chain."""


@command.command("verify")
@click.option(
    "--witness",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file kept elsewhere: checked against the trail, then given its newest hash.",
)
@options.home
@options.partnership
@options.as_json
def verify(witness: Path | None, home: Path, partnership_folder: Path, as_json: bool) -> int:
    """Recompute every link; name the first that is broken. With --witness, see also whether the end was cut off."""
    kept = _witnessed(witness)
    with django(home, partnership_folder):
        from concord.desk.audit import queries

        broken = queries.verify()
        position, newest = queries.head()
        lost = next((place for place, said in kept if queries.hash_at(place) != said), None)
    why = str(broken) if broken else ""
    if broken is None and lost is not None:
        why = f"link {lost}: the witness saw it, and it is gone or another one now"
    if witness is not None and not why and position and (position, newest) not in kept:
        with witness.open("a", encoding="utf-8") as file:
            line = {"position": position, "hash": newest, "at": options.now().isoformat(timespec="seconds")}
            file.write(json.dumps(line) + "\n")
    if as_json:
        click.echo(json.dumps({"whole": not why, "links": position, "newest": newest, "broken": why or None}))
    elif why:
        click.echo(f"The audit trail is broken: {why}", err=True)
    else:
        click.echo(f"The audit trail is whole: all {position:,} links recompute.")
    return 1 if why else 0


def _witnessed(witness: Path | None) -> list[tuple[int, str]]:
    """Positions and hashes that a witness kept. Raises BadInput for a file that is no witness."""
    if witness is None or not witness.exists():
        return []
    kept = []
    for number, line in enumerate(witness.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            said = json.loads(line)
            kept.append((int(said["position"]), str(said["hash"])))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                "This file is not a witness of the trail.",
                where=Where(file=witness, line=number),
                why="Each line holds a position and a hash that an earlier check wrote.",
                next_step="Name another file; one that does not exist yet is begun.",
            ) from error
    return kept
