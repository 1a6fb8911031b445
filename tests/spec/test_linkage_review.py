"""Clerical review as a table: what opinions, in order, make of a pair, and who may not give one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concord.evidence.linkage.review import Entry, Review, Verdict, after, held, pair, standing
from concord.kernel.errors import Refused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B = ("police", "a"), ("school", "b")
S, D, C = "same", "different", "cannot_tell"

# Opinions of different reviewers in order -> state after each -> the decision that then holds.
TABLE: list[tuple[list[str], list[str], str | None]] = [
    ([], [], None),
    ([S], ["one_opinion"], None),
    ([D], ["one_opinion"], None),
    ([C], ["one_opinion"], None),
    ([S, S], ["one_opinion", "same"], "same"),
    ([D, D], ["one_opinion", "different"], "different"),
    ([C, C], ["one_opinion", "apart"], "apart"),
    ([S, D], ["one_opinion", "disputed"], None),
    ([S, C], ["one_opinion", "disputed"], None),
    ([D, C], ["one_opinion", "disputed"], None),
    ([S, D, S], ["one_opinion", "disputed", "same"], "same"),
    ([S, D, D], ["one_opinion", "disputed", "different"], "different"),
    ([S, D, C], ["one_opinion", "disputed", "apart"], "apart"),
    ([S, C, S], ["one_opinion", "disputed", "same"], "same"),
    ([S, C, D], ["one_opinion", "disputed", "apart"], "apart"),
    ([C, D, D], ["one_opinion", "disputed", "different"], "different"),
    ([C, S, C], ["one_opinion", "disputed", "apart"], "apart"),
]


def opinion(verdict: str, reviewer: str, reason: str = "spelling") -> Entry:
    said: Verdict = verdict  # type: ignore[assignment]
    return Entry("opinion", pair(A, B), reviewer, reason, NOON, said)


def reopened(reviewer: str, reason: str = "new_information") -> Entry:
    return Entry("reopened", pair(A, B), reviewer, reason, NOON)


@pytest.mark.parametrize(("verdicts", "states", "decision"), TABLE, ids=lambda value: "-".join(value or ["none"]))
def test_what_opinions_make_of_a_pair(verdicts: list[str], states: list[str], decision: str | None) -> None:
    review, seen = Review(), []
    for number, verdict in enumerate(verdicts):
        review = after(review, opinion(verdict, f"reviewer {number}"))
        seen.append(review.state)
    assert seen == states
    assert review.holds == decision


def test_one_person_alone_never_settles_a_pair() -> None:
    review = after(Review(), opinion(S, "ada"))
    with pytest.raises(Refused, match="You have given your opinion") as refused:
        after(review, opinion(S, "ada"))
    assert "Two different people must agree" in str(refused.value)


@pytest.mark.parametrize("verdict", [S, D, C])
def test_what_is_settled_takes_no_more_opinions(verdict: str) -> None:
    review = standing([opinion(S, "ada"), opinion(S, "ben")])[pair(A, B)]
    with pytest.raises(Refused, match="settled: same") as refused:
        after(review, opinion(verdict, "cy"))
    assert "Reopen it" in str(refused.value)


def test_a_decision_stands_until_its_second_round_is_settled() -> None:
    acts = [opinion(D, "ada"), opinion(D, "ben"), reopened("cy"), opinion(S, "ada"), opinion(S, "dee")]
    holds = [standing(acts[:n])[pair(A, B)].holds for n in range(1, len(acts) + 1)]
    assert holds == [None, "different", "different", "different", "same"]


@pytest.mark.parametrize("acts", [[], [opinion(S, "ada")], [opinion(S, "ada"), opinion(D, "ben")]])
def test_only_what_is_settled_is_reopened(acts: list[Entry]) -> None:
    review = standing(acts).get(pair(A, B), Review())
    with pytest.raises(Refused, match="nothing to reopen"):
        after(review, reopened("cy"))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (opinion(S, " "), "Nobody is named"),
        (opinion(S, "ada", reason=""), "needs its reason"),
        (opinion("perhaps", "ada"), "is not an opinion"),
    ],
)
def test_an_act_without_a_name_a_reason_or_a_verdict_is_refused(entry: Entry, words: str) -> None:
    with pytest.raises(Refused, match=words):
        after(Review(), entry)


def test_a_pair_is_the_same_either_way_round_and_never_one_record() -> None:
    assert pair(A, B) == pair(B, A)
    with pytest.raises(Refused, match="compared with itself"):
        pair(A, A)


def test_what_holds_is_told_apart() -> None:
    reviews = standing([opinion(S, "ada"), opinion(S, "ben")])
    assert held(reviews, "same") == (pair(A, B),)
    assert held(reviews, "different") == ()
