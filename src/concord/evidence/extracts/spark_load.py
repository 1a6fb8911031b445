"""A load whose conversion runs on Spark: each file is one task, and the task runs the same plan as one machine would.

Receiving a file is work on that file alone, so Spark is asked for what it is good at, spreading files over cores and
machines, and not for a second reading of the contract: how DuckDB and Spark read a number, a date or a stray quotation
mark differs at the edges, and a row may not be sound on one engine and faulty on the other. The task runs
`engine.convert`; staging, partitions, versions and receipts stay with the process that holds the lock.

On more than one machine the home folder must be on storage that all of them reach, and Concord installed on each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from concord.evidence.extracts.checks import Plan
from concord.evidence.extracts.engine import Converter, Outcome, Scan, Text, connection, convert
from concord.evidence.extracts.files import disk_trouble, scanned
from concord.evidence.extracts.headings import Layout
from concord.evidence.extracts.sparks import spark_session
from concord.evidence.extracts.values import quoted

CORES = 2


@dataclass(frozen=True, slots=True)
class Task:
    """All that a worker needs to convert one file. Paths are on storage that it reaches."""

    text: Text | Scan
    layout: Layout
    plan: Plan
    target: Path
    faults: Path
    work: Path
    pseudonyms: bytes | None

    @property
    def identified(self) -> Path:
        """Where the worker leaves what identifies persons: in the private work folder, as the staged file is."""
        return self.work / "identified.parquet"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A disk that failed a worker, in the words of the error; it becomes an `Environment` error where it is read."""

    message: str


def work_on(task: Task) -> Outcome | Trouble:
    """Converts one file with a DuckDB of one thread; runs in a worker."""
    try:
        with connection(task.work, task.pseudonyms) as con:
            con.execute("SET threads = 1")
            outcome = convert(con, task.text, task.layout, task.plan, task.target, task.faults, task.work)
            if task.plan.identifiers and outcome.accepted:
                con.execute(f"COPY identified TO {quoted(task.identified)} (FORMAT parquet)").fetchall()
            return outcome
    except (duckdb.Error, OSError) as error:
        if disk_trouble(error, task.work) is None:
            raise
        return Trouble(str(error))


@contextmanager
def on_spark(work: Path, pseudonyms: bytes | None) -> Iterator[Converter]:
    """A converter that hands each file to Spark; several threads may call it at once, and should.

    Raises Environment where Spark cannot be had.
    """
    with spark_session(work, cores=CORES) as session:
        context = session.sparkContext

        def converted(
            con: duckdb.DuckDBPyConnection,
            text: Text | Scan,
            layout: Layout,
            plan: Plan,
            target: Path,
            faults: Path,
            folder: Path,
        ) -> Outcome:
            task = Task(text, layout, plan, target, faults, folder, pseudonyms)
            (outcome,) = context.parallelize([task], 1).map(work_on).collect()
            if isinstance(outcome, Trouble):
                raise duckdb.IOException(outcome.message)
            if task.identified.exists():
                con.execute(
                    f"CREATE OR REPLACE TEMP TABLE identified AS FROM read_parquet({scanned(task.identified)})"
                ).fetchall()
            return outcome

        yield converted
