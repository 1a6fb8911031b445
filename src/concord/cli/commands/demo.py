"""`concord demo`: everything set up in one folder, the whole loop run once on Harbourside, and the site served."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from concord.cli import home as home_folder
from concord.cli import options
from concord.cli.database import database
from concord.cli.progress import Progress, step
from concord.kernel.working_time import LONDON


@click.command("demo")
@options.home
@click.option("--fresh", is_flag=True, help="Start over: empty the folder first.")
@click.option("--serve/--no-serve", default=True, help="Serve the site when the loop is done.")
@click.option("--port", default=8000, show_default=True, help="0 for any free port.")
@click.option("--size", default=1.0, show_default=True, help="1.0 is a borough of about 310,000 residents.")
@click.option(
    "--partnership",
    "name",
    default="harbourside",
    show_default=True,
    help="Another folder, by name or path, is tried with invented people and agreements, without evidence.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same borough.")
def command(home: Path, fresh: bool, serve: bool, port: int, size: float, name: str, seed: int) -> None:
    """Set up everything in ./.concord, run the whole loop on Harbourside and serve it."""
    from concord.config import server

    home_folder.claim(home)
    server.stop_politely()
    with ExitStack() as stack:
        stack.enter_context(home_folder.alone(home))
        chosen = server.choose_port(port) if serve else 0
        if fresh:
            with step("Starting over"):
                home_folder.empty(home)
        lender = options.find_partnership("harbourside")
        partnership_folder = options.find_partnership(name)
        if partnership_folder != lender:
            from concord.jobs import trial

            with step("Making the folder ready to be tried"):
                partnership_folder = trial.prepare(
                    partnership_folder, home / "trials", lender, options.now().astimezone(LONDON).date()
                )
        with step("Starting the database"):
            urls = stack.enter_context(database(home, ours=True))
        environment = server.django_environment(home, partnership_folder, urls, demo=True)
        run_loop(home, partnership_folder, environment, size=size, seed=seed, evidence=partnership_folder == lender)
        if not serve:
            done = f"The assessment is in {home / 'site'}." if partnership_folder == lender else "The desk is ready."
            click.echo(f"The loop is done. {done}")
            return
        with step("Starting the site"):
            address = stack.enter_context(server.serving(environment, chosen))
            stack.enter_context(server.working(environment))
        click.echo(f"Concord is ready: {address}")
        click.echo("Everything in it is invented. Stop it with Ctrl-C.")
        server.wait_for_the_end()


def run_loop(
    home: Path,
    partnership_folder: Path,
    environment: dict[str, str],
    *,
    size: float,
    seed: int,
    evidence: bool = True,
) -> None:
    """Every step that is not done yet. Each is safe to run again, so a kill between two costs one step at most.

    Without `evidence` the desk alone is put to work: the invented extracts are Harbourside's.
    """
    import os

    from concord import __version__
    from concord.config import server

    tried = "" if evidence else f"/{partnership_folder.name}"
    journal = home_folder.Journal(home, f"{__version__}/{size}/{seed}{tried}")

    def once(name: str, title: str, work: Callable[[Progress], object]) -> None:
        if journal.has(name):
            return
        with step(title) as say:
            work(say)
        journal.note(name)

    once("tables", "Making the tables", lambda _say: server.migrate(environment))
    if journal.has("published"):
        return
    os.environ.update(environment)
    import django

    django.setup()
    from django.db import connections

    from concord.jobs import forum_work, pipeline, reviewing
    from concord.jobs import seed as seeding

    partnership = options.load_partnership(partnership_folder)
    loop = pipeline.Loop(home=home, partnership=partnership, clock=options.now)
    if not evidence:
        once("seeded", "Putting the desk to work", lambda say: seeding.seed(home, partnership, {}, options.now))
        journal.note("published")
        connections.close_all()
        return
    once("generated", "Inventing Harbourside's people and events", lambda say: loop.generate(size, seed, say))
    once("loaded", "Receiving the partners' extracts", loop.load)
    once("linked", "Finding the same person across agencies", loop.link)
    once("classified", "Deciding what is serious violence", loop.classify)
    once("seeded", "Putting the desk to work", lambda say: seeding.seed(home, partnership, loop.cast(), options.now))
    once(
        "reviewed",
        "Handing uncertain links to their reviewers",
        lambda _say: reviewing.exchange(home, loop.linkage(), options.now, limit=6),
    )
    once("returned", "Receiving the desk's own extract", loop.load_desk_extract)
    once("forums", "Doing the forums' nightly work", lambda _say: forum_work.nightly(home, partnership, options.now()))
    once("published", "Assessing, checking what may leave, publishing", loop.publish)
    connections.close_all()
