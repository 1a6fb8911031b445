"""Clerical review: how opinions about a pair of records become a decision. Pure: no files, no clock.

Two different people must agree. A third settles a disagreement; where no two agree, or nobody can tell, the pair stays
apart. One person may reopen a settled pair, with a reason; the decision stands until the new round is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from concord.kernel.errors import Refused

Verdict = Literal["same", "different", "cannot_tell"]
State = Literal["waiting", "one_opinion", "disputed", "same", "different", "apart"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "cannot_tell")
SETTLED: frozenset[State] = frozenset({"same", "different", "apart"})
AGREED, NEEDED = 2, 3
"""Opinions that must agree, and opinions after which a round ends in any case."""

Record = tuple[str, str]
"""An agency's record of a person: feed and pseudonym."""
Pair = tuple[Record, Record]


def pair(one: Record, other: Record) -> Pair:
    """The two records in their settled order. Raises Refused where they are one record."""
    if one == other:
        raise Refused("A record cannot be compared with itself.", next_step="Choose two different records.")
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of one person about one pair: an opinion, or the reopening of what was settled. `at` has its zone."""

    act: Literal["opinion", "reopened"]
    pair: Pair
    reviewer: str
    reason: str
    at: datetime
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Where a pair stands. `opinions` are those of this round; `holds` is the last settled decision, which stands."""

    state: State = "waiting"
    opinions: tuple[tuple[str, Verdict], ...] = ()
    holds: Literal["same", "different", "apart"] | None = None
    round: int = 1

    @property
    def reviewers(self) -> tuple[str, ...]:
        return tuple(reviewer for reviewer, _ in self.opinions)


def after(review: Review, entry: Entry) -> Review:
    """The review once `entry` is made. Raises Refused, in words for the reviewer, where it may not be made."""
    if not entry.reviewer.strip():
        raise Refused("Nobody is named as the reviewer.", next_step="Sign in, and decide under your own name.")
    if not entry.reason.strip():
        raise Refused("A decision needs its reason.", next_step="Choose the reason that fits best.")
    if entry.act == "reopened":
        if review.state not in SETTLED:
            raise Refused(
                "This pair is not settled, so there is nothing to reopen.",
                why=f"It is {review.state.replace('_', ' ')}.",
                next_step="Give an opinion instead.",
            )
        return replace(review, state="waiting", opinions=(), round=review.round + 1)
    if entry.verdict not in VERDICTS:
        raise Refused(f"“{entry.verdict}” is not an opinion.", next_step=f"One of: {', '.join(VERDICTS)}.")
    if review.state in SETTLED:
        raise Refused(
            f"This pair is settled: {review.state.replace('_', ' ')}.",
            next_step="Reopen it with a reason if you have learnt something new.",
        )
    if entry.reviewer in review.reviewers:
        raise Refused(
            "You have given your opinion on this pair.",
            why="Two different people must agree.",
            next_step="Leave it for a second reviewer.",
        )
    opinions = (*review.opinions, (entry.reviewer, entry.verdict))
    state = _state(tuple(verdict for _, verdict in opinions))
    settled: Literal["same", "different", "apart"] | None = None
    if state == "same" or state == "different" or state == "apart":
        settled = state
    return Review(state, opinions, settled or review.holds, review.round)


def _state(verdicts: tuple[Verdict, ...]) -> State:
    if verdicts.count("same") >= AGREED:
        return "same"
    if verdicts.count("different") >= AGREED:
        return "different"
    if verdicts.count("cannot_tell") >= AGREED or len(verdicts) >= NEEDED:
        return "apart"
    return "one_opinion" if len(verdicts) == 1 else "disputed"


def standing(entries: Iterable[Entry]) -> Mapping[Pair, Review]:
    """Where every pair stands after these entries, in order. Raises Refused where one of them could not be made."""
    found: dict[Pair, Review] = {}
    for entry in entries:
        found[entry.pair] = after(found.get(entry.pair, Review()), entry)
    return found


def held(reviews: Mapping[Pair, Review], decision: Literal["same", "different", "apart"]) -> tuple[Pair, ...]:
    """The pairs for which `decision` stands, sorted."""
    return tuple(sorted(pair for pair, review in reviews.items() if review.holds == decision))
