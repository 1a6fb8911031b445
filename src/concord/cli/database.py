"""The database a command works with: the one named by DATABASE_URL, else the embedded server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from concord.kernel.errors import Usage


@contextmanager
def database(home: Path, *, ours: bool = False) -> Iterator[Mapping[str, str]]:
    """Addresses of the database's two roles, for as long as the block runs.

    The embedded server stops with the block if the block started it, or if it is `ours` (the caller holds the
    home folder's lock): then a server that outlived a killed process is stopped too.

    Raises Usage when only one of the two addresses is set, Environment when the server does not start.
    """
    given = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if os.environ.get(name)}
    if len(given) == 1:
        raise Usage(
            f"Only {next(iter(given))} is set.",
            why="Pages sign in as one role (DATABASE_URL), migrations as the owner of the tables (DATABASE_OWNER_URL).",
            next_step="Set both, or neither to use the embedded server.",
        )
    if given:
        yield given
        return
    from concord.config import postgres

    with postgres.running(home) as server:
        try:
            yield server.environment()
        finally:
            if ours and not server.started_here:
                server.stop()


@contextmanager
def django(home: Path, partnership: Path, *, demo: bool = False) -> Iterator[None]:
    """Django, set up in this process for one installation."""
    from concord.config.server import django_environment

    with database(home) as urls:
        os.environ.update(django_environment(home, partnership, urls, demo=demo))
        import django as framework

        framework.setup()
        from django.db import connections

        try:
            yield
        finally:
            connections.close_all()
