"""Methods of the findings on recorded crime: published values where there are any, laws and plain cases elsewhere."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.evidence.findings import evaluation, flexible, near_repeat
from concord.evidence.findings.outcomes import median_days
from concord.evidence.findings.standardised_rate import weights
from concord.kernel.errors import BadInput

ORACLES = Path(__file__).resolve().parents[2].parent / "shared" / "oracles"


def published() -> list[dict[str, str]]:
    """Verdicts of R's farringtonFlexible with ten stretches, the 99th percentile, and their means and dispersions."""
    file = ORACLES / "farrington" / "farringtonflexible_b4w3_np10_a01_nbPlugin.csv"
    if not file.exists():
        pytest.skip("the statistics oracles are not on this machine")
    with file.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


# --- alerts that learn from every week -------------------------------------------------------------------------------


def test_the_limit_of_a_mean_and_dispersion_is_that_of_surveillance() -> None:
    """The series is not among the oracles, so the fit cannot be checked; limits, alarms and the low-count rule can."""
    rows = published()
    judged = [row for row in rows if row["upper"] != "NA"]
    assert len(judged) >= 70
    for row in judged:
        assert flexible.limit(float(row["mu0"]), float(row["phi"]), 0.01) == float(row["upper"]), row
        assert (int(row["observed"]) > float(row["upper"])) == (row["alarm"] == "1"), row


def test_fewer_than_five_in_four_weeks_give_no_alarm_as_in_surveillance() -> None:
    rows = published()
    counts = [int(row["observed"]) for row in rows]
    few = [sum(counts[at - 3 : at + 1]) < flexible.FEW for at in range(3, len(counts))]
    assert few == [row["upper"] == "NA" for row in rows[3:]]
    assert 20 < sum(few) < len(few), "the rule is exercised both ways"


def test_the_year_is_cut_into_ten_stretches_that_hold_every_week_once() -> None:
    found = flexible.stretches(300, per_year=52, years=4, either_side=3)
    assert len(found) == 301
    assert (found[:89] == -1).all(), "weeks before the first year that is learnt from"
    assert (found[89:] >= 0).all()
    for year in range(1, 5):
        middle = 300 - 52 * year
        assert set(found[middle - 3 : middle + 4]) == {0}
        between = found[middle + 4 : middle + 49]
        assert sorted(set(between)) == list(range(1, 10))
        assert (np.diff(between) >= 0).all()
        assert {int((between == k).sum()) for k in range(1, 10)} == {5}


def test_an_outbreak_alarms_and_the_latest_half_year_teaches_nothing() -> None:
    rng = np.random.default_rng(11)
    counts = rng.poisson(20, 260).tolist()
    calm = flexible.farrington_flexible(counts, 259)
    assert calm is not None and not calm.alarm
    assert calm.expected == pytest.approx(20, rel=0.15)
    counts[259] = 60
    assert (found := flexible.farrington_flexible(counts, 259)) is not None and found.alarm
    raised = [*counts[:240], *[60] * 20]
    assert (built_up := flexible.farrington_flexible(raised, 259)) is not None
    assert built_up.expected == pytest.approx(found.expected), "what builds up does not make itself expected"
    assert flexible.farrington_flexible(counts, 200) is None, "four years and three weeks must stand before it"
    with pytest.raises(ValueError, match="at least 3 years"):
        flexible.farrington_flexible(counts, 259, years=2)


def test_one_week_in_a_hundred_alarms_where_nothing_is_amiss() -> None:
    rng = np.random.default_rng(5)
    for series in (rng.poisson(20, 52 * 9), rng.negative_binomial(10, 1 / 3, 52 * 9)):
        found = [flexible.farrington_flexible(series.tolist(), at) for at in range(212, len(series))]
        alarms = sum(each is not None and each.alarm for each in found)
        assert alarms <= 0.03 * len(found)


def test_a_series_of_noughts_is_judged_and_never_alarms_on_four() -> None:
    counts = [0] * 260
    assert (quiet := flexible.farrington_flexible(counts, 259)) is not None and not quiet.alarm
    counts[259] = 4
    assert (few := flexible.farrington_flexible(counts, 259)) is not None and not few.alarm
    counts[259] = 5
    assert (enough := flexible.farrington_flexible(counts, 259)) is not None and enough.alarm


# --- near repeats ----------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 40)), min_size=2, max_size=40),
    st.sampled_from(["euclidean", "manhattan"]),
)
def test_pairs_are_those_of_looking_at_every_pair(events: list[tuple[int, int, int]], distance: str) -> None:
    x, y, day = (list(map(float, column)) for column in zip(*events, strict=True))
    within, days = [0.5, 10.0, 25.0], [1.0, 7.0, 14.0]
    found = near_repeat.knox(x, y, day, within=within, days=days, distance=distance, times=1)  # type: ignore[arg-type]
    expected = np.zeros((4, 4), dtype=int)
    for one, other in combinations(events, 2):
        east, north = abs(one[0] - other[0]), abs(one[1] - other[1])
        metres = (east**2 + north**2) ** 0.5 if distance == "euclidean" else east + north
        row = sum(metres >= limit for limit in within)
        column = sum(abs(one[2] - other[2]) >= limit for limit in days)
        expected[row, column] += 1
    assert (found.observed == expected).all()
    assert found.expected.sum() == pytest.approx(len(events) * (len(events) - 1) / 2)


# --- effects ---------------------------------------------------------------------------------------------------------


def test_events_that_come_in_fours_vary_four_times_as_much() -> None:
    rng = np.random.default_rng(2)
    alone = rng.poisson(12, (30, 40))
    assert evaluation.clustering(alone.tolist()) == pytest.approx(1, abs=0.12)
    assert evaluation.clustering((4 * rng.poisson(3, (30, 40))).tolist()) == pytest.approx(4, rel=0.12)


def test_a_rise_that_all_share_is_no_clustering() -> None:
    stretches = np.outer([10.0, 20.0, 40.0], [1, 2, 3, 4, 5, 6])
    assert evaluation.clustering(stretches.tolist()) == 1.0


@pytest.mark.parametrize("counts", [[], [[3.0] * 20], [[9.0, 1.0]] * 4, [[0.0] * 8] * 3, [[0.1] * 8] * 3])
def test_too_little_to_learn_clustering_from(counts: list[list[float]]) -> None:
    assert evaluation.clustering(counts) == 1.0


def test_a_widened_interval_keeps_its_value_and_may_change_what_can_be_said() -> None:
    made = evaluation.BeforeAfter
    found = evaluation.displacement(made(150, 100), made(150, 150))
    assert found.reading == "fewer"
    wide = evaluation.widened(found, 4.0)
    assert wide.difference.value == found.difference.value
    assert wide.standard_error == pytest.approx(2 * found.standard_error)
    assert wide.reading == "cannot tell"
    assert "clustering" in wide.difference.method
    assert evaluation.widened(found, 0.3).standard_error == found.standard_error, "never narrowed"


def test_the_interval_holds_nought_as_often_as_it_says_when_events_cluster() -> None:
    """Nothing changes, and events come in threes: published intervals err one time in four, widened ones do not."""
    rng = np.random.default_rng(7)
    made = evaluation.BeforeAfter
    plain = wide = 0
    for _ in range(300):
        counts = 3 * rng.poisson(4, (8, 26))
        spread = evaluation.clustering(counts[2:].tolist())
        treated, control = (made(int(row[:13].sum()), int(row[13:].sum())) for row in counts[:2])
        found = evaluation.displacement(treated, control)
        plain += found.reading != "cannot tell"
        wide += evaluation.widened(found, spread).reading != "cannot tell"
    assert plain / 300 > 0.18
    assert wide / 300 < 0.09


# --- rates and medians -----------------------------------------------------------------------------------------------


def test_the_standard_population_is_shared_out_by_years_of_age() -> None:
    assert weights(("0-9", "10-17", "18-24", "25-39", "40-64", "65+")) == pytest.approx(
        [10_500, 8_800, 8_200, 19_500, 33_500, 19_500]
    )
    assert sum(weights(("0-4", "5-64", "65+"))) == pytest.approx(100_000)
    with pytest.raises(BadInput, match="“adults” is no age band"):
        weights(("adults",))


@pytest.mark.parametrize(
    ("days", "of", "median", "interval"),
    [
        (range(1, 101), 100, 50, (40, 61)),
        (range(1, 60), 100, 50, None),  # the upper limit is among those without an outcome
        (range(1, 50), 100, None, None),  # more than half have none
        ([*range(1, 60), None, None], 100, 50, None),
        ([], 30, None, None),
    ],
)
def test_a_median_takes_those_still_waiting_for_longer_than_any(
    days: list[int | None], of: int, median: float | None, interval: tuple[float, float] | None
) -> None:
    found = median_days([None if day is None else float(day) for day in days], of)
    assert (None if found is None else found.value) == median
    if interval is not None:
        assert found is not None and found.interval is not None
        assert (found.interval.low, found.interval.high) == interval
    elif found is not None:
        assert found.interval is None


def test_the_interval_of_a_median_holds_the_true_one_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        found = median_days(sorted(rng.exponential(30, 61)), 61)
        assert found is not None and found.interval is not None
        held += found.interval.low <= 30 * np.log(2) <= found.interval.high
    assert 0.93 <= held / 400 <= 0.995
