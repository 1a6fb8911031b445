"""`concord`: finds the sub-command, and turns anticipated errors into plain words and an exit code.

Exit codes: 0 done; 1 looked and found something to put right; 2 asked for something that cannot be meant;
3 a file is not what it should be; 4 refused by a rule or an agreement; 5 the machine is in the way; 130 stopped.
"""

from __future__ import annotations

import errno
import sys
from importlib import import_module

import click

from concord.kernel.errors import ConcordError, Environment
from concord.kernel.names import did_you_mean

COMMANDS = {
    "demo": "Set up everything in ./.concord, run the whole loop on Harbourside and serve it.",
    "serve": "Serve the site.",
    "worker": "Do scheduled work when it is due: retention, agreements that end, clean-up, the audit trail's check.",
    "check": "Check a partnership folder; say everything that is wrong with it.",
    "synth": "Write Harbourside's synthetic partner extracts.",
    "feeds": "What partners send, on what terms; a supplier's empty template.",
    "load": "Receive partners' extracts: contract, checksum, agreement, quarantine.",
    "retention": "List, hold or erase raw files that are past their time.",
    "fetch": "Fetch an area's months from data.police.uk, ready to load.",
    "watch": "Receive what suppliers put into a folder, as it comes.",
    "link": "Find the same person across agencies and publish how well it was done.",
    "definition": "What counts as serious violence: show it, apply it, explain a verdict, compare two editions.",
    "assess": "Write the Strategic Needs Assessment from what is loaded.",
    "publish": "Settle an edition, have it approved by a second person, and give it to its readers.",
    "figure": "Say where a published figure came from, and recompute it.",
    "proofread": "Check a draft strategy: what does not add up, where, and what to write instead.",
    "accounts": "Make the first administrator; give out a link to set a password.",
    "instruments": "Which instruments there are; load the borough's licensed wording.",
    "forums": "The forums' nightly work: managed lists by their rule, populations for returns.",
    "audit": "Check the audit trail's chain.",
    "migrate": "Bring the database's tables up to date.",
}


class Commands(click.Group):
    """Knows every sub-command's name and purpose without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"concord.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command “{args[0]}”. {did_you_mean(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="concord")
def cli() -> None:
    """The working system of a serious violence partnership."""


def explain(problem: BaseException) -> tuple[str, int] | None:
    """The words and the exit code for an anticipated problem; None for a bug."""
    if isinstance(problem, ConcordError):
        return str(problem), problem.exit_code
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        full = Environment(
            "The disk is full.",
            why=f"Writing {problem.filename or 'a file'} stopped for want of space. What was received before is whole.",
            next_step="Free some space and run the same command again: it goes on from what is there.",
        )
        return str(full), full.exit_code
    if isinstance(problem, PermissionError):
        barred = Environment(
            f"There is no permission to use {problem.filename}.",
            next_step="Choose another folder with --home, or ask whoever owns this one.",
        )
        return str(barred), barred.exit_code
    return None


def main() -> None:
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nStopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as problem:
        explained = explain(problem)
        if explained is None:
            raise
        words, exit_code = explained
        click.echo(f"concord: {words}", err=True)
        sys.exit(exit_code)
    sys.exit(code if isinstance(code, int) else 0)
