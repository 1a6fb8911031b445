"""The ledger of review: kept in order, found out where it was touched, and free of names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from concord.evidence.linkage import decisions
from concord.evidence.linkage.review import pair
from concord.kernel.errors import BadInput, Refused
from concord.strategy import load
from concord.strategy.shapes.linkage import Linkage

FOLDER = Path(__file__).resolve().parents[2] / "partnerships" / "harbourside"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, B, C = ("police", "a"), ("school", "b"), ("school", "c")


@pytest.fixture(scope="module")
def linkage() -> Linkage:
    found = load(FOLDER).linkage
    assert found is not None
    return found


def decide(home: Path, linkage: Linkage, one: Any, other: Any, verdict: Any, *reviewers: str) -> Any:
    review = None
    for reviewer in reviewers:
        review = decisions.decide(
            home, linkage, one, other, verdict=verdict, reviewer=reviewer, reason="spelling", clock=NOON
        )
    return review


def test_two_reviewers_settle_a_pair_and_it_is_read_back(tmp_path: Path, linkage: Linkage) -> None:
    assert decide(tmp_path, linkage, A, B, "same", "ada").state == "one_opinion"
    assert decide(tmp_path, linkage, B, A, "same", "ben").state == "same"
    assert decisions.reviews(tmp_path)[pair(A, B)].holds == "same"
    assert [(e.reviewer, e.at) for e in decisions.entries(tmp_path)] == [("ada", NOON), ("ben", NOON)]


def test_a_refused_opinion_leaves_no_line(tmp_path: Path, linkage: Linkage) -> None:
    decide(tmp_path, linkage, A, B, "same", "ada")
    before = decisions.ledger_file(tmp_path).read_bytes()
    with pytest.raises(Refused, match="You have given your opinion"):
        decide(tmp_path, linkage, A, B, "same", "ada")
    assert decisions.ledger_file(tmp_path).read_bytes() == before


def test_a_reason_is_one_of_the_partnerships_own(tmp_path: Path, linkage: Linkage) -> None:
    """Free words could hold a name, so they are not kept: the nearest reason is offered."""
    with pytest.raises(Refused, match="not one of the partnership's reasons") as refused:
        decisions.decide(tmp_path, linkage, A, B, verdict="same", reviewer="ada", reason="spellin", clock=NOON)
    assert "spelling" in str(refused.value)
    assert not decisions.ledger_file(tmp_path).exists()


def test_a_record_nobody_holds_is_not_decided_about(tmp_path: Path, linkage: Linkage) -> None:
    with pytest.raises(BadInput, match="No record of feed “school” has the pseudonym b"):
        decisions.decide(
            tmp_path,
            linkage,
            A,
            B,
            verdict="same",
            reviewer="ada",
            reason="spelling",
            clock=NOON,
            known=lambda r: r == A,
        )


def _damage(lines: list[str]) -> dict[str, list[str]]:
    changed = json.loads(lines[1])
    changed["verdict"] = "different"
    rehashed = dict(changed)
    rehashed["hash"] = decisions._digest(rehashed)
    return {
        "a word changed": [lines[0], json.dumps(changed), lines[2]],
        "a word changed and its digest made to fit": [lines[0], json.dumps(rehashed), lines[2]],
        "a line taken out": [lines[0], lines[2]],
        "two lines exchanged": [lines[1], lines[0], lines[2]],
        "the first line taken out": lines[1:],
        "a line that is no line": [lines[0], "{", lines[2]],
    }


@pytest.mark.parametrize("how", list(_damage(["{}", '{"verdict": ""}', "{}"])))
def test_a_touched_ledger_is_found_out_and_nothing_more_is_decided(tmp_path: Path, linkage: Linkage, how: str) -> None:
    decide(tmp_path, linkage, A, B, "same", "ada", "ben")
    decide(tmp_path, linkage, A, C, "different", "ada")
    file = decisions.ledger_file(tmp_path)
    file.write_text("\n".join(_damage(file.read_text().splitlines())[how]) + "\n")
    with pytest.raises(BadInput, match="has been changed") as caught:
        decisions.reviews(tmp_path)
    assert "decisions.jsonl, line" in str(caught.value)
    with pytest.raises(BadInput, match="has been changed"):
        decide(tmp_path, linkage, A, C, "different", "ben")


def test_a_line_torn_by_a_crash_was_never_told_and_goes(tmp_path: Path, linkage: Linkage) -> None:
    decide(tmp_path, linkage, A, B, "same", "ada")
    file = decisions.ledger_file(tmp_path)
    file.write_bytes(file.read_bytes() + b'{"number": 2, "act"')
    assert decide(tmp_path, linkage, A, B, "same", "ben").state == "same"
    assert len(decisions.entries(tmp_path)) == 2


def test_decisions_that_contradict_each_other_are_not_taken(tmp_path: Path, linkage: Linkage) -> None:
    """A is B and B is C: then A is not “different” from C, until one of the others is reopened and changed."""
    decide(tmp_path, linkage, A, B, "same", "ada", "ben")
    decide(tmp_path, linkage, B, C, "same", "ada", "ben")
    decide(tmp_path, linkage, A, C, "different", "ada")
    with pytest.raises(Refused, match="cannot stand beside earlier ones") as refused:
        decide(tmp_path, linkage, A, C, "different", "ben")
    assert "Reopen the decision that is wrong" in str(refused.value)
    decisions.reopen(tmp_path, linkage, B, C, reviewer="cy", reason="new_information", clock=NOON)
    decide(tmp_path, linkage, B, C, "different", "ada", "ben")
    assert decide(tmp_path, linkage, A, C, "different", "ben").state == "different"


def test_the_ledger_is_for_its_owner_alone(tmp_path: Path, linkage: Linkage) -> None:
    decide(tmp_path, linkage, A, B, "same", "ada")
    assert decisions.ledger_file(tmp_path).stat().st_mode & 0o077 == 0
