"""Requests to release, in words. They hold what would leave: nothing else is known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from concord.evidence.disclosure.model import Cost
from concord.evidence.disclosure.queue import Request
from concord.evidence.publications import words

SHAPES = {"pending": "amber", "approved": "done", "refused": "red", "withdrawn": "grey"}
WORDS = {"pending": "Waits", "approved": "Approved", "refused": "Refused", "withdrawn": "Withdrawn"}


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    question: str
    tables: tuple[str, ...]
    codes: tuple[str, ...]
    audience: str
    rule: str
    period: str
    reason: str
    requested_by: str
    requested_at: object
    word: str
    shape: str
    hidden: int
    cost: str
    found: str
    flags: tuple[str, ...]
    touches: int
    already: bool
    decided_by: str
    decided_at: object
    decision: str
    pending: bool


def line(request: Request) -> Line:
    release = request.release
    return Line(
        id=request.id,
        question=release.question,
        tables=tuple(table.title for table in release.tables),
        codes=tuple(table.code for table in release.tables),
        audience=release.audience,
        rule=release.rule,
        period=release.period.label,
        reason=request.reason,
        requested_by=request.requested_by,
        requested_at=request.requested_at,
        word=WORDS[request.state],
        shape=SHAPES[request.state],
        hidden=request.cost.hidden,
        cost=cost(request.cost),
        found=found(request),
        flags=release.audit.flags,
        touches=len(request.touches),
        already=request.already,
        decided_by=request.decided_by,
        decided_at=request.decided_at,
        decision=request.decision,
        pending=request.state == "pending",
    )


def cost(of: Cost) -> str:
    """What keeping small numbers in takes from the reader, in one sentence."""
    if not of.hidden:
        return f"Nothing is hidden: all {words.number(of.cells)} cells are shown."
    parts = [
        f"{words.number(count)} {said}"
        for count, said in (
            (of.small, "for being small"),
            (of.others, "so that those do not come back"),
            (of.low_base, "because their base says too little"),
        )
        if count
    ]
    events = (
        f" In the finest tables up to {words.number(of.counts)} events, {of.share}% of all, are not shown."
        if of.counts
        else ""
    )
    said = words.listed(parts)
    return f"{words.number(of.hidden)} of {words.number(of.cells)} cells are hidden: {said}.{events}"


def _counted(count: int, noun: str) -> str:
    return f"{words.number(count)} {words.plural(count, noun, noun + 's')}"


def found(request: Request) -> str:
    """What the attacker found, in one sentence or two."""
    audit = request.release.audit
    against = (
        f" It was given this and {_counted(len(audit.against), 'earlier release')} that the same reader has."
        if audit.against
        else ""
    )
    if audit.exposed:
        return f"{_counted(len(audit.exposed), 'hidden cell')} can be worked out.{against}"
    if not audit.hidden_cells:
        return f"There was nothing to find.{against}"
    narrow = f" The narrowest range left open spans {audit.narrowest_interval:g}." if audit.narrowest_interval else ""
    return f"No hidden cell can be worked out.{narrow}{against}"


@dataclass(frozen=True, slots=True)
class Total:
    """Several requests together."""

    requests: int
    cells: int
    hidden: int
    flags: int
    touches: int


def total(requests: Sequence[Request]) -> Total:
    return Total(
        len(requests),
        sum(each.cost.cells for each in requests),
        sum(each.cost.hidden for each in requests),
        sum(len(each.release.audit.flags) for each in requests),
        len({touch.release for each in requests for touch in each.touches}),
    )


@dataclass(frozen=True, slots=True)
class Bundle:
    """Requests that are decided together, or one that is decided alone (`key` is blank then)."""

    key: str
    edition: str
    name: str
    lines: tuple[Line, ...]
    total: Total


def bundles(requests: Iterable[Request], editions: dict[str, str]) -> list[Bundle]:
    """Requests by bundle, in the order of their first. `editions` has the name of each edition by its identifier."""
    grouped: dict[str, list[Request]] = {}
    for each in requests:
        grouped.setdefault(each.bundle or each.id, []).append(each)
    made = []
    for key, inside in grouped.items():
        edition = inside[0].bundle.partition("/")[0]
        known = edition if edition in editions else ""
        name = editions.get(edition, "") or inside[0].reason
        made.append(
            Bundle(inside[0].bundle, known, name, tuple(line(each) for each in inside), total(inside))
            if key
            else Bundle("", "", name, (line(inside[0]),), total(inside))
        )
    return made
