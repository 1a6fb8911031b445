"""`concord check [DIR]`: everything that is wrong with a partnership folder, or nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from concord.cli import options

if TYPE_CHECKING:
    from concord.strategy.problems import Problem


@click.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@options.as_json
def command(folder: Path | None, as_json: bool) -> int:
    """Check a partnership folder (every folder that comes with Concord, where none is named)."""
    from concord.config.environment import partnerships
    from concord.evidence.findings import FINDINGS
    from concord.strategy.check import check_folder

    if folder is not None and not folder.exists() and (partnerships() / folder).is_dir():
        folder = partnerships() / folder
    folders = [folder] if folder else sorted(path for path in partnerships().iterdir() if path.is_dir())
    found = {path: check_folder(path, known={"finding": FINDINGS}) or cases(path) for path in folders}
    if as_json:
        rows = [asdict(problem) | {"folder": str(path)} for path, problems in found.items() for problem in problems]
        click.echo(json.dumps(rows, indent=2, default=str, ensure_ascii=False))
    else:
        for path, problems in found.items():
            for problem in problems:
                click.echo(f"{problem}\n", err=True)
            count = len(problems)
            click.echo(f"{path}: {'nothing wrong' if not count else f'{count} to put right'}")
    return 3 if any(found.values()) else 0


def cases(folder: Path) -> list[Problem]:
    """The cases that a definition gives of itself and its rule does not bear out. The folder is otherwise sound."""
    from concord.definition import disagreements
    from concord.strategy import load
    from concord.strategy.problems import Problem

    partnership = load(folder)
    further = {f"definitions/{key}.toml": each for key, each in partnership.definitions.items()}
    return [
        Problem(str(partnership.files[name]), said, "a rule and cases that agree", key="example")
        for name, definition in {"definition.toml": partnership.definition, **further}.items()
        if definition is not None
        for said in disagreements(definition)
    ]
