"""`concord definition`: what serious violence means, who it decides on, and what a change of it would do."""

from __future__ import annotations

import json
from pathlib import Path

import click

from concord.cli import definitions, options
from concord.cli.progress import step
from concord.kernel.errors import BadInput

ENGINE = click.option("--engine", default="duckdb", show_default=True, help="What decides: duckdb or spark.")
RULE = click.option("--rule", default=None, metavar="NAME", help="A further definition of the partnership.")


@click.group("definition")
def command() -> None:
    """What counts as serious violence: show it, apply it, explain a verdict, compare two editions."""


@command.command("show")
@options.partnership
@RULE
@click.option("--markdown", "form", flag_value="markdown", help="As a Markdown document.")
@click.option("--html", "form", flag_value="html", help="As an HTML page.")
def show(partnership_folder: Path, rule: str | None, form: str | None) -> None:
    """The definition in plain words, made from the rule itself."""
    from concord.definition import describe, render

    said = describe(definitions.of(options.load_partnership(partnership_folder), rule))
    forms = {"markdown": render.as_markdown, "html": render.as_html}
    click.echo(forms[form](said) if form else said.as_text(), nl=form is None)


@command.command("classify")
@options.home
@options.partnership
@RULE
@ENGINE
@options.as_json
def classify(home: Path, partnership_folder: Path, rule: str | None, engine: str, as_json: bool) -> None:
    """Decide every recorded crime that is loaded; only what changed since the last time is decided again."""
    from concord.evidence.datasets import classify as deciding
    from concord.evidence.datasets.store import Store

    definition = definitions.of(options.load_partnership(partnership_folder), rule)
    with step("Deciding what is serious violence", quiet=as_json):
        made = deciding.classify(Store(home), definition, options.now, engine=engine, name=rule)
    said = {"dataset": made.dataset, "version": made.version, "rows": made.rows, "source": made.manifest.source}
    if as_json:
        click.echo(json.dumps({**said, "synthetic": made.synthetic}, ensure_ascii=False))
    else:
        click.echo(f"{made.rows:,} crimes decided: dataset {made.dataset}, version {made.version} ({said['source']})")


@command.command("why")
@click.argument("crime_ref")
@options.home
@RULE
@options.as_json
def why(crime_ref: str, home: Path, rule: str | None, as_json: bool) -> None:
    """The verdict on one recorded crime, with its reasons."""
    from concord.evidence.datasets import classify as deciding
    from concord.evidence.datasets.store import Store

    found = deciding.explain(Store(home), crime_ref, name=rule)
    if found is None:
        raise BadInput(
            f"No crime “{crime_ref}” has been decided.",
            next_step="Check the reference, or run: concord definition classify",
        )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{crime_ref}: {found['verdict']} (definition {found['definition_version']})")
    for reason in found["reasons"]:
        click.echo(f"- {reason}")
    if found["limbs"]:
        click.echo(f"Limbs that hold: {', '.join(found['limbs'])}")
    if found["beside"]:
        click.echo(f"Counted beside the total, as: {found['beside']}")


@command.command("diff")
@click.argument("before")
@click.argument("after")
@options.home
@ENGINE
@click.option("--public", is_flag=True, help="Only what may be said to anyone: the words of the rule.")
@options.as_json
def diff(before: str, after: str, home: Path, engine: str, public: bool, as_json: bool) -> None:
    """What enters and what leaves when definition AFTER takes the place of BEFORE.

    Each is a partnership (harbourside), a further definition or an earlier edition that it keeps
    (harbourside:serious_youth_violence), or a definition file.
    """
    from concord.definition.compare import differences
    from concord.definition.rules import Definition
    from concord.evidence.datasets import definition_diff
    from concord.evidence.datasets.store import Store

    first, second = definitions.find(before), definitions.find(after)
    words = differences(first.file, second.file)
    store = Store(home)
    found = None
    if not public and store.has("recorded_crime"):
        with step("Deciding every crime by both", quiet=as_json):
            rules = Definition.of(first.file), Definition.of(second.file)
            found = definition_diff.diff(store, *rules, engine=engine)
    if as_json:
        click.echo(json.dumps(definitions.as_json(first, second, words, found), indent=2, ensure_ascii=False))
        return
    for line in definitions.rule_lines(first, second, words):
        click.echo(line)
    click.echo("")
    if found is not None:
        if found.synthetic:
            click.echo("Synthetic data: none of these crimes happened.")
        click.echo(f"{definitions.UNSAFE}\n")
        for line in definitions.diff_lines(first, second, found):
            click.echo(line)
    elif public:
        click.echo(
            "Counts are left out: the difference of two totals would give small numbers away. A definition's own total "
            "is published by concord assess, through disclosure control."
        )
    else:
        click.echo(f"No recorded crime is loaded in {home}, so only the words are compared.")
