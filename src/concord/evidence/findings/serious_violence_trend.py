"""Is serious violence changing? Months against ordinary variation, and the average change a year."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.model import Finding
from concord.evidence.findings.monthly import METHOD as MONTHLY
from concord.evidence.findings.monthly import month_tables
from concord.kernel.periods import Period

NAME = "serious_violence_trend"
METHOD = f"Offences by month of recording. {MONTHLY}"


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
        tables, facts = month_tables(
            "Serious violence",
            violence.UNIT,
            {(month,): n for month, n in found.items()},
            period,
            universe=violence.UNIVERSE,
            where=where,
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
