"""What follows arrest in London, by ethnic group and for children: published for the whole force, for no borough."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings import open_people as people
from concord.evidence.findings import searches
from concord.evidence.findings.build import Key, with_total
from concord.evidence.findings.model import Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import UNSTATED, Words
from concord.evidence.findings.shares import shared_out
from concord.kernel.periods import Period

NAME = "custody_open"
DATASET = "mps_custody_disposals"
UNIVERSE = "disposals from custody in London"
NO_ACTION, ACTION = "No further action", "Any other disposal"
METHOD = (
    "Disposals from custody of the last twelve months in London by ethnic group, per 1,000 residents of the group at "
    "Census 2021, beside White residents, log-Wald interval; the share that ended in no further action and its ratio. "
    "Disposals of children by offence, with Wilson limits."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The twelve months to the end of `period`."""
    with Question(store, DATASET, "census_2021_ethnicity") as question:
        question.define(
            "disposals", f"SELECT *, make_date(year::INTEGER, month_number::INTEGER, 1) AS month FROM {DATASET}"
        )
        now = counts.held(question, "disposals", period)
        span = {"start": now.start, "end": now.end}
        london = {g: n for g, n in people.census_2021(question, people.LONDON).items() if g != "Mixed"}
        rows = question.rows(
            f"SELECT {people.broad_sql('ethnicity')}, disposal = 'No Further Action', sum(count)::BIGINT "
            "FROM disposals WHERE month BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            span,
        )
        words = Words(
            "Disposals from custody", "disposals", "Ethnic group, as custody records it", "What followed", ACTION,
            NO_ACTION, "share not ended in no further action", outcome="What followed custody",
        )  # fmt: skip
        children = question.rows(
            "SELECT offence_group, disposal, sum(count)::BIGINT FROM disposals WHERE month BETWEEN $start AND $end "
            "AND age_group = 'Child' GROUP BY ALL ORDER BY ALL",
            span,
        )
        tables = (
            *searches.tables(
                {(group, NO_ACTION if none else ACTION): int(n) for group, none, n in rows},
                tuple(london),
                {"": ("", london)},
                now,
                words,
                universe=UNIVERSE,
            ),
            _children({(str(offence), str(disposal)): int(n) for offence, disposal, n in children}, now),
        )
        return Finding(
            name=NAME,
            question="What follows arrest in London, and is it the same for everyone?",
            tables=tables,
            base="Disposals from custody in London: an arrest may have several, a person several arrests",
            period=now,
            source="Metropolitan Police custody dashboard; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                "These are London's numbers: nothing of them is the borough's.",
                f"Where no group is recorded (“{UNSTATED}”) the person belongs to one all the same.",
                "A lower share of no further action may be stronger evidence, other offences, or other treatment: the "
                "counts do not tell which.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )


def _children(found: dict[Key, int], now: Period) -> Table:
    offences = tuple(dict.fromkeys(offence for offence, _ in found))
    disposals = tuple(sorted({disposal for _, disposal in found}))
    return shared_out(
        "children",
        f"Disposals of children from custody in London, {now.label}",
        "disposals",
        (with_total("offence", "Offence", offences), with_total("disposal", "Disposal", disposals)),
        found,
        universe=UNIVERSE,
        where=(("age_group", ("Child",)),),
    )
