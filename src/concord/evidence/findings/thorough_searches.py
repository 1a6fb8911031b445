"""Searches that bared more than outer clothing: of whom, how often for each resident, and what they found."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings import open_people as people
from concord.evidence.findings import searches
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import UNSTATED, Words
from concord.kernel.periods import Period

NAME = "thorough_searches"
DATASET = "mps_thorough_searches"
UNIVERSE = "more thorough searches in the police's file"
MONTHS = 36
SOMETHING, NOTHING = "Positive outcome", "No positive outcome"
METHOD = (
    "More thorough searches (removal of more than outer clothing) in the borough over 36 months, by the ethnic group "
    "that the officer saw, per 10,000 residents of that group at Census 2021; beside White residents, log-Wald "
    "interval, exact below ten. Positive outcome rates with Wilson intervals, and their ratios."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The 36 months to the end of `period`."""
    own = counts.borough(partnership)
    with Question(store, DATASET, "census_2021_ethnicity") as question:
        now = counts.held(question, DATASET, period, MONTHS, column="searched_on")
        here = {g: n for g, n in people.census_2021(question, own.code).items() if g != "Mixed"}
        span = {"start": now.start, "end": now.end, "borough": own.name}
        within = "borough = $borough AND searched_on BETWEEN $start AND $end"
        rows = question.rows(
            f"SELECT {people.broad_sql('ethnic_appearance')}, positive_outcome = 'Y', count(*) FROM {DATASET} "
            f"WHERE {within} GROUP BY ALL ORDER BY ALL",
            span,
        )
        words = Words(
            "More thorough searches", "searches", "Ethnic group, as the officer saw it", "Outcome", SOMETHING, NOTHING,
            "positive outcome rate", 10_000.0,
        )  # fmt: skip
        ages = question.rows(
            f"SELECT coalesce(age_group, '{UNSTATED}'), count(*) FROM {DATASET} WHERE {within} GROUP BY 1 ORDER BY 1",
            span,
        )
        reasons = question.rows(
            f"SELECT stop_reason, count(*) AS n FROM {DATASET} WHERE {within} GROUP BY 1 ORDER BY n DESC, 1", span
        )
        by_year = question.rows(
            f"SELECT year(searched_on)::VARCHAR, count(*) FROM {DATASET} WHERE borough = $borough "
            "AND year(searched_on) < year($end::DATE + 1) GROUP BY 1 ORDER BY 1",
            span,
        )
        tables = (
            *searches.tables(
                {(group, SOMETHING if hit else NOTHING): n for group, hit, n in rows},
                tuple(here),
                {"": ("", here)},
                now,
                words,
                universe=UNIVERSE,
                where=counts.within(own),
            ),
            _shares("ages", "Ages of people searched more thoroughly", ("age", "Age"), dict(ages), own, now),
            _shares("reasons", "Why people were searched so", ("reason", "Reason"), dict(reasons), own, now),
            _years(dict(by_year), own),
        )
        return Finding(
            name=NAME,
            question="Whom do more thorough searches fall on, how often, and do they find anything?",
            tables=tables,
            base="Searches that exposed more than outer clothing, as the Metropolitan Police count them",
            period=now,
            source="Metropolitan Police more thorough searches dashboard; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "The group is what an officer saw, in four words; residents' groups are what they said.",
                "Residents are not everyone who is in the street.",
                "Whether intimate parts were exposed is not in the file.",
                "An appropriate adult's presence is recorded for too few children to be counted here.",
                "The file thins out in its latest months, which may be late recording and no change in practice.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _shares(name: str, title: str, dimension: tuple[str, str], found: dict[str, int], own: Any, now: Period) -> Any:
    return counts.shares(
        name, f"{title}, {now.label}", "searches", dimension, {str(k): int(n) for k, n in found.items()},
        universe=UNIVERSE, where=counts.within(own), period=now,
    )  # fmt: skip


def _years(found: dict[str, int], own: Any) -> Table:
    return Table(
        "years",
        f"More thorough searches by year, {min(found)} to {max(found)}",
        "searches",
        (Dimension("year", "Year", tuple(found)),),
        tuple(Cell((year,), int(n)) for year, n in found.items()),
        additive=False,
        universe=UNIVERSE,
        where=counts.within(own),
        period=Period(Period.month(int(min(found)), 1).start, Period.month(int(max(found)), 12).end),
    )
