"""The simulation of the nation waits as queueing theory says it must, and puts urgent work first."""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from measure import slope
from simulate_national import Job, busiest_hour, late_nights, percentile, run


def erlang_c(workers: int, offered: float) -> float:
    """Chance that an arrival has to wait in an M/M/c queue (Erlang 1917), by the recursion of Erlang's B."""
    blocked = 1.0
    for n in range(1, workers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked / (1 - offered / workers * (1 - blocked))


@pytest.mark.parametrize(("workers", "offered"), [(1, 0.5), (2, 1.6), (5, 4.0)])
def test_the_mean_wait_is_that_of_erlang(workers: int, offered: float) -> None:
    draw = random.Random(1917)
    jobs, at = [], 0.0
    for _ in range(120_000):
        at += draw.expovariate(offered)
        jobs.append(Job(at, draw.expovariate(1.0), True, "x"))
    waits = [d.waited for d in run(jobs, workers)]
    expected = erlang_c(workers, offered) / (workers - offered)
    assert min(waits) >= 0
    assert sum(waits) / len(waits) == pytest.approx(expected, rel=0.08)
    assert sum(w > 0 for w in waits) / len(waits) == pytest.approx(erlang_c(workers, offered), rel=0.05)


def test_urgent_work_goes_first_and_nothing_is_interrupted() -> None:
    jobs = [Job(0, 10, False, "a"), Job(1, 10, False, "b"), Job(2, 1, True, "c"), Job(30, 1, False, "d")]
    done = {d.job.kind: (d.waited, d.ended) for d in run(jobs, 1)}
    assert done == {"a": (0, 10), "c": (8, 11), "b": (10, 21), "d": (0, 31)}


def test_an_idle_worker_starts_nothing_before_it_arrives() -> None:
    done = run([Job(5, 2, True, "a"), Job(5, 2, True, "b"), Job(6, 2, True, "c")], 2)
    assert sorted((d.job.kind, d.waited, d.ended) for d in done) == [("a", 0, 7), ("b", 0, 7), ("c", 1, 9)]


def test_work_that_ends_after_six_is_late() -> None:
    evening, hour = 22 * 3600.0, 3600.0
    assert late_nights(run([Job(evening, 7.9 * hour, False, "x")], 1)) == 0
    assert late_nights(run([Job(evening, 8.1 * hour, False, "x")], 1)) == 1


def test_percentiles_and_slopes_against_plain_values() -> None:
    assert [percentile([4, 1, 3, 2], p) for p in (0.25, 0.5, 0.51, 0.95)] == [1, 2, 3, 4]
    assert slope([1, 10, 100], [3, 30, 300]) == pytest.approx(1.0)
    assert slope([1, 2, 4], [1, 4, 16]) == pytest.approx(2.0)


def test_the_same_seed_gives_the_same_hour() -> None:
    costs = {"read": {"core_milliseconds": 45.0}}
    first, second = (busiest_hour(costs, random.Random(3)) for _ in range(2))
    assert first == second
    rate = 20_000 * 60 / 10 * 1.6
    assert len(first) == pytest.approx(rate, abs=5 * math.sqrt(rate))
