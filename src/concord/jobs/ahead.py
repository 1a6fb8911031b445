"""Findings worked out by a second process from the last one back, while the first makes and releases the first ones.

They meet in the middle, so that neither core waits for the other.

For a command alone: a process that serves others, or that has threads of its own, does not fork.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concord.evidence.findings.model import Finding
from concord.kernel.errors import ConcordError
from concord.kernel.periods import Period
from concord.strategy import Partnership

FEW = 6
"""Fewer findings than these are made sooner where they are asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One finding over its period, with the tables that will be shown of it."""

    finding: str
    period: Period
    parameters: Mapping[str, Any]
    tables: frozenset[str]


class Ahead:
    """Findings under way, by the key under which each was asked for. A finding is taken once."""

    def __init__(self, home: Path, partnership: Partnership, wanted: Mapping[str, Wanted]) -> None:
        self._under_way: dict[str, Future[Finding | ConcordError]] = {}
        self._pool: ProcessPoolExecutor | None = None
        can_fork = "fork" in multiprocessing.get_all_start_methods() and (os.cpu_count() or 1) > 1
        if len(wanted) < FEW or not can_fork:
            return
        self._pool = ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("fork"), initializer=_know, initargs=(home, partnership)
        )
        for key, one in reversed(wanted.items()):
            self._under_way[key] = self._pool.submit(_find, one)

    def take(self, key: str) -> Finding | ConcordError | None:
        """The finding, or what kept it from being made; None where it has not been begun, or the process is gone."""
        future = self._under_way.pop(key, None)
        if future is None or future.cancel():  # whoever asks is at it sooner than the second process would be
            return None
        try:
            return future.result()
        except BrokenProcessPool:
            return None

    def close(self) -> None:
        """Let go of what nobody took: whoever asks for it later has it made where they are."""
        self._under_way.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


_known: dict[str, Any] = {}


def _know(home: Path, partnership: Partnership) -> None:
    _known.update(home=home, partnership=partnership)


def _find(wanted: Wanted) -> Finding | ConcordError:
    from concord.evidence.datasets.store import Store
    from concord.evidence.findings import find

    try:
        found = find(
            wanted.finding, Store(_known["home"]), _known["partnership"], wanted.period, **dict(wanted.parameters)
        )
    except ConcordError as error:
        return error
    return confined(found, wanted.tables)


def confined(finding: Finding, tables: Collection[str]) -> Finding:
    """The finding with only `tables` (its first for an empty name) and those that their estimates rest on."""
    from dataclasses import replace

    named = {table.name: table for table in finding.tables}
    kept: set[str] = set()
    ahead = {name or finding.tables[0].name for name in tables}
    while ahead:
        name = ahead.pop()
        if name in named and name not in kept:
            kept.add(name)
            ahead |= {place for cell in named[name].cells for place, _key in cell.rests_on}
    return replace(finding, tables=tuple(table for table in finding.tables if table.name in kept))
