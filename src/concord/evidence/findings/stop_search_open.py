"""Stop and search in the borough from the police's open records: who is searched, under two codings and two bases."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings import open_people as people
from concord.evidence.findings import searches
from concord.evidence.findings.build import Key
from concord.evidence.findings.hotspots import Neighbours
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import Words
from concord.evidence.geography import BoundarySet
from concord.kernel.periods import Period

NAME = "stop_search_open"
DATASET = "police_uk_stop_and_search_extract"
BORDERS = "boundary_lad_2024"
UNIVERSE = "stop and searches in the police's open records"
SOMETHING, NOTHING = "Any outcome but no further action", "No further action"
METHOD = (
    "Searches of the last twelve months whose place lies in the borough, by the broad group that people gave, over "
    "residents of that group at Census 2021; beside White residents, log-Wald interval, exact below ten searches. The "
    "same over residents of the borough and of those that border on it, since people are searched where they do not "
    "live, and by the group that the officer saw. Searches in which no group was stated are missing, not a group: the "
    "bounds say how far they could move a ratio. Outcome rates are shares of searches that ended in anything but no "
    "further action, Wilson intervals, and their ratios. " + counts.XMR
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The twelve and the 24 months to the end of `period`."""
    own = counts.borough(partnership)
    with Question(store, DATASET, "census_2021_ethnicity", BORDERS) as question:
        now, long = counts.held(question, DATASET, period), counts.held(question, DATASET, period, 24)
        here = people.census_2021(question, own.code)
        around = people.census_2021(question, own.code, *_bordering(store, own.code))
        question.define(
            "searches",
            f"SELECT month, {people.broad_sql('self_defined_ethnicity')} AS given, "
            f"{people.broad_sql('officer_defined_ethnicity')} AS seen, "
            "outcome NOT ILIKE '%no further action%' AS something, object_of_search, legislation, age_range "
            f"FROM {DATASET} WHERE search_type <> 'Vehicle search'",
        )
        span = {"start": now.start, "end": now.end}

        def by(column: str) -> dict[Key, int]:
            rows = question.rows(
                f"SELECT {column}, something, count(*) FROM searches WHERE month BETWEEN $start AND $end "
                "GROUP BY ALL ORDER BY ALL",
                span,
            )
            found: dict[Key, int] = {}
            for group, hit, n in rows:
                key = (group, SOMETHING if hit else NOTHING)
                found[key] = found.get(key, 0) + int(n)
            return found

        def plain(column: str, condition: str = "true") -> dict[str, int]:
            rows = question.rows(
                f"SELECT {column}, count(*) AS n FROM searches WHERE month BETWEEN $start AND $end AND {condition} "
                f"GROUP BY 1 ORDER BY n DESC, 1",
                span,
            )
            return {str(name): int(n) for name, n in rows}

        words = Words(
            "Searches", "searches", "Ethnic group, as the person gave it", "What came of it", SOMETHING, NOTHING,
            "outcome rate", outcome="What came of searches",
        )  # fmt: skip
        seen = Words(
            "Searches", "searches", "Ethnic group, as the officer saw it", "What came of it", SOMETHING, NOTHING,
            "outcome rate", outcome="What came of searches", by="ethnic group as the officer saw it",
        )  # fmt: skip
        months = question.rows(
            "SELECT strftime(month, '%Y-%m'), count(*) FROM searches WHERE month BETWEEN $start AND $end "
            "GROUP BY 1 ORDER BY 1",
            {"start": long.start, "end": long.end},
        )
        trend, facts = counts.monthly(f"Searches by month, {long.label}", "searches", long, dict(months),
                                      universe=UNIVERSE)  # fmt: skip
        bases = {
            "": ("", here),
            "_around": (" of the borough and its neighbours", around),
        }
        officer = {"": ("", {group: n for group, n in here.items() if group != "Mixed"})}
        tables = (
            *searches.tables(by("given"), tuple(here), bases, now, words, universe=UNIVERSE),
            *searches.tables(
                by("seen"), tuple(officer[""][1]), officer, now, seen, universe=UNIVERSE, suffix="_officer"
            ),
            trend,
            _outcome(by("given"), now),
            _shares("objects", "What searches were for", ("object", "Looked for"), plain("object_of_search"), now),
            _shares("powers", "Under which power people were searched", ("power", "Power"), plain("legislation"), now),
            _shares("ages", "Ages of the people searched", ("age", "Age"), _ages(plain("age_range")), now),
        )
        return Finding(
            name=NAME,
            question="Does stop and search fall on some groups more, and what comes of it?",
            tables=tables,
            base="Searches of people whose place is recorded and lies in the borough; residents",
            period=now,
            source="Stop and search records on data.police.uk; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "Residents are not everyone who is in the street: people are also searched where they do not live, so "
                "a ratio on residents of the borough and one that takes in its neighbours answer different questions.",
                "Whether what was looked for was found is not in these records: an outcome may be for something else.",
                "The open file gives the nearest of the publisher's map points; searches without one are left out.",
                "Officers see no mixed group, and people may be seen otherwise than they say they are.",
                "Equal outcome rates do not show that searches are fair, nor unequal ones that they are not.",
                "Who was searched twice is counted twice, and a few rows stand in the file twice.",
            ),
            source_class="open",
            facts=facts,
            synthetic=question.synthetic,
        )


def _outcome(found: dict[Key, int], now: Period) -> Any:
    """What came of all searches, whatever the group."""
    whole = {came: sum(n for (_, each), n in found.items() if each == came) for came in (SOMETHING, NOTHING)}
    return counts.shares(
        "outcome", f"What came of searches, {now.label}", "searches", ("found", "What came of it"), whole,
        universe=UNIVERSE,
    )  # fmt: skip


def _bordering(store: Store, code: str) -> list[str]:
    """Codes of the authorities whose outlines touch this one's."""
    areas = BoundarySet.from_dataset(store.latest(BORDERS))
    here = areas.codes.index(code)
    touching = Neighbours.of_areas(list(areas.shapes))
    return [areas.codes[place] for place in touching.second[touching.first == here]]


def _shares(name: str, title: str, dimension: tuple[str, str], found: dict[str, int], now: Period) -> Any:
    named = {("Not stated" if category == "None" else category): n for category, n in found.items()}
    return counts.shares(name, f"{title}, {now.label}", "searches", dimension, named, universe=UNIVERSE)


def _ages(found: dict[str, int]) -> dict[str, int]:
    """Ages in order; the few under ten stand with the children."""
    young = found.get("under 10", 0) + found.get("10-17", 0)
    return {
        "Under 18": young,
        "18 to 24": found.get("18-24", 0),
        "25 to 34": found.get("25-34", 0),
        "35 and over": found.get("over 34", 0),
        "Not stated": found.get("None", 0),
    }
