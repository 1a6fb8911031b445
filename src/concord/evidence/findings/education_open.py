"""School, care and justice in children's lives, as the Department for Education prints it for every authority."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.kernel.errors import BadInput, Usage
from concord.kernel.measures import Estimate
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "education_open"
DATASET = "dfe_indicators"
WIDER = ("London", "England")
NEIGHBOURS = "Its statistical neighbours, average"
POINTS = 5
METHOD = (
    "Values as published for the authority, London and England, and the plain average of the authority's ten "
    "statistical neighbours where all the values are published. The latest year is the last that the authority has; "
    "the years are its last five. A value that the publisher left out stays out."
)


def find(store: Store, partnership: Any, period: Period, *, group: str = "") -> Finding:
    """`group` keeps to measures of school, justice, care or health. Raises Usage for another."""
    own = counts.borough(partnership)
    rows = partnership.codelists.get("education_measures", ())
    groups = tuple(dict.fromkeys(row["group"] for row in rows))
    if group and group not in groups:
        raise Usage(f"No published measure is of “{group}”", next_step=did_you_mean(group, groups))
    chosen = {row["key"]: row for row in rows if not group or row["group"] == group}
    with Question(store, DATASET) as question:
        if store.has("dfe_statistical_neighbours") and store.has("dfe_authorities"):
            question.use("dfe_statistical_neighbours", "dfe_authorities")
            near = [
                str(name)
                for (name,) in question.rows(
                    "SELECT a.area_name FROM dfe_statistical_neighbours n JOIN dfe_authorities a "
                    "ON a.la_number = n.neighbour_number WHERE n.area_name = $name ORDER BY n.rank",
                    {"name": own.name},
                )
            ]
        else:
            near = []
        values = question.rows(
            f"SELECT indicator, area_name, year_label, any_value(value) FROM {DATASET} "
            "WHERE indicator IN (SELECT unnest($keys)) AND area_name IN (SELECT unnest($places)) "
            "GROUP BY ALL ORDER BY ALL",
            {"keys": list(chosen), "places": [own.name, *WIDER, *near]},
        )
        found = {(key, place, year): value for key, place, year, value in values if _end(year) <= period.end.year}
        latest = {
            key: max((year for k, place, year in found if (k, place) == (key, own.name)), key=_end, default="")
            for key in chosen
        }
        kept = {key: row for key, row in chosen.items() if latest[key]}
        if not kept:
            raise BadInput(
                f"Dataset “{DATASET}” has none of these measures for {own.name}.",
                next_step="Load them: concord load dfe_local_authority_tool FILE",
            )
        last = max(_end(year) for year in latest.values() if year)
        tables = (
            _latest(kept, latest, found, own.name, near, last),
            _years(kept, found, own.name, last),
        )
        return Finding(
            name=NAME,
            question="How are children here doing at school, in care and before the law?",
            tables=tables,
            base="As each measure states: pupils, children, or young people of an age",
            period=Period(date(last, 1, 1), date(last, 12, 31)),
            source="Department for Education, Local Authority Interactive Tool (sources of each measure as it states)",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"group": group} if group else {}),
            cannot_say=(
                "The counts behind these values are not in the file: no interval can be given and no trend is called.",
                "School measures are of pupils in the authority's schools, wherever they live.",
                "The years of the pandemic broke most of these series; absence was not collected in the first of them.",
                *dict.fromkeys(f"{row['label']}: {_small(row['note'])}." for row in kept.values() if row["note"]),
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _end(year: str) -> int:
    """The calendar year in which a published year ends: 2024 for 2023/24, 2024, or 2021/22-23/24."""
    numbers = re.findall(r"\d+", year)
    if not numbers:
        return 9999
    last = int(numbers[-1])
    return last if last > 99 else 2000 + last


def _estimate(value: float | None, unit: str) -> Estimate | None:
    return None if value is None else Estimate(float(value), unit, None, "as published")


def _latest(
    kept: dict[str, Any], latest: dict[str, str], found: dict[Any, Any], own: str, near: list[str], last: int
) -> Table:
    """The authority's last value of each measure, beside others of the same year."""
    places = (own, *WIDER, *([NEIGHBOURS] if near else []))

    def value(key: str, place: str) -> float | None:
        if place != NEIGHBOURS:
            number: float | None = found.get((key, place, latest[key]))
            return number
        theirs = [found.get((key, name, latest[key])) for name in near]
        return None if None in theirs else sum(theirs) / len(theirs)  # type: ignore[arg-type]

    return Table(
        "latest",
        f"Children's lives as published, latest year up to {last}",
        "as each measure states",
        (
            Dimension("measure", "Measure", tuple(row["label"] for row in kept.values())),
            Dimension("place", "Place", places),
        ),
        tuple(
            Cell((row["label"], place), 0, estimate=_estimate(value(key, place), row["unit"]), label=latest[key])
            for key, row in kept.items()
            for place in places
        ),
        additive=False,
        published=True,
    )


def _years(kept: dict[str, Any], found: dict[Any, Any], own: str, last: int) -> Table:
    """Five years of each measure; a year that the measure does not have is left out, one left out by it is marked."""
    ends = tuple(str(year) for year in range(last - POINTS + 1, last + 1))
    own_years = {(key, str(_end(year))): (year, value) for (key, place, year), value in found.items() if place == own}
    return Table(
        "years",
        f"Children's lives as published, years that end in {ends[0]} to {ends[-1]}",
        "as each measure states",
        (
            Dimension("measure", "Measure", tuple(row["label"] for row in kept.values())),
            Dimension("year", "Year that ends in", ends),
        ),
        tuple(
            Cell(
                (row["label"], end),
                0,
                estimate=_estimate(own_years[key, end][1], row["unit"]),
                label=own_years[key, end][0],
            )
            for key, row in kept.items()
            for end in ends
            if (key, end) in own_years
        ),
        additive=False,
        published=True,
        period=Period(date(int(ends[0]), 1, 1), date(last, 12, 31)),
    )
