"""Domestic abuse MARAC and Community MARAC, from counts that their coordinators return: never from a case."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total, year_before
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import (
    against_before,
    answer,
    in_words,
    overlapping,
    shared_out,
    whole,
)
from concord.evidence.findings.statistics import rate
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME, COMMUNITY, ADULT_WOMEN, WOMEN = "marac", "community_marac", "adult_women", "women"
UNIVERSE = "cases heard by the domestic abuse MARAC"
REPEAT = ("Repeat within twelve months", "Not a repeat")
WHO = ("Police", "Other agencies")
ADULT = ("18-24", "25-39", "40-64", "65+")
PER = 10_000.0
METHOD = (
    "Cases by month of the meeting, in the last twelve months of the period, over women of 16 and over: a quarter of "
    "the "
    "band of 10 to 17 is taken to be 16 or 17. A repeat is a case of the same victim and perpetrator within twelve "
    "months of the last referral (SafeLives). Byar's and Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Cases, rate, repeats and who referred in the last twelve months of `period`.

    Raises BadInput where the population of women is empty.
    """
    now = last_months(period, 12)
    with Question(store, "marac_returns", "population") as question:
        bound = {"start": now.start, "end": now.end}
        women = _women(question)
        said = "coalesce(sum({0}) FILTER (month BETWEEN $start AND $end), 0)::BIGINT"
        wanted = ", ".join(said.format(name) for name in ("cases", "repeat_cases", "children", "police_referred"))
        cases, repeats, children, police = question.rows(f"SELECT {wanted} FROM marac_returns", bound)[0]
        before = year_before(now)
        earlier, first = question.rows(
            "SELECT coalesce(sum(cases) FILTER (month BETWEEN $start AND $end), 0)::BIGINT, min(month) "
            "FROM marac_returns",
            {"start": before.start, "end": before.end},
        )[0]
        tables: list[Table] = [
            Table(
                "rate", f"MARAC cases for women of 16 and over, {now.label}", "cases",
                (Dimension("all", "All", (TOTAL,)),),
                (Cell((TOTAL,), cases, population=women,
                      estimate=rate(cases, women, per=PER, of="women of 16 and over")),),
                True, PER, UNIVERSE,
            ),
            shared_out(
                "repeats", f"MARAC cases that are repeats, {now.label}", "cases",
                (with_total("repeat", "Repeat", REPEAT),), {(REPEAT[0],): repeats, (REPEAT[1],): cases - repeats},
                universe=UNIVERSE,
            ),
            shared_out(
                "referrers", f"MARAC cases by who referred, {now.label}", "cases",
                (with_total("referrer", "Referred by", WHO),), {(WHO[0],): police, (WHO[1],): cases - police},
                universe=UNIVERSE,
            ),
            whole("children", f"Children in the households of MARAC cases, {now.label}", "children", children,
                  universe="children in households of MARAC cases"),
            *(
                against_before("change", "MARAC cases", "cases", cases, earlier, now, before, "rate",
                               universe=UNIVERSE)
                if first is not None and first <= before.start else ()
            ),
        ]  # fmt: skip
        return answer(
            question,
            NAME,
            "How many cases does the MARAC hear for every 10,000 women of 16 and over, and how many come back?",
            tables,
            base="Cases heard by the domestic abuse MARAC in the period",
            period=now,
            source="Returns of the MARAC's coordinator; residents by age and sex",
            method=METHOD,
            cannot_say=(
                "How many people live with abuse: a MARAC hears those at the highest risk who are referred.",
                "A repeat share that is low may mean that repeats are not recognised.",
                "Victims are of any sex: the rate is on women because most are, and because others compare it so.",
            ),
            source_class="desk",
        )


def _women(question: Question) -> float:
    """Women of 16 and over by the newest estimate; `population` must be in use. Raises BadInput without any."""
    adults = ", ".join(f"'{band}'" for band in ADULT)
    women: float = question.rows(
        f"SELECT coalesce(sum(CASE WHEN age_band IN ({adults}) THEN persons WHEN age_band = '10-17' "
        "THEN persons / 4.0 END), 0)::DOUBLE FROM population WHERE sex = 'F' "
        "AND vintage = (SELECT max(vintage) FROM population)"
    )[0][0]
    if not women:
        raise BadInput(
            "There is no population of women to compare cases with.",
            next_step="Load it: concord load population FILE",
        )
    return women


def find_women(store: Store, partnership: Any, period: Period) -> Finding:
    """Women of 16 and over: what a MARAC's rate is per. One table `women` of one cell. Raises BadInput without any."""
    with Question(store, "population") as question:
        women = _women(question)
        table = whole(WOMEN, "Women of 16 and over who live here", "women", round(women), universe="residents")
        return answer(
            question,
            ADULT_WOMEN,
            "How many women of 16 and over live here?",
            (table,),
            base="Residents by the newest estimate that is loaded",
            period=period,
            source="Residents by age and sex",
            method="Women from 18 on, and a quarter of the band of 10 to 17 for those of 16 and 17.",
            cannot_say=("How many of those of 16 and 17 there are exactly: the estimate's bands do not say.",),
            source_class="open",
        )


def find_community(store: Store, partnership: Any, period: Period) -> Finding:
    """Factors in cases of the Community MARAC, in the last twelve months of `period`."""
    now = last_months(period, 12)
    with Question(store, "community_marac_factors") as question:
        rows = question.rows(
            "SELECT factor, sum(cases)::BIGINT FROM community_marac_factors "
            "WHERE month BETWEEN $start AND $end GROUP BY 1 ORDER BY 2 DESC, 1",
            {"start": now.start, "end": now.end},
        )
        counts = {in_words(factor): int(n) for factor, n in rows}
        dimension = Dimension("factor", "Factor", tuple(sorted(counts)))
        table = overlapping(
            "factors", f"Factors in Community MARAC cases, {now.label}", "cases", dimension, counts, 0, (),
            universe="community MARAC cases by factor",
        )  # fmt: skip
        return answer(
            question,
            COMMUNITY,
            "What lies behind the cases that the Community MARAC hears?",
            (table,),
            base="Cases heard by the Community MARAC in the period",
            period=now,
            source="Returns of the Community MARAC's coordinator",
            method="Cases in which each factor was recorded, in the last twelve months of the period.",
            cannot_say=(
                "A case may have several factors, so they do not add up to cases.",
                "How many cases were heard is not returned, so no share of cases can be given.",
            ),
            source_class="desk",
        )
