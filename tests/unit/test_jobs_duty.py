"""An obligation is shown, or it is a gap with an owner and a day; nothing is met because nobody looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from concord.jobs import duty
from concord.jobs.listings import About
from concord.jobs.listings.duty import agreements, consulted, exchange, obligations
from concord.kernel.errors import BadInput
from concord.strategy import Partnership, load
from concord.strategy.shapes.duty import Requirement
from concord.strategy.shapes.duty_evidence import Consulted, DutyEvidence, Entry, Gap

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def harbourside() -> Partnership:
    return load(ROOT / "partnerships" / "harbourside")


def about(partnership: Partnership, home: Path, day: date = DAY, **held: Any) -> About:
    releasing: Any = SimpleNamespace(store=SimpleNamespace(has=lambda name: name in held.get("loaded", ())))
    publication: Any = SimpleNamespace(key="duty_pack", sections=())
    return About(home, partnership, publication, releasing, day, {}, {})


def standing(found: Any, provision: str) -> str:
    return next(row[-1] for row in found.rows if row[0] == provision)


def test_nothing_is_shown_in_an_empty_home(harbourside: Partnership, tmp_path: Path) -> None:
    found = obligations(about(harbourside, tmp_path))
    assert standing(found, "PCSC Act 2022 s8(3)(a)").startswith("Gap: ")
    assert standing(found, "SI 2007/1830 reg 5").startswith("Gap: ")


def test_a_gap_has_the_lead_and_the_day_of_the_file_where_nobody_dated_it(
    harbourside: Partnership, tmp_path: Path
) -> None:
    found = obligations(about(harbourside, tmp_path))
    assert standing(found, "SI 2007/1830 reg 5") == (
        "Gap: Community Safety Partnership, by 20 February 2027. Nobody has dated it yet."
    )


def test_a_gap_that_the_partnership_dated_keeps_its_owner_and_is_overdue_after_its_day(
    harbourside: Partnership, tmp_path: Path
) -> None:
    gap = Gap(requirement="consult", owner="community_safety", by=date(2026, 11, 1), why="The prison was asked twice.")
    bare = replace(harbourside, duty_evidence=DutyEvidence(gap=(gap,)))
    assert standing(obligations(about(bare, tmp_path)), "PCSC Act 2022 s8(4)") == (
        "Gap: Community Safety, by 1 November 2026 (overdue). The prison was asked twice."
    )


def test_what_was_recorded_counts_from_its_day_on(harbourside: Partnership, tmp_path: Path) -> None:
    entry = Entry(requirement="guidance", what="Read", on=date(2026, 6, 1), record="minutes")
    told = replace(harbourside, duty_evidence=DutyEvidence(entry=(entry,)))
    assert standing(obligations(about(told, tmp_path)), "PCSC Act 2022 s19") == "Shown"
    before = obligations(about(told, tmp_path, date(2026, 5, 31)))
    assert standing(before, "PCSC Act 2022 s19").startswith("Gap: ")


def test_consultation_is_whole_only_when_each_authority_has_replied(harbourside: Partnership, tmp_path: Path) -> None:
    asked = date(2026, 1, 5)
    replies = {"schools": date(2026, 2, 1), "prison": date(2026, 2, 2), "young_offender_institution": None}
    for missing in (None, *replies):
        rows = tuple(
            Consulted(authority=key, asked=asked, replied=day or date(2026, 2, 3), changed="Nothing")
            for key, day in replies.items()
            if key != missing
        )
        told = replace(harbourside, duty_evidence=DutyEvidence(consulted=rows))
        assert (standing(obligations(about(told, tmp_path)), "PCSC Act 2022 s8(4)") == "Shown") is (missing is None)
        assert ("Gap" in {row[-1] for row in consulted(about(told, tmp_path)).rows}) is (missing is not None)


def test_a_power_that_nobody_used_is_no_gap(harbourside: Partnership, tmp_path: Path) -> None:
    found = obligations(about(harbourside, tmp_path), kinds=["power"])
    assert found.rows
    assert not any(row[-1].startswith("Gap") for row in found.rows)


@pytest.mark.parametrize(
    ("law", "rows"), [("PCSC Act 2022", 10), ("SI 2007/1830", 10), ("SI 2007/1831", 1), ("Equality Act 2010", 1)]
)
def test_each_body_of_law_has_its_rows(harbourside: Partnership, tmp_path: Path, law: str, rows: int) -> None:
    assert len(obligations(about(harbourside, tmp_path), law=law).rows) >= rows


def test_the_twelve_items_of_the_exchange_are_gaps_until_something_comes(
    harbourside: Partnership, tmp_path: Path
) -> None:
    found = exchange(about(harbourside, tmp_path))
    assert len(found.rows) == 12
    assert {row[-1] for row in found.rows} == {"Gap: nothing has come"}


def test_an_agreement_out_of_force_says_so(harbourside: Partnership, tmp_path: Path) -> None:
    later = agreements(about(harbourside, tmp_path, date(2045, 1, 1)))
    assert all(row[-1].startswith("Out of force") for row in later.rows)
    assert standing(obligations(about(harbourside, tmp_path, date(2045, 1, 1))), "PCSC Act 2022 s16(1)-(4)") != "Shown"


def test_a_year_old_assessment_does_not_count(harbourside: Partnership, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    entry = '{"publications": {"strategic_needs_assessment": {"made_on": "%s"}}}'
    for made, met in (("2026-11-01", True), ("2025-10-01", False)):
        (tmp_path / "site" / "site.json").write_text(entry % made, "utf-8")
        shown = duty.PROOFS["assessment"](about(harbourside, tmp_path))
        assert shown.met is met
        assert ("more than a year old" in shown.words) is not met


def test_a_proof_that_does_not_exist_is_named_with_the_nearest(harbourside: Partnership, tmp_path: Path) -> None:
    wrong = Requirement(name="x", law="y", evidence="z", proof=("assesment",))
    with pytest.raises(BadInput) as caught:
        duty.shown(about(harbourside, tmp_path), "x", wrong)
    assert caught.value.next_step == "Did you mean “assessment”?"


def test_every_proof_of_the_national_file_exists_and_can_fail(harbourside: Partnership, tmp_path: Path) -> None:
    assert harbourside.duty is not None
    named = {proof for each in harbourside.duty.requirements.values() for proof in each.proof}
    assert named <= set(duty.PROOFS)
    nothing = replace(
        harbourside, definition=None, causes=None, recommendations=None, duty_evidence=None, funding=None,
        boards=MappingProxyType({}), themes=MappingProxyType({}), agreements=MappingProxyType({}),
        indicators=MappingProxyType({}), publications=MappingProxyType({}),
        agencies=MappingProxyType({}),
        partnership=replace(harbourside.partnership, strategy=None, areas=None, lead_body=None),
    )  # fmt: skip
    met = {name for name in named if duty.PROOFS[name](about(nothing, tmp_path)).met}
    assert met <= {"equality", "gateway", "edition"}, "these say how the system works, not that something was done"
