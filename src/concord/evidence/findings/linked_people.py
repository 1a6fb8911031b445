"""People named in recorded crime, each once: records that linkage joins are one person."""

from __future__ import annotations

from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.question import Question
from concord.evidence.linkage.uses import Standing
from concord.kernel.errors import Usage

UNIVERSE = "people named in recorded offences"
DATASETS = ("crime_persons", "person_links", "linkage_quality")
"""The quality is read too, so that a figure is pinned to the measurement it was allowed by."""
AGE_BANDS = ("0-9", "10-17", "18-24", "25-39", "40-64", "65+")
SEXES = {"F": "Female", "M": "Male"}
NOT_KNOWN = "Not known"


def name_people(question: Question, match_at_least: float) -> None:
    """The view `named`: crime_ref, role, person, age, sex, ethnicity_self and what `events` says of the offence.

    A record is of the person that it links to at this match probability or above, or else of a person of its own.
    Raises Usage where the probability is not between nought and one.
    """
    if not 0 < match_at_least <= 1:
        raise Usage(f"A match probability lies between 0 and 1, not at {match_at_least}")
    question.define(
        "linked",
        "SELECT person_ref, any_value(linked_ref ORDER BY match_probability DESC, linked_ref) AS linked_ref "
        f"FROM person_links WHERE feed = 'crime_persons' AND match_probability >= {match_at_least!r} GROUP BY 1",
    )
    question.define(
        "named",
        "SELECT coalesce(l.linked_ref, p.person_ref) AS person, p.role, p.age, p.sex, p.ethnicity_self, e.* "
        "FROM crime_persons p JOIN events e USING (crime_ref) LEFT JOIN linked l USING (person_ref) "
        "WHERE p.person_ref IS NOT NULL",
    )


def band_sql(age: str) -> str:
    """SQL for the age band (of the population estimate) of an age in years; `Not known` where it is null."""
    cases = []
    for band in AGE_BANDS:
        low, _, high = band.rstrip("+").partition("-")
        cases.append(f"WHEN {age} <= {high} THEN '{band}'" if high else f"WHEN {age} >= {low} THEN '{band}'")
    return f"CASE WHEN {age} IS NULL THEN '{NOT_KNOWN}' {' '.join(cases)} END"


def sex_sql(sex: str) -> str:
    cases = " ".join(f"WHEN '{code}' THEN '{words}'" for code, words in SEXES.items())
    return f"CASE {sex} {cases} ELSE '{NOT_KNOWN}' END"


CAUTIONS = (
    "Links that were missed make one person look like two; false links make two look like one.",
    "It says nothing about any one person.",
)


def how_good(quality: Standing) -> str:
    """A sentence for the method: in a caveat its percentages could be taken for counts that are hidden."""
    return f" Of true links {quality.recall:.0%} were found, and of those made {quality.precision:.0%} were right."


SOURCE = f"{violence.SOURCE}, victims and suspects; record linkage"
