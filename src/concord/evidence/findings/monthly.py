"""Counts by month against their ordinary variation: one finding for every feed of events that has dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import exploitation, marac, missing, modern_slavery, school, services, youth_justice
from concord.evidence.findings.build import Key, Where, additive, month_keys, with_total
from concord.evidence.findings.comparison import trend
from concord.evidence.findings.hospital import AMBULANCE, ATTENDANCES
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import answer, counted
from concord.evidence.findings.spc import SHOWN_FROM, signals, xmr
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "monthly"
METHOD = (
    "Counts of each month with XmR limits: mean ± 2.66 × mean moving range, moving ranges above 3.267 times the mean "
    "screened out first (NHS Making Data Count). Average change a year by quasi-Poisson regression with the days of "
    "each month as exposure. No limits and no mark on fewer than three months."
)


@dataclass(frozen=True, slots=True)
class Dated:
    """One kind of event: the dataset, SQL for its day, what counts it, and the words and universe of its counts."""

    dataset: str
    day: str
    title: str
    unit: str
    universe: str
    source: str
    source_class: str
    count: str = "count(*)"
    only: str = ""
    where: Where = ()


DATED: Mapping[str, Dated] = {
    "missing": Dated("missing_episodes", "missing_from", "Missing episodes of children", "episodes",
                     missing.UNIVERSE, "Police missing person reports of children", "police"),
    "exploitation": Dated("exploitation_cases", "opened_on", "Cases of exploited children", "cases",
                          exploitation.UNIVERSE, "Cases of the exploitation panel", "social_care"),
    "criminal_exploitation": Dated("exploitation_cases", "opened_on", "Cases of children exploited in crime", "cases",
                                   exploitation.UNIVERSE, "Cases of the exploitation panel", "social_care",
                                   only="kind IN ('criminal', 'both')", where=exploitation.CRIMINAL),
    "nrm": Dated("nrm_referrals", "identified_on", "Potential victims of modern slavery", "people",
                 modern_slavery.UNIVERSE, "Records of the National Referral Mechanism", "social_care"),
    "adult_concerns": Dated("adult_safeguarding_concerns", "raised_on", "Safeguarding concerns about young adults",
                            "concerns", modern_slavery.RAISED, "Adult social care", "social_care"),
    "youth_justice": Dated("youth_justice_outcomes", "decided_on", "Youth justice decisions", "decisions",
                           youth_justice.UNIVERSE, "The youth justice service", "police"),
    "first_time_entrants": Dated("youth_justice_outcomes", "decided_on", "First-time entrants to youth justice",
                                 "children", youth_justice.UNIVERSE, "The youth justice service", "police",
                                 only="first_time_entrant = 'Y'", where=youth_justice.ENTRANTS),
    "suspensions": Dated("suspensions", "started_on", "Suspensions from school", "suspensions", school.SUSPENDED,
                         "Schools' suspensions", "education"),
    "hate_reports": Dated("hate_reports", "reported_on", "Third-party hate reports", "reports", services.REPORTS,
                          "Third-party reporting centres", "desk"),
    "housing_concerns": Dated("housing_concerns", "raised_on", "Concerns of housing providers", "concerns",
                              services.CONCERNS, "Registered providers of social housing", "desk"),
    "child_notifications": Dated("child_notifications", "raised_at", "Police notifications about children",
                                 "notifications", services.TOLD, "Police notifications to children's services",
                                 "police"),
    "marac": Dated("marac_returns", "month", "Cases heard by the MARAC", "cases", marac.UNIVERSE,
                   "Returns of the MARAC's coordinator", "desk", count="sum(cases)::BIGINT"),
    "ed_assaults": Dated("ed_assaults", "arrived_at", "Assault attendances at emergency departments", "attendances",
                         ATTENDANCES, "Emergency department assault data", "health"),
    "ambulance": Dated("ambulance_calls", "month", "Ambulance calls to violence", "calls", AMBULANCE,
                       "Ambulance calls, counted", "health", count="sum(calls)::BIGINT"),
}  # fmt: skip
"""What can be asked about, by the name that the parameter `of` takes."""


def month_tables(
    title: str, unit: str, counts: Mapping[Key, int], period: Period, *, universe: str, where: Where = ()
) -> tuple[list[Table], dict[str, float]]:
    """Months of `period` with a mark on those outside ordinary variation, the average change a year, and the facts.

    `counts` are by (month,); other months are left out.
    """
    months = month_keys(period)
    numbers = [counts.get((month,), 0) for month in months]
    limits = xmr(numbers)
    marks = dict(zip(months, signals(numbers, limits), strict=True)) if limits else {}
    tables = [
        additive(
            "months",
            f"{title} by month, {period.label}",
            unit,
            (with_total("month", "Month", months),),
            {(month,): n for month, n in zip(months, numbers, strict=True)},
            dress=lambda key, n: Cell(key, n, label=marks.get(key[0], "")),
            universe=universe,
            where=where,
        )
    ]
    facts: dict[str, float] = {"points": float(len(months)), "points_needed": float(SHOWN_FROM)}
    if limits:
        facts |= {"mean": limits.mean, "lower_limit": limits.low, "upper_limit": limits.high}
    slope = trend(numbers, [month.days for month in period.months()])
    if slope is not None:
        facts["p_value"] = slope[1]
        cell = Cell((TOTAL,), sum(numbers), estimate=slope[0], rests_on=tuple(("months", (m,)) for m in months))
        tables.append(
            Table(
                "change",
                f"Average change a year, {period.label}",
                unit,
                (Dimension("month", "Month", (TOTAL,)),),
                (cell,),
                additive=False,
                universe=universe,
                where=where,
            )
        )
    return tables, facts


def find(store: Store, partnership: Any, period: Period, *, of: str = "missing") -> Finding:
    """Every month of `period` of one kind of event. Raises Usage for a kind that is not known."""
    if of not in DATED:
        raise Usage(f"There is nothing called “{of}” to count by month", next_step=did_you_mean(of, DATED))
    kind = DATED[of]
    with Question(store, kind.dataset) as question:
        found = counted(
            question.rows(
                f"SELECT strftime({kind.day}::TIMESTAMP, '%Y-%m') AS month, {kind.count} FROM {kind.dataset} "
                f"WHERE {kind.day}::DATE BETWEEN $start AND $end{' AND ' + kind.only if kind.only else ''} "
                "GROUP BY 1 ORDER BY 1",
                {"start": period.start, "end": period.end},
            )
        )
        tables, facts = month_tables(kind.title, kind.unit, found, period, universe=kind.universe, where=kind.where)
        return answer(
            question,
            NAME,
            f"{kind.title}: rising, falling, or varying as always?",
            tables,
            base=f"{kind.title} in each month",
            period=period,
            source=kind.source,
            method=METHOD,
            cannot_say=(
                "A month outside the limits asks for an explanation; it does not give one.",
                "Changes in how things are noticed and written down look like changes in what happens.",
            ),
            source_class=kind.source_class,
            parameters={"of": of},
            facts=facts,
        )
