"""An edition's figures made in a process of its own: `python -m concord.jobs.making HOME PARTNERSHIP EDITION USERNAME`.

A page must not wait for it, and a restart of the site must not stop it. How far it is stands in `making.json`, beside
the edition's other files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from concord.evidence.disclosure.files import write_whole
from concord.kernel.errors import ConcordError
from concord.kernel.working_time import LONDON

STALE = 300
"""Seconds without a word after which a making is taken to have been killed."""


@dataclass(frozen=True, slots=True)
class Making:
    """How the making of an edition's figures stands. `trouble` is why it stopped, in words; blank where it did not."""

    by: str
    started_at: datetime
    said: str
    ended: bool = False
    trouble: str = ""


def making(home: Path, edition_id: UUID) -> Making | None:
    """How far the newest making is; None where none was begun."""
    path = _making_path(home, edition_id)
    if not path.is_file():
        return None
    kept = json.loads(path.read_text("utf-8"))
    how = Making(**{**kept, "started_at": datetime.fromisoformat(kept["started_at"])})
    quiet = time.time() - path.stat().st_mtime
    if not how.ended and quiet > STALE:
        return replace(how, ended=True, trouble="It stopped without a word. Make the figures again.")
    return how


def note(home: Path, edition_id: UUID, how: Making) -> None:
    """Keep how far it is, for whoever opens the edition's page."""
    kept = {**asdict(how), "started_at": how.started_at.isoformat()}
    write_whole(_making_path(home, edition_id), json.dumps(kept, ensure_ascii=False).encode())


def _making_path(home: Path, edition_id: UUID) -> Path:
    return home / "editions" / str(edition_id) / "making.json"


def start(home: Path, folder: Path, edition_id: UUID, username: str) -> None:
    """Begin the making, in a process that outlives a restart of the site."""
    note(home, edition_id, Making(username, datetime.now(LONDON), "Starting."))
    with (home / "editions.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "concord.jobs.making", str(home), str(folder), str(edition_id), username],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def run(home: Path, folder: Path, edition_id: UUID, username: str) -> int:
    """Make the figures in the name of an account, and leave word of how it went. Returns the exit code."""
    from concord.desk.accounts import queries as accounts
    from concord.jobs.drafting import make_figures
    from concord.strategy import load

    started = datetime.now(LONDON)

    def say(words: str, *, ended: bool = False, trouble: str = "") -> None:
        note(home, edition_id, Making(username, started, words, ended, trouble))

    say("Starting.")
    try:
        viewer = accounts.viewer_named(username)
        make_figures(
            home,
            load(folder),
            viewer=viewer,
            edition_id=edition_id,
            clock=lambda: datetime.now(LONDON),
            say=lambda words: say(f"{words[:1].upper()}{words[1:]}."),
        )
    except ConcordError as error:
        say("It stopped.", ended=True, trouble=" ".join(p for p in (error.what, error.why, error.next_step) if p))
        return error.exit_code
    except BaseException:
        say("It stopped.", ended=True, trouble="Something went wrong. Ask your administrator to look at editions.log.")
        raise
    say("Made.", ended=True)
    return 0


def main(arguments: Sequence[str]) -> int:
    import django

    django.setup()
    home, folder, edition, username = arguments
    return run(Path(home), Path(folder), UUID(edition), username)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
