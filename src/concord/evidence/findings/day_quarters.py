"""Quarters of the day, and the tables by them: a hundred and sixty-eight hours are too many to cross with anything."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, Where, additive, of_whole, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.residents import residents
from concord.evidence.findings.slices import AGE_OF_VICTIM
from concord.evidence.findings.statistics import share
from concord.evidence.geography import Geography
from concord.evidence.timing.aoristic import weights_sql
from concord.evidence.timing.precision import Precision, precision_sql
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

BANDS = ("Night, midnight to six", "Morning, six to noon", "Afternoon, noon to six", "Evening, six to midnight")
KNOWN = {
    Precision.EXACT: "To the minute",
    Precision.HOUR: "Within an hour",
    Precision.DAY: "Within a day",
    Precision.RANGE: "Over a longer span",
    Precision.UNKNOWN: "Not at all",
}


def by_age(question: Question, chosen: str, bound: dict[str, object], period: Period, where: Where) -> Table:
    """Quarter of the day by age of victims; `timed` must be there."""
    rows = question.rows(
        f"SELECT hour // 6, {AGE_OF_VICTIM.sql}, count(*) FROM timed WHERE {chosen} GROUP BY ALL ORDER BY ALL", bound
    )
    counts: dict[Key, int] = {(BANDS[quarter], age): n for quarter, age, n in rows}
    ages = with_total(AGE_OF_VICTIM.name, AGE_OF_VICTIM.label, AGE_OF_VICTIM.categories)
    return _shares("ages", f"Serious violence by quarter of the day and age of victims, {period.label}",
                   ages, counts, period, where)  # fmt: skip


def by_neighbourhood(
    question: Question,
    store: Store,
    partnership: Any,
    chosen: str,
    bound: dict[str, object],
    period: Period,
    where: Where,
) -> list[Table]:
    """Quarter of the day by neighbourhood; none where the population that lists wards is not loaded."""
    if not store.has("population"):
        return []
    question.use("population")
    people = residents(question, Geography.of(partnership))
    hoods = people.neighbourhoods
    home = {code: hood for hood, wards in hoods.items() for code, name in people.names.items() if name in wards}
    rows = question.rows(
        f"SELECT hour // 6, ward_code, count(*) FROM timed WHERE {chosen} AND ward_code IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL",
        bound,
    )
    counts: dict[Key, int] = {}
    for quarter, ward, n in rows:
        if ward in home:
            key = (BANDS[quarter], home[ward])
            counts[key] = counts.get(key, 0) + n
    places = Dimension("neighbourhood", "Neighbourhood", (*hoods, TOTAL), of="ward", groups=tuple(hoods.items()))
    title = f"Serious violence by quarter of the day and neighbourhood, {period.label}"
    return [_shares("neighbourhoods", title, places, counts, period, (*where, ("ward_known", ("yes",))))]


def _shares(name: str, title: str, by: Dimension, counts: dict[Key, int], period: Period, where: Where) -> Table:
    """Each quarter as a share of its group."""
    wholes = {group: sum(n for key, n in counts.items() if group in (key[1], TOTAL)) for group in by.categories}

    def dress(key: Key, n: int) -> Cell:
        base = wholes[key[1]]
        if key[0] == TOTAL or not base:
            return Cell(key, n)
        return Cell(key, n, base=base, estimate=share(n, base), rests_on=((name, (TOTAL, key[1])),))

    return additive(
        name, title, violence.UNIT, (with_total("day_quarter", "Quarter of the day", BANDS), by), counts,
        dress=dress, universe=violence.UNIVERSE, where=where, period=period,
    )  # fmt: skip


def precision(question: Question, chosen: str, bound: dict[str, object], period: Period, where: Where) -> Table:
    """How exactly it is known when offences happened: what the hours leave out."""
    rows = question.rows(
        f"SELECT {precision_sql('happened_at', 'ended_at')}, count(*) FROM events WHERE {chosen} GROUP BY 1 ORDER BY 1",
        bound,
    )
    counts: dict[Key, int] = {(KNOWN[Precision(found)],): n for found, n in rows}
    whole = sum(counts.values())

    return additive(
        "precision", f"How exactly the time of serious violence is known, {period.label}", violence.UNIT,
        (with_total("time_precision", "Time known", tuple(KNOWN.values())),), counts,
        dress=of_whole("precision", whole), universe=violence.UNIVERSE, where=where, period=period,
    )  # fmt: skip


def aoristic(question: Question, chosen: str, bound: dict[str, object], period: Period, where: Where) -> Table:
    """Hours of the day with offences of longer spans counted in part in every hour that they may have been in.

    Weights are not whole offences: each is rounded, and there is no total that they would have to add up to.
    """
    question.keep("spread", f"SELECT crime_ref, happened_at, ended_at FROM events WHERE {chosen}", bound)
    rows = question.rows(
        "SELECT hour_of_week % 24, sum(weight) FROM "
        f"({weights_sql('spread', 'crime_ref', 'happened_at', 'ended_at')}) GROUP BY 1 ORDER BY 1"
    )
    found = {int(hour): float(weight) for hour, weight in rows}
    whole = sum(found.values())
    names = tuple(f"{hour:02d}:00" for hour in range(24))
    cells = tuple(
        Cell(
            (name,),
            round(found.get(hour, 0.0)),
            estimate=Estimate(round(100 * found.get(hour, 0.0) / whole, 1), "% of offences", None, "aoristic")
            if whole
            else None,
            rests_on=(("hours", (name, TOTAL)),),  # nearly the same number, so shown where that one is
        )
        for hour, name in enumerate(names)
    )
    return Table(
        "aoristic", f"Serious violence by hour, spans shared out over their hours, {period.label}", violence.UNIT,
        (Dimension("hour", "Hour", names),), cells, additive=False,
        universe=f"{violence.UNIVERSE}, shared out over hours", where=where, period=period,
    )  # fmt: skip
