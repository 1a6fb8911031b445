"""What residents say of the police, from MOPAC's survey as it is published: the latest quarter, and five years."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.kernel.errors import BadInput
from concord.kernel.measures import Estimate
from concord.kernel.periods import Period

NAME = "attitudes_open"
DATASET = "mopac_public_attitudes"
MEASURES = {
    '"Good Job" local': "The police do a good job in the local area",
    "Trust MPS": "The Metropolitan Police is an organisation that can be trusted",
    "Relied on to be there": "The police can be relied on to be there when needed",
    "Treat everyone fairly": "The police treat everyone fairly whoever they are",
    "Listen to concerns": "The police listen to the concerns of local people",
    "Understand issues": "The police understand the issues that affect the community",
    "Informed local": "Well informed about what the police are doing locally",
    "Contact ward officer": "Knows how to contact the ward officer",
}
UNIT = "residents asked"
POINTS = 5
METHOD = (
    "Percentages as MOPAC publishes them for the borough and for London, by the quarter at whose end they stand. The "
    "years are five such quarters, a year apart."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The last quarter published by the end of `period`, and those one to four years before."""
    own = counts.borough(partnership)
    with Question(store, DATASET) as question:
        rows = question.rows(
            f"SELECT quarter_ends, measure, proportion, london FROM {DATASET} WHERE borough = $borough "
            "AND quarter_ends <= $end ORDER BY ALL",
            {"borough": own.name, "end": period.end},
        )
        if not rows:
            raise BadInput(
                f"Dataset “{DATASET}” has nothing of {own.name}.",
                next_step=f"Load the survey's borough file: concord load {DATASET} FILE",
            )
        last = rows[-1][0]
        here = {(day, measure): value for day, measure, value, _ in rows}
        london = {(day, measure): value for day, measure, _, value in rows}
        days = sorted({day for day, *_ in rows if day.month == last.month})[-POINTS:]
        names = {measure: text for measure, text in MEASURES.items() if (last, measure) in here}
        places = Dimension("place", "Place", (own.name, "London"))
        statement = Dimension("statement", "Statement", tuple(names.values()))
        quarter = Period.quarter(last.year, last.month // 3)
        tables = (
            Table(
                "latest",
                f"Residents who agree, quarter to {last:%B %Y}",
                UNIT,
                (statement, places),
                tuple(
                    Cell((text, place), 0, estimate=_percentage(source.get((last, measure))))
                    for measure, text in names.items()
                    for place, source in ((own.name, here), ("London", london))
                ),
                additive=False,
                period=quarter,
                published=True,
            ),
            Table(
                "years",
                f"Residents who agree, quarter to {last:%B} of each year",
                UNIT,
                (statement, Dimension("year", "Year", tuple(f"{day:%Y}" for day in days))),
                tuple(
                    Cell((text, f"{day:%Y}"), 0, estimate=_percentage(here.get((day, measure))))
                    for measure, text in names.items()
                    for day in days
                ),
                additive=False,
                period=Period(Period.month(days[0].year, 1).start, quarter.end),
                published=True,
            ),
        )
        return Finding(
            name=NAME,
            question="Do residents trust the police, and is that changing?",
            tables=tables,
            base="Residents aged 16 and over whom the survey asked",
            period=quarter,
            source="MOPAC Public Attitude Survey, by borough, London Datastore",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "How many people were asked is not in the file, so no interval can be given: a few points' difference "
                "between years, or from London, may be chance.",
                "Each quarter's figure rests on a year of interviews, so far as is known: neighbouring quarters share "
                "most of their answers, quarters a year apart share none.",
                "A borough's average hides who trusts least.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _percentage(proportion: float | None) -> Estimate | None:
    """A published proportion as a percentage, without an interval; None where it was left out."""
    return None if proportion is None else Estimate(100 * proportion, "%", None, "as published")
