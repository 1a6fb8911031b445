"""Work that is done by the calendar (`calendar.toml`): found due, done once, entered with what it did or how it failed.

Each piece of work may be done twice without harm and may be cut off anywhere: it is one transaction, or finds for
itself what is left to do. A lock of the database lets one worker do it at a time; a run that was cut off is entered as
broken off by the next, which does the work again. What was missed while no worker ran is done once, late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from concord.desk.accounts import guarding
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.records import operations, queries, rules
from concord.desk.sharing import operations as sharing
from concord.jobs import witness
from concord.kernel.errors import BadInput, ConcordError
from concord.strategy.shapes.calendar import Job

REST = timedelta(hours=1)
"""How long a piece of work that failed rests before it is tried again."""

WITNESS = "audit-witness.jsonl"
"""In the home folder unless another file is named. Keep it, or a copy of it, on another machine."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one piece of work is given: whose it is, where the installation is, the clock."""

    viewer: Viewer
    home: Path
    witness: Path
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Ran:
    job: str
    name: str
    due_at: datetime
    did: Mapping[str, Any]
    failed: str


class TrailBroken(BadInput):
    """The audit trail does not hold: somebody changed the database behind the application."""


def clear(work: Work) -> dict[str, Any]:
    """What is over by its own date goes."""
    at = work.clock()
    before = at - timedelta(minutes=guarding.limits().within_minutes)
    return dict(operations.clear_what_is_over(viewer=work.viewer, guards_before=before, at=at))


def agreements(work: Work) -> dict[str, Any]:
    """Each agreement that ended, and what stopped with it, is entered in the trail."""
    ended = sharing.note_agreements(viewer=work.viewer, at=work.clock())
    return {"agreements that ended": len(ended), **({"which": list(ended)} if ended else {})}


def retention(work: Work) -> dict[str, Any]:
    """What was decided goes, with a certificate; what waits for a decision is counted."""
    made = operations.erase_approved(viewer=work.viewer, at=work.clock())
    waiting = queries.summary(work.viewer, at=work.clock())
    return {
        "certificates": [each.number for each in made],
        "records erased": sum(len(each.digests) for each in made),
        "past their time, undecided": sum(line.due - line.approved for line in waiting),
        "held": sum(line.held for line in waiting),
    }


def reviews(work: Work) -> dict[str, Any]:
    """How many reviews and answers are overdue."""
    return dict(queries.overdue(work.viewer, at=work.clock()))


def access_review(work: Work) -> dict[str, Any]:
    """How many roles and seats wait for their manager's word this quarter."""
    return {"roles and seats that wait": queries.access_waits(work.viewer, at=work.clock())}


def audit(work: Work) -> dict[str, Any]:
    """The whole trail is recomputed and held against the witness. Raises TrailBroken with the link."""
    kept = witness.read(work.witness)
    found = witness.check(kept)
    if found.broken:
        raise TrailBroken(
            f"The audit trail is broken: {found.broken}",
            why="Somebody changed the database behind the application, or it was restored from a backup.",
            next_step="Keep a copy of the database as it is, and start your incident procedure.",
        )
    witness.add(work.witness, found, kept, work.clock())
    return {"links": found.links, "witnessed before": len(kept)}


WORK: dict[str, Callable[[Work], dict[str, Any]]] = {
    "clear": clear,
    "agreements": agreements,
    "retention": retention,
    "reviews": reviews,
    "access_review": access_review,
    "audit": audit,
}


def run_due(
    home: Path, clock: Callable[[], datetime], *, witness_file: Path | None = None, only: Iterable[str] = ()
) -> tuple[Ran, ...]:
    """Do what is due and not done, in the calendar's order; what another worker does now is left to it.

    With `only`, do these pieces of work now, due or not. A piece of work that fails is entered as failed, and the next
    is done all the same.
    """
    viewer, at = accounts.service("records_keeper"), clock()
    wanted = set(only)
    every = queries.calendar().job
    if wanted:
        due = tuple((job, rules.last_due(job, at)) for job in every if job.key in wanted)
    else:
        resting = queries.failed_since(viewer, at - REST, at=at)
        waits = rules.waiting(every, queries.done_until(viewer, at=at), at)
        due = tuple((job, when) for job, when in waits if job.key not in resting)
    work = Work(viewer, home, witness_file or home / WITNESS, clock)
    ran = []
    for job, when in due:
        with _alone(job.key) as ours:
            # Somebody else may have finished it while we waited for the lock.
            if ours and (wanted or queries.done_until(viewer, at=clock()).get(job.key) != when):
                ran.append(_run(job, when, work))
    return tuple(ran)


def next_due(at: datetime) -> datetime:
    """The next moment at which something is due."""
    return min(rules.next_due(job, at) for job in queries.calendar().job)


def _run(job: Job, when: datetime, work: Work) -> Ran:
    viewer = work.viewer
    done = queries.done_until(viewer, at=work.clock()).get(job.key)
    # Done by hand a second time: entered under the moment it was done, so that no two runs are the same one.
    due_at = work.clock() if done == when else when
    run_id = operations.begin_run(viewer=viewer, job=job.key, due_at=due_at, at=work.clock())
    did: dict[str, Any] = {}
    failed = ""
    try:
        did = WORK[job.does](work)
    except ConcordError as told:
        failed = " ".join(filter(None, (told.what, told.why, told.next_step)))
    except Exception as problem:  # whatever it is, the page must say it, and the other work must go on
        failed = f"It stopped with {type(problem).__name__}. The worker's log says where."
        operations.end_run(viewer=viewer, run_id=run_id, did={}, failed=failed, at=work.clock())
        _log(problem)
        return Ran(job.key, job.name, when, {}, failed)
    operations.end_run(viewer=viewer, run_id=run_id, did=did, failed=failed, at=work.clock())
    return Ran(job.key, job.name, when, did, failed)


def _log(problem: Exception) -> None:
    import logging

    logging.getLogger("concord.calendar").error("scheduled work failed", exc_info=problem)


@contextmanager
def _alone(job: str) -> Iterator[bool]:
    """Whether this process, and no other, may do the work. The lock goes with the connection, also in a kill."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('concord.calendar'), hashtext(%s))", [job])
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('concord.calendar'), hashtext(%s))", [job])
