"""Proofread's remarks on a real strategy, held against the figures and gaps that a person found in it by hand."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from concord.strategy.proofread import KINDS, Remark, proofread

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
STRATEGY = SHARED / "strategy" / "serious-violence-and-exploitation-strategy.txt"
FIGURES = SHARED / "reference" / "figures.csv"

pytestmark = pytest.mark.skipif(
    not (STRATEGY.exists() and FIGURES.exists()), reason="the strategy and its checked figures are not on this machine"
)

# Verdicts of the hand check, by what they begin with, and the kinds of remark that say the same.
SAME = {
    "INCONSISTENT": {"change_does_not_compute", "count_mismatch"},
    "CONTRADICTION": {"contradiction", "change_does_not_compute"},
    "PLACEHOLDER": {"placeholder"},
    "UNVERIFIABLE": {"no_base_or_period"},
    "plausible; NO PERIOD": {"no_base_or_period"},
    "TWO-DECIMAL": {"small_count_disclosed"},
    "STALE": {"no_base_or_period"},
    "CONFLATION": {"contradiction"},
    "UNQUANTIFIED": {"unquantified", "no_base_or_period", "contradiction"},
    "NO DENOMINATOR": {"no_base_or_period"},
    "UNDEFINED AREA": {"area_unclear"},
    "BASE-RATE MISSING": {"no_base_or_period"},
    "AMBIGUOUS %": {"percent_or_points"},
    "AMBIGUOUS": {"contradiction"},
    "NON-LOCAL": {"area_unclear"},
    "WRONG GEOGRAPHY": {"area_unclear"},
    "SMALL NUMBERS": {"small_count_disclosed"},
    "PERIOD AMBIGUOUS": {"no_base_or_period"},
    "NO COUNTS": {"small_count_disclosed"},
    "METHOD MISSING": {"no_base_or_period"},
    "PARTIAL": {"count_mismatch"},
    "BASE UNCLEAR": {"no_base_or_period"},
    "check for": {"unquantified"},
    "no date": {"no_base_or_period"},
    "not checked": {"no_base_or_period"},
    "NAMING": {"name_varies", "contradiction"},
}

# Figures that compute and are left alone. Line 743's figure is right too, but its sentence lacks a word.
RIGHT = (186, 194, 200, 391, 524, 525)

# Placeholders, gaps and truncations found by hand: a remark must stand on one of the lines of each.
GAPS = (
    (65, 65), (70, 71), (76, 77), (108, 118), (122, 122), (124, 124), (150, 150), (469, 469), (192, 192),
    (226, 230), (268, 271), (346, 346), (371, 371), (448, 448), (571, 573), (578, 578), (591, 591), (592, 592),
    (743, 743), (753, 753), (763, 763), (767, 767), (157, 162), (210, 210), (214, 214), (216, 216), (218, 218),
    (220, 220), (222, 222), (224, 224),
)  # fmt: skip


@pytest.fixture(scope="module")
def remarks() -> dict[int, Remark]:
    return {remark.line: remark for remark in proofread(STRATEGY)}


def _rows() -> list[tuple[list[int], str, str]]:
    if not FIGURES.exists():
        return []
    with FIGURES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        said = row["line"]
        if "-" in said and " v " not in said:
            lines = [int(said.split("-")[0])]
        else:
            lines = [int(number) for number in re.findall(r"\d+", said)]
        found.append((lines, row["verdict"], row["figure"]))
    return found


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        pytest.param(lines, verdict, id=f"{lines}-{verdict[:25]}")
        for lines, verdict, _ in _rows()
        if any(verdict.startswith(start) for start in SAME)
    ],
)
def test_what_the_hand_check_faulted_is_remarked_on(lines: list[int], verdict: str, remarks: dict[int, Remark]) -> None:
    wanted = SAME[max((start for start in SAME if verdict.startswith(start)), key=len)]
    for line in lines:
        assert line in remarks, f"line {line}: {verdict}"
        named = {kind for kind in KINDS if f"({kind.replace('_', ' ')})" in remarks[line].message}
        assert ({remarks[line].kind} | named) & wanted, f"line {line}: {verdict}: {remarks[line]}"


def test_every_fault_of_the_hand_check_is_covered_by_a_kind() -> None:
    silent = {verdict for _, verdict, _ in _rows() if not any(verdict.startswith(start) for start in SAME)}
    assert {v.split(" ")[0].strip(",;") for v in silent} <= {"OK", "-", "activity", "plausible"}


@pytest.mark.parametrize("line", RIGHT)
def test_figures_that_check_raise_no_alarm(line: int, remarks: dict[int, Remark]) -> None:
    assert line not in remarks


@pytest.mark.parametrize(("first", "last"), GAPS)
def test_gaps_found_by_hand_are_remarked_on(first: int, last: int, remarks: dict[int, Remark]) -> None:
    assert any(line in remarks for line in range(first, last + 1))


def test_the_one_change_that_does_not_compute_is_the_only_one(remarks: dict[int, Remark]) -> None:
    assert [line for line, remark in remarks.items() if remark.kind == "change_does_not_compute"] == [190]
    assert "9.48%" in remarks[190].message
    assert 688 in remarks[190].lines


def test_the_counts_behind_two_percentages_are_worked_out(remarks: dict[int, Remark]) -> None:
    assert "37 to 20, 74 to 40 or 111 to 60" in remarks[202].message
    assert "71 to 83, 142 to 166 or 213 to 249" in remarks[550].message


def test_points_and_ratio_are_both_worked_out(remarks: dict[int, Remark]) -> None:
    for words in ("25% and 26%", "29.2% and 29.5%"):
        assert words in remarks[475].message


def test_contents_headings_and_quoted_law_are_left_alone(remarks: dict[int, Remark]) -> None:
    assert not [line for line in remarks if 11 <= line <= 46 or line in (112, 114, 116)]


def test_names_for_one_thing_are_found(remarks: dict[int, Remark]) -> None:
    for line, words in {
        148: "Combatting",
        274: "Partnerships",
        335: "Violence and Exploitation Strategy Group",
        418: "Needs Assessment",
        510: "Violence Harm Assessment",
        580: "Safeguarding Team",
        48: "Strategic Partnership Plan",
        272: "Strategy Group",
    }.items():
        assert words in remarks[line].message, remarks[line]
