"""Use of force by the borough's police force, by ethnic group and age: published for the whole force, once a year."""

from __future__ import annotations

from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings import open_people as people
from concord.evidence.findings.disproportionality import relative_rate
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import REFERENCE, UNSTATED
from concord.evidence.findings.statistics import rate
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "use_of_force_open"
DATASET = "home_office_use_of_force"
FORCE = "Metropolitan"
UNIVERSE = "uses of force by the Metropolitan Police"
PER = 1_000.0
METHOD = (
    "Tactics used on people in the year to March, by the ethnic group that officers saw, per 1,000 London residents of "
    "that group at Census 2021; beside White residents with log-Wald interval. One incident may hold several tactics "
    "and each is counted."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last published year that ends by the end of `period`."""
    with Question(store, DATASET, "census_2021_ethnicity") as question:
        years = question.rows(
            f"SELECT max(year) FROM {DATASET} WHERE police_force = $force AND make_date(year::INTEGER, 3, 31) <= $end",
            {"force": FORCE, "end": period.end},
        )
        if years[0][0] is None:
            raise BadInput(
                f"Dataset “{DATASET}” has no year of the {FORCE} force by {period.end:%B %Y}.",
                next_step=f"Load the year's workbook: concord load {DATASET} FILE",
            )
        year = int(years[0][0])
        now = Period(date(year - 1, 4, 1), date(year, 3, 31))
        rows = question.rows(
            f'SELECT characteristic, "group", sum(count)::BIGINT FROM {DATASET} WHERE police_force = $force '
            "AND tactic = '*Total Tactics' AND year = $year AND characteristic IN ('ethnicity', 'age') "
            "GROUP BY ALL ORDER BY ALL",
            {"force": FORCE, "year": year},
        )
        found: dict[str, int] = {}
        for characteristic, group, n in rows:
            if characteristic == "ethnicity":
                name = _broad(str(group))
                found[name] = found.get(name, 0) + int(n)
        london = {group: n for group, n in people.census_2021(question, people.LONDON).items() if group in found}
        ages = {str(group): int(n) for characteristic, group, n in rows if characteristic == "age" and n}
        tables = (
            _by_group(found, london, now),
            _beside(found, london, now),
            counts.shares(
                "ages", f"Ages of people on whom force was used, {now.label}", "uses of force", ("age", "Age"),
                _young_first(ages), universe=UNIVERSE, period=now,
            ),
        )  # fmt: skip
        return Finding(
            name=NAME,
            question="On whom do the police use force in London?",
            tables=tables,
            base="Tactics that officers reported having used",
            period=now,
            source="Home Office, police use of force statistics, England and Wales; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "These are the whole force's numbers: nothing of them is the borough's.",
                "Handcuffing and other restraint make up most of it; how grave a use of force was is not said here.",
                "The year is old: later editions are not among the files held.",
                "Residents are not everyone whom officers meet.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _broad(group: str) -> str:
    """The broad group that the Home Office's heading means; unknown and not reported are not stated."""
    for name in people.GROUPS:
        if group.startswith(name):
            return name
    return "Asian" if group == "Chinese" else UNSTATED


def _young_first(found: dict[str, int]) -> dict[str, int]:
    named = {"Under 18": found.pop("Under 11 years", 0) + found.pop("11 - 17 years", 0)}
    return named | {group.replace(" - ", " to "): n for group, n in sorted(found.items())}


def _by_group(found: dict[str, int], residents: dict[str, int], now: Period) -> Table:
    groups = (*residents, UNSTATED)
    return Table(
        "groups",
        f"Uses of force by ethnic group, {now.label}",
        "uses of force",
        (Dimension("ethnicity", "Ethnic group, as the officer saw it", groups),),
        tuple(
            Cell((group,), n := found.get(group, 0), population=float(residents[group]),
                 estimate=rate(n, residents[group], per=PER))
            if group in residents
            else Cell((group,), found.get(group, 0))
            for group in groups
        ),
        additive=False,
        per=PER,
        universe=UNIVERSE,
        period=now,
    )  # fmt: skip


def _beside(found: dict[str, int], residents: dict[str, int], now: Period) -> Table:
    others = tuple(group for group in residents if group != REFERENCE)
    unit = f"times the rate of {REFERENCE} residents"
    cells = []
    for group in others:
        ratio = relative_rate(found[group], residents[group], found[REFERENCE], residents[REFERENCE])
        named = ratio and Estimate(ratio.value, unit, ratio.interval, ratio.method)
        cells.append(
            Cell((group,), found[group], estimate=named, rests_on=(("groups", (group,)), ("groups", (REFERENCE,))))
        )
    return Table(
        "relative_rate",
        f"Uses of force for each London resident, beside {REFERENCE} residents, {now.label}",
        "uses of force",
        (Dimension("ethnicity", "Ethnic group, as the officer saw it", others),),
        tuple(cells),
        additive=False,
        universe=UNIVERSE,
        period=now,
    )
