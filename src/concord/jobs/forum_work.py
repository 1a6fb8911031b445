"""The forums' own nightly work: who leaves a managed list by its rule, and the populations that returns are rated by.

Evidence never reads casework, and the desk never reads evidence: a population crosses as a released figure, with its
code, and the desk keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from concord.evidence.datasets.store import Store
from concord.jobs.releasing import Ask, Releasing, people
from concord.kernel.errors import BadInput
from concord.strategy import Partnership

RULE = AUDIENCE = "public"


@dataclass(frozen=True, slots=True)
class Worked:
    """How many the rule took off a list, populations brought, and what kept others from coming."""

    removed: int
    brought: tuple[str, ...]
    missing: tuple[str, ...]


def nightly(
    home: Path,
    partnership: Partnership,
    now: datetime,
    *,
    requested_by: str | None = None,
    approved_by: str | None = None,
) -> Worked:
    """Do all of it; doing it again the same night changes nothing.

    `requested_by` and `approved_by` are two people, as for any release; a synthetic partnership's demo people stand in.
    Raises Refused where nobody may stand in and a population is wanted.
    """
    from concord.desk.accounts import queries as accounts
    from concord.desk.panels import operations

    service = accounts.service("forum_keeper")
    removed = operations.sweep(viewer=service, at=now)
    brought, missing = [], []
    for key in _wanted(partnership):
        try:
            persons, source, code = population(
                home, partnership, key, now, requested_by=requested_by, approved_by=approved_by
            )
        except BadInput as error:
            missing.append(f"{key.replace('_', ' ')}: {error.what}")
            continue
        operations.bring_population(viewer=service, key=key, persons=persons, source=source, code=code, at=now)
        brought.append(key)
    return Worked(removed, tuple(brought), tuple(missing))


def _wanted(partnership: Partnership) -> list[str]:
    named = (of.returns.population_from for of in partnership.forums.values() if of.returns)
    return sorted({key for key in named if key})


def population(
    home: Path,
    partnership: Partnership,
    key: str,
    now: datetime,
    *,
    requested_by: str | None = None,
    approved_by: str | None = None,
) -> tuple[int, str, str]:
    """How many people the finding `key` counts, its source, and the code of the released figure.

    Raises BadInput where nothing is loaded or nothing of it is released.
    """
    if partnership.disclosure is None:
        raise BadInput(f"{partnership.name} has no disclosure rules, so nothing can be released")
    asker, approver = people(partnership, requested_by, approved_by)
    rule = partnership.disclosure.rule(RULE)
    releasing = Releasing(
        home, Store(home), partnership, rule, AUDIENCE, asker, approver, lambda: now, lambda _words: None
    )
    try:
        release = releasing.release(Ask(key, {}, "", "population", 1))
    finally:
        releasing.close()
    table = release.tables[0]
    counts = [cell.count for cell in table.cells if cell.count]
    if not counts:
        raise BadInput(f"Nothing of “{key}” is released")
    return max(counts), release.source, table.code
