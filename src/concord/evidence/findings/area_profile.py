"""Who lives in the borough: ages, ethnic groups, wards, and how the number of children has changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.evidence.geography import Geography
from concord.kernel.periods import Period

NAME = "area_profile"
AGES, GROUPS, YEARS, WARDS = (
    "census_2021_population",
    "census_2021_ethnicity",
    "mid_year_population_borough",
    "lookup_lsoa_2021_to_ward_2024",
)
CENSUS_DAY = date(2021, 3, 21)
_YOUNG = ("Aged 0-4", "Aged 5-9", "Aged 10-14", "Aged 15-19")
METHOD = (
    "Usual residents at the Census of 21 March 2021. Wards are of 2024, small areas put into them by the statistics "
    "office's best fit. Numbers of children and young people are mid-year estimates."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The Census, and the last eleven mid-year estimates by the end of `period`."""
    own = counts.borough(partnership)
    geography = Geography.of(partnership)
    with Question(store, AGES, GROUPS, WARDS) as question:
        ages = question.rows(
            f"SELECT age_band, sum(residents)::BIGINT FROM {AGES} WHERE starts_with(lsoa_name, $name) GROUP BY 1 "
            "ORDER BY age_band NOT LIKE '%under', age_band",
            {"name": f"{own.name} "},
        )
        groups = question.rows(
            f"SELECT ethnic_group, sum(residents)::BIGINT AS n FROM {GROUPS} WHERE area_code = $code AND residents > 0 "
            "GROUP BY 1 ORDER BY n DESC",
            {"code": own.code},
        )
        whole = dict(
            question.rows(
                f"SELECT ethnic_group, sum(residents)::BIGINT FROM {GROUPS} WHERE starts_with(area_code, 'E09') "
                "AND residents > 0 GROUP BY 1 ORDER BY 1"
            )
        )
        universe = "usual residents at Census 2021"
        census = Period(CENSUS_DAY, CENSUS_DAY)
        where = counts.within(own)
        tables = [
            counts.shares(
                "ages",
                "Residents by age, Census 2021",
                "residents",
                ("age", "Age"),
                {str(band).removeprefix("Aged ").capitalize(): int(n) for band, n in ages},
                universe=f"{universe}, by age",
                where=where,
                period=census,
            ),
            counts.shares(
                "ethnicity",
                "Residents by ethnic group, Census 2021",
                "residents",
                ("ethnicity", "Ethnic group"),
                {str(name): int(n) for name, n in groups},
                universe=f"{universe}, by ethnic group",
                where=where,
                period=census,
            ),
            _london({str(name): int(n) for name, n in whole.items()}, census),
            counts.shares(
                "wards",
                "Residents by ward, Census 2021",
                "residents",
                ("ward", "Ward"),
                counts.residents_by_ward(question, geography, own),
                universe=f"{universe}, by best-fit ward",
                where=where,
                period=census,
            ),
        ]
        if store.has(YEARS):
            question.use(YEARS)
            tables.append(_young(question, own, period))
        return Finding(
            name=NAME,
            question="Who lives here?",
            tables=tuple(tables),
            base="Usual residents",
            period=tables[-1].period if tables[-1].name == "young" and tables[-1].period else census,
            source="Office for National Statistics, Census 2021 and mid-year estimates",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "The Census was taken in the pandemic, when some who usually live here were elsewhere.",
                "Residents are not everyone who is here: those who come to work, study or go out are not counted.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _london(found: dict[str, int], census: Period) -> Table:
    """London's groups, to set the borough's beside."""
    everyone = sum(found.values())
    return Table(
        "ethnicity_london",
        "Residents of London by ethnic group, Census 2021",
        "residents",
        (Dimension("ethnicity", "Ethnic group", tuple(found)),),
        tuple(Cell((name,), n, base=everyone, estimate=share(n, everyone)) for name, n in found.items()),
        additive=False,
        universe="usual residents of London at Census 2021",
        period=census,
    )


def _young(question: Question, own: Any, period: Period) -> Table:
    """Children and young people by five-year age band and year."""
    rows = question.rows(
        f"SELECT year, age_band, sum(residents)::BIGINT FROM {YEARS} WHERE borough = $borough AND sex = 'Total' "
        "AND year > (SELECT max(year) FROM mid_year_population_borough WHERE year <= $year) - 11 AND year <= $year "
        "GROUP BY ALL ORDER BY ALL",
        {"borough": own.name, "year": period.end.year},
    )
    found = {(str(band), str(year)): int(n) for year, band, n in rows}
    years = tuple(dict.fromkeys(year for _, year in found))
    bands = [band for band in _YOUNG if any((band, year) in found for year in years)]
    return Table(
        "young",
        f"Children and young people, mid-{years[0]} to mid-{years[-1]}",
        "residents",
        (
            Dimension("age", "Age", tuple(band.removeprefix("Aged ") for band in bands)),
            Dimension("year", "Year", years),
        ),
        tuple(
            Cell((band.removeprefix("Aged "), year), found[band, year])
            for band in bands
            for year in years
            if (band, year) in found
        ),
        additive=False,
        universe="mid-year estimates of residents",
        where=counts.within(own),
        period=Period(date(int(years[0]), 1, 1), date(int(years[-1]), 12, 31)),
    )
