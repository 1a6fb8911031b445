"""What became of the crimes that the police's open files hold for the borough."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "outcomes_open"
DATASET = "police_uk_street_extract"
ENOUGH = 100
UNIVERSE = "crimes with their last outcome in the police's open files"
CHARGED, NO_SUSPECT, OTHER, NOT_KNOWN = (
    "Charged or before a court",
    "Closed, no suspect identified",
    "Another outcome",
    "Not yet known",
)
_GROUP = f"""CASE
    WHEN last_outcome_category IS NULL OR last_outcome_category IN ('Status update unavailable', 'Under investigation')
        THEN '{NOT_KNOWN}'
    WHEN last_outcome_category ILIKE '%no suspect identified%' THEN '{NO_SUSPECT}'
    WHEN last_outcome_category ILIKE '%court%' OR last_outcome_category ILIKE '%charged%'
        OR last_outcome_category ILIKE 'Offender %' THEN '{CHARGED}'
    ELSE '{OTHER}' END"""
METHOD = (
    "Crimes of the twelve months that ended a year before the newest month held, so that most investigations have "
    "come to an end, by type and by the last outcome that the file gives, one for each crime reference; shares of all "
    "crimes of the type with Wilson limits. Types with fewer than a hundred crimes are left out: the files hold a few "
    "rows of other forces."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The twelve months that end a year before the end of what is held up to `period`."""
    own = counts.borough(partnership)
    with Question(store, DATASET) as question:
        held = counts.held(question, DATASET, period, 24)
        months = list(held.months())
        now = Period(months[max(0, len(months) - 24)].start, months[max(0, len(months) - 13)].end)
        rows = question.rows(
            f"SELECT crime_type, {_GROUP} AS outcome, count(DISTINCT coalesce(crime_id, rowid::VARCHAR)) FROM "
            f"(SELECT *, row_number() OVER () AS rowid FROM {DATASET}) "
            "WHERE month BETWEEN $start AND $end AND starts_with(lsoa_name, $name) GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end, "name": f"{own.name} "},
        )
        found = {(str(kind), str(outcome)): int(n) for kind, outcome, n in rows}
        totals: dict[str, int] = {}
        for (kind, _), n in found.items():
            totals[kind] = totals.get(kind, 0) + n
        totals = {kind: n for kind, n in totals.items() if n >= ENOUGH}
        if not totals:
            raise BadInput(
                f"Dataset “{DATASET}” holds too few crimes of {now.label} to say what became of them.",
                next_step="Load more months: concord load police_uk FILE...",
            )
        kinds = tuple(sorted(totals, key=lambda kind: -totals[kind]))
        outcomes = (CHARGED, NO_SUSPECT, OTHER, NOT_KNOWN)
        cells = tuple(
            Cell(
                (kind, outcome),
                found.get((kind, outcome), 0),
                base=totals[kind],
                estimate=share(found.get((kind, outcome), 0), totals[kind]),
            )
            for kind in kinds
            for outcome in outcomes
        )
        table = Table(
            "outcomes",
            f"Last outcome of crimes recorded {now.label}",
            "crimes",
            (Dimension("crime_type", "Type of crime", kinds), Dimension("outcome", "Outcome", outcomes)),
            cells,
            additive=False,
            universe=UNIVERSE,
            where=counts.within(own),
            period=now,
        )
        return Finding(
            name=NAME,
            question="What becomes of crimes that are recorded?",
            tables=(table,),
            base="Crimes whose published place lies in the borough, of the types that the files held have",
            period=held,
            source="Street-level crime on data.police.uk",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                f"The files held for the borough are of {', '.join(kind.lower() for kind in kinds)}. They say "
                "nothing of the outcome of any other crime.",
                "An outcome is the last the file gives: a court's decision may still follow.",
                "Whether a victim withdrew is not told apart in the open files.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )
