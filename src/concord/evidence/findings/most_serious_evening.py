"""Whether the most serious violence gathers in the evening, and in which neighbourhoods."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, additive, of_whole, with_total
from concord.evidence.findings.day_quarters import BANDS
from concord.evidence.findings.model import TOTAL, Dimension, Finding
from concord.evidence.findings.residents import residents
from concord.evidence.geography import Geography
from concord.evidence.timing.precision import WITHIN_A_DAY, precision_sql
from concord.kernel.periods import Period

NAME = "most_serious_evening"
LIST = "most_serious_violence"
METHOD = (
    "Homicide, attempted murder and grievous bodily harm with intent recorded in the period, by the quarter of the day "
    "in which they began (local time, known to within a day) and the neighbourhood they were in; shares with Wilson "
    "intervals. A quarter of them would fall in the evening if every hour were like every other."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """All of `period`."""
    codes = ", ".join(f"'{code}'" for code in codelists.get(LIST).codes)
    timed = ", ".join(repr(each.value) for each in WITHIN_A_DAY)
    with violence.ask(store, "population") as question:
        people = residents(question, Geography.of(partnership))
        hoods = people.neighbourhoods
        home = {ward: hood for hood, wards in hoods.items() for ward in wards}
        rows = question.rows(
            f"""SELECT hour(happened_at) // 6, ward_code, count(*) FROM events WHERE offence_code IN ({codes})
                AND {precision_sql("happened_at", "ended_at")} IN ({timed}) AND ward_code IS NOT NULL
                AND recorded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL""",
            {"start": period.start, "end": period.end},
        )
        counts: dict[Key, int] = {}
        for quarter, ward, n in rows:
            if ward in people.names:
                key = (BANDS[quarter], home[people.names[ward]])
                counts[key] = counts.get(key, 0) + n
        whole = sum(counts.values())

        table = additive(
            "evening",
            f"Most serious violence by quarter of the day and neighbourhood, {period.label}",
            violence.UNIT,
            (
                with_total("day_quarter", "Quarter of the day", BANDS),
                Dimension("neighbourhood", "Neighbourhood", (*hoods, TOTAL), of="ward", groups=tuple(hoods.items())),
            ),
            counts,
            dress=of_whole("evening", whole),
            universe=violence.UNIVERSE,
            where=(("most_serious", ("yes",)), ("time_known", ("within a day",)), ("ward_known", ("yes",))),
        )
        return Finding(
            name=NAME,
            question="Does the most serious violence gather in the evening, and where?",
            tables=(table,),
            base="Homicide, attempted murder and grievous bodily harm with intent whose ward and time are known",
            period=period,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "More people are out in the evening: a peak is not by itself a higher risk for each of them.",
                "An offence is in the neighbourhood where it was recorded, which need not be where it began.",
            ),
            synthetic=question.synthetic,
        )
