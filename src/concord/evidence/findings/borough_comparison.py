"""How the borough stands beside the rest of London and its statistical neighbours, and where its years are going."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.build import Key, additive
from concord.evidence.findings.comparison import annual_trend
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.open_counts import Kind
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import rate, rate_ratio
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "borough_comparison"
DATASET = "mps_borough_counts"
UNIVERSE = "offences in the police's counts by borough"
SOURCE = "Metropolitan Police recorded crime by borough; Census 2021"
PER = 1_000.0
MONTHS = 36
NEIGHBOURS = "its statistical neighbours"
METHOD = (
    "Offences of the last twelve months per 1,000 usual residents at Census 2021, exact Poisson limits under ten "
    "events and Byar's above. Ratios of the borough's rate to that of London without the borough, and of its "
    "statistical neighbours together, with log-Wald intervals. A borough is marked when its exact 95% (or 99.8%: "
    "“far”) limits leave out the number expected at London's rate (funnel plot). Five whole financial years: Poisson "
    "trend, called at 99.8% by the score test for a trend in rates. " + counts.XMR
)


def find(store: Store, partnership: Any, period: Period, *, kind: str | None = None) -> Finding:
    """The twelve months, five financial years and 36 months to the end of `period`; `kind` keeps to one kind."""
    own = counts.borough(partnership)
    some, noun = counts.chosen(partnership, kind)
    everything = counts.kinds(partnership) if kind is None else some
    with Question(store, DATASET, "census_2021_population") as question:
        now = counts.held(question, DATASET, period)
        long = counts.held(question, DATASET, period, MONTHS)
        first = question.rows(f"SELECT min(month)::DATE FROM {DATASET}")[0][0]
        years = counts.financial_years(now, first)
        counts.kind_table(question, everything)
        people = counts.residents_by_borough(question)
        rows = question.rows(
            f"SELECT borough, label, sum(count)::BIGINT FROM {DATASET} JOIN kinds ON minor = minor_category "
            "WHERE month BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        by_place = {(place, label): int(n) for place, label, n in rows if place in people}
        by_month = question.rows(
            f"SELECT strftime(month, '%Y-%m'), label, sum(count)::BIGINT FROM {DATASET} "
            "JOIN kinds ON minor = minor_category WHERE borough = $borough GROUP BY ALL ORDER BY ALL",
            {"borough": own.name},
        )
        months = {(month, label): int(n) for month, label, n in by_month}
        labels = tuple(each.label for each in everything)
        policed = {place for place, _ in by_place}
        elsewhere = sorted(policed - {own.name})
        near = [name for name in counts.comparators(partnership) if name in policed]
        trend, facts = counts.monthly(
            f"{noun} by month, {long.label}",
            counts.UNIT,
            long,
            _sum((month, n) for (month, label), n in months.items() if label in {k.label for k in some}),
            universe=UNIVERSE,
            where=counts.within(own, some),
        )
        tables = [
            _kinds(own.name, everything, by_place, people[own.name], now),
            _beside("against_london", "the rest of London", now, own.name, elsewhere, labels, by_place, people),
            *(
                _beside("against_neighbours", NEIGHBOURS, now, own.name, some_near, labels, by_place, people)
                for some_near in ([near] if near else [])
            ),
            counts.borough_table(
                f"{noun} by borough, {now.label}",
                counts.UNIT,
                _sum((place, n) for (place, label), n in by_place.items() if label in {k.label for k in some}),
                people,
                now,
                universe=UNIVERSE,
                where=(("kind", tuple(sorted(each.label for each in some))),),
            ),
            trend,
            *_sexual(own.name, everything, by_place, people[own.name], now),
            *_annual(own, everything, months, years, people[own.name]),
        ]  # fmt: skip
        return Finding(
            name=NAME,
            question="Is recorded violence here more than elsewhere in London, and is it growing?",
            tables=tuple(tables),
            base="Offences that the Metropolitan Police counted by borough, one for each offence recorded",
            period=now,
            source=SOURCE,
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"kind": kind} if kind else {}),
            cannot_say=(
                counts.UNDETERMINED,
                counts.REPORTED,
                counts.VISITORS,
                "The City of London has its own police and is not in these counts; offences whose borough is not known "
                "are left out.",
                *(
                    (f"The statistical neighbours are those of children's services: {', '.join(near)}.",)
                    if near
                    else ("The partnership's folder names no statistical neighbours to compare with.",)
                ),
                "The groups of most similar partnerships that the Home Office keeps are not open data.",
                *counts.breaks(partnership, Period(years[0].start if years else now.start, now.end), DATASET),
            ),
            source_class="open",
            facts=facts,
            synthetic=question.synthetic,
        )


def _sum(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, n in pairs:
        found[name] = found.get(name, 0) + n
    return found


def _kinds(own: str, some: Iterable[Kind], by_place: Mapping[Key, int], people: int, now: Period) -> Table:
    labels = tuple(each.label for each in some)
    return additive(
        "kinds",
        f"Offences by kind, {now.label}",
        counts.UNIT,
        (Dimension("kind", "Kind", labels),),
        {(label,): by_place.get((own, label), 0) for label in labels},
        dress=lambda key, n: Cell(key, n, population=float(people), estimate=rate(n, people, per=PER)),
        per=PER,
        universe=UNIVERSE,
        where=(("borough", (own,)),),
    )


SEXUAL = "All sexual offences"


def _sexual(own: str, some: Iterable[Kind], by_place: Mapping[Key, int], people: int, now: Period) -> list[Table]:
    """Rape and other sexual offences together, told to be made of the two; nothing where either is not asked for."""
    parts = tuple(each.label for each in some if each.key in {"rape", "other_sexual"})
    if len(parts) < 2:
        return []
    n = sum(by_place.get((own, label), 0) for label in parts)
    group = Dimension("kind_group", "Kind", (SEXUAL,), of="kind", groups=((SEXUAL, parts),))
    cell = Cell((SEXUAL,), n, population=float(people), estimate=rate(n, people, per=PER))
    return [
        Table(
            "sexual",
            f"Sexual offences, {now.label}",
            counts.UNIT,
            (group,),
            (cell,),
            additive=False,
            per=PER,
            universe=UNIVERSE,
            where=(("borough", (own,)),),
        )
    ]


def _beside(
    name: str,
    whom: str,
    now: Period,
    own: str,
    others: Iterable[str],
    labels: Iterable[str],
    by_place: Mapping[Key, int],
    people: Mapping[str, int],
) -> Table:
    """The borough's rate of each kind over that of the other boroughs taken together."""
    there = list(others)
    residents = sum(people[place] for place in there)
    unit = f"times the rate of {whom}"

    def cell(label: str) -> Cell:
        n = by_place.get((own, label), 0)
        ratio = rate_ratio(n, people[own], sum(by_place.get((place, label), 0) for place in there), residents)
        named = None if ratio is None else Estimate(ratio.value, unit, ratio.interval, ratio.method)
        return Cell((label,), n, estimate=named, rests_on=(("kinds", (label,)),), label=_side(ratio))

    kinds = tuple(labels)
    return Table(
        name,
        f"Rates beside those of {whom}, {now.label}",
        counts.UNIT,
        (Dimension("kind", "Kind", kinds),),
        tuple(cell(label) for label in kinds),
        additive=False,
        universe=UNIVERSE,
        where=(("borough", (own,)),),
    )


def _side(ratio: Estimate | None) -> str:
    if ratio is None or ratio.interval is None or ratio.interval.low <= 1 <= ratio.interval.high:
        return ""
    return "higher" if ratio.interval.low > 1 else "lower"


def _annual(
    own: Any, some: Iterable[Kind], months: Mapping[Key, int], years: tuple[Period, ...], people: int
) -> list[Table]:
    """Whole financial years by kind, and the trend over them."""
    if len(years) < 3:
        return []
    names = tuple(counts.year_name(year) for year in years)
    spans = {name: {f"{month.start:%Y-%m}" for month in year.months()} for name, year in zip(names, years, strict=True)}
    period = Period(years[0].start, years[-1].end)
    labels = tuple(each.label for each in some)
    found = {
        (label, name): sum(months.get((month, label), 0) for month in span)
        for label in labels
        for name, span in spans.items()
    }
    kinds, time = Dimension("kind", "Kind", labels), Dimension("financial_year", "Financial year", names)
    where = (("borough", (own.name,)),)
    per_year = additive(
        "years",
        f"Offences by kind in each of {len(years)} financial years, {names[0]} to {names[-1]}",
        counts.UNIT,
        (kinds, time),
        found,
        dress=lambda key, n: Cell(key, n, population=float(people), estimate=rate(n, people, per=PER)),
        per=PER,
        universe=UNIVERSE,
        where=where,
        period=period,
    )
    cells = []
    for label in labels:
        trend = annual_trend([found[label, name] for name in names], [float(year.days) for year in years])
        total = sum(found[label, name] for name in names)
        rests = tuple(("years", (label, name)) for name in names)
        cells.append(
            Cell((label,), total, estimate=trend and trend[0], rests_on=rests, label=trend[2] if trend else "")
        )
    change = Table(
        "trend",
        f"Average change a year, {names[0]} to {names[-1]}",
        counts.UNIT,
        (kinds,),
        tuple(cells),
        additive=False,
        universe=UNIVERSE,
        where=where,
        period=period,
    )
    return [per_year, change]
