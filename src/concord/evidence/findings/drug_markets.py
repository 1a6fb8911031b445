"""Signs of drug markets and county lines: counts alone, from sources that see different parts of them."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.exploitation import CRIMINAL
from concord.evidence.findings.exploitation import UNIVERSE as CASES
from concord.evidence.findings.model import Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.services import CONCERNS as HOUSING
from concord.evidence.findings.shares import answer, by_quarter, counted, in_words
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "drug_markets"
METHOD = (
    "Counts by quarter of what each source saw: children in cases of criminal exploitation, concerns of landlords "
    "about "
    "a home taken over, and drug misuse and cuckooing among the factors in cases of the Community MARAC. Nothing is "
    "added over sources, because one market may be in all."
)
NEEDED = ("exploitation_cases", "housing_concerns", "community_marac_factors")


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Signs over `period`, from those of the three sources that are loaded. Raises BadInput where none is."""
    held = [name for name in NEEDED if store.has(name)]
    if not held:
        raise BadInput(
            "None of the sources that show signs of a drug market has been loaded",
            next_step="Load one of them: " + ", ".join(NEEDED),
        )
    tables: list[Table] = []
    with Question(store, *held) as question:
        if "exploitation_cases" in held:
            rows = question.rows(
                "SELECT strftime(opened_on, '%Y-%m'), count(*) FROM exploitation_cases "
                "WHERE kind IN ('criminal', 'both') GROUP BY 1 ORDER BY 1"
            )
            tables.append(
                by_quarter("children", f"Cases of children exploited in crime, {period.label}", "cases", counted(rows),
                         period, universe=CASES, where=CRIMINAL)
            )  # fmt: skip
        if "housing_concerns" in held:
            rows = question.rows(
                "SELECT strftime(raised_on, '%Y-%m'), count(*) FROM housing_concerns WHERE kind = 'cuckooing' "
                "GROUP BY 1 ORDER BY 1"
            )
            tables.append(
                by_quarter("cuckooing", f"Landlords' concerns about cuckooing, {period.label}", "concerns",
                         counted(rows), period, universe=HOUSING, where=(("kind", ("Cuckooing",)),))
            )  # fmt: skip
        if "community_marac_factors" in held:
            for factor in ("cuckooing", "drug_misuse"):
                rows = question.rows(
                    "SELECT strftime(month, '%Y-%m'), sum(cases)::BIGINT FROM community_marac_factors "
                    "WHERE factor = $factor GROUP BY 1 ORDER BY 1",
                    {"factor": factor},
                )
                title = f"Community MARAC cases with {factor.replace('_', ' ')}, {period.label}"
                tables.append(
                    by_quarter(f"panel_{factor}", title, "cases", counted(rows), period,
                             universe="community MARAC cases by factor", where=(("factor", (in_words(factor),)),))
                )  # fmt: skip
        return answer(
            question,
            NAME,
            "What signs of drug markets, county lines and homes taken over are seen?",
            tables,
            base="What each source counted in the period",
            period=period,
            source="; ".join(name.replace("_", " ") for name in held).capitalize(),
            method=METHOD,
            cannot_say=(
                "How large a market is, or whether it grew: each source sees what it looks for.",
                "Where a line leads, or who runs it: that is intelligence, and is not held here.",
                "Signs must not be added: one home or child may be counted by several sources.",
            ),
            source_class="social_care",
        )
