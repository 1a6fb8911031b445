"""Knife crime on the police's open counts: how much, with injury, against young people, where, and what comes of it."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import rate, share
from concord.evidence.geography import Geography
from concord.kernel.periods import Period

NAME = "knife_crime_open"
BOROUGHS, WARDS = "mps_knife_crime_borough", "mps_knife_crime_neighbourhood"
UNIVERSE = "knife crime in the police's dashboard"
PER = 1_000.0
MONTHS = 36
ALL, INJURY, YOUNG = "Knife Crime", "Knife Crime with Injury", "Knife Injury Victims (non DA 1-24)"
KINDS = {
    ALL: "All knife crime",
    INJURY: "Knife crime with injury",
    "Knife Crime with Injury (Personal Robbery)": "With injury, in a robbery",
    "Knife Injury Victims (1-24)": "Injured victims aged under 25",
    YOUNG: "Injured victims under 25, not domestic abuse",
}
METHOD = (
    "Offences of the last twelve months that the police count as knife crime, per 1,000 residents at Census 2021 with "
    "exact or Byar's Poisson limits; the share with injury with Wilson limits; wards and boroughs marked where exact "
    "limits leave out what was expected at the whole's rate. Outcomes are those recorded in the same twelve months, of "
    "whatever offences, over the offences recorded. " + counts.XMR
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The twelve and the 36 months to the end of `period`."""
    own = counts.borough(partnership)
    geography = Geography.of(partnership)
    datasets = (BOROUGHS, WARDS, "census_2021_population", "lookup_lsoa_2021_to_ward_2024")
    with Question(store, *datasets) as question:
        now, long = counts.held(question, BOROUGHS, period), counts.held(question, BOROUGHS, period, MONTHS)
        people = counts.residents_by_borough(question)
        span = {"start": now.start, "end": now.end, "code": own.code}
        rows = question.rows(
            f"SELECT area_name, crime_subtype, measure, sum(count)::BIGINT FROM {BOROUGHS} "
            "WHERE month BETWEEN $start AND $end AND area_name IS NOT NULL GROUP BY ALL ORDER BY ALL",
            span,
        )
        found = {(place, kind, measure): int(n) for place, kind, measure, n in rows}
        offences = {kind: found.get((own.name, kind, "Offences"), 0) for kind in KINDS}
        months = question.rows(
            f"SELECT strftime(month, '%Y-%m'), sum(count)::BIGINT FROM {BOROUGHS} WHERE area_code = $code "
            f"AND crime_subtype = '{ALL}' AND measure = 'Offences' AND month BETWEEN $start AND $end "
            "GROUP BY 1 ORDER BY 1",
            {"start": long.start, "end": long.end, "code": own.code},
        )
        trend, facts = counts.monthly(
            f"Knife crime by month, {long.label}",
            counts.UNIT,
            long,
            dict(months),
            universe=UNIVERSE,
            where=counts.within(own),
        )
        names = counts.ward_names(geography, own)
        by_ward = question.rows(
            f"SELECT trim(area_code), sum(count)::BIGINT FROM {WARDS} WHERE month BETWEEN $start AND $end "
            f"AND crime_subtype = '{ALL}' AND measure = 'Offences' GROUP BY 1 ORDER BY 1",
            span,
        )
        tables = (
            _kinds(offences, people[own.name], now, own),
            _outcomes(found, own, now),
            trend,
            counts.ward_table(
                f"Knife crime by ward, {now.label}",
                counts.UNIT,
                {names[code]: int(n) for code, n in by_ward if code in names},
                counts.residents_by_ward(question, geography, own),
                now,
                universe="knife crime in the police's dashboard, by Safer Neighbourhood Team",
                per=PER,
            ),
            counts.borough_table(
                f"Knife crime by borough, {now.label}",
                counts.UNIT,
                {place: n for (place, kind, measure), n in found.items() if (kind, measure) == (ALL, "Offences")},
                people,
                now,
                universe=UNIVERSE,
                per=PER,
            ),
        )
        return Finding(
            name=NAME,
            question="How much knife crime is recorded, how much of it injures, and where?",
            tables=tables,
            base="Offences that the police count as knife crime, and victims of knife injury",
            period=now,
            source="Metropolitan Police monthly crime dashboard: knife crime; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                counts.UNDETERMINED,
                counts.REPORTED,
                counts.VISITORS,
                "Injured victims are people, not offences, and are counted beside offences, never added to them.",
                "Counts by Safer Neighbourhood Team do not add up to the borough's: an offence without a usable place "
                "is in none.",
                "A positive outcome counts in the month it was recorded, often for an offence of an earlier year: it "
                "is no share of the offences beside it.",
            ),
            source_class="open",
            facts=facts,
            synthetic=question.synthetic,
        )


def _kinds(offences: dict[str, int], people: int, now: Period, own: Any) -> Table:
    whole = offences[ALL]

    def cell(kind: str) -> Cell:
        n = offences[kind]
        if kind in (INJURY, "Knife Crime with Injury (Personal Robbery)") and whole:
            return Cell((KINDS[kind],), n, base=whole, estimate=share(n, whole), rests_on=(("kinds", (KINDS[ALL],)),))
        return Cell((KINDS[kind],), n, population=float(people), estimate=rate(n, people, per=PER))

    return Table(
        "kinds",
        f"Knife crime by kind, {now.label}",
        counts.UNIT,
        (Dimension("kind", "Kind", tuple(KINDS.values())),),
        tuple(cell(kind) for kind in KINDS),
        additive=False,
        universe=f"{UNIVERSE}, kinds that overlap",
        where=counts.within(own),
    )


def _outcomes(found: dict[tuple[str, str, str], int], own: Any, now: Period) -> Table:
    """Positive outcomes recorded beside offences recorded: a ratio of two counts, not a share of either."""
    kinds = [kind for kind in (ALL, INJURY) if found.get((own.name, kind, "Offences"))]
    cells = tuple(
        Cell(
            (KINDS[kind],),
            found.get((own.name, kind, "Positive Outcomes"), 0),
            population=float(found[own.name, kind, "Offences"]),
            estimate=rate(
                found.get((own.name, kind, "Positive Outcomes"), 0),
                found[own.name, kind, "Offences"],
                per=100,
                of="offences recorded",
            ),
            rests_on=(("kinds", (KINDS[kind],)),),
        )
        for kind in kinds
    )
    return Table(
        "outcomes",
        f"Positive outcomes recorded, {now.label}",
        "positive outcomes",
        (Dimension("kind", "Kind", tuple(KINDS[kind] for kind in kinds)),),
        cells,
        additive=False,
        per=100,
        universe="positive outcomes of knife crime in the police's dashboard",
        where=counts.within(own),
    )
