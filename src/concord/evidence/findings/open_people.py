"""Residents by broad ethnic group, from the Censuses: the denominators of disproportionality on open data.

Ethnicity stands here as what is measured, never as what anyone is judged by.
"""

from __future__ import annotations

from collections.abc import Iterable

from concord.evidence.findings.question import Question
from concord.evidence.findings.searches import UNSTATED
from concord.kernel.errors import BadInput

GROUPS = ("Asian", "Black", "Mixed", "White", "Other")
LONDON = "E09"
_BROAD = "CASE WHEN ethnic_group LIKE 'White%' THEN 'White' ELSE ethnic_group END"


def broad_sql(column: str) -> str:
    """SQL for the broad group that a police.uk ethnicity names, by its first words; null is not stated.

    “Not stated” under “Other ethnic group” is no group: it is missing.
    """
    return (
        f"CASE WHEN {column} IS NULL OR {column} ILIKE '%not stated%' THEN '{UNSTATED}' "
        f"WHEN {column} ILIKE 'Asian%' OR {column} ILIKE '%Chinese%' THEN 'Asian' WHEN {column} ILIKE 'Black%' "
        f"THEN 'Black' WHEN {column} ILIKE 'Mixed%' THEN 'Mixed' WHEN {column} ILIKE 'White%' THEN 'White' "
        f"WHEN {column} ILIKE 'Other%' THEN 'Other' ELSE '{UNSTATED}' END"
    )


def census_2021(question: Question, *codes: str) -> dict[str, int]:
    """Usual residents by broad group in these authorities together, or in all whose code starts so (`E09`: London).

    Raises BadInput where the Census has nobody there.
    """
    rows = question.rows(
        f"SELECT {_BROAD}, sum(residents)::BIGINT FROM census_2021_ethnicity "
        "WHERE len(list_filter($codes, lambda code: starts_with(area_code, code))) > 0 "
        "AND residents > 0 GROUP BY 1 ORDER BY 1",
        {"codes": list(codes)},
    )
    return _known(rows, codes[0], "census_2021_ethnicity")


def _known(rows: Iterable[tuple[str, int]], code: str, dataset: str) -> dict[str, int]:
    found = {str(group): int(n) for group, n in rows}
    people = {group: found[group] for group in GROUPS if found.get(group)}
    if "White" not in people:
        raise BadInput(
            f"Dataset “{dataset}” has no residents by ethnic group for “{code}”.",
            next_step=f"Load the Census for that area: concord load {dataset} FILE",
        )
    return people
