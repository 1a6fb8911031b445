"""Options that several sub-commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import click

from concord.config.environment import partnerships
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean

if TYPE_CHECKING:
    from concord.strategy import Partnership

Command = TypeVar("Command", bound=Callable[..., object])


def home(function: Command) -> Command:
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(".concord"),
        envvar="CONCORD_HOME",
        show_default=True,
        help="Where everything is kept.",
        callback=lambda _ctx, _param, value: value.resolve(),
    )(function)


def partnership(function: Command) -> Command:
    return click.option(
        "--partnership",
        "partnership_folder",
        default="harbourside",
        envvar="CONCORD_PARTNERSHIP",
        show_default=True,
        help="A partnership folder, or the name of one that comes with Concord.",
        callback=lambda _ctx, _param, value: find_partnership(value),
    )(function)


def engine(function: Command) -> Command:
    return click.option(
        "--engine",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="What does the heavy work: this process, or Spark (concord[spark] and a Java). The result is the same.",
    )(function)


def as_json(function: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")(function)


def find_partnership(value: str) -> Path:
    """The folder that a name or a path means.

    Raises Usage naming the nearest partnership when there is none.
    """
    if Path(value).is_dir():
        return Path(value).resolve()
    shipped = partnerships()
    if (shipped / value).is_dir():
        return shipped / value
    names = sorted(folder.name for folder in shipped.iterdir() if folder.is_dir()) if shipped.is_dir() else []
    raise Usage(
        f"There is no partnership folder “{value}”.",
        why=f"Neither that path nor {shipped / value} is a folder.",
        next_step=did_you_mean(value, names),
    )


def load_partnership(folder: Path) -> Partnership:
    from concord.strategy import load

    return load(folder)


def now() -> datetime:
    """The one place where a command looks at the clock; everything below takes it as an argument."""
    return datetime.now(ZoneInfo("Europe/London"))
