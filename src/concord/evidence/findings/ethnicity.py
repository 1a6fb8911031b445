"""Ethnic groups as findings count them, the residents of each, and how often records say which it is.

Ethnicity is measured here, and is no input to anything about a person. What people say of themselves and what an
officer saw are two things and are never put together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total
from concord.evidence.findings.model import Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import UNSTATED, answer, counted, shared_out
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "ethnicity_completeness"
REFERENCE = "White"
KNOWN = ("Known", "Not stated or unknown", "Blank")
FEEDS: Mapping[str, tuple[str, str, str, str]] = {
    "Stop and searches": ("stop_search", "searched_at::DATE", "", "searches"),
    "Victims of recorded crime": ("crime_persons", "month", "role = 'victim'", "victims"),
    "Suspects of recorded crime": ("crime_persons", "month", "role = 'suspect'", "suspects"),
    "Youth justice decisions": ("youth_justice_outcomes", "decided_on", "", "decisions"),
}
"""What is called in the table: the dataset, its day, a condition on its rows, and what a row is."""
METHOD = (
    "Records of the last twelve months of the period by whether they say an ethnic group of the scheme. “Not stated” "
    "and "
    "“unknown” are answers that say none; a blank is no answer. What people say of themselves and what an officer saw "
    "are counted apart. Wilson intervals."
)


def groups() -> list[tuple[str, str]]:
    """Each code of the 18+1 scheme that says a group, with the name of its broad group."""
    broad = {entry.code: entry.label for entry in codelists.get("ethnicity_5")}
    return [(e.code, broad[e.extra["code_5"]]) for e in codelists.get("ethnicity_18") if e.extra["code_5"] != "NS"]


def group_names(met: set[str]) -> tuple[str, ...]:
    """Broad groups in the order of their list, the reference first among them, those not stated last."""
    listed = [e.label for e in codelists.get("ethnicity_5") if e.code != "NS"]
    return (*(name for name in listed if name in met or name == REFERENCE), UNSTATED)


def with_groups(question: Question) -> None:
    """The table `ethnic_groups`, of code and name, for queries to join."""
    question.table("ethnic_groups", ("code", "name"), groups())


def residents_by_group(question: Question, bands: tuple[str, ...] = ()) -> dict[str, int]:
    """Residents of each broad group, of all ages or of `bands`; `population_ethnicity` must be in use.

    Raises BadInput where there are none of the reference group.
    """
    some = ", ".join(f"'{band}'" for band in bands)
    found = dict(
        question.rows(
            "SELECT name, sum(residents)::BIGINT FROM population_ethnicity JOIN ethnic_groups ON code = ethnicity "
            "WHERE year = (SELECT max(year) FROM population_ethnicity)"
            + (f" AND age_band IN ({some})" if bands else "")
            + " GROUP BY 1 ORDER BY 1"
        )
    )
    if not found.get(REFERENCE):
        raise BadInput(
            "There are no residents by ethnic group to compare with.",
            next_step="Load them: concord load population_ethnicity FILE",
        )
    return {str(name): int(n) for name, n in found.items()}


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """How often records of the last twelve months of `period` say an ethnic group, for each feed that has it.

    Raises BadInput where no such feed is loaded.
    """
    now = last_months(period, 12)
    held = {called: each for called, each in FEEDS.items() if store.has(each[0])}
    if not held:
        raise BadInput(
            "No feed that says an ethnic group has been loaded",
            next_step="Load one of them: " + ", ".join(sorted({each[0] for each in FEEDS.values()})),
        )
    tables: list[Table] = []
    with Question(store, *sorted({each[0] for each in held.values()})) as question:
        unknown = {
            "ethnicity_self": [e.code for e in codelists.get("ethnicity_18") if e.extra["code_5"] == "NS"],
            "ethnicity_observed": [e.code for e in codelists.get("ethnicity_observed") if e.extra["code_5"] == "NS"],
        }
        for field, said in (("ethnicity_self", "self_defined"), ("ethnicity_observed", "observed")):
            listed = ", ".join(f"'{code}'" for code in unknown[field]) or "''"
            counts = []
            for called, (dataset, day, only, _) in held.items():
                if field not in question.columns(dataset):
                    continue
                rows = question.rows(
                    f"SELECT CASE WHEN coalesce({field}, '') = '' THEN '{KNOWN[2]}' "
                    f"WHEN {field} IN ({listed}) THEN '{KNOWN[1]}' ELSE '{KNOWN[0]}' END AS said, count(*) "
                    f"FROM {dataset} WHERE {day} BETWEEN $start AND $end{' AND ' + only if only else ''} "
                    "GROUP BY 1 ORDER BY 1",
                    {"start": now.start, "end": now.end},
                )
                counts += [(called, word, n) for word, n in rows]
            found = counted(counts)
            if found:
                met = tuple(called for called in held if any(key[0] == called for key in found))
                title = "as the person said" if said == "self_defined" else "as an officer saw"
                tables.append(
                    shared_out(
                        said, f"Records that say an ethnic group, {title}, {now.label}", "records",
                        (with_total("feed", "Records of", met), with_total(said, "Ethnic group", KNOWN)), found,
                        universe=f"records by ethnic group {title}",
                    )
                )  # fmt: skip
        return answer(
            question,
            NAME,
            "How often do records say somebody's ethnic group?",
            tables,
            base="Records of the period in which an ethnic group may be written down",
            period=now,
            source="; ".join(held),
            method=METHOD,
            cannot_say=(
                "Whether what is written down is right.",
                "Those whose group is not known may differ from the others: see the bounds of each ratio.",
                "Records of several feeds may be about one person; the total is of records.",
            ),
            source_class="police",
        )
