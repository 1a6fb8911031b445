"""Hot spots, near repeats, alerts, evaluation, surveys and standardised rates beside the numbers others publish."""

from __future__ import annotations

import csv
import itertools
import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.findings import (
    alerts,
    capture,
    disproportionality,
    evaluation,
    harm,
    hotspots,
    near_repeat,
    seasonal,
    standardised,
    survey,
)

ORACLES = Path(__file__).resolve().parents[2].parent / "shared" / "oracles"
pytestmark = pytest.mark.skipif(not ORACLES.exists(), reason="the statistics oracles are not on this machine")


def rows(name: str) -> list[dict[str, str]]:
    with (ORACLES / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def column(table: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in table])


# --- standardised rates (PHEindicatormethods) ------------------------------------------------------------------------

ESP = [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000]


def test_the_european_standard_population_is_the_published_one() -> None:
    assert [float(row["esp2013"]) for row in rows("phe/esp2013.csv")] == ESP
    assert sum(ESP) == 100_000


@pytest.mark.parametrize("area", ["testdata_big", "testdata_small", "testdata_tiny"])
@pytest.mark.parametrize(("level", "name"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_directly_standardised_rates_agree(area: str, level: float, name: str) -> None:
    bands = [row for row in rows("phe/dsr_isr_testdata_multiarea.csv") if row["area"] == area]
    bands = [{**row, "count": row["count"] or "0"} for row in bands]
    result = next(row for row in rows("phe/dsr_isr_testresults_DSR.csv") if row["area"] == area)
    found = standardised.directly(column(bands, "count"), column(bands, "pop"), ESP, per=10_000, level=level)
    if not result["value"]:
        assert found is None, "below ten events no rate is stated"
        return
    assert found is not None and found.interval is not None
    assert (found.value, found.interval.low, found.interval.high) == pytest.approx(
        (float(result["value"]), float(result[f"lower{name}"]), float(result[f"upper{name}"])), rel=1e-9
    )


def test_people_with_several_events_widen_the_interval_as_published() -> None:
    bands = [row for row in rows("phe/dsr_isr_testdata_nonindepe.csv") if row["area"] == "testdata_nonind_big"]
    by_person = [column(bands, f"f{f}") for f in (1, 2, 3, 4)]
    x, n = column(bands, "count"), column(bands, "pop")
    plain = standardised.directly(x, n, ESP)
    wide = standardised.directly(x, n, ESP, by_person=by_person)
    assert plain is not None and plain.interval is not None and wide is not None and wide.interval is not None
    assert [round(v) for v in (plain.interval.low, plain.interval.high)] == [9718, 11179]
    assert [round(v) for v in (wide.interval.low, wide.interval.high)] == [9533, 11373]
    with pytest.raises(ValueError, match="do not add up"):
        standardised.directly(x, n, ESP, by_person=by_person[:3])


def test_indirect_standardisation_is_observed_over_expected_with_the_count_s_limits() -> None:
    bands = [row for row in rows("phe/dsr_isr_testdata_multiarea_isr.csv") if row["area"] == "testdata_big"]
    expected = standardised.expected(column(bands, "refcount"), column(bands, "refpop"), column(bands, "pop"))
    by_hand = sum(float(r["refcount"]) / float(r["refpop"]) * float(r["pop"]) for r in bands)
    assert expected == pytest.approx(by_hand)
    found = standardised.indirectly(895, expected)
    assert found.interval is not None
    assert found.value == pytest.approx(895 / by_hand)
    assert found.interval.low < found.value < found.interval.high
    with pytest.raises(ValueError, match="needs expected events"):
        standardised.indirectly(3, 0)


# --- alerts (R surveillance) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "how"),
    [
        ("farrington_b4w3_a05.csv", {}),
        ("farrington_b4w3_a05_noreweight_notrend.csv", {"reweight": False, "with_trend": False}),
    ],
)
def test_farrington_bounds_and_alarms_agree(file: str, how: dict[str, bool]) -> None:
    counts = [int(row["observed"]) for row in rows("farrington/salmonella_agona_weekly.csv")]
    judged = rows(f"farrington/{file}")
    for row in judged:
        found = alerts.farrington(counts, int(row["t"]) - 1, **how)  # type: ignore[arg-type]
        assert found is not None
        assert found.observed == int(row["observed"])
        assert found.upper == pytest.approx(float(row["upper"]), rel=3e-5)
        assert found.alarm == (row["alarm"] == "1"), row
    assert len(judged) >= 31


def test_an_alert_needs_enough_events_lately_and_enough_history() -> None:
    quiet = [0] * 220
    quiet[215] = 4
    found = alerts.farrington(quiet, 215)
    assert found is not None
    assert found.observed > found.upper and not found.alarm, "four cases are not five"
    quiet[214] = 1
    again = alerts.farrington(quiet, 215)
    assert again is not None and again.alarm, "five in four weeks are enough"
    assert alerts.farrington(quiet, 210) is None, "four years and three weeks must stand before it"


def test_the_false_alarm_rate_on_chance_alone_is_near_what_was_asked() -> None:
    counts = np.random.default_rng(3).poisson(30, 52 * 9).tolist()
    alarms, judged = alerts.false_alarm_rate(counts)
    assert judged == 52 * 9 - (4 * 52 + 3)
    assert 0.005 <= alarms / judged <= 0.06, "a limit at the 97.5th percentile"


# --- hot spots (sfhotspot, spdep) ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grid() -> tuple[list[dict[str, str]], hotspots.Neighbours]:
    cells = rows("sfhotspot/gistar_1000m.csv")
    return cells, hotspots.Neighbours.of_points(column(cells, "cx"), column(cells, "cy"), 1000 * math.sqrt(2) + 1)


def test_gi_star_agrees(grid: tuple[list[dict[str, str]], hotspots.Neighbours]) -> None:
    cells, neighbours = grid
    z, p = hotspots.gi_star(column(cells, "n"), neighbours)
    assert z == pytest.approx(column(cells, "gistar"), abs=1e-9)
    assert p == pytest.approx(column(cells, "pvalue"), abs=1e-9)


def test_global_moran_agrees(grid: tuple[list[dict[str, str]], hotspots.Neighbours]) -> None:
    cells, neighbours = grid
    assert hotspots.moran(column(cells, "n"), neighbours) == pytest.approx(0.428319845968633, rel=1e-12)


def test_the_kernel_agrees_and_the_bandwidth_uses_both_axes() -> None:
    cells, events = rows("sfhotspot/gistar_kde_1000m_bw2000.csv"), rows("sfhotspot/memphis_robberies_epsg2843.csv")
    x, y = column(events, "x"), column(events, "y")
    found = hotspots.kernel(x, y, column(cells, "cx"), column(cells, "cy"), 2000)
    assert found == pytest.approx(column(cells, "kde"), abs=1e-6)
    assert hotspots.bandwidth(x, y) == pytest.approx(5766.8, abs=0.05)


def test_permutation_finds_the_same_places_hot_as_the_normal_does(grid) -> None:
    cells, neighbours = grid
    z, _ = hotspots.gi_star(column(cells, "n"), neighbours)
    p = hotspots.permuted(column(cells, "n"), neighbours, statistic="gi_star", times=499)
    assert (p[z > 4] <= 0.02).all()
    assert ((p > 0) & (p <= 1)).all()
    again = hotspots.permuted(column(cells, "n"), neighbours, statistic="gi_star", times=499)
    assert (p == again).all(), "the same seed gives the same answer"


def test_permutation_on_noise_calls_as_few_places_as_it_should() -> None:
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(40), np.arange(40)))
    neighbours = hotspots.Neighbours.of_points(x, y, 1.5)
    noise = np.random.default_rng(11).poisson(0.4, 1600)
    p = hotspots.permuted(noise, neighbours, statistic="local_moran", times=399)
    assert (hotspots.false_discovery(np.minimum(1, 2 * p)) < 0.05).sum() <= 8


def test_permutation_p_are_those_of_every_way_of_drawing_neighbours() -> None:
    """Twelve areas: all sets of neighbours are drawn in turn, so that the true p of each area is known."""
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(4), np.arange(3)))
    neighbours = hotspots.Neighbours.of_points(x, y, 1.5)
    counts = np.array([0, 2, 9, 7, 1, 0, 8, 5, 3, 0, 2, 6], dtype=float)
    observed, number = neighbours.sums(counts), neighbours.number.astype(int)
    true = np.empty(12)
    for area in range(12):
        drawn = [sum(each) for each in itertools.combinations(np.delete(counts, area), number[area])]
        true[area] = min(np.mean([d >= observed[area] for d in drawn]), np.mean([d <= observed[area] for d in drawn]))
    found = np.mean(
        [hotspots.permuted(counts, neighbours, statistic="gi_star", times=999, seed=s) for s in range(20)], axis=0
    )
    assert found == pytest.approx((true * 999 + 1) / 1000, abs=0.012)


def test_an_area_at_the_mean_has_no_local_moran_to_speak_of() -> None:
    neighbours = hotspots.Neighbours.of_points(np.arange(5.0), np.zeros(5), 1.0)
    found = hotspots.permuted([1, 2, 3, 4, 5], neighbours, statistic="local_moran", times=99)
    assert found[2] == 1.0
    assert (hotspots.permuted([1, 2, 3, 4, 5], neighbours, statistic="gi_star", times=99) < 1).all()


def test_the_false_discovery_rate_is_held_as_scipy_holds_it() -> None:
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(5).uniform(size=200) ** 3
    p[50:60] = p[50]
    assert hotspots.false_discovery(p) == pytest.approx(false_discovery_control(p), abs=1e-15)
    assert hotspots.false_discovery([0.04]).tolist() == [0.04]


def test_areas_that_touch_at_a_corner_are_neighbours_and_nobody_is_their_own() -> None:
    import shapely

    boxes = [shapely.box(i, j, i + 1, j + 1) for j in range(3) for i in range(3)]
    found = hotspots.Neighbours.of_areas([*boxes, shapely.box(9, 9, 10, 10)])
    assert found.number.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3, 0]


@pytest.mark.parametrize(
    ("flags", "pattern"),
    [
        ([1] * 10, "persistent"),
        ([0] * 8 + [1, 1], "emerging"),
        ([1, 1, 1] + [0] * 7, "former"),
        ([1, 0, 0, 1, 0, 0, 0, 0, 0, 1], "intermittent"),
        ([0] * 10, "no pattern"),
        ([1] + [0] * 19, "no pattern"),
    ],
)
def test_patterns_over_time(flags: list[int], pattern: str) -> None:
    assert hotspots.classify(np.array([flags], dtype=bool)) == [pattern]


def test_concentration_by_hand() -> None:
    assert hotspots.concentration([1] * 10) == hotspots.Concentration(5, 10, 0.5, 0.0)
    assert hotspots.concentration([10, *[0] * 9]).gini == pytest.approx(0.9)  # type: ignore[union-attr]
    # Two events over ten places cannot be spread more evenly than over two of them (Bernasco and Steenbeek).
    assert hotspots.concentration([1, 1, *[0] * 8]).gini == pytest.approx(0.0)  # type: ignore[union-attr]
    assert hotspots.concentration([2, *[0] * 9]).gini == pytest.approx(0.5)  # type: ignore[union-attr]
    assert hotspots.concentration([0, 0]) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(any))
def test_gini_lies_between_nought_and_one_whatever_the_order(counts: list[int]) -> None:
    found, turned = hotspots.concentration(counts), hotspots.concentration(counts[::-1])
    assert found == turned and found is not None and 0 <= found.gini < 1
    held = sorted(counts, reverse=True)
    assert sum(held[: found.places]) >= sum(held) / 2 > sum(held[: found.places - 1]) - 1e-9


def test_prediction_accuracy_agrees_and_ties_count_against_it() -> None:
    case = json.loads((ORACLES / "evaluation/wdd_etest_pai_cases.json").read_text())["pai"]
    for k in (1, 2, 3):
        found = hotspots.accuracy(case["pred"], case["obs"], k)
        assert (found.pai, found.pei) == pytest.approx((case["pai"][k - 1], case["pei"][k - 1]))
    assert hotspots.accuracy([1, 1, 1], [6, 3, 0], 1).hit_rate == 0
    with pytest.raises(ValueError, match="needs events afterwards"):
        hotspots.accuracy([1, 2], [0, 0], 1)


# --- near repeats (Near Repeat Calculator) ---------------------------------------------------------------------------


def arson() -> tuple[list[float], list[float], list[int]]:
    lines = [line.split(",") for line in (ORACLES / "near_repeat/chicago_arson.csv").read_text().split()]
    return (
        [float(x) for x, _, _ in lines],
        [float(y) for _, y, _ in lines],
        [date.fromisoformat(d).toordinal() for *_, d in lines],
    )


def test_knox_finds_what_the_near_repeat_calculator_finds() -> None:
    x, y, day = arson()
    found = near_repeat.knox(x, y, day, within=[0.001, 200, 400, 600], days=[1, 2, 3], distance="manhattan", times=99)
    assert found.observed.sum() == 522 * 521 // 2
    # The published significance table: which cells are at 0.05 or better (its day labels are off by one).
    published = np.array(
        [
            [1.00, 0.01, 1.00, 1.00],
            [0.01, 0.27, 0.23, 1.00],
            [0.01, 1.00, 1.00, 0.96],
            [0.01, 1.00, 1.00, 0.96],
            [1.00, 0.84, 0.30, 0.01],
        ]
    )
    assert ((found.p <= 0.05) == (published <= 0.05)).all()
    assert found.ratio[4, 3] == pytest.approx(1.0, abs=0.005)


def test_shuffled_dates_show_no_near_repeats() -> None:
    x, y, day = arson()
    rng = np.random.default_rng(5)
    found = near_repeat.knox(x, y, rng.permutation(day), within=[400], days=[7], times=199)
    assert found.p[0, 0] > 0.05
    assert found.ratio[0, 0] == pytest.approx(1, abs=0.6)


@pytest.mark.parametrize("limits", [[100, 100], [200, 100]])
def test_bands_must_rise(limits: list[float]) -> None:
    with pytest.raises(ValueError, match="limits that rise"):
        near_repeat.knox([0, 1], [0, 1], [0, 1], within=limits, days=[1])


def test_repeats_are_judged_only_where_a_whole_window_was_seen() -> None:
    people = ["a", "a", "b", "c", "c", "d"]
    days = [0, 100, 0, 0, 500, 600]
    # a again within a year; b and c not; d has no whole year after it and is not judged.
    assert near_repeat.repeats(people, days) == (1, 3)
    assert near_repeat.repeats(["a", "a"], [10, 10], window=0) == (0, 1), "events of one day are one"
    assert near_repeat.repeats([], []) == (0, 0)


# --- effects (ptools, Wheeler and Ratcliffe, R) ----------------------------------------------------------------------


def test_weighted_displacement_differences_agree() -> None:
    made = evaluation.BeforeAfter
    cases = json.loads((ORACLES / "evaluation/wdd_etest_pai_cases.json").read_text())
    for case in cases["wdd"]:
        found = evaluation.displacement(
            *(made(*case[name]) for name in ("treated", "control", "disp_treated", "disp_control")),
            periods=tuple(case["time"]),
            areas=tuple(case["area"]),
        )
        assert found.difference.value == pytest.approx(case["est"])
        if "se2" in case:
            assert found.standard_error**2 == pytest.approx(case["se2"])
        if "se" in case:
            assert found.standard_error == pytest.approx(case["se"], rel=1e-6)
        if "ci" in case and not case.get("round"):
            interval = found.difference.interval
            assert interval is not None
            assert (interval.low, interval.high) == pytest.approx(tuple(case["ci"]), rel=1e-6)
    harmful = cases["wdd_harm"]
    weighed = evaluation.harm_displacement([(made(*a), made(*b)) for a, b in harmful["crimes"]], harmful["weights"])
    assert (weighed.difference.value, weighed.standard_error, weighed.z) == pytest.approx(
        (harmful["est"], harmful["se"], harmful["z"]), rel=1e-6
    )
    assert weighed.reading == "fewer"


def test_a_single_patrol_among_few_events_cannot_tell() -> None:
    made = evaluation.BeforeAfter
    assert evaluation.displacement(made(8, 4), made(9, 8)).reading == "cannot tell"
    assert evaluation.displacement(made(100, 200), made(100, 100)).reading == "more"


def test_the_e_test_agrees() -> None:
    for case in json.loads((ORACLES / "evaluation/wdd_etest_pai_cases.json").read_text())["etest"]:
        assert evaluation.two_counts(*case["k"]) == pytest.approx(case["p"], abs=case["tol"])


@pytest.mark.parametrize(
    ("model", "how"),
    [
        ("poisson step", {"poisson": True}),
        ("quasipoisson step", {}),
        ("quasipoisson step + 2 harmonics", {"harmonics": 2}),
        ("slope change (interaction)", {"harmonics": 2, "shape": "slope"}),
    ],
)
def test_interrupted_time_series_agree_with_r(model: str, how: dict) -> None:
    series = rows("its/sicily.csv")
    expected = next(row for row in rows("its/r_glm_results.csv") if row["model"] == model)
    found = evaluation.interruption(
        column(series, "aces"),
        [row["smokban"] == "1" for row in series],
        exposure=column(series, "stdpop"),
        **how,
    )
    interval = found.change.interval
    assert interval is not None
    assert (found.change.value, interval.low, interval.high) == pytest.approx(
        tuple(float(expected[k]) for k in ("est", "lo", "hi")), rel=1e-5
    )
    assert found.dispersion == pytest.approx(float(expected["disp"]), rel=1e-5)
    assert found.enough


def test_an_interruption_needs_both_sides() -> None:
    with pytest.raises(ValueError, match="before and after"):
        evaluation.interruption([1, 2, 3], [False] * 3)
    assert not evaluation.interruption([5, 6, 7, 5, 6, 3], [False] * 3 + [True] * 3).enough


def test_difference_in_differences_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, after, covered = np.random.default_rng(9), [False] * 12 + [True] * 12, 0
    for _ in range(200):
        level = rng.uniform(15, 40, (8, 1))
        treated = rng.poisson(np.where(after, level[:4] * 0.7, level[:4]))
        control = rng.poisson(np.broadcast_to(level[4:], (4, 24)))
        found = evaluation.difference_in_differences(treated, control, after)
        assert found is not None and found.interval is not None
        covered += found.interval.low <= 0.7 <= found.interval.high
    assert 0.90 <= covered / 200 <= 1.0
    assert evaluation.difference_in_differences([[1, 2]], [[1, 2], [2, 1]], [False, True]) is None


# --- disproportionality (R epitools; the borough's own census) -------------------------------------------------------


def test_relative_rates_agree_with_epitools() -> None:
    groups = {row["group"]: row for row in rows("disproportionality/stop_search_synthetic.csv")}
    white = groups["White"]
    for name, kind in (("r_epitools_rateratio.csv", "rate"), ("r_epitools_hitrate_riskratio.csv", "share")):
        for row in rows(f"disproportionality/{name}"):
            if row["group"] == "White":
                continue
            one = groups[row["group"]]
            if kind == "rate":
                found = disproportionality.relative_rate(
                    int(one["searches"]), float(one["pop"]), int(white["searches"]), float(white["pop"])
                )
            else:
                found = disproportionality.relative_share(
                    int(one["positive"]), int(one["searches"]), int(white["positive"]), int(white["searches"])
                )
            assert found is not None and found.interval is not None
            assert (found.value, found.interval.low, found.interval.high) == pytest.approx(
                tuple(float(row[k]) for k in ("rr", "lo", "hi")), rel=1e-9
            )


def test_the_borough_s_own_counts_give_the_published_risk_ratio() -> None:
    # Searches of Black and of White residents over the borough's census counts (domain reference).
    found = disproportionality.relative_share(754, 22_693, 1_425, 119_931)
    assert found is not None and found.interval is not None
    assert (round(found.value, 3), round(found.interval.low, 3), round(found.interval.high, 3)) == (2.796, 2.563, 3.051)


def test_exact_limits_agree_with_r_poisson_test() -> None:
    # R's documented example, ?poisson.test: 11 in 800 against 21 in 3,011.
    row = rows("disproportionality/r_poisson_test.csv")[0]
    limits = [limit * 3_011 / 800 for limit in disproportionality.exact_limits(11, 21)]
    assert limits == pytest.approx([float(row["lo"]), float(row["hi"])], rel=1e-9)


def test_small_counts_get_exact_limits_and_nought_has_no_ratio() -> None:
    found = disproportionality.relative_rate(0, 1000, 5, 1000)
    assert found is not None and found.interval is not None
    assert (found.value, found.interval.low) == (0.0, 0.0) and found.interval.high == pytest.approx(1.09, abs=0.01)
    assert disproportionality.relative_rate(5, 1000, 0, 1000) is None
    with pytest.raises(ValueError, match="more was found"):
        disproportionality.relative_share(3, 2, 1, 2)


@settings(max_examples=200)
@given(st.integers(0, 200), st.integers(1, 200), st.integers(0, 100), st.data())
def test_whoever_the_unstated_are_the_ratio_stays_within_its_bounds(one: int, other: int, unstated: int, data) -> None:
    found = disproportionality.bounds(one, 1_000, other, 5_000, unstated, one + other + unstated)
    assert found is not None
    mine = data.draw(st.integers(0, unstated))
    reference = data.draw(st.integers(0, unstated - mine))
    ratio = ((one + mine) / 1_000) / ((other + reference) / 5_000)
    assert found.low - 1e-12 <= ratio <= found.high + 1e-12


# --- surveys (R survey) ----------------------------------------------------------------------------------------------


def test_stratified_means_and_shares_agree_with_r() -> None:
    sample = rows("survey/apistrat.csv")
    expected = {row["name"]: row for row in rows("survey/r_survey_results.csv") if row["design"] == "strat"}
    design = survey.Design(column(sample, "pw"), strata=[r["stype"] for r in sample], fpc=column(sample, "fpc"))
    assert design.freedom == 197
    found, error, effect = survey.mean(column(sample, "api00"), design)
    want = expected["mean api00"]
    assert found.interval is not None
    assert (found.value, error, found.interval.low, found.interval.high, effect) == pytest.approx(
        tuple(float(want[k]) for k in ("est", "se", "lo", "hi", "deff")), rel=1e-6
    )
    shared = survey.share([r["sch.wide"] == "Yes" for r in sample], design)
    want = expected["svyciprop logit"]
    assert shared is not None and shared[0].interval is not None
    assert [shared[0].value, shared[0].interval.low, shared[0].interval.high] == pytest.approx(
        [100 * float(want[k]) for k in ("est", "lo", "hi")], rel=1e-6
    )


def test_small_groups_are_not_shown_and_those_who_chose_have_no_margin() -> None:
    design = survey.Design([1.0] * 29)
    assert survey.share([True] * 29, design) is None
    assert survey.self_selected(5, 29) is None
    chose = survey.self_selected(183, 1000)
    assert chose is not None and chose.interval is None and chose.value == pytest.approx(18.3)
    everybody = survey.share([True] * 40, survey.Design([1.0] * 40))
    assert everybody is not None and everybody[0].interval is None


def test_a_lonely_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="join it to another"):
        survey.mean([1, 2, 3], survey.Design([1, 1, 1], strata=["a", "a", "b"]))


def test_clustering_like_with_like_costs_precision() -> None:
    rng = np.random.default_rng(2)
    own = np.repeat(rng.normal(size=30), 10) + rng.normal(scale=0.2, size=300)
    clusters = np.repeat(np.arange(30), 10)
    assert survey.mean(own, survey.Design([1.0] * 300, clusters=clusters))[2] > 5
    assert survey.mean(own, survey.Design([1.0] * 300))[2] == pytest.approx(1, rel=0.01)


# --- seasons, two sources, harm --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "season_over"), [(24, 21), (25, 7), (40, 35), (119, 7), (191, 21), (300, 9)])
def test_many_series_at_once_come_out_as_statsmodels_takes_each_apart(length: int, season_over: int) -> None:
    from statsmodels.tsa.seasonal import STL

    table = np.random.default_rng(length).poisson(30, (5, length)).astype(float)
    found = seasonal.taken_apart(table, season_over=season_over)
    over = int(np.ceil(18 / (1 - 1.5 / season_over)))
    over += (over + 1) % 2
    jumps = {f"{name}_jump": math.ceil(span / 10) for name, span in
             (("seasonal", season_over), ("trend", over), ("low_pass", 13))}  # fmt: skip
    for row, values in enumerate(table):
        theirs = STL(values, period=12, seasonal=season_over, trend=over, low_pass=13, seasonal_deg=0, **jumps).fit(
            inner_iter=2, outer_iter=0
        )
        assert found.trend[row] == pytest.approx(theirs.trend, abs=1e-9)
        assert found.season[row] == pytest.approx(theirs.seasonal, abs=1e-9)
        assert found.rest[row] == pytest.approx(theirs.resid, abs=1e-9)


def test_seasonal_decomposition_agrees_with_r() -> None:
    values = np.log([float(row["co2"]) for row in rows("stl/co2_monthly.csv")])
    expected = rows("stl/r_stl_log_co2_swindow21.csv")
    found = seasonal.taken_apart(values)
    assert found.season == pytest.approx(column(expected, "seasonal"), abs=1e-9)
    assert found.trend == pytest.approx(column(expected, "trend"), abs=1e-9)
    assert found.rest == pytest.approx(column(expected, "remainder"), abs=1e-9)
    with pytest.raises(ValueError, match="at least 24 points"):
        seasonal.taken_apart([1.0] * 23)


def test_two_sources_that_hardly_meet_cannot_be_counted_on() -> None:
    assert capture.unseen(200, 150, 6) is None
    with pytest.raises(ValueError, match="more in both"):
        capture.unseen(5, 9, 6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_unseen_are_never_fewer_than_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = rng.random((2, 500)) < np.array([[0.5], [0.4]])
    first, second, both = int(seen[0].sum()), int(seen[1].sum()), int(seen.all(axis=0).sum())
    found = capture.unseen(first, second, both)
    assert found is not None and found.interval is not None
    assert first + second - both <= found.interval.low <= found.value <= found.interval.high


def test_capture_recapture_covers_the_truth() -> None:
    rng, covered = np.random.default_rng(4), 0
    for _ in range(300):
        seen = rng.random((2, 800)) < np.array([[0.45], [0.3]])
        found = capture.unseen(int(seen[0].sum()), int(seen[1].sum()), int(seen.all(axis=0).sum()))
        assert found is not None and found.interval is not None
        covered += found.interval.low <= 800 <= found.interval.high
    assert 0.91 <= covered / 300 <= 0.99


def test_harm_says_how_much_hangs_on_one_event() -> None:
    found = harm.weighted({"one": 1, "many": 100, "odd": 4}, {"one": 5000, "many": 10}, unit="days")
    assert (found.total.value, found.unweighted) == (6000, 4)
    assert found.top_share == pytest.approx(5000 / 6000)
    assert found.total.interval is not None and found.total.interval.low == 0
    assert harm.weighted({}, {}, unit="days").top_share == 0
