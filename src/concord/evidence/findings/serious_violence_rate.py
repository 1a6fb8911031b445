"""How much serious violence, as the partnership defines it: count, rate, limbs, offence groups, bounds, change."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, added_up, additive, last_months, with_total, year_before
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import Residents, residents
from concord.evidence.findings.statistics import percent_change, rate
from concord.kernel.periods import Period

NAME = "serious_violence_rate"
PER = 1_000.0
METHOD = (
    "Offences recorded in the period that the definition holds to be in, per 1,000 residents; exact Poisson limits "
    "under ten events, Byar's approximation at ten or more (APHO Technical Briefing 3). Change against the same "
    "months a year before with a log-Wald interval of the ratio."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period` (or all of a shorter one), with the same months of the year before.

    Rates are for the length of the period, which is a year unless `period` is shorter.
    """
    now = last_months(period, 12)
    before = year_before(now)
    with violence.ask(store, "population") as question:
        people = residents(question)
        groups = violence.group_names(question)
        counts = _by_group(question, now, groups)
        earlier = _by_group(question, before, groups) if violence.holds(question, before) else None
        names = violence.in_order({key[0] for key in {**counts, **(earlier or {})}})
        dimension = with_total("offence_group", "Offence group", names)
        tables = [_rates("rate", now, dimension, counts, people), _limbs(question, partnership, now, people, counts)]
        tables.append(_bounds(question, now, people))
        if earlier is not None:
            tables.append(_rates("before", before, dimension, earlier, people))
            tables.append(_change(now, before, dimension, counts, earlier))
        return Finding(
            name=NAME,
            question="How much serious violence is recorded here, of which kinds, and is there more than a year ago?",
            tables=tuple(tables),
            base="Offences recorded by the police in the period, one for each crime reference",
            period=now,
            source=f"{violence.SOURCE}; population estimates, vintage {people.vintage}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "Residents are a poor base where many who are harmed live elsewhere.",
                "An offence may be in for several reasons, so limbs overlap and do not add up.",
                "The true number lies between “in” and “in or undetermined”: ages that are not known leave some open.",
            ),
            synthetic=question.synthetic,
        )


def _by_group(question: Question, period: Period, groups: dict[tuple[str, str], str]) -> dict[Key, int]:
    rows = question.rows(
        "SELECT offence_code, sub_code, count(*) FROM events "
        "WHERE verdict = 'in' AND recorded_on BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
        {"start": period.start, "end": period.end},
    )
    counts: dict[Key, int] = {}
    for code, sub, count in rows:
        key = (groups.get((code, sub), "Other offences"),)
        counts[key] = counts.get(key, 0) + count
    return counts


def _rates(name: str, period: Period, dimension: Dimension, counts: dict[Key, int], people: Residents) -> Table:
    return additive(
        name,
        f"Serious violence by offence group, {period.label}",
        violence.UNIT,
        (dimension,),
        counts,
        dress=lambda key, n: Cell(key, n, population=people.all, estimate=rate(n, people.all, per=PER)),
        per=PER,
        universe=violence.UNIVERSE,
        where=violence.IN,
        period=period,
    )


def _limbs(question: Question, partnership: Any, period: Period, people: Residents, counts: dict[Key, int]) -> Table:
    found = dict(
        question.rows(
            "SELECT unnest(limbs) AS limb, count(*) FROM events "
            "WHERE verdict = 'in' AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {"start": period.start, "end": period.end},
        )
    )
    whole = sum(counts.values())
    titles = violence.limb_titles(partnership)
    cells = tuple(
        Cell(
            (title,),
            n,
            base=whole,
            population=people.all,
            estimate=rate(n, people.all, per=PER),
            rests_on=(("rate", (TOTAL,)),),
        )
        for limb, title in titles.items()
        for n in (found.get(limb, 0),)
    )
    return Table(
        "limb",
        f"Serious violence by why it is in the definition, {period.label}",
        violence.UNIT,
        (Dimension("limb", "Limb of the definition", tuple(titles.values())),),
        cells,
        additive=False,
        per=PER,
        universe=violence.UNIVERSE,
        where=violence.IN,
        period=period,
    )


def _bounds(question: Question, period: Period, people: Residents) -> Table:
    found = question.rows(
        "SELECT verdict, count(*) FROM events "
        "WHERE verdict <> 'out' AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
        {"start": period.start, "end": period.end},
    )
    return additive(
        "bounds",
        f"In the definition, and undetermined (the total is the upper bound), {period.label}",
        violence.UNIT,
        (with_total("verdict", "Verdict", ("in", "undetermined")),),
        {(verdict,): n for verdict, n in found},
        dress=lambda key, n: Cell(key, n, population=people.all, estimate=rate(n, people.all, per=PER)),
        per=PER,
        universe=violence.UNIVERSE,
        where=(("verdict", ("in", "undetermined")),),
        period=period,
    )


def _change(
    now: Period, before: Period, dimension: Dimension, counts: dict[Key, int], earlier: dict[Key, int]
) -> Table:
    these, those = added_up(counts, (dimension,)), added_up(earlier, (dimension,))
    cells = tuple(
        Cell(
            key,
            n,
            base=those[key],
            estimate=percent_change(n, those[key]),  # the same months, so that a reader's own sum agrees
            rests_on=(("before", key),),
        )
        for key, n in these.items()
    )
    return Table(
        "change",
        f"Change from {before.label} to {now.label}",
        violence.UNIT,
        (dimension,),
        cells,
        additive=False,
        universe=violence.UNIVERSE,
        where=violence.IN,
        period=now,
    )
