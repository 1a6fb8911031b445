"""How deprived the borough's small areas are beside England's, by edition of the Indices and by domain."""

from __future__ import annotations

from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "deprivation"
NOW, BEFORE, BOROUGHS = "iod_2025", "imd_2019_england", "imd_2019_boroughs"
DOMAINS = {
    "imd": "Deprivation overall",
    "idaci": "Income deprivation of children",
    "idaopi": "Income deprivation of older people",
    "crime": "Crime domain",
    "income": "Income",
    "employment": "Employment",
    "education": "Education",
    "health": "Health",
    "housing and services": "Housing and services",
    "living environment": "Living environment",
}
SHARE, DECILE, RANK = "small areas", "decile of England", "rank among England's authorities"
DEPRIVED = 2
METHOD = (
    "Deciles of English small areas as published, 1 the most deprived: the Indices of Deprivation 2025 on LSOAs of "
    "2021, and those of 2019 on LSOAs of 2011. Shares are of the borough's small areas that lie in the two most "
    "deprived deciles of England. Each edition ranks all areas anew: a place may change decile while nothing changed "
    "there."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The editions that are loaded. Raises BadInput where neither has the borough."""
    own = counts.borough(partnership)
    held = [dataset for dataset in (NOW, BEFORE) if store.has(dataset)]
    editions = {NOW: "2025", BEFORE: "2019"}
    with Question(store, *held) as question:
        rows = {
            dataset: question.rows(
                f"SELECT lsoa_name, domain, value::INTEGER FROM {dataset} "
                "WHERE lad_code = $code AND measure = 'decile' ORDER BY ALL",
                {"code": own.code},
            )
            for dataset in held
        }
        if not any(rows.values()):
            raise BadInput(
                f"No edition of the Indices of Deprivation that is loaded has {own.name}.",
                next_step="Load one: concord load iod_2025 FILE",
            )
        tables = [_deprived({editions[dataset]: found for dataset, found in rows.items()})]
        latest = next(dataset for dataset in held if rows[dataset])
        tables.append(_areas(rows[latest], editions[latest]))
        if store.has(BOROUGHS):
            question.use(BOROUGHS)
            ranks = question.rows(
                f"SELECT domain, value::INTEGER FROM {BOROUGHS} WHERE lad_code = $code "
                "AND measure = 'rank of average score' ORDER BY 1",
                {"code": own.code},
            )
            tables.append(_ranks({str(domain): int(rank) for domain, rank in ranks}))
        return Finding(
            name=NAME,
            question="How deprived are the places where violence happens?",
            tables=tuple(table for table in tables if table.cells),
            base="Small areas (LSOAs) of the borough",
            period=Period(date(int(editions[latest]), 1, 1), date(int(editions[latest]), 12, 31)),
            source="English Indices of Deprivation 2019 and 2025 (MHCLG)",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "An area's rank says nothing of any one person who lives there.",
                "The crime domain of 2025 is not in the files that are loaded: the one shown is that of 2019, made "
                "from recorded crime of the years before it.",
                "The overall index counts crime among its domains, so it cannot explain crime.",
                "Deprivation before housing costs understates what a rent here leaves.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _deprived(editions: dict[str, list[tuple[Any, ...]]]) -> Table:
    """Share of the borough's areas in the two most deprived deciles, by domain and edition."""
    years = tuple(sorted(editions, reverse=True))
    shares: dict[tuple[str, str], float] = {}
    for year, rows in editions.items():
        for domain in DOMAINS:
            deciles = [value for _, name, value in rows if name == domain]
            if deciles:
                shares[domain, year] = 100 * sum(value <= DEPRIVED for value in deciles) / len(deciles)
    domains = [domain for domain in DOMAINS if any((domain, year) in shares for year in years)]
    return Table(
        "deprived",
        "Small areas in the most deprived fifth of England, by edition of the Indices",
        SHARE,
        (
            Dimension("domain", "Domain", tuple(DOMAINS[domain] for domain in domains)),
            Dimension("edition", "Edition", tuple(f"Indices of {year}" for year in years)),
        ),
        tuple(
            Cell(
                (DOMAINS[domain], f"Indices of {year}"),
                0,
                estimate=Estimate(shares[domain, year], "%", None, "from the published list"),
            )
            for domain in domains
            for year in years
            if (domain, year) in shares
        ),
        additive=False,
        published=True,
    )


def _areas(rows: list[tuple[Any, ...]], year: str) -> Table:
    """The decile of each small area, for a map."""
    found = {str(name): int(value) for name, domain, value in rows if domain == "imd"}
    return Table(
        "areas",
        f"Deprivation of each small area, Indices of {year}",
        DECILE,
        (Dimension("lsoa", "LSOA of 2021" if year == "2025" else "LSOA of 2011", tuple(found)),),
        tuple(Cell((name,), 0, estimate=Estimate(float(v), DECILE, None, "as published")) for name, v in found.items()),
        additive=False,
        published=True,
    )


def _ranks(found: dict[str, int]) -> Table:
    domains = [domain for domain in DOMAINS if domain in found]
    return Table(
        "ranks",
        "Rank of the borough's average score among England's authorities, Indices of 2019 (1 is the most deprived)",
        RANK,
        (Dimension("domain", "Domain", tuple(DOMAINS[domain] for domain in domains)),),
        tuple(
            Cell((DOMAINS[domain],), 0, estimate=Estimate(float(found[domain]), RANK, None, "as published"))
            for domain in domains
        ),
        additive=False,
        published=True,
    )
