"""All of England and Wales on N workers: does the work fit, and how long does it wait? A discrete-event simulation.

320 partnerships of unequal size send their months within the due window; every evening the changed ones are linked,
decided and assessed; 20,000 people read in working hours. Costs are those of costs.toml. Two questions are answered
apart, because they are two pools: heavy work on evidence workers (2 cores, 24 GiB, one job at a time, loads before
nightly work), and reads on web cores. The same seed gives the same numbers.

usage: bench/simulate_national.py [--seed 16] [--days 31]
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PARTNERSHIPS, EVENTS, USERS, MONTHS_HELD = 320, 60_000_000, 20_000, 36
FEEDS, FILES_A_FEED = 14, 2
CORES = 2
PARALLEL = 0.85
"""Share of a second core that a job makes use of (measured: processor over wall time of a load on an idle machine)."""
DAY, HOUR = 86_400.0, 3_600.0
OPENS, CLOSES, NIGHT, MORNING = 8 * HOUR, 18 * HOUR, 22 * HOUR, 30 * HOUR
VIEWS_A_DAY = 60
"""Pages one user opens on a working day (assumed)."""
BUSIEST = 1.6
"""Reads in the busiest hour over those in an average working hour (assumed)."""

LOAD_AIM, NIGHT_AIM, READ_AIM = 60.0, 1.0, 0.02
"""95% of loads start within a minute; every night's work is done by six; 95% of reads wait under 20 ms for a core."""


@dataclass(frozen=True)
class Job:
    """Work for one evidence worker. `urgent` goes before what is not; both in order of arrival."""

    arrives: float
    seconds: float
    urgent: bool
    kind: str


@dataclass(frozen=True)
class Done:
    job: Job
    waited: float
    ended: float


def run(jobs: Sequence[Job], workers: int) -> list[Done]:
    """Serves jobs on `workers`, urgent ones first, none interrupted. Times in seconds from the start."""
    coming = sorted(jobs, key=lambda job: job.arrives)
    free = [0.0] * workers
    heapq.heapify(free)
    waiting: list[tuple[bool, float, int]] = []
    done: list[Done] = []
    index, at = 0, 0.0
    while index < len(coming) or waiting:
        at = max(at, heapq.heappop(free))  # the clock never runs back to when an idle worker fell idle
        if not waiting and coming[index].arrives > at:
            at = coming[index].arrives
        while index < len(coming) and coming[index].arrives <= at:
            heapq.heappush(waiting, (not coming[index].urgent, coming[index].arrives, index))
            index += 1
        job = coming[heapq.heappop(waiting)[2]]
        done.append(Done(job, at - job.arrives, at + job.seconds))
        heapq.heappush(free, at + job.seconds)
    return done


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def sizes(draw: random.Random) -> list[float]:
    """Events each partnership holds: log-normal, so that the largest has some tens of times the smallest."""
    drawn = [draw.lognormvariate(0.0, 0.7) for _ in range(PARTNERSHIPS)]
    return [EVENTS * value / sum(drawn) for value in drawn]


def a_month(costs: dict[str, dict[str, float]], draw: random.Random, days: int) -> list[Job]:
    """The evidence work of one month: loads as they arrive, and each evening what they changed."""
    load, definition, linkage, assess = (costs[k] for k in ("load", "definition", "linkage", "assess"))
    speed = 1 + PARALLEL * (CORES - 1)
    jobs: list[Job] = []
    for held in sizes(draw):
        monthly = held / MONTHS_HELD
        # Most suppliers send in the last days before a file is due; a tenth come late, any day after.
        changed: dict[int, float] = {}
        for _ in range(FEEDS):
            day = min(days - 1, int(draw.betavariate(5, 2) * 10)) if draw.random() < 0.9 else draw.randrange(10, days)
            clock = min(max(draw.gauss(14 * HOUR, 2.2 * HOUR), OPENS), CLOSES)
            rows = monthly / FEEDS * draw.lognormvariate(0, 0.5)
            work = load["core_seconds_per_run"] + FILES_A_FEED * load["core_seconds_per_file"]
            work += rows / 1e6 * load["core_seconds_per_million_rows"]
            jobs.append(Job(day * DAY + clock, work / speed, True, "load"))
            changed[day] = changed.get(day, 0.0) + rows
        for day, rows in changed.items():
            evening = day * DAY + NIGHT
            records = held * linkage["records_per_event"]
            linking = linkage["core_seconds_per_run"] + records / 1e6 * linkage["core_seconds_per_million_records"]
            deciding = rows / 1e6 * definition["core_seconds_per_million_events"]
            assessing = assess["core_seconds_per_run"] + held / 1e6 * assess["core_seconds_per_million_events"]
            jobs.append(Job(evening, linking / speed, False, "link"))
            jobs.append(Job(evening, deciding / speed, False, "decide"))
            jobs.append(Job(evening, assessing, False, "assess"))
    return jobs


def busiest_hour(costs: dict[str, dict[str, float]], draw: random.Random) -> list[Job]:
    """Reads of the busiest hour: arrivals at random at a steady rate, service exponential about the measured mean."""
    rate = USERS * VIEWS_A_DAY / ((CLOSES - OPENS) / HOUR) * BUSIEST / HOUR
    mean = costs["read"]["core_milliseconds"] / 1000
    jobs, at = [], 0.0
    while (at := at + draw.expovariate(rate)) < HOUR:
        jobs.append(Job(at, draw.expovariate(1 / mean), True, "read"))
    return jobs


def smallest(fits: Callable[[int], bool], start: int) -> int:
    """The least number from `start` on that fits."""
    number = start
    while not fits(number):
        number += 1
    return number


def late_nights(done: Sequence[Done]) -> int:
    """Nightly jobs that ended after six in the morning that follows them."""
    return sum(1 for d in done if not d.job.urgent and d.ended > d.job.arrives - NIGHT + MORNING)


def report_evidence(jobs: list[Job], days: int) -> int:
    def fits(workers: int) -> bool:
        done = run(jobs, workers)
        waits = [d.waited for d in done if d.job.urgent]
        return percentile(waits, 0.95) <= LOAD_AIM and not late_nights(done)

    least = smallest(fits, 1)
    print("| evidence workers | loads wait p50 / p95 / p99 s | night done by | late | busy, month | busy, worst day |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for workers in sorted({max(1, least - 1), least, least + 1, 2 * least}):
        done = run(jobs, workers)
        waits = [d.waited for d in done if d.job.urgent]
        nights = [d.ended - (d.job.arrives - NIGHT) for d in done if not d.job.urgent]
        worst = max(nights, default=0.0)
        by_day: dict[int, float] = {}
        for job in jobs:
            by_day[int(job.arrives // DAY)] = by_day.get(int(job.arrives // DAY), 0.0) + job.seconds
        mark = " (least)" if workers == least else ""
        print(
            f"| {workers}{mark} | {percentile(waits, 0.5):.1f} / {percentile(waits, 0.95):.1f} / "
            f"{percentile(waits, 0.99):.1f} | {int(worst // HOUR) % 24:02d}:{int(worst % HOUR // 60):02d} | "
            f"{late_nights(done)} | {sum(by_day.values()) / (days * DAY * workers):.1%} | "
            f"{max(by_day.values()) / (DAY * workers):.1%} |"
        )
    return least


def report_reads(jobs: list[Job]) -> int:
    work = sum(job.seconds for job in jobs)

    def fits(cores: int) -> bool:
        return percentile([d.waited for d in run(jobs, cores)], 0.95) <= READ_AIM

    least = smallest(fits, max(1, math.ceil(work / HOUR)))
    print("| cores for reads | wait p50 / p95 / p99 ms | busy |")
    print("| ---: | ---: | ---: |")
    for cores in sorted({max(math.ceil(work / HOUR) + 1, least - 2), least, least + 2, round(1.5 * least)}):
        waits = [d.waited * 1000 for d in run(jobs, cores)]
        mark = " (least)" if cores == least else ""
        print(
            f"| {cores}{mark} | {percentile(waits, 0.5):.1f} / {percentile(waits, 0.95):.1f} / "
            f"{percentile(waits, 0.99):.1f} | {work / HOUR / cores:.0%} |"
        )
    return least


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--seed", type=int, default=16)
    reading.add_argument("--days", type=int, default=31)
    asked = reading.parse_args()
    costs = tomllib.loads((Path(__file__).parent / "costs.toml").read_text())
    draw = random.Random(asked.seed)  # noqa: S311
    held = sorted(sizes(random.Random(asked.seed)))  # noqa: S311
    speed = 60 * (1 + PARALLEL * (CORES - 1))
    print(
        f"{PARTNERSHIPS} partnerships, {EVENTS / 1e6:.0f} million events over {MONTHS_HELD} months "
        f"(smallest {held[0] / 1e3:.0f} thousand, median {held[len(held) // 2] / 1e3:.0f}, largest "
        f"{held[-1] / 1e3:.0f}), {USERS:,} users; seed {asked.seed}"
    )
    print("Costs: " + "; ".join(f"{name}: {cost['from']}" for name, cost in costs.items()))
    jobs = a_month(costs, draw, asked.days)
    print()
    for kind in ("load", "link", "decide", "assess"):
        work = [job.seconds for job in jobs if job.kind == kind]
        print(f"{kind}: {len(work):,} jobs, {sum(work) / HOUR:.1f} worker-hours, longest {max(work):.0f} s")
    print()
    workers = report_evidence(jobs, asked.days)
    print()
    reads = busiest_hour(costs, draw)
    print(f"busiest hour: {len(reads):,} reads")
    print()
    cores = report_reads(reads)
    database = costs["read"]["database_share"]
    rows = EVENTS
    print()
    print(f"smallest that meets the aims: {workers} evidence workers of {CORES} cores, {cores} cores for reads "
          f"(of them {math.ceil(cores * database)} for PostgreSQL)")  # fmt: skip
    print(
        f"disk: {rows * costs['load']['parquet_bytes_per_row'] / 1e9:.1f} GB of parts, "
        f"{rows * costs['load']['landing_bytes_per_row'] / 1e9:.1f} GB of files as received (before packing)"
    )
    linked = held[-1] * costs["linkage"]["records_per_event"] / 1e6
    print(
        f"memory of the largest partnership's linkage: "
        f"{linked * costs['linkage']['memory_gb_per_million_records']:.1f} GB for {linked:.2f} million records"
    )
    loading = EVENTS / 1e6 * costs["load"]["core_seconds_per_million_rows"] / speed
    deciding = EVENTS / 1e6 * costs["definition"]["core_seconds_per_million_events"] / speed
    print(f"the whole nation at once, on one worker: load {loading:.1f} min, decide {deciding:.1f} min")


if __name__ == "__main__":
    main()
