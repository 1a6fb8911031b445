"""`concord publish`: an edition of a publication from what is loaded to its readers, by two people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from concord.cli import options
from concord.cli.commands.assess import _parameters
from concord.cli.database import django
from concord.cli.progress import step
from concord.kernel.errors import Environment, Usage

if TYPE_CHECKING:
    from concord.jobs.publishing import Stand


@click.command("publish", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("publication", default="strategic")
@options.home
@options.partnership
@click.option("--edition", "name", help="What the edition is called, for example 2026.")
@click.option("--requested-by", help="Whose request it is: a username, or a name as on the account.")
@click.option("--approved-by", help="Who approves it: never the same person.")
@click.option("--reason", default="", help="What it is for, or why it may go. Kept with the figures.")
@click.option("--submit", is_flag=True, help="Stop when it is settled and waits for approval.")
@click.option("--approve", metavar="ID", help="Approve and publish an edition that waits, by its identifier.")
@click.option("--check", "only_check", is_flag=True, help="Make the figures and say what is missing; settle nothing.")
@click.option("--again", is_flag=True, help="Make a published edition again and compare every figure and every byte.")
@click.option("--seen", is_flag=True, help="You have read again what stands around every figure that changed.")
@click.option(
    "--nothing-to-keep-back",
    is_flag=True,
    help="You have gone through every section under section 8(8): nothing more is kept from the public.",
)
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    publication: str,
    home: Path,
    partnership_folder: Path,
    name: str | None,
    requested_by: str | None,
    approved_by: str | None,
    reason: str,
    submit: bool,
    approve: str | None,
    only_check: bool,
    again: bool,
    seen: bool,
    nothing_to_keep_back: bool,
    as_json: bool,
) -> int:
    """Take an edition of PUBLICATION to its readers: figures made and waiting, text checked, settled, approved,
    published. Each step is the one that the screens take, in the name of an account, and is recorded.

    What a publication has to be told is given as for `concord assess`. Leaves with 1 where something is missing.
    """
    if sum(map(bool, (submit, approve, only_check, again))) > 1:
        raise Usage("Only one of --submit, --approve, --check and --again can be meant at a time.")
    if not approve and not name:
        raise Usage("An edition has a name.", next_step="Say which: --edition 2026")
    with _database(home, partnership_folder):
        from concord.jobs import choosing, editions, publishing
        from concord.jobs.publishing import Stand

        partnership = options.load_partnership(partnership_folder)
        clock = options.now
        if approve:
            viewer = publishing.somebody(approved_by, "edition.approve", "approves an edition")
            edition_id = _identifier(approve)
            with step("Publishing", quiet=as_json) as say:
                folder = publishing.approve_and_give_out(
                    home, partnership, viewer=viewer, edition_id=edition_id, reason=reason or "Approved by command.",
                    clock=clock, say=say,
                )  # fmt: skip
            found = publishing.stand(home, partnership, viewer, edition_id, clock)
            return _told(Stand(found.line, (), (), folder), as_json)
        parameters = _parameters(context.args)
        key = choosing.publication(partnership, publication, parameters).key
        choosing.choose(partnership, choosing.publication(partnership, key, parameters), parameters, clock().date())
        asker = publishing.somebody(requested_by, "edition.ask", "asks for an edition")
        if again:
            from concord.desk.editions import queries

            line = queries.named(asker, key, name or "", at=clock())
            if line is None:
                raise Usage(f"There is no edition “{name}” of “{key}”.", next_step="See the editions on their screen.")
            with step("Making it again", quiet=as_json) as say:
                result = editions.make_again(home, partnership, line, say)
            if as_json:
                click.echo(json.dumps(result.as_dict(), indent=2))
            elif result.same:
                click.echo(f"The same: {result.figures} tables computed again, {result.files} files alike to the byte.")
            else:
                click.echo("It does NOT come out the same:")
                for each in (*result.other_figures, *result.other_files):
                    click.echo(f"  {each}")
            return 0 if result.same else 1
        with step("Making the figures", quiet=as_json) as say:
            line = publishing.drafted(
                home, partnership, viewer=asker, publication=key, name=name or "", parameters=parameters, clock=clock,
                say=say,
            )  # fmt: skip
        if only_check:
            return _told(publishing.stand(home, partnership, asker, line.edition_id, clock), as_json)
        if line.state in ("drafting", "in_review"):
            changed = publishing.stand(home, partnership, asker, line.edition_id, clock)
            if changed.changed and not as_json:
                _changes(changed)
            with step("Settling it", quiet=as_json):
                publishing.settle(
                    home, partnership, viewer=asker, edition_id=line.edition_id,
                    reason=reason or f"Edition {name}.", seen=seen, nothing_to_keep_back=nothing_to_keep_back,
                    clock=clock,
                )  # fmt: skip
        found = publishing.stand(home, partnership, asker, line.edition_id, clock)
        if submit or found.line.state in ("published", "superseded", "withdrawn"):
            return _told(found, as_json)
        approver = publishing.somebody(approved_by, "edition.approve", "approves an edition")
        with step("Publishing", quiet=as_json) as say:
            folder = publishing.approve_and_give_out(
                home, partnership, viewer=approver, edition_id=line.edition_id,
                reason=reason or "Approved by command.", clock=clock, say=say,
            )  # fmt: skip
        found = publishing.stand(home, partnership, asker, line.edition_id, clock)
        return _told(Stand(found.line, (), (), folder), as_json)


@contextmanager
def _database(home: Path, partnership: Path) -> Iterator[None]:
    """The desk, whose tables must be there. Raises Environment where they are not."""
    with django(home, partnership):
        from django.db import connection

        if "editions_edition" not in connection.introspection.table_names():
            raise Environment(
                "The database has no tables for editions yet.",
                next_step="Run: concord migrate",
            )
        yield


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Usage(
            f"“{text}” is no identifier of an edition.", next_step="It is printed by --submit, and in its address."
        ) from None


def _changes(found: Stand) -> None:
    click.echo("Figures that print otherwise than when their sentence was written:")
    for each in found.changed:
        click.echo(f"  {each.section}: {each.citation} printed “{each.was}”, now “{each.becomes}”")


def _told(found: Stand, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
        return 1 if found.missing else 0
    line = found.line
    click.echo(f"{line.title}, {line.name}: {line.state_name.lower()}. Edition {line.edition_id}")
    if found.changed:
        _changes(found)
    for each in found.missing:
        click.echo(f"  {each.what} {each.next_step}")
    if line.state == "frozen":
        click.echo(f"Approve it: concord publish --approve {line.edition_id} --approved-by NAME")
    if found.folder is not None:
        click.echo(f"Read it: {found.folder}")
    return 1 if found.missing else 0
