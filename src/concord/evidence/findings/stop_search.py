"""Whether stop and search falls on some groups more, and what it finds: two questions that answer each other badly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, added_up, additive, last_months, with_total
from concord.evidence.findings.disproportionality import bounds, relative_rate, relative_share
from concord.evidence.findings.model import TOTAL, Cell, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import rate, share
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "stop_search"
REFERENCE, UNSTATED = "White", "Not stated"
PER = 1_000.0
FOUND, NOTHING = "Found what was looked for", "Something else, or nothing"
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
        given = with_total("ethnicity", "Ethnic group, as the person gave it", (*names, UNSTATED))
        what = with_total("found", "What was found", (FOUND, NOTHING))
        counts: dict[Key, int] = {(name, FOUND if hit else NOTHING): n for name, hit, n in rows}
        by_both = added_up(counts, (given, what))
        searched = {name: by_both[name, TOTAL] for name in given.categories}
        found = {name: by_both[name, FOUND] for name in given.categories}

        def per_resident(key: Key, n: int) -> Cell:
            people = residents.get(key[0])
            if not people:
                return Cell(key, n)
            return Cell(key, n, population=float(people), estimate=rate(n, people, per=PER))

        def finds(key: Key, n: int) -> Cell:
            base = searched[key[0]]
            if key[1] != FOUND or not base:
                return Cell(key, n)
            return Cell(key, n, base=base, estimate=share(n, base), rests_on=(("searched", (key[0],)),))

        others = tuple(name for name in names if name != REFERENCE)

        def beside(base: dict[str, int], of: str) -> tuple[Cell, ...]:
            return tuple(
                Cell(
                    (name,),
                    searched[name],
                    estimate=_named(
                        relative_rate(searched[name], base[name], searched[REFERENCE], base[REFERENCE]),
                        f"times the rate of {REFERENCE} residents{of}",
                    ),
                    rests_on=tuple(("searched", (who,)) for who in (name, REFERENCE, UNSTATED)),
                    label=_reach(name, searched, base),
                )
                for name in others
            )

        hits = tuple(
            Cell(
                (name,),
                found[name],
                estimate=_named(
                    relative_share(found[name], searched[name], found[REFERENCE], searched[REFERENCE]),
                    f"times the find rate of {REFERENCE} people",
                ),
                rests_on=tuple(
                    cell for who in (name, REFERENCE) for cell in (("found", (who, FOUND)), ("searched", (who,)))
                ),
            )
            for name in others
            if searched[name]
        )
        groups = replace(given, categories=others)
        universe = "stop and searches"
        tables = (
            additive(
                "searched",
                f"Searches by ethnic group, {now.label}",
                "searches",
                (given,),
                {(name,): searched[name] for name in (*names, UNSTATED)},
                dress=per_resident,
                per=PER,
                universe=universe,
            ),
            *(
                Table(
                    "relative_rate" + ("_from_10" if of else ""),
                    f"Searches for each resident{of}, beside {REFERENCE} residents, {now.label}",
                    "searches",
                    (groups,),
                    beside(base, of),
                    additive=False,
                    universe=universe,
                )
                for of, base in bases.items()
            ),
            additive(
                "found", f"What searches found, by ethnic group, {now.label}", "searches", (given, what), counts,
                dress=finds, universe=universe,
            ),
            Table(
                "relative_finds",
                f"Find rates beside that of {REFERENCE} people, {now.label}",
                "searches",
                (replace(groups, categories=tuple(cell.key[0] for cell in hits)),),
                hits,
                additive=False,
                universe=universe,
                where=(("found", (FOUND,)),),
            ),
        )  # fmt: skip
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


def _named(estimate: Estimate | None, unit: str) -> Estimate | None:
    return None if estimate is None else replace(estimate, unit=unit)


def _reach(name: str, searched: dict[str, int], residents: dict[str, int]) -> str:
    """How far the unstated could move a ratio, in words."""
    reach = bounds(
        searched[name], residents[name], searched[REFERENCE], residents[REFERENCE], searched[UNSTATED], searched[TOTAL]
    )
    return "" if reach is None else f"{reach.low:.1f} to {reach.high:.1f} whoever the not stated were"
