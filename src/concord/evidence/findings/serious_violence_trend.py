"""Is serious violence changing? Months against ordinary variation, and the average change a year."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, month_keys, with_total
from concord.evidence.findings.comparison import trend
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.kernel.periods import Period

NAME = "serious_violence_trend"
METHOD = (
    "Offences recorded in each month with XmR limits: mean ± 2.66 × mean moving range, moving ranges above 3.267 "
    "times the mean screened out first (NHS Making Data Count). Average change a year by quasi-Poisson regression "
    "with the days of each month as exposure. No limits and no mark on fewer than three months."
)


def find(store: Store, partnership: Any, period: Period, *, limb: str | None = None) -> Finding:
    """Every month of `period`; `limb` keeps to one limb of the definition."""
    with violence.ask(store) as question:
        condition, values, where = violence.chosen_limb(partnership, limb)
        found = dict(
            question.rows(
                f"SELECT strftime(recorded_on, '%Y-%m') AS month, count(*) FROM events "
                f"WHERE {condition} AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
                {"start": period.start, "end": period.end, **values},
            )
        )
        months = month_keys(period)
        counts = [found.get(month, 0) for month in months]
        limits = xmr(counts)
        marks = dict(zip(months, signals(counts, limits), strict=True)) if limits else {}
        tables = [
            additive(
                "months",
                f"Serious violence by month, {period.label}",
                violence.UNIT,
                (with_total("month", "Month", months),),
                {(month,): n for month, n in zip(months, counts, strict=True)},
                dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
                universe=violence.UNIVERSE,
                where=where,
            )
        ]
        facts: dict[str, float] = {"points": float(len(months)), "points_needed": float(SHOWN_FROM)}
        if limits:
            facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
        slope = trend(counts, [month.days for month in period.months()])
        if slope is not None:
            facts["p_value"] = slope[1]
            cell = Cell((TOTAL,), sum(counts), estimate=slope[0], rests_on=tuple(("months", (m,)) for m in months))
            tables.append(
                Table(
                    "change",
                    f"Average change a year, {period.label}",
                    violence.UNIT,
                    (Dimension("month", "Month", (TOTAL,)),),
                    (cell,),
                    additive=False,
                    universe=violence.UNIVERSE,
                    where=where,
                )
            )
        return Finding(
            name=NAME,
            question="Is recorded serious violence rising, falling, or varying as it always does?",
            tables=tuple(tables),
            base="Offences recorded by the police in each month, one for each crime reference",
            period=period,
            source=violence.SOURCE,
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"limb": limb} if limb else {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "A month outside the limits asks for an explanation; it does not give one.",
                "Changes in recording practice look like changes in violence.",
            ),
            facts=facts,
            synthetic=question.synthetic,
        )
