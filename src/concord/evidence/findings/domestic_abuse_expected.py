"""Recorded domestic abuse as a share of what a national survey leads one to expect: not a rate of reporting.

Source of the form: recorded over survey prevalence times residents by sex. Prevalence, its standard errors and how many
offences a victim may suffer are facts of the partnership's folder, each with its source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.quantiles import normal
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import answer
from concord.evidence.findings.statistics import poisson_limits
from concord.kernel.errors import BadInput, Where
from concord.kernel.measures import Estimate, Interval
from concord.kernel.periods import Period

NAME = "domestic_abuse_expected"
MEASURE = "domestic_abuse"
SEXES = {"F": "Women", "M": "Men"}
UNIT = "% of expected"
METHOD = (
    "Recorded in the last twelve months of the period, over survey prevalence in the year × residents of 16 and "
    "over, by "
    "sex (a quarter of the band of 10 to 17 is taken to be 16 or 17). First row: people of 16 and over named as "
    "victims "
    "of recorded domestic abuse, over expected victims. Further rows: offences, over expected victims × the offences "
    "that "
    "each may suffer. Limits: the survey's standard error and the count's own uncertainty together, on a log scale."
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected victims in a year and the standard error of that number."""

    victims: float
    error: float


def expected(residents: float, percent: float, error: float) -> Expected:
    """Victims among `residents` at a prevalence of `percent` with its standard `error` in points."""
    return Expected(residents * percent / 100, residents * error / 100)


def together(*parts: Expected) -> Expected:
    """Several groups' expectations added up, their errors independent."""
    return Expected(sum(each.victims for each in parts), math.sqrt(sum(each.error**2 for each in parts)))


def share_of_expected(recorded: int, of: Expected, factor: float = 1.0, level: float = 0.95) -> Estimate | None:
    """`recorded` over expected victims × `factor`, in per cent; None where nothing is expected.

    The error of the logarithm joins that of the survey (delta method) with that of the count (half the width of its
    Poisson limits on the log scale). Nothing recorded has a share of nought and no interval.
    """
    if of.victims <= 0 or factor <= 0:
        return None
    value = 100 * recorded / (of.victims * factor)
    if not recorded:
        return Estimate(0.0, UNIT, None, "recorded over expected")
    low, high, _ = poisson_limits(recorded, level)
    reach = normal((1 + level) / 2)
    own = math.log(high / max(low, 1e-9)) / (2 * reach)
    step = math.exp(reach * math.sqrt(own**2 + (of.error / of.victims) ** 2))
    return Estimate(value, UNIT, Interval(value / step, value * step, level), "recorded over expected, delta method")


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last twelve months of `period`.

    Raises BadInput where the folder has no prevalence by sex, or no residents are loaded.
    """
    now = last_months(period, 12)
    facts = {row["sex"]: row for row in _list(partnership, "survey_prevalence") if row["measure"] == MEASURE}
    if set(facts) < set(SEXES):
        raise BadInput(
            "The partnership's folder does not say how common domestic abuse is among women and men.",
            where=Where(file="codelists/survey_prevalence.csv"),
            next_step="Extend the national folder, or give a row for each sex with percent, standard error and source.",
        )
    factors = [row for row in _list(partnership, "repeat_factors") if row["measure"] == MEASURE]
    with Question(store, "recorded_crime", "crime_persons", "population") as question:
        residents = dict(
            question.rows(
                "SELECT sex, sum(CASE age_band WHEN '0-9' THEN 0 WHEN '10-17' THEN persons / 4.0 ELSE persons "
                "END)::DOUBLE "
                "FROM population WHERE sex IN ('F', 'M') AND vintage = (SELECT max(vintage) FROM population) "
                "GROUP BY 1 ORDER BY 1"
            )
        )
        if not all(residents.get(sex) for sex in SEXES):
            raise BadInput(
                "There are no residents by sex to expect victims among.",
                next_step="Load them: concord load population FILE",
            )
        found = {
            str(sex): (int(people), int(offences))
            for sex, people, offences in question.rows(
                "SELECT v.sex, count(DISTINCT v.person_ref), count(DISTINCT c.crime_ref) FROM ("
                "SELECT DISTINCT crime_ref FROM recorded_crime WHERE domestic_abuse = 'Y' "
                "AND recorded_on::DATE BETWEEN $start AND $end) c JOIN crime_persons v ON v.crime_ref = c.crime_ref "
                "WHERE v.role = 'victim' AND v.age >= 16 AND v.sex IN ('F', 'M') GROUP BY 1 ORDER BY 1",
                {"start": now.start, "end": now.end},
            )
        }
        scale = now.days / 365.25
        by_sex = {
            sex: expected(residents[sex] * scale, float(facts[sex]["percent"]), float(facts[sex]["standard_error"]))
            for sex in SEXES
        }
        whole = together(*by_sex.values())
        named = {sex: found.get(sex, (0, 0)) for sex in SEXES}
        rows = Dimension("sex", "Sex of the victim", (*SEXES.values(), TOTAL))
        victims = [
            Cell((SEXES[sex],), named[sex][0], population=round(by_sex[sex].victims),
                 estimate=share_of_expected(named[sex][0], by_sex[sex]))
            for sex in SEXES
        ]  # fmt: skip
        people = sum(n for n, _ in named.values())
        victims.append(
            Cell((TOTAL,), people, population=round(whole.victims), estimate=share_of_expected(people, whole))
        )
        offences = sum(n for _, n in named.values())
        assumed = Dimension("factor", "If each victim suffers", tuple(row["name"] for row in factors))
        year = facts["F"]["year_ending"]
        tables = (
            Table("victims", f"Recorded victims of domestic abuse beside those expected, {now.label}", "people",
                  (rows,), tuple(victims), True, universe="people of 16 and over named as victims of domestic abuse"),
            Table(
                "offences", f"Recorded offences of domestic abuse beside those expected, {now.label}", "offences",
                (assumed,),
                tuple(
                    Cell((row["name"],), offences, population=round(whole.victims * float(row["offences_per_victim"])),
                         estimate=share_of_expected(offences, whole, float(row["offences_per_victim"])))
                    for row in factors
                ),
                additive=False, universe="recorded offences of domestic abuse with a victim of 16 and over",
            ),
        )  # fmt: skip
        return answer(
            question,
            NAME,
            "How much domestic abuse is recorded, as a share of what a national survey leads one to expect?",
            tables,
            base="Recorded domestic abuse against people of 16 and over whose sex is recorded; expected victims",
            period=now,
            source=f"Police recorded crime; residents by age and sex; {facts['F']['source']} (year to {year})",
            method=METHOD,
            cannot_say=(
                "It is no rate of reporting: what is recorded and what a survey asks about are not the same things.",
                "The survey is national and leaves out hostels, refuges and care homes: how common abuse is here, "
                "among whom, and whether the survey's ages fit, is not known.",
                "A victim written down under two numbers counts as two; abuse that nobody recorded as such is left "
                "out.",
                "A change may mean that recording changed, that reporting did, or that abuse did.",
                "Which number of offences a victim suffers is right is not known: see how far the share moves with it.",
            ),
            source_class="police",
        )


def _list(partnership: Any, name: str) -> list[dict[str, str]]:
    return list(getattr(partnership, "codelists", {}).get(name, ()))
