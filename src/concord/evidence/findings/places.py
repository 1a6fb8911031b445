"""Where: wards and neighbourhoods by rate, with intervals, and which of them chance does not explain."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, additive, last_months, with_total
from concord.evidence.findings.comparison import funnel_label
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding
from concord.evidence.findings.residents import one_vintage, residents
from concord.evidence.findings.statistics import rate
from concord.evidence.geography import Geography
from concord.kernel.periods import Period

NAME = "places"
PER = 1_000.0
METHOD = (
    "Offences recorded in the period by ward of the offence, per 1,000 residents; exact Poisson limits under ten "
    "events, Byar's approximation at ten or more. A ward is marked when its exact 95% (or 99.8%: “far”) limits "
    "leave out the number expected at the borough's rate (funnel plot, Spiegelhalter 2005)."
)


def find(store: Store, partnership: Any, period: Period, *, limb: str | None = None) -> Finding:
    """The last twelve months of `period`; `limb` keeps to one limb of the definition."""
    now = last_months(period, 12)
    with violence.ask(store, "population") as question:
        people = residents(question, Geography.of(partnership))
        condition, values, where = violence.chosen_limb(partnership, limb)
        rows = question.rows(
            f"SELECT ward_code, count(*) FROM events WHERE {condition} "
            f"AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {"start": now.start, "end": now.end, **values},
        )
        one_vintage({code: n for code, n in rows if code and code not in people.names}, people)
        counts: dict[str, int] = {people.names[code]: n for code, n in rows if code}
        whole = sum(counts.values()) / people.all
        placed = (*where, ("ward_known", ("yes",)))

        def ward(key: tuple[str, ...], n: int) -> Cell:
            if key == (TOTAL,):
                return Cell(key, n, population=people.all, estimate=rate(n, people.all, per=PER))
            persons = people.by_ward[key[0]]
            label = funnel_label(n, whole * persons) if whole else ""
            return Cell(key, n, population=persons, estimate=rate(n, persons, per=PER), label=label)

        def hood(key: tuple[str, ...], n: int) -> Cell:
            persons = people.all if key == (TOTAL,) else sum(people.by_ward[w] for w in people.neighbourhoods[key[0]])
            label = "" if key == (TOTAL,) or not whole else funnel_label(n, whole * persons)
            return Cell(key, n, population=persons, estimate=rate(n, persons, per=PER), label=label)

        by_hood: dict[Key, int] = {
            (name,): sum(counts.get(w, 0) for w in wards) for name, wards in people.neighbourhoods.items()
        }
        hoods = Dimension(
            "neighbourhood",
            "Neighbourhood",
            (*people.neighbourhoods, TOTAL),
            of="ward",
            groups=tuple(people.neighbourhoods.items()),
        )
        tables = (
            additive(
                "wards",
                f"Serious violence by ward, {now.label}",
                violence.UNIT,
                (with_total("ward", "Ward", tuple(people.by_ward)),),
                {(name,): n for name, n in counts.items()},
                dress=ward,
                per=PER,
                universe=violence.UNIVERSE,
                where=placed,
            ),
            additive(
                "neighbourhoods",
                f"Serious violence by neighbourhood, {now.label}",
                violence.UNIT,
                (hoods,),
                by_hood,
                dress=hood,
                per=PER,
                universe=violence.UNIVERSE,
                where=placed,
            ),
        )
        return Finding(
            name=NAME,
            question="Where is serious violence recorded, and where is it more than chance explains?",
            tables=tables,
            base="Offences recorded by the police in the period whose ward is known, one for each crime reference",
            period=now,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"limb": limb} if limb else {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "Wards with stations, shops and bars have many visitors: a rate on residents is not a visitor's risk.",
                "Wards whose intervals overlap are not shown to be the same; a rank between them means nothing.",
            ),
            synthetic=question.synthetic,
        )
