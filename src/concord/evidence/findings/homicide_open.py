"""Homicide in the borough on open counts: offences over years together, and people proceeded against."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import rate, rate_ratio
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "homicide_open"
OFFENCES, PEOPLE = "mps_borough_counts", "mps_homicide_proceedings"
PER = 100_000.0
TOGETHER, GROUPS = 3, 5
LAST = "Last three financial years"
METHOD = (
    "Offences of homicide recorded in the borough over three financial years at a time, a year's number being too "
    "small to be shown or to mean anything; per 100,000 residents at Census 2021 and year, exact Poisson limits. The "
    "ratio is of the last three years' rate to that of the rest of London. People proceeded against for murder or "
    "manslaughter are counted over five calendar years at a time."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """As many whole groups of three financial years, newest first, as the counts to the end of `period` hold."""
    own = counts.borough(partnership)
    with Question(store, OFFENCES, "census_2021_population") as question:
        now = counts.held(question, OFFENCES, period)
        first = question.rows(f"SELECT min(month)::DATE FROM {OFFENCES}")[0][0]
        years = counts.financial_years(now, first, TOGETHER * GROUPS)
        groups = [years[max(0, end - TOGETHER) : end] for end in range(len(years), TOGETHER - 1, -TOGETHER)][::-1]
        if not groups:
            raise BadInput(
                f"Whole financial years in dataset “{OFFENCES}”: {len(years)}. Homicides are told of {TOGETHER}.",
                why="So few happen in one year that its number is too small to show.",
                next_step=f"Load earlier years as well: concord load {OFFENCES} FILE...",
            )
        rows = question.rows(
            f"SELECT borough, month, sum(count)::BIGINT FROM {OFFENCES} WHERE minor_category = 'HOMICIDE' "
            "GROUP BY ALL ORDER BY ALL"
        )
        people = counts.residents_by_borough(question)

        def total(where: set[str], span: tuple[Period, ...]) -> int:
            return sum(int(n) for place, month, n in rows if place in where and span[0].start <= month <= span[-1].end)

        policed = {place for place, _, _ in rows if place in people}
        names = {f"{counts.year_name(g[0])} to {counts.year_name(g[-1])}": g for g in groups}
        lives = people[own.name]
        cells = tuple(
            Cell(
                (name,),
                n := total({own.name}, span),
                population=float(lives * TOGETHER),
                estimate=rate(n, lives * TOGETHER, per=PER, of="residents a year"),
            )
            for name, span in names.items()
        )
        universe = "homicides in the police's counts by borough"
        whole = Period(groups[0][0].start, groups[-1][-1].end)
        last_name, last = list(names.items())[-1]
        elsewhere = policed - {own.name}
        ratio = rate_ratio(
            total({own.name}, last), lives, total(elsewhere, last), sum(people[place] for place in elsewhere)
        )
        tables = [
            Table(
                "years",
                f"Homicides over three years at a time, {whole.label}",
                counts.UNIT,
                (Dimension("years", "Financial years", tuple(names)),),
                cells,
                additive=False,
                per=PER,
                universe=universe,
                where=counts.within(own),
                period=whole,
            ),
            Table(
                "latest",
                f"Homicides over the last three financial years, {last_name}",
                counts.UNIT,
                (Dimension("span", "Years", (LAST,)),),
                (replace(cells[-1], key=(LAST,)),),
                additive=False,
                per=PER,
                universe=universe,
                where=counts.within(own),
                period=Period(last[0].start, last[-1].end),
            ),
            Table(
                "against_london",
                f"Homicide rate beside that of the rest of London, {last_name}",
                counts.UNIT,
                (Dimension("years", "Financial years", (last_name,)),),
                (
                    Cell(
                        (last_name,),
                        total({own.name}, last),
                        estimate=ratio
                        and Estimate(ratio.value, "times the rate of the rest of London", ratio.interval, ratio.method),
                        rests_on=(("years", (last_name,)),),
                    ),
                ),
                additive=False,
                universe=universe,
                where=counts.within(own),
                period=whole,
            ),
        ]
        if store.has(PEOPLE):
            question.use(PEOPLE)
            tables.append(_proceedings(question, own, now))
        return Finding(
            name=NAME,
            question="How many people are killed in the borough, and is it more than elsewhere in London?",
            tables=tuple(tables),
            base="Offences of homicide recorded by the police, one for each victim; people charged or summonsed",
            period=now,
            source="Metropolitan Police recorded crime by borough and homicide dashboard; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "So few deaths move by chance: a difference between two spans of years is seldom more than that.",
                "Victims' ages and whether a death was domestic are not in the counts, so the local definition cannot "
                "be applied.",
                "An offence may later be found to be none, or one from long ago may be recorded now.",
                "People proceeded against are not suspects alone: one death may have several, or none.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _proceedings(question: Question, own: Any, now: Period) -> Table:
    """People proceeded against in the borough, five calendar years at a time, newest whole group last."""
    last = question.rows(f"SELECT max(month)::DATE FROM {PEOPLE} WHERE month <= $end", {"end": now.end})[0][0]
    end = last.year if last.month == 12 else last.year - 1
    spans = [(end - 5 * back - 4, end - 5 * back) for back in reversed(range(4))]
    rows = question.rows(
        f"SELECT year(month), sum(persons)::BIGINT FROM {PEOPLE} WHERE borough = $borough GROUP BY 1 ORDER BY 1",
        {"borough": own.name},
    )
    found = {f"{first} to {year}": sum(int(n) for y, n in rows if first <= y <= year) for first, year in spans}
    return Table(
        "proceedings",
        f"People proceeded against for homicide, {spans[0][0]} to {end}",
        "people",
        (Dimension("years", "Calendar years", tuple(found)),),
        tuple(Cell((name,), n) for name, n in found.items()),
        additive=False,
        universe="people proceeded against for homicide",
        where=counts.within(own),
        period=Period(date(spans[0][0], 1, 1), date(end, 12, 31)),
    )
