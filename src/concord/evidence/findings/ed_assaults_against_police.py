"""Violence that hospitals see beside violence that the police record: the Cardiff comparison."""

from __future__ import annotations

from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Key, added_up, additive, last_months, month_keys, with_total
from concord.evidence.findings.model import TOTAL, Cell, Finding, Table
from concord.evidence.findings.statistics import rate_ratio
from concord.kernel.periods import Period

NAME = "ed_assaults_against_police"
INJURY = frozenset(
    {"homicide", "grievous_bodily_harm_with_intent", "grievous_bodily_harm", "actual_bodily_harm", "attempted_murder"}
)
"""Offence groups with injury; a code that can only be one of these counts (national code list)."""
PRIVATE = ("dwelling", "online")
METHOD = (
    "Assault attendances at emergency departments (Information Sharing to Tackle Violence data set) against "
    "offences of violence with injury recorded outside dwellings, whoever is hurt. Ratio with a log-Wald interval. "
    "Both are counted under the hospital's disclosure rule."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`, month by month."""
    now = last_months(period, 12)
    with violence.ask(store, "ed_assaults") as question:
        pairs = question.rows("SELECT DISTINCT offence_code, sub_code FROM events WHERE offence_code IS NOT NULL")
        question.table("injury", ("offence_code", "sub_code"), [pair for pair in sorted(pairs) if injures(*pair)])
        bound = {"start": now.start, "end": now.end}
        attended = dict(
            question.rows(
                "SELECT strftime(arrived_at::TIMESTAMP, '%Y-%m') AS month, count(*) FROM ed_assaults "
                "WHERE arrived_at::DATE BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
                bound,
            )
        )
        private = ", ".join(f"'{place}'" for place in PRIVATE)
        recorded = dict(
            question.rows(
                "SELECT strftime(recorded_on, '%Y-%m') AS month, count(*) FROM events "
                "JOIN injury USING (offence_code, sub_code) "
                f"WHERE coalesce(location_type, '') NOT IN ({private}) "
                "AND recorded_on BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
                bound,
            )
        )
        dimension = with_total("month", "Month", month_keys(now))
        patients: dict[Key, int] = {(month,): n for month, n in attended.items()}
        crimes: dict[Key, int] = {(month,): n for month, n in recorded.items()}
        outside = (("place", ("outside dwellings",)), ("kind", ("violence with injury",)))
        counted, against = added_up(patients, (dimension,)), added_up(crimes, (dimension,))
        ratios = tuple(
            Cell(key, n, base=against[key], estimate=rate_ratio(n, 1, against[key], 1), rests_on=(("recorded", key),))
            for key, n in counted.items()
        )
        seen = "emergency department assault attendances"
        tables = (
            additive(
                "attendances",
                f"Assault attendances by month, {now.label}",
                "attendances",
                (dimension,),
                patients,
                universe=seen,
            ),
            additive(
                "recorded",
                f"Recorded violence with injury outside dwellings, {now.label}",
                violence.UNIT,
                (dimension,),
                crimes,
                universe=violence.UNIVERSE,
                where=outside,
            ),
            Table(
                "ratio",
                f"Attendances for each recorded offence, {now.label}",
                "attendances",
                (dimension,),
                ratios,
                additive=False,
                universe=seen,
            ),
        )
        return Finding(
            name=NAME,
            question="How much violence do hospitals see for each offence that the police record?",
            tables=tables,
            base="Assault attendances in the period, and offences of violence with injury recorded outside dwellings",
            period=now,
            source=f"Emergency department assault data; {violence.SOURCE}",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}, violence.version(question)),
            cannot_say=(
                "The two do not count the same: patients come from elsewhere, one assault may bring several, "
                "and an offence may hurt nobody enough for a hospital.",
                "A ratio that changes may mean that recording changed, or that violence did.",
                f"{TOTAL} counts are rounded from their own sum, so they need not equal the sum of rounded months.",
            ),
            source_class="health",
            synthetic=question.synthetic,
        )


def injures(code: str, sub_code: str, groups: frozenset[str] = INJURY) -> bool:
    """Whether an offence with these codes can only be one of `groups`: those with injury, unless others are given."""
    possible = codelists.possible_groups(code, sub_code or None)
    return possible is not None and bool(possible) and possible <= groups
