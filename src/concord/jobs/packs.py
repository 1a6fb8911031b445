"""The pack of a meeting, made in a process of its own: `python -m concord.jobs.packs HOME PARTNERSHIP PACK USERNAME`.

Figures of one publication are released for the members of the meeting under the rule of its file, in the name of
whoever asked and of whoever approved; the desk's own counts come from its depersonalised extract. What cannot be made
is said with its reason. USERNAME is the approver's.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from concord.evidence.datasets.store import Store
from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.extracts.calendar import period_of
from concord.evidence.publications import words
from concord.jobs import assessment, choosing
from concord.jobs.releasing import Releasing
from concord.kernel.errors import ConcordError
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership
from concord.strategy.shapes.forum import Forum, PackRule


def stand_in() -> str:
    """The username of the demo person who approves; empty where the partnership is real, and somebody must act."""
    from concord.desk.accounts import queries as accounts

    held = accounts.holding("release.approve")
    return held[0][0] if accounts.partnership().synthetic and held else ""


def start(home: Path, folder: Path, pack_id: UUID, username: str) -> None:
    """Begin the making, in a process that outlives a restart of the site."""
    with (Path(home) / "packs.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "concord.jobs.packs", str(home), str(folder), str(pack_id), username],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def make(home: Path, partnership: Partnership, pack_id: UUID, username: str, now: datetime) -> None:
    """Make a pack that waits, in the name of its approver. Where nothing can be made, the pack says why.

    Raises NotHere for one that does not wait, NotAllowed for whoever may not approve it.
    """
    from concord.desk.accounts import queries as accounts
    from concord.desk.accounts.rules import NotHere
    from concord.desk.panels import operations, queries

    viewer = accounts.viewer_named(username)
    found = next((each for each in queries.packs_waiting(viewer, at=now) if each.pack_id == pack_id), None)
    of = partnership.forums.get(found.forum) if found else None
    if found is None or of is None or of.pack is None:
        raise NotHere("pack")
    try:
        content = content_of(
            home, partnership, of, of.pack, asked_by=found.asked_by, approved_by=viewer.display_name, now=now
        )
    except ConcordError as error:
        trouble = " ".join(part for part in (error.what, error.why, error.next_step) if part)
        operations.fail_pack(viewer=viewer, pack_id=pack_id, trouble=trouble, at=now)
        return
    operations.keep_pack(viewer=viewer, pack_id=pack_id, content=content, at=now)


def content_of(
    home: Path,
    partnership: Partnership,
    of: Forum,
    rule: PackRule,
    *,
    asked_by: str,
    approved_by: str,
    now: datetime,
) -> dict[str, Any]:
    """What a pack holds: sections of released tables with their codes, the desk's own counts, and what is missing.

    Raises Refused, BadInput or Usage where none of its figures can be made.
    """
    today = now.astimezone(LONDON).date()
    last = today.replace(day=1) - timedelta(days=1)
    parameters = {"month": f"{last:%Y-%m}"}
    wanted = choosing.publication(partnership, rule.publication, parameters)
    chosen = choosing.choose(partnership, wanted, parameters, today)
    store = Store(home)
    publication = assessment.for_here(
        replace(chosen.publication, audience=rule.audience, rule=rule.rule, equality=""), store
    )
    held, _ = assessment.rules_of(partnership, publication)
    releasing = Releasing(
        home,
        store,
        partnership,
        held,
        rule.audience,
        asked_by,
        approved_by,
        lambda: now,
        lambda _words: None,
        today=chosen.today,
    )
    figures = assessment.figures_of(publication)
    releasing.expect(assessment.ask_of(publication, spec, store) for spec in figures)
    try:
        releases, withheld = assessment.gather(publication, releasing)
    finally:
        releasing.close()
    titles = {spec.cited_as: (spec.subject or spec.cited_as).capitalize() for spec in figures}
    return {
        "covers": f"Asked at the end of {last:%B %Y}; each table says the time it covers.",
        "sections": [
            {
                "heading": section.heading,
                "figures": [
                    _table(releases[spec.cited_as], spec.table) for spec in section.figures if spec.cited_as in releases
                ],
            }
            for section in publication.sections
            if any(spec.cited_as in releases for spec in section.figures)
        ],
        "own": own_counts(of, rule, partnership, today, now),
        "own_period": _quarter(today)[2],
        "missing": [[titles.get(name, name), why] for name, why in withheld.items()],
    }


def _table(release: Release, name: str) -> dict[str, Any]:
    table = next((each for each in release.tables if not name or each.name == name), release.tables[0])
    rated = any(cell.estimate for cell in table.cells)
    heads = [" and ".join(dimension.label for dimension in table.dimensions), table.unit.capitalize()]
    return {
        "code": table.code,
        "title": table.title,
        "heads": [*heads, "Rate or share"] if rated else heads,
        "rows": [_row(cell, table, rated) for cell in table.cells],
    }


def _row(cell: ReleasedCell, table: ReleasedTable, rated: bool) -> list[str]:
    label = ", ".join(part for part in cell.key if part) or table.unit
    if cell.hidden is not None:
        shown = [words.mark(cell.hidden)]
        return [label, *shown, *(shown if rated else [])]
    count = "" if cell.count is None else words.number(cell.count)
    measured = words.measured_plainly(cell.estimate) if cell.estimate else ""
    return [label, count, *([measured] if rated else [])]


def own_counts(
    of: Forum, rule: PackRule, partnership: Partnership, today: date, now: datetime
) -> list[tuple[str, int]]:
    """The desk's own counts of the pack's forums in the last whole quarter, from its depersonalised extract."""
    from concord.desk.accounts import queries as accounts
    from concord.desk.panels import queries

    service, (start, end, _) = accounts.service("desk_extract"), _quarter(today)
    forums = {key: partnership.forums[key] for key in rule.forums if key in partnership.forums}
    heard: list[dict[str, Any]] = [
        row
        for row in _rows(queries.extract_hearings(service, at=now))
        if row["forum"] in forums and row["outcome"] and start <= row["met_on"] <= end
    ]
    lines: list[tuple[str, int]] = []
    for key, forum in forums.items():
        mine = [row for row in heard if row["forum"] == key]
        outcomes = Counter(str(row["outcome"]) for row in mine)
        lines.append((f"{forum.abbreviation}: items decided", len(mine)))
        lines += [(f"{forum.abbreviation}: {each.name}", outcomes[each.key]) for each in forum.outcome]
        lines.append((f"{forum.abbreviation}: heard again", sum(row["first_hearing"] == "no" for row in mine)))
    due: list[dict[str, Any]] = [
        row
        for row in _rows(queries.extract_actions(service, at=now))
        if row["forum"] in forums and start <= row["due_on"] <= end
    ]
    in_time = sum(
        row["status"] == "done" and row["completed_on"] is not None and row["completed_on"] <= row["due_on"]
        for row in due
    )
    return [*lines, ("Actions that fell due", len(due)), ("Actions done by their day", in_time)]


def _quarter(today: date) -> tuple[date, date, str]:
    """The last whole quarter: first day, last day, in words."""
    before = period_of("quarter", period_of("quarter", today).start - timedelta(days=1))
    return before.start, before.end, f"{before.start:%B} to {before.end:%B %Y}"


def _rows(found: Any) -> list[dict[str, Any]]:
    """Rows of the extract, whose days are dates and whose keys are text."""
    return list(found)


def main(arguments: Sequence[str]) -> int:
    import django

    django.setup()
    from concord.strategy import load

    home, folder, pack, username = arguments
    make(Path(home), load(Path(folder)), UUID(pack), username, datetime.now(LONDON))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
