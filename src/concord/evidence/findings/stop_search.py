"""Whether stop and search falls on some groups more, and what it finds: two questions that answer each other badly."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import searches
from concord.evidence.findings.build import last_months
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import FOUND, NOTHING, REFERENCE, UNSTATED, Words
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "stop_search"
METHOD = (
    "Searches of the last twelve months by the ethnic group that people gave, over residents of that group, and over "
    "those of ten and over, since groups differ in age; each group's rate over that of White residents, log-Wald "
    "interval, exact below ten searches. Searches in which no group was stated are missing, not a group: the bounds "
    "say how far they could move a ratio. Find rates are shares of searches in which what was looked for was found, "
    "Wilson intervals, and their ratios."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`. Raises BadInput where the population by group is empty."""
    now = last_months(period, 12)
    with Question(store, "stop_search", "population_ethnicity") as question:
        question.table("groups", ("code", "name"), _groups())
        lives = question.rows(
            "SELECT name, sum(residents)::BIGINT, coalesce(sum(residents) FILTER (WHERE age_band <> '0-9'), 0)::BIGINT "
            "FROM population_ethnicity JOIN groups ON code = ethnicity "
            "WHERE year = (SELECT max(year) FROM population_ethnicity) GROUP BY 1 ORDER BY 1"
        )
        residents = {name: n for name, n, _ in lives}
        bases = {"": residents, " of 10 and over": {name: n for name, _, n in lives}}
        if not residents.get(REFERENCE):
            raise BadInput(
                "There are no residents by ethnic group to compare searches with.",
                next_step="Load them: concord load population_ethnicity FILE",
            )
        rows = question.rows(
            f"SELECT coalesce(name, '{UNSTATED}') AS given, coalesce(outcome_linked = 'Y', false) AS hit, count(*) "
            "FROM stop_search LEFT JOIN groups ON code = ethnicity_self "
            "WHERE searched_at::DATE BETWEEN $start AND $end GROUP BY 1, 2 ORDER BY 1, 2",
            {"start": now.start, "end": now.end},
        )
        names = tuple(entry.label for entry in codelists.get("ethnicity_5") if entry.label in residents)
        words = Words("Searches", "searches", "Ethnic group, as the person gave it", "What was found")
        tables = searches.tables(
            {(name, FOUND if hit else NOTHING): n for name, hit, n in rows},
            names,
            {("_from_10" if of else ""): (of, base) for of, base in bases.items()},
            now,
            words,
            universe="stop and searches",
        )
        return Finding(
            name=NAME,
            question="Does stop and search fall on some groups more, and does it find what it looks for?",
            tables=tables,
            base="Searches of people in the period; residents",
            period=now,
            source="Stop and search records; residents by age and ethnic group",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "Residents are not everyone who is in the street: people are also searched where they do not live.",
                "Equal find rates do not show that searches are fair, nor unequal ones that they are not.",
                "Groups hold many groups; ratios of groups say nothing about any one search.",
                "Who was searched twice is counted twice.",
            ),
            synthetic=question.synthetic,
        )


def _groups() -> list[tuple[str, str]]:
    """Each 18+1 code with the name of its broad group."""
    broad = {entry.code: entry.label for entry in codelists.get("ethnicity_5")}
    return [(e.code, broad[e.extra["code_5"]]) for e in codelists.get("ethnicity_18") if e.extra["code_5"] in broad]
