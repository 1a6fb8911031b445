"""Serious youth violence: the second rule, beside the partnership's own, where its verdicts are there."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.classify import DATASET
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, month_keys, with_total
from concord.evidence.findings.model import Cell, Finding
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "serious_youth_violence"
VERDICTS = {"in": "In", "undetermined": "Undetermined", "out": "Out"}
METHOD = (
    "Offences recorded in the period that the further definition “serious youth violence” holds to be in (the most "
    "serious violence, or violence with a weapon, against a person of 1 to 19), by month with XmR limits (no limits on "
    "fewer than 3 months); and how its verdicts stand to the partnership's own."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """All of `period`. Raises BadInput where the further definition was not applied yet."""
    verdicts = f"{DATASET}_{NAME}"
    if not store.has(verdicts):
        raise BadInput(
            "Nothing was decided yet by the definition “serious youth violence”.",
            next_step=f"Run: concord definition classify --rule {NAME}",
        )
    with violence.ask(store, verdicts) as question:
        rows = question.rows(
            f"SELECT strftime(e.recorded_on, '%Y-%m'), y.verdict, e.verdict, count(*) FROM events e "
            f"JOIN {verdicts} y USING (crime_ref) WHERE e.recorded_on BETWEEN $start AND $end "
            "AND (y.verdict <> 'out' OR e.verdict <> 'out') GROUP BY ALL ORDER BY ALL",
            {"start": period.start, "end": period.end},
        )
        months = month_keys(period)
        by_month = {month: sum(n for m, own, _, n in rows if m == month and own == "in") for month in months}
        counts = list(by_month.values())
        limits = xmr(counts)
        marks = dict(zip(months, signals(counts, limits), strict=True)) if limits else {}
        both: dict[tuple[str, ...], int] = {}
        for _, youth, own, n in rows:
            key = (VERDICTS[youth], VERDICTS[own])
            both[key] = both.get(key, 0) + n
        facts = {"points": float(len(months)), "points_needed": float(SHOWN_FROM)}
        if limits:
            facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
        names = tuple(VERDICTS.values())
        tables = (
            additive(
                "months",
                f"Serious youth violence by month, {period.label}",
                violence.UNIT,
                (with_total("month", "Month", months),),
                {(month,): n for month, n in by_month.items()},
                dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
                universe=violence.UNIVERSE,
                where=(("youth_verdict", ("In",)),),
            ),
            additive(
                "both_rules",
                f"Serious youth violence beside the partnership's definition, {period.label}",
                violence.UNIT,
                (
                    with_total("youth_verdict", "Serious youth violence", names),
                    with_total("own_verdict", "The partnership's definition", names),
                ),
                both,
                universe=violence.UNIVERSE,
                where=(("either_verdict", ("not out of both",)),),
            ),
        )
        return Finding(
            name=NAME,
            question="How much serious youth violence is recorded, and how does it stand to the definition here?",
            tables=tables,
            base="Offences recorded in the period, one for each crime reference",
            period=period,
            source=f"{violence.SOURCE}, victims and suspects",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                *violence.CANNOT_SAY,
                "It counts victims of the ages it names only: violence by the young against others is not in it.",
                "Its list of offences is from memory of counting practice, to be confirmed before it is quoted.",
            ),
            facts=facts,
            synthetic=question.synthetic,
        )
