"""Intervals, funnels, process control and trends beside the numbers that others publish for them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from concord.evidence.findings import comparison, spc, statistics

ORACLES = Path(__file__).resolve().parents[2].parent / "shared" / "oracles"
needs_oracles = pytest.mark.skipif(not ORACLES.exists(), reason="the statistics oracles are not on this machine")


def rows(name: str) -> list[dict[str, str]]:
    with (ORACLES / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def number(text: str) -> float:
    return float(text) if text else math.nan


# --- facts small enough to carry here (R PHEindicatormethods; textbook tables) ---------------------------------------


@pytest.mark.parametrize(("events", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683)])
def test_exact_poisson_limits_are_the_textbook_s(events: int, low: float, high: float) -> None:
    assert statistics.garwood(events) == pytest.approx((low, high), abs=5e-5)


def test_nought_events_have_a_lower_limit_of_nought_not_nan() -> None:
    found = statistics.rate(0, 1000)
    assert found.interval is not None
    assert (found.value, found.interval.low) == (0.0, 0.0)
    assert found.interval.high == pytest.approx(3.6889, abs=1e-3)


def test_byar_is_never_below_nought() -> None:
    assert statistics.byar(1, 0.998)[0] == 0.0


def test_rates_change_method_at_ten_events() -> None:
    assert statistics.rate(9, 1000).method == "exact Poisson (Garwood)"
    assert statistics.rate(10, 1000).method == "Byar's approximation"


@pytest.mark.parametrize(("part", "whole"), [(0, 12), (12, 12)])
def test_a_share_of_nobody_or_everybody_stays_within_nought_and_a_hundred(part: int, whole: int) -> None:
    found = statistics.share(part, whole)
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 100
    assert found.interval.high - found.interval.low > 20


@pytest.mark.parametrize("make", [lambda: statistics.rate(1, 0), lambda: statistics.share(3, 2)])
def test_a_rate_of_nobody_and_a_share_above_its_whole_are_errors(make) -> None:
    with pytest.raises(ValueError, match=r"population above nought|is not a proportion"):
        make()


def test_the_strategy_s_change_in_knife_crime_computes_and_has_an_interval() -> None:
    # 142 to 166 (strategy, theme 2) is +16.90%; the interval says that it may be chance.
    found = statistics.percent_change(166, 142)
    assert found is not None
    assert found.interval is not None
    assert found.value == pytest.approx(16.90, abs=0.005)
    assert found.interval.low < 0 < found.interval.high


def test_a_change_from_nothing_has_no_percentage() -> None:
    assert statistics.percent_change(5, 0) is None


# --- PHEindicatormethods ---------------------------------------------------------------------------------------------


@needs_oracles
def test_byar_and_wilson_limits_agree() -> None:
    compared = 0
    for row in rows("phe/byars_wilson.csv"):
        level = float(row["confidence"].rstrip("%")) / 100
        if row["method"] == "Byars":
            found = statistics.byar(number(row["x"]), level)
        else:
            found = statistics.wilson(number(row["x"]), number(row["n"]), level)
        # Upstream gives no lower limit where Byar's falls below nought; nought is the count's own lower limit.
        low = 0.0 if math.isnan(number(row["lowercl"])) else number(row["lowercl"])
        assert found == pytest.approx((low, number(row["uppercl"])), rel=1e-9)
        compared += 1
    assert compared >= 10


@needs_oracles
@pytest.mark.parametrize("level", ["95_0", "99_8"])
def test_rates_agree(level: str) -> None:
    compared = 0
    for row in rows("phe/rate.csv"):
        if not row["value"]:
            continue
        confidence = {"95_0": 0.95, "99_8": 0.998}[level]
        found = statistics.rate(
            number(row["Numerator"]), number(row["Denominator"]), per=number(row["multiplier"]), level=confidence
        )
        assert found.interval is not None
        assert found.value == pytest.approx(number(row["value"]), rel=1e-9)
        assert found.interval.low == pytest.approx(number(row[f"lower{level}cl"]), rel=1e-9)
        assert found.interval.high == pytest.approx(number(row[f"upper{level}cl"]), rel=1e-9)
        compared += 1
    assert compared >= 8


@needs_oracles
def test_shares_agree() -> None:
    compared = 0
    for row in rows("phe/proportion.csv"):
        if row["multiplier"] == "100" and row["value"]:
            found = statistics.share(number(row["Numerator"]), number(row["Denominator"]))
            assert found.interval is not None
            assert [found.value, found.interval.low, found.interval.high] == pytest.approx(
                [number(row[name]) for name in ("value", "lower95_0cl", "upper95_0cl")], rel=1e-9
            )
            compared += 1
    assert compared >= 8


@needs_oracles
def test_funnel_labels_agree() -> None:
    words = {
        "High (0.001)": "far above the borough",
        "High (0.025)": "above the borough",
        "Low (0.001)": "far below the borough",
        "Low (0.025)": "below the borough",
        "Not significant": "",
    }
    data = [row for row in rows("phe/testdata_funnel_rate_dsr_inputs.csv") if row["crude_per_100_with_0"] in words]
    whole = sum(number(row["count"]) for row in data) / sum(number(row["pop"]) for row in data)
    wrong = [
        row
        for row in data
        if comparison.funnel_label(number(row["count"]), whole * number(row["pop"]))
        != words[row["crude_per_100_with_0"]]
    ]
    assert len(data) == 40
    assert wrong == []


# --- NHSRplotthedots -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dots() -> dict:
    path = ORACLES / "spc" / "plot_the_dots_cases.json"
    if not path.exists():
        pytest.skip("the process control oracle is not on this machine")
    return json.loads(path.read_text())


def test_xmr_limits_agree(dots: dict) -> None:
    for case in dots["limits"]:
        values = list(dots["y"])
        if case["y15"] is not None:
            values[14] = case["y15"]
        found = spc.xmr(values, screen=case["screen"])
        assert found is not None
        assert (found.mean, found.low, found.high) == pytest.approx((case["mean"], case["lpl"], case["upl"]), rel=1e-5)


def test_the_published_excel_example_agrees(dots: dict) -> None:
    case = dots["published_excel_deviation_example"]
    found = spc.xmr(case["y"])
    assert found is not None
    expected = case["screened"]
    assert (found.high, found.mean, found.low) == pytest.approx(
        (expected["upl"], expected["mean"], expected["lpl"]), abs=0.006
    )


@pytest.mark.parametrize(
    ("rule", "given", "call"),
    [
        ("seven_trend", ("y",), spc.run_of_seven),
        ("seven_one_side", ("rel",), spc.seven_one_side),
        ("two_in_three", ("close", "rel"), spc.two_of_three),
    ],
)
def test_the_rules_of_process_control_agree(dots: dict, rule: str, given: tuple[str, ...], call) -> None:
    for case in dots[rule]:
        assert call(*(case[name] for name in given)) == case["out"], case


def test_assurance_agrees(dots: dict) -> None:
    for case in dots["assurance"]:
        limits = spc.Limits((case["lpl"] + case["upl"]) / 2, case["lpl"], case["upl"], 0, 0, False)
        assert spc.assurance(limits, case["target"], case["dir"]) == case["out"]


def test_two_points_have_no_limits_and_eleven_are_on_trial() -> None:
    assert spc.xmr([1, 2]) is None
    eleven, twelve = spc.xmr(list(range(11))), spc.xmr(list(range(12)))
    assert eleven is not None
    assert twelve is not None
    assert (eleven.trial, twelve.trial) == (True, False)


# --- trends ----------------------------------------------------------------------------------------------------------


def test_the_trend_in_proportions_agrees_with_r_prop_trend_test() -> None:
    # R's own example: smokers in four groups of patients, ?prop.trend.test.
    value, p = comparison.trend_test([83, 90, 129, 70], [86, 93, 136, 82])
    assert (value, p) == pytest.approx((8.22492228519771, 0.00413189747764149), rel=1e-9)


def test_a_series_that_doubles_each_year_has_that_trend() -> None:
    found = comparison.trend([10 * 2 ** (month / 12) for month in range(36)], [30.0] * 36)
    assert found is not None
    estimate, p = found
    assert estimate.value == pytest.approx(100, rel=1e-9)
    assert p < 1e-9


def test_a_level_series_has_no_trend_and_a_short_one_is_not_judged() -> None:
    found = comparison.trend([20, 22, 18, 20, 21, 19] * 4, [30.0] * 24)
    assert found is not None
    estimate, p = found
    assert estimate.interval is not None
    assert estimate.interval.low < 0 < estimate.interval.high
    assert p > 0.3
    assert comparison.trend([5] * 11, [30.0] * 11) is None
