"""Homicide: over three years, since a year of a borough holds too few to say anything of."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, additive, last_months, with_total
from concord.evidence.findings.model import Cell, Finding
from concord.evidence.findings.residents import residents
from concord.evidence.findings.slices import VERDICTS
from concord.evidence.findings.statistics import rate
from concord.kernel.periods import Period

NAME = "homicide"
PER = 100_000.0
MONTHS = 36
METHOD = (
    "Offences of homicide (murder, manslaughter, infanticide) recorded in the last 36 months of the period, or in all "
    "of it where it is shorter, in a year, per 100,000 residents; exact Poisson limits under ten events, Byar's "
    "approximation at ten or more."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last 36 months of `period`, or all of a shorter one; rates are for a year."""
    now = last_months(period, MONTHS)
    with violence.ask(store, "population") as question:
        violence.name_offences(question)
        people = residents(question)
        rows = question.rows(
            "SELECT verdict, count(*) FROM offences WHERE subgroup = 'Homicide' "
            "AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {"start": now.start, "end": now.end},
        )
        years = ((now.end - now.start).days + 1) / 365.25
        persons = people.all * years

        def dress(key: Key, n: int) -> Cell:
            in_a_year = "residents in a year"
            return Cell(key, n, population=persons, estimate=rate(n, persons, per=PER, of=in_a_year))

        table = additive(
            "homicides",
            f"Homicides by what the definition says of them, {now.label}",
            violence.UNIT,
            (with_total("verdict", "Verdict of the definition", VERDICTS),),
            {(verdict,): n for verdict, n in rows},
            dress=dress,
            per=PER,
            universe=violence.UNIVERSE,
            where=(("offence_subgroup", ("Homicide",)),),
        )
        return Finding(
            name=NAME,
            question="How many people are killed here?",
            tables=(table,),
            base="Offences of homicide recorded in the period, one for each crime reference",
            period=now,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                "Homicides are few: one more or one fewer is within chance, and so is a doubling.",
                "An offence is recorded as homicide from the start; a court may find otherwise, or none.",
                "Several people killed at one time may stand under one reference or under several.",
            ),
            synthetic=question.synthetic,
        )
