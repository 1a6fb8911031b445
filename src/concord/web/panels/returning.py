"""What of a forum's return may leave: its counts through disclosure control, asked for by the coordinator and let out
by a release approver, like every other figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.panels.rules import ReturnLine
from concord.evidence.disclosure import queue
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.kernel.errors import Refused
from concord.kernel.lineage import DESK, DatasetRef, Lineage
from concord.kernel.periods import Period
from concord.strategy.shapes.forum import Forum, Measure, Return
from concord.web.editions import work
from concord.web.publications import presenters as figures
from concord.web.shared import partnership

REST = "Anything else"
SINGLE = ("referrer", "repeat", "kind", "outcome")
"""Facts of which a case has one, beside the forum's facets that take one answer."""
STATES = {
    "pending": ("Waits for a release approver", "amber"),
    "approved": ("May be sent", "done"),
    "refused": ("Refused", "red"),
    "withdrawn": ("Withdrawn", "grey"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the figures of one return that may leave stand; `tables` once they were let out. `changed` where the desk's
    record no longer says what it said when they were asked for."""

    word: str
    shape: str
    said: str
    tables: tuple[Any, ...]
    may_ask: bool
    changed: bool = False


def bundle(of: Forum, starts: date, ends: date) -> str:
    return f"return {of.key} {starts} {ends}"


def standing(of: Forum, lines: Sequence[ReturnLine], starts: date, ends: date, today: date) -> Standing:
    """The newest request for this return, beside what its `lines` count now. Before its period is over nothing is
    asked for."""
    every = queue.in_bundle(work.home(), bundle(of, starts, ends))
    if not every:
        return Standing("", "", "", (), may_ask=ends < today)
    newest = every[-1]
    out = newest.state == "approved"
    tables = tuple(figures.figure(newest.release, table) for table in newest.release.tables) if out else ()
    word, shape = STATES[newest.state]
    changed = {each.sha256 for each in newest.release.lineage.datasets} != {fingerprint(lines)}
    open_again = newest.state in ("refused", "withdrawn")
    return Standing(word, shape, newest.decision, tables, may_ask=open_again, changed=changed and not open_again)


def ask(viewer: Viewer, of: Forum, lines: Sequence[ReturnLine], starts: date, ends: date, at: datetime) -> None:
    """Ask for the return's counts to be let out. Raises Refused where nothing of it may leave, or it was asked for."""
    returns, home = of.returns, partnership.current()
    if returns is None or home.disclosure is None or returns.rule not in home.disclosure.rules:
        raise Refused(
            "This return cannot be let out.",
            why="The partnership's folder has no disclosure rule for it.",
            next_step="Name one in the forum's file: [returns] rule = “public”.",
        )
    if not standing(of, lines, starts, ends, at.date()).may_ask:
        raise Refused(
            "These figures cannot be asked for now.",
            why="The period is not over, or they were asked for already.",
            next_step="Open the page again to see how they stand.",
        )
    queue.submit(
        finding(of, returns, lines, Period(starts, ends)),
        rule=home.disclosure.rules[returns.rule],
        audience=returns.audience,
        home=work.home(),
        requested_by=viewer.display_name,
        reason=f"{returns.name}, for {returns.to}",
        clock=work.clock,
        bundle=bundle(of, starts, ends),
    )


def finding(of: Forum, returns: Return, lines: Sequence[ReturnLine], period: Period) -> Finding:
    """The counts as tables whose cells add up, so that disclosure control sees what gives a hidden one away.

    Measures of one fact of which a case has only one stand in one table with whatever else there was; each other share
    in a table of its own, beside the cases it is not true of. People in a role are counted by themselves.
    """
    found = {each.key: each for each in lines}
    tables: list[Table] = []
    for group in _groups(of, returns, found):
        cases = set(found[group[0].of].items)
        cells = [(each.name, len(cases & set(found[each.key].items))) for each in group]
        rest = len(cases) - sum(count for _, count in cells)
        tables.append(_table(group[0].key, group, [*cells, (REST, rest)], len(cases), of, period))
    # In whole hundreds: how many cases there were is for the tables to say, under their rule, and for nothing else.
    behind = len({item for each in lines for item in each.items}) // 100 * 100
    shares = {each.key for each in returns.measure if each.where and each.of}
    wholes = {each.of for each in returns.measure if each.key in shares}
    for each in returns.measure:
        # A rate is the count over a population that is public: whoever has the count has it.
        if each.key not in shares and each.key not in wholes and each.key in found and not each.per:
            tables.append(_single(each, found[each.key].count, of, period))
    return Finding(
        name=f"forum_return_{of.key}",
        question=f"What does {of.abbreviation} return for {period.label}?",
        tables=tuple(tables),
        base=f"Cases decided by {of.abbreviation} in {period.label}",
        period=period,
        source=f"{partnership.current().name}: the desk's own record of {of.abbreviation}",
        method="Counted case by case by the forum's own file; each case is counted in the meeting that decided it.",
        lineage=Lineage(
            finding=f"forum_return_{of.key}",
            method=DESK,
            datasets=(DatasetRef(f"{of.abbreviation}, the desk's record", 1, fingerprint(lines), behind),),
            parameters={"forum": of.abbreviation, "period": period.label},
        ),
        source_class="desk",
        synthetic=partnership.current().synthetic,
    )


def fingerprint(lines: Sequence[ReturnLine]) -> str:
    """Which case was counted for which measure, as one number: the same cases, the same figures. It names nobody: a
    case's identifier is drawn at random."""
    counted = sorted(f"{each.key} {each.count} {item}" for each in lines for item in (*each.items, ""))
    return sha256("\n".join(counted).encode()).hexdigest()


def _groups(of: Forum, returns: Return, found: Mapping[str, ReturnLine]) -> list[list[Measure]]:
    """Shares that stand in one table: of the same cases, by the same fact, of which a case has one and no more."""
    single = {*SINGLE, *(each.key for each in of.facet if not each.many)}
    groups: list[list[Measure]] = []
    for each in returns.measure:
        if not each.where or each.of not in found or each.key not in found or each.count:
            continue
        alike = next((one for one in groups if set(each.where) <= single and _alike(one, each, found)), None)
        if alike is None:
            groups.append([each])
        else:
            alike.append(each)
    return groups


def _alike(group: Sequence[Measure], each: Measure, found: Mapping[str, ReturnLine]) -> bool:
    taken: set[UUID] = {item for one in group for item in found[one.key].items}
    same = group[0].of == each.of and set(group[0].where) == set(each.where)
    return same and not taken & set(found[each.key].items)


def _table(
    key: str, group: Sequence[Measure], cells: Sequence[tuple[str, int]], total: int, of: Forum, period: Period
) -> Table:
    title = ", ".join(each.name[0].lower() + each.name[1:] for each in group)
    return Table(
        name=key,
        title=f"Cases decided by {of.abbreviation}, {period.label}: {title}",
        unit="cases",
        dimensions=(Dimension(key, "Cases", (*(name for name, _ in cells), TOTAL)),),
        cells=(*(Cell((name,), count, base=total) for name, count in cells), Cell((TOTAL,), total)),
        universe=f"cases decided by {of.key}",
    )


def _single(each: Measure, count: int, of: Forum, period: Period) -> Table:
    return Table(
        name=each.key,
        title=f"{each.name}, {of.abbreviation}, {period.label}",
        unit="people" if each.count else "cases",
        dimensions=(Dimension(each.key, "Figure", (each.name,)),),
        cells=(Cell((each.name,), count),),
        additive=False,
    )
