"""Uncertain links, to their reviewers and back: the desk holds the pairs, the ledger of review holds the decisions.

The desk never reads evidence, so this hands pairs over with the fewest fields that decide them, and takes opinions to
the ledger. Run again after a stop anywhere, it does what is left: an opinion that is in the ledger is not put there
twice, a pair that is in front of reviewers is not handed over twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from concord.kernel.errors import Refused

if TYPE_CHECKING:
    from concord.evidence.linkage.review import Review
    from concord.strategy.shapes.linkage import Linkage

SERVICE = "linkage_exchange"
REASON = "to hand a pair to its reviewers"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """`refused` are opinions the ledger could not keep, each with why."""

    taken: int
    settled: int
    handed: int
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.taken} opinions taken, {self.settled} pairs settled, {self.handed} pairs handed over."]
        return "\n".join([*lines, *(f"Not taken: {each}" for each in self.refused)])


def exchange(home: Path, linkage: Linkage, clock: Callable[[], datetime], *, limit: int = 20) -> Exchanged:
    """Take every new opinion to the ledger, then hand over pairs until `limit` are in front of reviewers.

    Raises NotAllowed where the service may not, BadInput before the first linking or where the ledger is not whole.
    """
    taken, settled, refused = _take(home, linkage, clock)
    return Exchanged(taken, settled, _hand(home, clock, limit), refused)


def _take(home: Path, linkage: Linkage, clock: Callable[[], datetime]) -> tuple[int, int, tuple[str, ...]]:
    from concord.desk.accounts import queries as accounts
    from concord.desk.people import operations, queries
    from concord.evidence.linkage import decisions
    from concord.evidence.linkage.review import SETTLED, Review, pair

    service, taken, settled, refused = accounts.service(SERVICE), 0, 0, []
    for each in queries.opinions_to_take(service, at=clock()):
        one, other = each.records
        standing = decisions.reviews(home).get(pair(one, other), Review())
        if each.reviewer not in standing.reviewers:
            try:
                standing = decisions.decide(
                    home,
                    linkage,
                    one,
                    other,
                    verdict=each.verdict,  # type: ignore[arg-type]
                    reviewer=each.reviewer,
                    reason=each.reason,
                    clock=each.at,
                )
            except Refused as problem:
                # Settled without it, or against an earlier decision: said, and not tried again.
                refused.append(f"{one[1]} and {other[1]}: {problem.what}")
        state = _state(standing)
        operations.take_back(viewer=service, opinion_id=each.opinion_id, pair_id=each.pair_id, state=state, at=clock())
        taken += 1
        settled += standing.state in SETTLED
    return taken, settled, tuple(refused)


def _state(review: Review) -> str:
    from concord.evidence.linkage.review import SETTLED

    if review.state in SETTLED:
        return "settled"
    return "disputed" if review.state == "disputed" else "waiting"


def _hand(home: Path, clock: Callable[[], datetime], limit: int) -> int:
    from concord.desk.accounts import queries as accounts
    from concord.desk.people import operations, queries
    from concord.desk.people.rules import shown_fields
    from concord.evidence.datasets.identifiers import Opening, opened
    from concord.evidence.datasets.store import Store
    from concord.evidence.linkage.queue import waiting

    service, store = accounts.service(SERVICE), Store(home)
    out = queries.pairs_out(service, at=clock())

    def audit(opening: Opening) -> None:
        operations.note_opening(viewer=service, records=opening.records, reason=opening.reason, at=clock())

    handed = 0
    for each in waiting(store, home, SERVICE, limit=limit + len(out)):
        if each.pair in out or handed + len(out) >= limit:
            continue
        versions = {feed: store.latest(feed) for feed, _ in each.pair}
        names = opened(
            home, versions, each.pair, reviewer=SERVICE, purpose="linkage review", reason=REASON, audit=audit
        )
        reasons = [(reason.field, reason.agreement, reason.weight) for reason in each.reasons]
        operations.hand_over(
            viewer=service,
            records=each.pair,
            shown=shown_fields(names[each.pair[0]], names[each.pair[1]], reasons),
            why=each.why,
            probability=each.probability,
            at=clock(),
        )
        handed += 1
    return handed
