"""How many of those dealt with in a quarter offend again within a year: shares, points and per cent kept apart."""

from __future__ import annotations

import math
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total, year_before
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.quantiles import normal
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import answer, counted, shared_out
from concord.evidence.findings.statistics import rate_ratio
from concord.kernel.intervals import wilson
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

NAME = "reoffending"
UNIVERSE = "people in reoffending cohorts"
SAID = ("Offended again", "Did not")
POINTS = "percentage points"
METHOD = (
    "People cautioned, convicted or released in four quarters, by whether they offended again within a year; the "
    "cohorts "
    "are those whose year was over when the last four quarters' figures were sent. Wilson intervals. Change in "
    "percentage "
    "points with Newcombe's interval (1998, method 10), and in per cent of the earlier share with a log-Wald interval: "
    "the two are different numbers."
)


def difference(part: int, of: int, other: int, other_of: int, level: float = 0.95) -> Estimate:
    """The first share less the second, in percentage points; Newcombe's interval (1998, 10), of Wilson limits."""
    one, two = part / of, other / other_of
    (low, high), (least, most) = wilson(part, of, level), wilson(other, other_of, level)
    gap = one - two
    below = math.sqrt((one - low) ** 2 + (most - two) ** 2)
    above = math.sqrt((high - one) ** 2 + (two - least) ** 2)
    return Estimate(100 * gap, POINTS, Interval(100 * (gap - below), 100 * (gap + above), level), "Newcombe")


def percent_of(part: int, of: int, other: int, other_of: int, level: float = 0.95) -> Estimate | None:
    """The first share over the second, less one, in per cent; binomial log-Wald limits. None where either is nought."""
    if not (part and other):
        return None
    value = (part / of) / (other / other_of)
    step = math.exp(normal((1 + level) / 2) * math.sqrt(1 / part - 1 / of + 1 / other - 1 / other_of))
    low, high = (100 * (limit - 1) for limit in (value / step, value * step))
    return Estimate(100 * (value - 1), "% change", Interval(low, high, level), "ratio of two shares, log-Wald")


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The cohorts whose figures were sent in the last twelve months of `period`, and those of the twelve before."""
    now = last_months(period, 12)
    with Question(store, "reoffending") as question:
        latest = question.rows(
            "SELECT DISTINCT cohort_from FROM reoffending "
            "WHERE cohort_from + INTERVAL 1 YEAR BETWEEN $start AND $end ORDER BY 1",
            {"start": now.start, "end": now.end},
        )
        quarters = [row[0] for row in latest]
        bound = {"first": min(quarters, default=now.start), "last": max(quarters, default=now.end)}
        select = (
            "SELECT age_group, sum(people)::BIGINT, sum(reoffenders)::BIGINT, sum(reoffences)::BIGINT FROM reoffending "
        )
        rows = question.rows(f"{select} WHERE cohort_from BETWEEN $first AND $last GROUP BY 1 ORDER BY 1", bound)
        before = question.rows(
            f"{select} WHERE cohort_from >= $first::DATE - INTERVAL 1 YEAR AND cohort_from <= $last::DATE - "
            "INTERVAL 1 YEAR GROUP BY 1 ORDER BY 1",
            bound,
        )
        spans = Period(bound["first"], _quarter_end(bound["last"]))
        counts = counted(
            (age, said, n)
            for age, people, again, _ in rows
            for said, n in zip(SAID, (again, people - again), strict=True)
        )
        ages = with_total("age", "Age", tuple(str(row[0]) for row in rows))
        again, people, offences = (sum(int(row[place]) for row in rows) for place in (2, 1, 3))
        tables: list[Table] = [
            shared_out(
                "ages", f"People of the cohorts of {spans.label}, by whether they offended again", "people",
                (ages, with_total("again", "Within a year", SAID)), counts, universe=UNIVERSE, period=spans,
            ),
            Table(
                "offences", f"Reoffences of those who offended again, cohorts of {spans.label}", "reoffences",
                (Dimension("all", "All", (TOTAL,)),),
                (Cell((TOTAL,), offences, base=again, estimate=_each(offences, again),
                      rests_on=(("ages", (TOTAL, SAID[0])),)),),
                additive=False, universe="reoffences of reoffending cohorts", period=spans,
            ),
        ]  # fmt: skip
        was, of = (sum(int(row[place]) for row in before) for place in (2, 1))
        if of and people and len(before) == len(rows):
            earlier = year_before(spans)
            measures = ("In percentage points", "In per cent")
            rests = (("ages", (TOTAL, SAID[0])), ("ages", (TOTAL, TOTAL)), ("before", (SAID[0],)), ("before", (TOTAL,)))
            found = (difference(again, people, was, of), percent_of(again, people, was, of))
            tables += [
                shared_out(
                    "before", f"People of the cohorts of {earlier.label}, by whether they offended again", "people",
                    (with_total("again", "Within a year", SAID),), {(SAID[0],): was, (SAID[1],): of - was},
                    universe=UNIVERSE, period=earlier,
                ),
                Table(
                    "change", f"Share who offended again, cohorts of {spans.label} less those of {earlier.label}",
                    "people", (Dimension("measure", "Change", measures),),
                    tuple(Cell((name,), again, estimate=each, rests_on=rests)
                          for name, each in zip(measures, found, strict=True)),
                    additive=False, universe=UNIVERSE, where=(("again", SAID[:1]),), period=spans,
                ),
            ]  # fmt: skip
        return answer(
            question,
            NAME,
            "How many people offend again within a year, and did that change?",
            tables,
            base="People cautioned, convicted or released in four quarters, whose year has passed",
            period=now,
            source="Probation and youth justice, counted by quarter",
            method=METHOD,
            cannot_say=(
                "Reoffending that nobody proved is not counted, so the shares are the least that it can be.",
                "People differ between cohorts: a change need not be what a service did.",
                "Somebody dealt with in two of the quarters is in two cohorts.",
            ),
            source_class="police",
        )


def _each(offences: int, people: int) -> Estimate | None:
    found = rate_ratio(offences, 1, people, 1)
    return None if found is None else Estimate(found.value, "for each person who offended again", None, "mean")


def _quarter_end(first: Any) -> Any:
    return Period.quarter(first.year, (first.month + 2) // 3).end
