"""`concord assess`: the needs assessment, or any other publication of the folder, from what is loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from concord.cli import options
from concord.cli.progress import step
from concord.kernel.errors import Usage

if TYPE_CHECKING:
    from concord.strategy import Partnership


@click.command("assess", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("publication", default="strategic")
@options.home
@options.partnership
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Where to put it. [default: HOME/site]")
@click.option("--requested-by", default=None, help="Who asks for the figures to be released.")
@click.option("--approved-by", default=None, help="Who approves it: never the same person.")
@click.option("--engine", default="duckdb", show_default=True, help="What decides each crime: duckdb or spark.")
@click.option("--list", "only_list", is_flag=True, help="List the publications of the folder and what each takes.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    publication: str,
    home: Path,
    partnership_folder: Path,
    to: Path | None,
    requested_by: str | None,
    approved_by: str | None,
    engine: str,
    only_list: bool,
    as_json: bool,
) -> None:
    """Make PUBLICATION from what is loaded: pages and documents, every figure with its code.

    PUBLICATION is a file of the folder's publications/, or the word it is called by: strategic (the needs assessment,
    made where nothing is named), tactical, weekly, quarterly, profile, scrutiny, annual-review, duty-pack, strategy.
    What a publication has to be told is given as options of its own, such as --place Bargate or --month 2026-09;
    `concord assess --list` says which.
    """
    from concord.jobs import assessment, choosing, pipeline

    partnership = options.load_partnership(partnership_folder)
    if only_list:
        _list(partnership, as_json)
        return
    parameters = _parameters(context.args)
    choosing.choose(
        partnership, choosing.publication(partnership, publication, parameters), parameters, options.now().date()
    )  # what is mistyped is said before anything is worked out
    loop = pipeline.Loop(home=home, partnership=partnership, clock=options.now)
    if loop.store.has("recorded_crime"):
        with step("Deciding what is serious violence", quiet=as_json) as say:
            loop.classify(say, engine=engine)
    people = {"requested_by": requested_by, "approved_by": approved_by}
    with step("Assessing", quiet=as_json) as say:
        made = assessment.make(
            home,
            partnership,
            clock=options.now,
            to=to,
            progress=say,
            publication=publication,
            parameters=parameters,
            ahead=True,
            **{name: value for name, value in people.items() if value},
        )
    if as_json:
        click.echo(json.dumps(made.as_dict(), indent=2, ensure_ascii=False))
        return
    click.echo(f"Read it: {made.published.html}")
    click.echo(f"Print it: {made.published.pdf}")
    if made.withheld:
        click.echo(f"Not made: {len(made.withheld)} figures; the pages say why.")


def _parameters(rest: Sequence[str]) -> dict[str, str]:
    """`--place Bargate --month=2026-09` as names and texts. Raises Usage for anything else."""
    found: dict[str, str] = {}
    waiting = list(rest)
    while waiting:
        option = waiting.pop(0)
        if not option.startswith("--"):
            raise Usage(
                f"“{option}” belongs to no option",
                next_step="Give what a publication has to be told as --NAME VALUE; `concord assess --list` names them.",
            )
        name, equals, value = option[2:].partition("=")
        if not equals:
            if not waiting or waiting[0].startswith("--"):
                raise Usage(f"--{name} has no value", next_step=f"Write --{name} VALUE.")
            value = waiting.pop(0)
        found[name.replace("-", "_")] = value
    return found


def _list(partnership: Partnership, as_json: bool) -> None:
    found: list[dict[str, Any]] = [
        {
            "publication": key,
            "called": each.called or key,
            "title": each.title,
            "audience": each.audience,
            "cadence": each.cadence,
            "parameters": {
                f"--{name.replace('_', '-')}": {"type": p.type, "says": p.says, "required": p.required}
                for name, p in each.parameters.items()
            },
        }
        for key, each in sorted(partnership.publications.items())
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each['called']:15} {each['title']} (for: {each['audience']}; {each['cadence']})")
        for name, about in each["parameters"].items():
            click.echo(f"{'':17}{name}: {about['says']}{' (must be given)' if about['required'] else ''}")
