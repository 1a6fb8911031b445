"""Which months of the year have more or less than others: August and December, above all for children."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Where, additive, month_keys, with_total
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.quantiles import normal
from concord.evidence.findings.seasonal import taken_apart, worth_taking_apart
from concord.evidence.findings.statistics import rate_ratio
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

NAME = "seasonal_pattern"
NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
HARMONICS = 2
METHOD = (
    "Offences in the definition that began in each calendar month, a day, over those of the other months of the same "
    "whole years; ratio of two rates with a log-Wald interval widened for the variation between years (quasi-Poisson), "
    "marked where it leaves out one. Months by their trend: seasonal-trend decomposition by loess with five offences a "
    "month or more on average, else quasi-Poisson regression on two harmonics of the year. Only whole years, two or "
    "more for a season."
)
AGES: dict[int | None, tuple[str, Where]] = {
    None: ("Serious violence", ()),
    18: ("Serious violence with a victim under 18", (("victim_age", ("under 18",)),)),
    25: ("Serious violence with a victim under 25", (("victim_age", ("under 25",)),)),
}


def find(
    store: Store, partnership: Any, period: Period, *, limb: str | None = None, victims_under: int | None = None
) -> Finding:
    """Whole years that end with `period`; `limb` and `victims_under` (18 or 25) narrow it.

    Raises BadInput below one whole year, Usage for a limb that is not there.
    """
    years = len(list(period.months())) // 12
    if not years or victims_under not in AGES:
        raise BadInput(
            "A month is compared with the other months of whole years, and victims under 18 or 25 with their own.",
            next_step="Ask about twelve months or more, and about victims under 18, under 25 or of any age.",
        )
    words, ages = AGES[victims_under]
    months = list(period.months())[-12 * years :]
    when = Period(months[0].start, months[-1].end)
    with violence.ask(store, "crime_persons") as question:
        condition, values, where = violence.chosen_limb(partnership, limb)
        young = (
            "TRUE"
            if victims_under is None
            else "crime_ref IN (SELECT crime_ref FROM crime_persons WHERE role = 'victim' AND age < $under)"
        )
        found = dict(
            question.rows(
                f"SELECT strftime(happened_at, '%Y-%m'), count(*) FROM events WHERE {condition} AND {young} "
                "AND happened_at::DATE BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
                {"start": when.start, "end": when.end, "under": victims_under, **values},
            )
        )
        where = (*where, *ages)
        keys = month_keys(when)
        counts = np.array([found.get(key, 0) for key in keys], dtype=float)
        days = np.array([month.days for month in months], dtype=float)
        tables = (_months(words, keys, counts, days, when, where), _profile(words, keys, counts, days, when, where))
        parameters = ({"limb": limb} if limb else {}) | ({"victims_under": victims_under} if victims_under else {})
        return Finding(
            name=NAME,
            question=f"In which months of the year is there more of this: {words[:1].lower()}{words[1:]}?",
            tables=tables,
            base="Offences in the definition that began in the period, one for each crime reference",
            period=when,
            source=f"{violence.SOURCE}, victims",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, parameters, violence.version(question)),
            cannot_say=(
                "Two years hardly tell a season from what happened once; more years tell it better.",
                "Offences of the latest months that are still to be recorded are missing.",
                "Schools are closed in August and for part of December: fewer reports may be fewer who ask children.",
            ),
            facts={"points": float(len(keys)), "points_needed": 24.0},
            synthetic=question.synthetic,
        )


UNIVERSE = "offences by the day they began"
"""Dated differently from recorded offences, so not the same numbers."""


def _months(words: str, keys: tuple[str, ...], counts: Any, days: Any, when: Period, where: Where) -> Table:
    smooth, how = smoothed(counts, days)
    trend = dict(zip(keys, smooth, strict=True)) if smooth is not None else {}

    def dress(key: tuple[str, ...], n: int) -> Cell:
        if key[0] not in trend:
            return Cell(key, n)
        level = max(0.0, float(trend[key[0]]))
        return Cell(key, n, estimate=Estimate(level, "offences a month, season taken out", None, how))

    return additive(
        "months", f"{words} by month it began, {when.label}", violence.UNIT, (with_total("month", "Month", keys),),
        {(key,): int(n) for key, n in zip(keys, counts, strict=True)},
        dress=dress, universe=UNIVERSE, where=where, period=when,
    )  # fmt: skip


def smoothed(counts: Any, days: Any) -> tuple[Any, str]:
    """The level of each month without its season, and how it was found; None where there is less than two years."""
    if len(counts) < 24:
        return None, ""
    if worth_taking_apart(counts.tolist()):
        return taken_apart(counts.tolist()).trend, "seasonal-trend decomposition by loess"
    import statsmodels.api as sm

    time = np.arange(len(counts)) / 12.0
    season = [f(2 * np.pi * k * time) for k in range(1, HARMONICS + 1) for f in (np.sin, np.cos)]
    columns = np.column_stack([np.ones(len(counts)), time, *season])
    if counts.sum() == 0:
        return np.zeros(len(counts)), "nothing counted"
    fitted = sm.GLM(counts, columns, family=sm.families.Poisson(), offset=np.log(days)).fit(scale="X2")
    return np.exp(fitted.params[0] + fitted.params[1] * time + np.log(days)), "quasi-Poisson, two harmonics"


def _profile(words: str, keys: tuple[str, ...], counts: Any, days: Any, when: Period, where: Where) -> Table:
    """Each calendar month over the others. Its count is that of the whole period: months are in the other table."""
    month = np.array([int(key[5:]) for key in keys])
    whole = int(counts.sum())
    spread = _between_years(month, counts, days)
    cells = []
    for number, name in enumerate(NAMES, start=1):
        own = month == number
        ratio = rate_ratio(*(float(each.sum()) for each in (counts[own], days[own], counts[~own], days[~own])))
        estimate = None if ratio is None else _widened(ratio, spread)
        rests = tuple(("months", (key,)) for key in keys)
        cells.append(Cell((name,), whole, estimate=estimate, rests_on=rests, label=_mark(estimate)))
    return Table(
        "profile", f"{words}: each calendar month beside the other months, {when.label}", "offences in all months",
        (Dimension("calendar_month", "Month of the year", NAMES),), tuple(cells), additive=False,
        universe=UNIVERSE, where=where, period=when,
    )  # fmt: skip


def _between_years(month: Any, counts: Any, days: Any) -> float:
    """Dispersion of months around their calendar month's rate; one or more, one with a single year."""
    years = len(counts) // 12
    if years < 2:
        return 1.0
    expected = np.empty(len(counts))
    for number in range(1, 13):
        own = month == number
        expected[own] = days[own] * counts[own].sum() / days[own].sum()
    seen = expected > 0
    freedom = max(1, int(seen.sum()) - 12)
    return max(1.0, float(((counts - expected)[seen] ** 2 / expected[seen]).sum()) / freedom)


def _widened(ratio: Estimate, dispersion: float) -> Estimate:
    if ratio.interval is None:
        return ratio
    z = normal(0.975)
    error = math.log(ratio.interval.high / ratio.value) / z * math.sqrt(dispersion)
    step = math.exp(z * error)
    return Estimate(ratio.value, "ratio", Interval(ratio.value / step, ratio.value * step), "log-Wald, quasi-Poisson")


def _mark(estimate: Estimate | None) -> str:
    if estimate is None or estimate.interval is None:
        return ""
    if estimate.interval.high < 1:
        return "fewer than in other months"
    return "more than in other months" if estimate.interval.low > 1 else ""
