"""What the rule alone forbids, as tables: by source, by people, by place, by the largest contribution, by revision."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from disclosure_support import YEAR, counts, cube, finding, policy, send
from hypothesis import given
from hypothesis import strategies as st

from concord.evidence.disclosure.primary import dominated
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Table
from concord.evidence.findings.statistics import share
from concord.kernel.errors import Refused
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period
from concord.strategy import load
from concord.strategy.shapes.disclosure import Dominance, Rule, Threshold, strictest

PUBLIC = policy().rule("public")


def ruled(**changes: object) -> Rule:
    return dataclasses.replace(PUBLIC, **changes)  # type: ignore[arg-type]


# --- the strictest source --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "hide_to", "round_to", "key"),
    [
        (("police",), 4, 0, "public"),
        (("health",), 7, 5, "public/health"),
        (("police", "health"), 7, 5, "public/health"),
        (("health", "education"), 7, 10, "public/education+health"),
        (("education", "police"), 5, 10, "public/education"),
        ((), 4, 0, "public"),
    ],
)
def test_the_strictest_source_decides(classes: tuple[str, ...], hide_to: int, round_to: int, key: str) -> None:
    rule = ruled(by_source={"health": Threshold(hide_to=7, round_to=5), "education": Threshold(hide_to=5, round_to=10)})
    found = rule.of(*classes)
    assert (found.hide_to, found.round_to, found.key) == (hide_to, round_to, key)


def test_a_source_that_asks_for_less_than_the_rule_gets_it_only_alone() -> None:
    rule = ruled(by_source={"open": Threshold(hide_to=2)})
    assert rule.of("open").hide_to == 2
    assert rule.of("open", "police").hide_to == 4


@given(st.lists(st.sampled_from(["ignore", "flag", "hide"]), min_size=1))
def test_of_several_demands_none_hides_more_than_the_strictest(values: list[str]) -> None:
    order = ["ignore", "flag", "hide"]
    assert all(order.index(strictest("class_disclosure", values)) >= order.index(value) for value in values)
    assert strictest("hide_from", [1, 0]) == 0
    assert strictest("complementary", [False, True]) is True


def test_a_finding_that_also_rests_on_health_is_released_as_health_is(tmp_path: Path) -> None:
    made = send(finding(cube({("a",): 6, ("b",): 33, ("c",): 41}, "area"), also_from=("health",)), tmp_path)
    assert made.rule == "public/health"
    assert counts(made)["a",] is None
    assert counts(made)["c",] == 40


# --- few people, few addresses, one large contribution ---------------------------------------------------------------


def plain(*cells: Cell, per: float | None = None) -> Table:
    names = tuple(cell.key[0] for cell in cells)
    return Table("t", "t", "offences", (Dimension("place", "Place", names),), cells, additive=False, per=per)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell(("a",), 9, people=2), False),  # nine offences against two people
        (Cell(("a",), 9, people=3), True),
        (Cell(("a",), 9), True),
        (Cell(("a",), 0, people=0), True),
        (Cell(("a",), 30, catchment=7), False),
        (Cell(("a",), 30, catchment=8), True),
        (Cell(("a",), 0, catchment=1), True),
        (Cell(("a",), 30, estimate=Estimate(812.0, "days"), largest=(0.5, 0.41)), False),  # two make over 90%
        (Cell(("a",), 30, estimate=Estimate(812.0, "days"), largest=(0.5, 0.40)), True),
    ],
)
def test_a_cell_about_few_is_hidden_however_many_events_it_counts(tmp_path: Path, cell: Cell, shown: bool) -> None:
    rules = policy(fewest_people=3, least_catchment=8, dominance={"largest": 2, "share": 90, "within": 10})
    made = send(finding(plain(cell)), tmp_path, rules=rules).tables[0].cells[0]
    assert (made.count == cell.count) == shown
    assert made.hidden == (None if shown else "confidential")
    if not shown:
        assert made.estimate is None


def test_one_person_struck_five_times_does_not_come_back_by_subtraction(tmp_path: Path) -> None:
    table = cube({("a",): 9, ("b",): 20, ("c",): 40}, "ward")
    cells = tuple(dataclasses.replace(cell, people=1 if cell.key == ("a",) else 15) for cell in table.cells)
    shown = counts(send(finding(dataclasses.replace(table, cells=cells)), tmp_path, rules=policy(fewest_people=3)))
    assert shown == {("a",): None, ("b",): None, ("c",): 40, (TOTAL,): 69}


def test_a_count_that_is_out_stays_and_the_sum_that_one_event_dominates_goes(tmp_path: Path) -> None:
    rules = policy(dominance={"share": 90})
    send(finding(cube({("a",): 30, ("b",): 20}, "ward"), name="counts"), tmp_path, rules=rules)
    table = cube({("a",): 30, ("b",): 20}, "ward")
    harm = tuple(
        dataclasses.replace(
            cell, estimate=Estimate(812.0, "days"), largest=(0.95,) if cell.key == ("a",) else (0.1, 0.1)
        )
        for cell in table.cells
    )
    made = send(finding(dataclasses.replace(table, cells=harm), name="harm"), tmp_path, rules=rules).tables[0]
    assert {cell.key: (cell.count, cell.estimate is not None) for cell in made.cells} == {
        ("a",): (30, False),
        ("b",): (20, True),
        (TOTAL,): (50, True),
    }


def amounts_bound(amounts: list[float]) -> float:
    """How near, in per cent of it, the second largest contributor can come to the largest, from the sum and its own."""
    first, second, *_ = sorted(amounts, reverse=True)
    return 100 * (sum(amounts) - first - second) / first


@given(st.lists(st.floats(1, 1e4), min_size=2, max_size=12))
def test_the_two_rules_are_what_they_say(amounts: list[float]) -> None:
    total, ordered = sum(amounts), sorted(amounts, reverse=True)
    shares = tuple(amount / total for amount in ordered[:2])
    p_only = ruled(dominance=Dominance(share=0, within=10))
    n_k_only = ruled(dominance=Dominance(largest=2, share=90))
    if abs(amounts_bound(amounts) - 10) > 1e-6:
        assert dominated(shares, p_only) == (amounts_bound(amounts) < 10)
    if abs(100 * sum(shares) - 90) > 1e-6:
        assert dominated(shares, n_k_only) == (sum(ordered[:2]) > 0.9 * total)
    assert not dominated(shares, PUBLIC)


def test_all_forty_were_is_flagged_or_hidden_as_a_share_too(tmp_path: Path) -> None:
    table = plain(Cell(("a",), 40, base=40, estimate=share(40, 40)), Cell(("b",), 10, base=40, estimate=share(10, 40)))
    made = send(finding(table), tmp_path)
    assert "t: all of (a) are what is counted" in made.audit.flags
    strict = send(finding(table), tmp_path / "2", rules=policy(class_disclosure="hide", zeros="may_hide"))
    assert [cell.count for cell in strict.tables[0].cells] == [None, 10]


def test_the_partnerships_own_rules_say_where_they_come_from() -> None:
    rules = load(Path(__file__).resolve().parents[2] / "partnerships" / "harbourside").disclosure
    assert rules is not None
    for name in ("public", "board"):
        rule = rules.rule(name)
        assert (rule.fewest_people, rule.least_catchment, rule.revisions) == (3, 8, "hide")
        assert rule.dominance is not None
        assert rule.dominance.source is not None
        assert rule.sources["least_catchment"].url
    assert rules.rule("public").of("health").hide_to == 7


# --- revised data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "shown"),
    [(40, True), (41, False), (44, False), (45, True), (39, False), (36, False), (35, True)],
)
def test_a_revision_by_a_small_count_is_a_small_count(tmp_path: Path, now: int, shown: bool) -> None:
    """Two editions of “c”, both read: their difference is the number of offences recorded late or struck out."""
    send(finding(cube({("a",): 30, ("b",): 20, ("c",): 40}, "area")), tmp_path)
    made = send(finding(cube({("a",): 30, ("b",): 20, ("c",): now}, "area"), name="again"), tmp_path)
    assert (counts(made)["c",] == now) == shown
    if not shown:
        assert counts(made)[TOTAL,] is None, "70 + 40 before, and the total now, would give the difference back"
        others = [counts(made)[key] for key in (("a",), ("b",))]
        assert others == [30, 20], "what did not change is shown"


def test_a_revision_is_not_worked_out_from_the_parts_either(tmp_path: Path) -> None:
    """Before, only the quarter; now its months: their sum less the quarter is what was recorded late."""
    quarter = Table(
        "q", "q", "offences", (Dimension("limb", "Limb", (TOTAL,)),), (Cell((TOTAL,), 90),), universe="offences"
    )
    when = Period(date(2024, 4, 1), date(2024, 6, 30))
    send(finding(quarter, period=when), tmp_path)
    months = cube({("2024-04",): 30, ("2024-05",): 30, ("2024-06",): 32}, "month", called="months")
    shown = counts(send(finding(months, name="months", period=when), tmp_path))
    assert shown[TOTAL,] is None
    assert sum(shown[f"2024-0{month}",] is None for month in (4, 5, 6)) >= 1


def test_the_other_way_round_months_before_and_a_quarter_now(tmp_path: Path) -> None:
    when = Period(date(2024, 4, 1), date(2024, 6, 30))
    months = cube({("2024-04",): 30, ("2024-05",): 30, ("2024-06",): 30}, "month", called="months")
    without = dataclasses.replace(
        months,
        dimensions=(Dimension("month", "Month", ("2024-04", "2024-05", "2024-06")),),
        cells=tuple(cell for cell in months.cells if TOTAL not in cell.key),
    )
    send(finding(without, period=when), tmp_path)
    quarter = Table(
        "q", "q", "offences", (Dimension("limb", "Limb", (TOTAL,)),), (Cell((TOTAL,), 92),), universe="offences"
    )
    assert counts(send(finding(quarter, name="quarter", period=when), tmp_path)) == {(TOTAL,): None}


def test_where_the_rule_lets_revisions_through_they_are_shown(tmp_path: Path) -> None:
    open_ = policy(revisions="ignore")
    send(finding(cube({("a",): 30, ("b",): 20, ("c",): 40}, "area")), tmp_path, rules=open_)
    made = send(finding(cube({("a",): 30, ("b",): 20, ("c",): 41}, "area"), name="again"), tmp_path, rules=open_)
    assert counts(made)["c",] == 41


def test_rounding_keeps_a_small_revision_in(tmp_path: Path) -> None:
    send(finding(cube({("a",): 30, ("b",): 22, ("c",): 41}, "area"), source_class="health"), tmp_path)
    revised = cube({("a",): 30, ("b",): 22, ("c",): 43}, "area")
    made = send(finding(revised, name="again", source_class="health"), tmp_path)
    assert counts(made)["c",] == 45, "40 and 45, each to the nearest five, are 3 to 9 apart, or none"


def test_pieces_too_many_to_attack_are_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.evidence.disclosure.grids.MOST_PIECES", 10)
    table = cube({(f"r{i}", f"c{j}"): 20 for i in range(3) for j in range(3)}, "area", "kind")
    with pytest.raises(Refused, match="too much") as caught:
        send(finding(table), tmp_path)
    assert "16 pieces by area, kind" in str(caught.value)
    assert YEAR.label
